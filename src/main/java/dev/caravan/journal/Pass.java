package dev.caravan.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * One pass of the {@link Scrubber} through the journal, and how far it is.
 *
 * @param through the journal's end when it began
 * @param place in the stage: up to there all is done
 * @param remaining whether hashes of persons had to stay
 */
record Pass(long id, long through, Stage stage, long place, boolean remaining, boolean done) {
    private static final Pass BEFORE_THE_FIRST = new Pass(0, 0, Stage.CUT, 0, false, true);

    /** What a pass goes through, in this order. */
    enum Stage {
        /** The content of erased events is overwritten where it lies ({@link RowEditor}). */
        ROWS,
        /** Dead letters of erased events become skips, those of doors go. */
        LETTERS,
        /** Who was joined to whom goes, where nobody uses the name by now. */
        LINKS,
        /**
         * The write-ahead log is copied and cut off, so that no file holds older content. Then the
         * copies count as removed.
         */
        CUT
    }

    /** The one that was begun last, be it done or not. */
    static Pass last(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT id, through, stage, place, remaining, done_at IS NOT NULL"
                                        + " FROM scrub ORDER BY id DESC LIMIT 1")) {
            return row.next()
                    ? new Pass(
                            row.getLong(1),
                            row.getLong(2),
                            Stage.values()[row.getInt(3)],
                            row.getLong(4),
                            row.getBoolean(5),
                            row.getBoolean(6))
                    : BEFORE_THE_FIRST;
        }
    }

    /** Begins the one that follows this, also if that was stored already and nobody was told. */
    Pass begin(WriteSession session, long end) throws SQLException {
        var begun = new Pass(id + 1, end, Stage.ROWS, 0, false, false);
        session.update(
                "INSERT OR REPLACE INTO scrub(id, through, stage, place, remaining) VALUES (?, ?, 0, 0, 0)",
                begun.id,
                begun.through);
        return begun;
    }

    Pass at(long newPlace, boolean left) {
        return new Pass(id, through, stage, newPlace, remaining || left, done);
    }

    Pass next() {
        Stage next = Stage.values()[stage.ordinal() + 1];
        return new Pass(id, through, next, Long.MIN_VALUE, remaining, done);
    }

    /** Stores how far it is. */
    Pass store(WriteSession session) throws SQLException {
        session.update(
                "UPDATE scrub SET stage = ?, place = ?, remaining = ? WHERE id = ?",
                stage.ordinal(),
                place,
                remaining ? 1 : 0,
                id);
        return this;
    }

    /** Stores that all is done. */
    Pass end(WriteSession session, long nowMillis) throws SQLException {
        session.update("UPDATE scrub SET done_at = ? WHERE id = ?", nowMillis, id);
        return new Pass(id, through, stage, place, remaining, true);
    }
}
