package dev.caravan.journal;

import dev.caravan.event.Digest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Operators' decisions in the journal's database. */
final class Decisions {
    static final String INSERT =
            "INSERT INTO decision(what, operator, at, source, rule, letter, sequence, message) VALUES"
                    + " (?, ?, ?, ?, ?, ?, ?, ?)";
    static final String AFTER = "id > ? ORDER BY id LIMIT ?";
    static final String OF_SEQUENCE = "sequence = ? ORDER BY id LIMIT ?";
    static final String OF_MESSAGE = "message = ? ORDER BY id LIMIT ?";

    private Decisions() {}

    static long hashOf(String messageId) {
        return Digest.get().add(messageId).toLong();
    }

    /** Those that meet one of the conditions above, the oldest first. */
    static List<Decision> list(Connection connection, String condition, long value, int limit)
            throws SQLException {
        List<Decision> decisions = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT id, what, operator, at, source, rule, letter, sequence FROM decision"
                                + " WHERE "
                                + condition)) {
            statement.setLong(1, value);
            statement.setInt(2, limit);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    decisions.add(
                            new Decision(
                                    row.getLong(1),
                                    Decision.What.valueOf(row.getString(2)),
                                    row.getString(3),
                                    Instant.ofEpochMilli(row.getLong(4)),
                                    row.getString(5),
                                    row.getString(6),
                                    row.getLong(7),
                                    row.getLong(8)));
                }
            }
        }
        return decisions;
    }
}
