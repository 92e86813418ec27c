package dev.caravan.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Files stored in part, in the journal's database. */
final class SqliteFiles {
    static final String TABLE =
            "CREATE TABLE file(source TEXT NOT NULL, name TEXT NOT NULL, identity TEXT NOT NULL,"
                    + " records INTEGER NOT NULL, checksum INTEGER NOT NULL, broken TEXT, at INTEGER"
                    + " NOT NULL, PRIMARY KEY(source, name)) WITHOUT ROWID";

    private SqliteFiles() {}

    static List<KnownFile> read(Connection connection, String where, String... values)
            throws SQLException {
        List<KnownFile> files = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT source, name, identity, records, checksum, broken, at FROM file"
                                + " WHERE "
                                + where)) {
            for (int i = 0; i < values.length; i++) {
                statement.setString(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    files.add(
                            new KnownFile(
                                    row.getString(1),
                                    row.getString(2),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getLong(5),
                                    row.getString(6),
                                    Instant.ofEpochMilli(row.getLong(7))));
                }
            }
        }
        return files;
    }

    /**
     * Stores how far a file is stored. What a later part says is left out if an earlier one is not
     * stored. A file that is done is forgotten, unless it is a {@link WholeFile}.
     */
    static void store(WriteSession session, Submission submission, FileMark mark)
            throws SQLException {
        String source = submission.source();
        Optional<WholeFile> whole = WholeFile.of(mark.identity());
        if (mark.done() && whole.isPresent() && mark.before() > 0) {
            session.update(
                    "UPDATE file SET identity = ?, records = ?, checksum = ?, broken = NULL, at = ?"
                            + " WHERE source = ? AND name = ? AND identity = ? AND records = ?",
                    mark.identity(),
                    mark.records(),
                    mark.checksum(),
                    submission.receivedAt().toEpochMilli(),
                    source,
                    mark.name(),
                    whole.get().ids(),
                    mark.before());
        } else if (mark.done() && whole.isEmpty()) {
            session.update(
                    "DELETE FROM file WHERE source = ? AND name = ? AND (? = 0 OR identity = ? AND"
                            + " records = ?)",
                    source,
                    mark.name(),
                    mark.before(),
                    mark.identity(),
                    mark.before());
        } else if (mark.before() == 0) {
            session.update(
                    "INSERT OR REPLACE INTO file(source, name, identity, records, checksum, broken,"
                            + " at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    source,
                    mark.name(),
                    mark.identity(),
                    mark.records(),
                    mark.checksum(),
                    mark.broken(),
                    submission.receivedAt().toEpochMilli());
        } else {
            session.update(
                    "UPDATE file SET records = ?, checksum = ?, broken = ?, at = ? WHERE source = ?"
                            + " AND name = ? AND identity = ? AND records = ?",
                    mark.records(),
                    mark.checksum(),
                    mark.broken(),
                    submission.receivedAt().toEpochMilli(),
                    source,
                    mark.name(),
                    mark.identity(),
                    mark.before());
        }
    }

    /** Forgets those whose ids are forgotten, too. */
    static void expire(WriteSession session, long olderThanMillis) throws SQLException {
        session.update("DELETE FROM file WHERE at < ?", olderThanMillis);
    }
}
