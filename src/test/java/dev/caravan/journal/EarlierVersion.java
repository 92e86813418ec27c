package dev.caravan.journal;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Takes a closed journal back to how an earlier Caravan would have left it. */
final class EarlierVersion {
    /** The first one that can be gone back to, and the newest there is. */
    static final int FIRST = 2;

    static final int NEWEST = 7;

    /** What undoes each version, from {@link #FIRST} + 1 on. */
    private static final List<List<String>> UNDO =
            List.of(
                    List.of(
                            "DROP TABLE scrub",
                            "DROP TABLE carrier",
                            "DROP TABLE decision",
                            "ALTER TABLE erasure DROP COLUMN events",
                            "ALTER TABLE erasure DROP COLUMN letters",
                            "ALTER TABLE dead_letter DROP COLUMN behind",
                            "ALTER TABLE source DROP COLUMN skipped"),
                    List.of("DROP INDEX receipt_refused", "DROP TABLE user_id"),
                    List.of("DROP TABLE file"),
                    List.of("DROP TABLE progress"),
                    List.of("ALTER TABLE seen_segment DROP COLUMN log"));

    private EarlierVersion() {}

    /** The version that a closed journal is of. */
    static int of(Path directory) throws SQLException {
        try (Connection connection = connection(directory);
                Statement statement = connection.createStatement();
                var row = statement.executeQuery("PRAGMA user_version")) {
            return row.getInt(1);
        }
    }

    /** Takes a closed journal of the newest version back to this one. */
    static void restore(Path directory, int version) throws SQLException {
        try (Connection connection = connection(directory);
                Statement statement = connection.createStatement()) {
            for (int step = NEWEST; step > version; step--) {
                for (String sql : UNDO.get(step - FIRST - 1)) {
                    statement.execute(sql);
                }
            }
            statement.execute("PRAGMA user_version = " + version);
        }
    }

    private static Connection connection(Path directory) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
    }
}
