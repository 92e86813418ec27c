package dev.caravan.bench;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A table of events in SQLite, in WAL mode with a sync at each commit. */
final class RowTable implements AutoCloseable {

    private static final int COLUMNS = 7;
    private static final int ROWS_A_STATEMENT = 100;

    /** Four times SQLite's default, so that the database file is synced less often. */
    private static final int CHECKPOINT_PAGES = 4000;

    private final Connection connection;
    private final PreparedStatement many;
    private final PreparedStatement one;

    /** Makes the table in a new database. */
    RowTable(Path file) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=FULL");
            statement.execute("PRAGMA wal_autocheckpoint=" + CHECKPOINT_PAGES);
            statement.execute(
                    "CREATE TABLE event (seq INTEGER PRIMARY KEY, message_id TEXT, type TEXT,"
                            + " name TEXT, user_id TEXT, anonymous_id TEXT, occurred_at TEXT,"
                            + " json BLOB)");
        }
        connection.setAutoCommit(false);
        many = connection.prepareStatement(insert(ROWS_A_STATEMENT));
        one = connection.prepareStatement(insert(1));
    }

    private static String insert(int rows) {
        return "INSERT INTO event (message_id, type, name, user_id, anonymous_id, occurred_at,"
                + " json) VALUES "
                + "(?,?,?,?,?,?,?),".repeat(rows - 1)
                + "(?,?,?,?,?,?,?)";
    }

    /** Inserts the rows and commits them: they are on disk when this returns. */
    void insert(List<Row> rows) throws SQLException {
        int at = 0;
        for (; at + ROWS_A_STATEMENT <= rows.size(); at += ROWS_A_STATEMENT) {
            for (int i = 0; i < ROWS_A_STATEMENT; i++) {
                bind(many, i * COLUMNS, rows.get(at + i));
            }
            many.executeUpdate();
        }
        for (; at < rows.size(); at++) {
            bind(one, 0, rows.get(at));
            one.executeUpdate();
        }
        connection.commit();
    }

    private static void bind(PreparedStatement statement, int offset, Row row) throws SQLException {
        statement.setString(offset + 1, row.messageId());
        statement.setString(offset + 2, row.type());
        statement.setString(offset + 3, row.name());
        statement.setString(offset + 4, row.userId());
        statement.setString(offset + 5, row.anonymousId());
        statement.setString(offset + 6, row.timestamp());
        statement.setBytes(offset + 7, row.json());
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
