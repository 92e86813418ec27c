package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the content away of the events that carry erasures to the destinations, as soon as all
 * destinations have settled them; see {@link Scrubber}, on whose thread it works.
 */
final class Carriers {
    private static final int ROWS_A_WRITE = 4;
    private static final int MOST_A_STEP = 512;
    private static final long CUT_EVERY_NANOS = SECONDS.toNanos(5);

    private final Readers readers;
    private final GroupCommit writer;
    private final Reach.Known known;
    private final ErasureKey key;
    private final Partitions partitions;

    private long place;
    private boolean toLook = true;
    private volatile boolean toCut = true; // of a process that was killed
    private long lookedAt;
    private long cutAt;

    Carriers(
            Readers readers,
            GroupCommit writer,
            Reach.Known known,
            ErasureKey key,
            Partitions partitions) {
        this.readers = readers;
        this.writer = writer;
        this.known = known;
        this.key = key;
        this.partitions = partitions;
        long now = System.nanoTime();
        this.lookedAt = now - SECONDS.toNanos(1);
        this.cutAt = now - CUT_EVERY_NANOS;
    }

    /** Tells that a dead letter is gone, of which the log may have a copy. */
    void letterGone() {
        toCut = true;
    }

    /** Tells that there may be new ones. */
    void asked() {
        toLook = true;
    }

    /** Whether there is something to be looked at later on, without being asked. */
    boolean mayHaveMore() {
        return toLook || toCut;
    }

    /** Looks at some, once a second; returns whether there may be more at once. */
    boolean step() throws InterruptedException {
        long now = System.nanoTime();
        if (now - lookedAt < SECONDS.toNanos(1)) {
            return false;
        }
        toLook = readers.read(Carriers::any);
        if (toLook && takeSome()) {
            return true;
        }
        lookedAt = now;
        if (toCut && now - cutAt >= CUT_EVERY_NANOS) {
            cutAt = now; // if it fails, too: it holds the writer up
            cut();
        }
        return false;
    }

    private void cut() throws InterruptedException {
        toCut = false; // before: what goes from now on may be in the log again
        if (!writer.cutLog()) {
            toCut = true;
        } else if (readers.read(Carriers::any)) {
            writer.write(session -> session.update("DELETE FROM carrier WHERE erased = 1"));
        }
    }

    /** Takes the content of some; returns whether there may be more. */
    private boolean takeSome() throws InterruptedException {
        Carried carried = readers.read(this::look);
        if (!carried.sequences.isEmpty()) {
            if (!writer.write(session -> store(carried, session))) {
                return true;
            }
            toCut = true;
        }
        place = carried.last;
        return carried.full;
    }

    private static boolean store(Carried carried, WriteSession session) throws SQLException {
        if (!RowEditor.store(carried.rows, session)) {
            return false;
        }
        for (long sequence : carried.sequences) {
            session.update("UPDATE carrier SET erased = 1 WHERE sequence = ?", sequence);
        }
        return true;
    }

    /** Carriers whose content goes. */
    private static final class Carried {
        final List<RowEditor> rows = new ArrayList<>();
        final List<Long> sequences = new ArrayList<>();
        long last;
        boolean full;
    }

    private static boolean any(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT EXISTS(SELECT 1 FROM carrier)")) {
            return row.next() && row.getBoolean(1);
        }
    }

    private Carried look(Connection connection) throws SQLException {
        var carried = new Carried();
        var settled = new Settled(connection, partitions);
        List<Long> candidates = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT sequence FROM carrier WHERE sequence > ? AND sequence <= ? AND erased ="
                                + " 0 ORDER BY sequence LIMIT "
                                + MOST_A_STEP)) {
            statement.setLong(1, place);
            statement.setLong(2, settled.most());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    candidates.add(row.getLong(1));
                }
            }
        }
        carried.full = candidates.size() == MOST_A_STEP;
        RowEditor row = null;
        long last = 0;
        for (long sequence : candidates) {
            if (carried.rows.size() == ROWS_A_WRITE) {
                carried.full = true;
                break;
            }
            last = sequence;
            if (row == null || !goTo(row, sequence)) {
                row = rowWith(connection, sequence);
                if (row == null) {
                    carried.sequences.add(sequence); // it has left its time
                    continue;
                }
                goTo(row, sequence);
            }
            if (settled.has(sequence, row.person())) {
                takeAway(row, carried);
            }
        }
        carried.last = carried.full ? last : 0;
        return carried;
    }

    private void takeAway(RowEditor row, Carried carried) throws SQLException {
        if (!row.isErased()) {
            long erasure = row.sequence();
            if (!row.meaning().destructive()) {
                erasure =
                        Reach.ofOlderUnsuppressed(
                                row.event(false), row.sequence(), row.receivedMillis(), known, key);
            }
            row.erase(erasure == 0 ? row.sequence() : erasure);
        }
        row.forgetPersons(partitions.anonymous(row.person()));
        row.bodies();
        carried.sequences.add(row.sequence());
        if (carried.rows.isEmpty() || carried.rows.get(carried.rows.size() - 1) != row) {
            carried.rows.add(row);
        }
    }

    /** Goes on to this sequence; returns whether the row has it. */
    private static boolean goTo(RowEditor row, long sequence) {
        while (row.next()) {
            if (row.sequence() == sequence) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable RowEditor rowWith(Connection connection, long sequence)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT first_seq, persons, heads FROM batch WHERE first_seq = ?")) {
            statement.setLong(1, BatchReader.rowOf(connection, sequence));
            try (ResultSet row = statement.executeQuery()) {
                boolean has =
                        row.next()
                                && sequence < row.getLong(1) + row.getBytes(2).length / Long.BYTES;
                return has
                        ? RowEditor.of(connection, row.getLong(1), row.getBytes(2), row.getBytes(3))
                        : null;
            }
        }
    }
}
