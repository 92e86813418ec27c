package dev.caravan.journal;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;

/** Cursors of all partitions as they lie in a destination's row: eight bytes each. */
final class Cursors {
    private Cursors() {}

    static long[] all(long sequence, Partitions partitions) {
        long[] cursors = new long[partitions.count()];
        Arrays.fill(cursors, sequence);
        return cursors;
    }

    static byte[] toBytes(long[] cursors) {
        ByteBuffer bytes = ByteBuffer.allocate(cursors.length * Long.BYTES);
        bytes.asLongBuffer().put(cursors);
        return bytes.array();
    }

    /** The first sequence that is needed where there is no destination. */
    static final long NONE = Long.MAX_VALUE;

    /** The first sequence that some destination still has to settle; {@link #NONE} without one. */
    static long firstNeeded(Connection connection) throws SQLException {
        long first = NONE;
        try (Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("SELECT cursors FROM destination")) {
                while (row.next()) {
                    for (long cursor : fromBytes(row.getBytes(1))) {
                        first = Math.min(first, cursor + 1);
                    }
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT min(first_unsettled) FROM held")) {
                long held = row.next() ? row.getLong(1) : 0;
                return held == 0 ? first : Math.min(first, held);
            }
        }
    }

    /** The same, but all while there is no destination: the first one may begin with the oldest. */
    static long firstNeededByAny(Connection connection) throws SQLException {
        long first = firstNeeded(connection);
        return first == NONE ? 0 : first;
    }

    static long[] fromBytes(byte[] bytes) {
        long[] cursors = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(cursors);
        return cursors;
    }
}
