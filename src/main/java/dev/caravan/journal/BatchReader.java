package dev.caravan.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/** Reads events out of the rows they lie in; never looks at a row that cannot matter. */
final class BatchReader {
    static final String ROW_AT =
            "SELECT first_seq FROM batch WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1";
    static final String ROWS_FROM =
            "SELECT first_seq, count, persons FROM batch WHERE first_seq >= ? ORDER BY first_seq";
    static final String ROW = "SELECT heads, bodies FROM batch WHERE first_seq = ?";

    private BatchReader() {}

    static Slice read(
            Connection connection,
            long after,
            long through,
            int maxEvents,
            long maxBytes,
            LongPredicate persons)
            throws SQLException {
        List<Entry> entries = new ArrayList<>();
        long lookedAt = Math.max(after, 0);
        long bytes = 0;
        try (PreparedStatement rows = connection.prepareStatement(ROWS_FROM);
                PreparedStatement row = connection.prepareStatement(ROW)) {
            rows.setLong(1, rowOf(connection, after + 1));
            try (ResultSet found = rows.executeQuery()) {
                while (found.next()) {
                    long first = found.getLong(1);
                    long last = first + found.getInt(2) - 1;
                    int from = (int) Math.max(0, after + 1 - first);
                    int to = (int) (Math.min(through, last) - first + 1);
                    if (first > through) {
                        break;
                    }
                    byte[] hashes = found.getBytes(3);
                    int wanted = RecordBatch.count(hashes, from, to, persons);
                    if (!entries.isEmpty() && entries.size() + wanted > maxEvents) {
                        break; // a row that is left in the middle would be read twice
                    }
                    if (wanted > 0) {
                        RecordBatch.Reader reader = open(row, first, hashes);
                        for (long sequence = first;
                                sequence <= Math.min(through, last);
                                sequence++) {
                            Entry entry = reader.next(after, persons);
                            lookedAt = sequence;
                            if (entry != null) {
                                entries.add(entry);
                                bytes += entry.event().json().length;
                                if (entries.size() >= maxEvents || bytes >= maxBytes) {
                                    return new Slice(entries, lookedAt);
                                }
                            }
                        }
                    }
                    lookedAt = Math.min(through, last);
                }
            }
        }
        return new Slice(entries, Math.max(lookedAt, after));
    }

    private static RecordBatch.Reader open(PreparedStatement row, long first, byte[] hashes)
            throws SQLException {
        row.setLong(1, first);
        try (ResultSet content = row.executeQuery()) {
            if (!content.next()) {
                throw new SQLException("the row of sequence " + first + " went away");
            }
            return new RecordBatch.Reader(first, hashes, content.getBytes(1), content.getBytes(2));
        }
    }

    /** The first sequence of the row that holds this one; of a later row if it is gone. */
    static long rowOf(Connection connection, long sequence) throws SQLException {
        try (PreparedStatement at = connection.prepareStatement(ROW_AT)) {
            at.setLong(1, sequence);
            try (ResultSet row = at.executeQuery()) {
                return row.next() ? row.getLong(1) : sequence;
            }
        }
    }
}
