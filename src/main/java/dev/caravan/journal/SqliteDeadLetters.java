package dev.caravan.journal;

import dev.caravan.event.Reading.Rule;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Dead letters in the journal's database. */
final class SqliteDeadLetters implements DeadLetters {
    private static final String COLUMNS =
            "id, destination, source, place, message_id, type, name, rule, reason, status, attempts,"
                    + " sequence, at";

    /**
     * A refused erasure's reason is the destination's, which may name whom it was asked to erase.
     */
    private static final String FORGET_REASON =
            "UPDATE receipt SET reason = 'its dead letter was discarded' FROM dead_letter d WHERE d.id"
                    + " = ? AND erasure = d.sequence AND receipt.destination = d.destination AND"
                    + " state = 'REFUSED'";

    /**
     * Names an event in the receipt of the erasure that takes its letter away, if its last attempt
     * got no answer; binds the erasure and the letter.
     */
    static final String UNANSWERED =
            "INSERT OR IGNORE INTO unanswered(erasure, destination, sequence) SELECT ?, destination,"
                    + " sequence FROM dead_letter WHERE id = ? AND destination <> '' AND status = 0"
                    + " AND (rule = 'STUCK' OR attempts > 1)";

    private static final String SELECT_DISCARDED =
            "SELECT source, rule, sequence, message_id FROM dead_letter WHERE id = ?";

    private final Readers readers;
    private final GroupCommit writer;
    private final InstantSource clock;
    private final Runnable letterGone;

    SqliteDeadLetters(
            Readers readers, GroupCommit writer, InstantSource clock, Runnable letterGone) {
        this.readers = readers;
        this.writer = writer;
        this.clock = clock;
        this.letterGone = letterGone;
    }

    @Override
    public List<DeadLetter> list(Filter filter, long after, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000 but was " + limit);
        }
        Where where = new Where(filter);
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(listing(filter))) {
                        int next = where.bind(statement, 1);
                        statement.setLong(next, after);
                        statement.setInt(next + 1, limit);
                        return letters(statement);
                    }
                });
    }

    @Override
    public long count(Filter filter) {
        Where where = new Where(filter);
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(counting(filter))) {
                        where.bind(statement, 1);
                        try (ResultSet row = statement.executeQuery()) {
                            row.next();
                            return row.getLong(1);
                        }
                    }
                });
    }

    @Override
    public Optional<DeadLetter> get(long id) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT " + COLUMNS + " FROM dead_letter WHERE id = ?")) {
                        statement.setLong(1, id);
                        return letters(statement).stream().findFirst();
                    }
                });
    }

    @Override
    public Optional<byte[]> item(long id) {
        return bytes("SELECT item FROM dead_letter WHERE id = ?", id);
    }

    @Override
    public Optional<byte[]> envelope(long id) {
        return bytes("SELECT envelope FROM dead_letter WHERE id = ?", id);
    }

    private Optional<byte[]> bytes(String sql, long id) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement = connection.prepareStatement(sql)) {
                        statement.setLong(1, id);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next()
                                    ? Optional.ofNullable(row.getBytes(1))
                                    : Optional.empty();
                        }
                    }
                });
    }

    @Override
    public Optional<Entry> entry(long id) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT sequence, person, head, item FROM dead_letter WHERE id = ?"
                                            + " AND head IS NOT NULL")) {
                        statement.setLong(1, id);
                        try (ResultSet row = statement.executeQuery()) {
                            if (!row.next()) {
                                return Optional.empty();
                            }
                            return Optional.ofNullable(
                                    new RecordBatch.Reader(
                                                    row.getLong(1),
                                                    row.getBytes(2),
                                                    row.getBytes(3),
                                                    row.getBytes(4))
                                            .next(0, person -> true));
                        }
                    }
                });
    }

    @Override
    public CompletableFuture<Void> remove(long id) {
        return gone(
                writer.submit(
                        0,
                        session -> {
                            session.update("DELETE FROM dead_letter WHERE id = ?", id);
                            return null;
                        }));
    }

    private <T> CompletableFuture<T> gone(CompletableFuture<T> removal) {
        return removal.whenComplete((result, failure) -> letterGone.run());
    }

    @Override
    public CompletableFuture<Integer> discard(List<Long> ids, String operator) {
        return gone(
                writer.submit(
                        0,
                        session -> {
                            int discarded = 0;
                            for (long id : ids) {
                                discarded += discard(session, id, operator);
                            }
                            return discarded;
                        }));
    }

    private int discard(WriteSession session, long id, String operator) throws SQLException {
        try (PreparedStatement statement =
                session.connection().prepareStatement(SELECT_DISCARDED)) {
            statement.setLong(1, id);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return 0;
                }
                String rule = row.getString(2);
                var what =
                        rule.equals(Rule.NEEDS_APPROVAL.name())
                                ? Decision.What.REJECTED
                                : Decision.What.DISCARDED;
                session.decide(
                        new Decision.Order(what, operator, rule, id),
                        clock.instant(),
                        row.getString(1),
                        row.getLong(3),
                        Decisions.hashOf(String.valueOf(row.getString(4))));
            }
        }
        session.update(FORGET_REASON, id);
        return session.update("DELETE FROM dead_letter WHERE id = ?", id);
    }

    @Override
    public CompletableFuture<Void> skip(long id, String rule) {
        return gone(
                writer.submit(
                        0,
                        session -> {
                            if (Erasures.idIn(rule) != 0) {
                                session.update(UNANSWERED, Erasures.idIn(rule), id);
                            }
                            session.update(
                                    "INSERT OR REPLACE INTO skip(destination, sequence, rule) SELECT"
                                            + " destination, sequence, ? FROM dead_letter WHERE id = ?",
                                    rule,
                                    id);
                            session.update("DELETE FROM dead_letter WHERE id = ?", id);
                            return null;
                        }));
    }

    @Override
    public CompletableFuture<Void> update(long id, String reason, int status, int attempts) {
        return writer.submit(
                0,
                session -> {
                    session.update(
                            "UPDATE dead_letter SET reason = ?, status = ?, attempts = ? WHERE id = ?",
                            reason,
                            status,
                            attempts,
                            id);
                    return null;
                });
    }

    private static List<DeadLetter> letters(PreparedStatement statement) throws SQLException {
        List<DeadLetter> letters = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                String destination = row.getString(2);
                letters.add(
                        new DeadLetter(
                                row.getLong(1),
                                destination.isEmpty() ? null : destination,
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getString(6),
                                row.getString(7),
                                row.getString(8),
                                row.getString(9),
                                row.getInt(10),
                                row.getInt(11),
                                row.getLong(12),
                                Instant.ofEpochMilli(row.getLong(13))));
            }
        }
        return letters;
    }

    /** A page of a filter's letters; binds the filter's values, the id before it and its length. */
    static String listing(Filter filter) {
        return "SELECT "
                + COLUMNS
                + " FROM dead_letter WHERE id IN (SELECT id FROM "
                + table(filter)
                + " WHERE "
                + new Where(filter).sql
                + " AND id > ? ORDER BY id LIMIT ?) ORDER BY id";
    }

    /** How many letters a filter has; binds the filter's values. */
    static String counting(Filter filter) {
        return "SELECT count(*) FROM " + table(filter) + " WHERE " + new Where(filter).sql;
    }

    /** With the index on the time where nothing but the time narrows: SQLite would scan by id. */
    private static String table(Filter filter) {
        boolean byTime = filter.from() != null || filter.to() != null;
        boolean byOther =
                filter.destination() != null
                        || filter.source() != null
                        || filter.rule() != null
                        || filter.messageId() != null;
        return byTime && !byOther ? "dead_letter INDEXED BY dead_letter_at" : "dead_letter";
    }

    /** The conditions of a filter. */
    private static final class Where {
        final StringBuilder sql = new StringBuilder("TRUE");
        final List<Object> values = new ArrayList<>();

        Where(Filter filter) {
            String destination = filter.destination();
            add("destination = ?", Filter.DOOR.equals(destination) ? "" : destination);
            add("source = ?", filter.source());
            add("rule = ?", filter.rule());
            add("instr(reason, ?) > 0", filter.reason());
            add("message_id = ?", filter.messageId());
            add("at >= ?", filter.from() == null ? null : filter.from().toEpochMilli());
            add("at < ?", filter.to() == null ? null : filter.to().toEpochMilli());
        }

        private void add(String condition, @Nullable Object value) {
            if (value != null) {
                sql.append(" AND ").append(condition);
                values.add(value);
            }
        }

        int bind(PreparedStatement statement, int first) throws SQLException {
            int next = first;
            for (Object value : values) {
                statement.setObject(next++, value);
            }
            return next;
        }
    }
}
