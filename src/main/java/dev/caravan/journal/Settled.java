package dev.caravan.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far all destinations have come together, as it stood on disk when this was made. */
final class Settled {
    private final Partitions partitions;
    private final List<long[]> cursors = new ArrayList<>();
    private final Map<Long, Long> held = new HashMap<>();

    Settled(Connection connection, Partitions partitions) throws SQLException {
        this.partitions = partitions;
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT cursors FROM destination");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                cursors.add(Cursors.fromBytes(row.getBytes(1)));
            }
        }
        try (PreparedStatement statement =
                        connection.prepareStatement(
                                "SELECT person, min(first_unsettled) FROM held GROUP BY person");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                held.put(row.getLong(1), row.getLong(2));
            }
        }
    }

    /**
     * Behind this sequence nothing is settled everywhere. While there is no destination, nothing is
     * settled: the first one may take what was accepted before it was there.
     */
    long most() {
        long most = cursors.isEmpty() ? 0 : Long.MAX_VALUE;
        for (long[] own : cursors) {
            most = Math.min(most, Arrays.stream(own).max().orElse(0));
        }
        return most;
    }

    /** Whether all destinations are done with an event. */
    boolean has(long sequence, long person) {
        if (cursors.isEmpty() || held.getOrDefault(person, Long.MAX_VALUE) <= sequence) {
            return false;
        }
        int partition = partitions.of(person);
        for (long[] own : cursors) {
            if (own[partition] < sequence) {
                return false;
            }
        }
        return true;
    }
}
