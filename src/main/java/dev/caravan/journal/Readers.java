package dev.caravan.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Connections that read, lent for one read each. No read outlives its call, so that checkpoints are
 * never held up by a reader.
 */
final class Readers implements AutoCloseable {
    private final Database database;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private volatile boolean closed;

    Readers(Database database) {
        this.database = database;
    }

    /** A read. */
    interface Read<T> {
        T run(Connection connection) throws SQLException;
    }

    /**
     * Runs a read with a connection of its own; all it reads is of one moment only if it is one
     * query.
     */
    <T> T read(Read<T> read) {
        if (closed) {
            throw new JournalUnavailableException("the journal is closed");
        }
        Connection connection = idle.pollFirst();
        try {
            if (connection == null) {
                connection = database.reader();
            }
            T result = read.run(connection);
            giveBack(connection);
            return result;
        } catch (SQLException e) {
            close(connection);
            throw new JournalUnavailableException(
                    "the journal could not be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close(connection);
            throw e;
        }
    }

    private void giveBack(Connection connection) {
        idle.addFirst(connection);
        if (closed) {
            close();
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Connection one = idle.pollFirst(); one != null; one = idle.pollFirst()) {
            close(one);
        }
    }

    private static void close(@org.jspecify.annotations.Nullable Connection connection) {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            // a reader has nothing to lose
        }
    }
}
