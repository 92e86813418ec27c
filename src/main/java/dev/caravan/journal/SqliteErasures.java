package dev.caravan.journal;

import dev.caravan.event.Meaning;
import dev.caravan.event.PersonKey;
import dev.caravan.journal.Erasure.Copies;
import dev.caravan.journal.Erasure.Receipt;
import dev.caravan.journal.Settlement.Receipt.State;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Erasures in the journal's database, with the index in memory. */
final class SqliteErasures implements Erasures, Reach.Known {
    private static final String COLUMNS =
            "SELECT id, meaning, cut_off, accepted_at, source, message_id, names, (SELECT done_at FROM"
                    + " scrub WHERE through >= erasure.id AND done_at IS NOT NULL ORDER BY through"
                    + " LIMIT 1), events, letters, NOT EXISTS (SELECT 1 FROM carrier WHERE sequence"
                    + " = erasure.id) AND NOT EXISTS (SELECT 1 FROM dead_letter l WHERE l.message_id"
                    + " = erasure.message_id AND l.sequence = erasure.id) FROM erasure";

    /** Destinations that will get an erasure and have not. */
    private static final String WAITING =
            "FROM destination WHERE started_at < erasure.id AND NOT EXISTS (SELECT 1 FROM receipt r"
                    + " WHERE r.erasure = erasure.id AND r.destination = destination.name)";

    // With a condition on erasures in the place of %s.
    private static final String TOTAL =
            "SELECT count(*), min(accepted_at), max(accepted_at) FROM erasure%s";
    private static final String SETTLED =
            "SELECT r.destination, r.state, count(*) FROM erasure JOIN receipt r ON r.erasure ="
                    + " erasure.id%s GROUP BY r.destination, r.state";
    private static final String REACHED =
            "SELECT name, count(*) FROM destination JOIN erasure ON started_at < id%s GROUP BY name";

    private static final String RECEIPTS =
            "SELECT destination, state, status, attempts, at, reason FROM receipt WHERE erasure = ?"
                    + " UNION ALL SELECT name, 'WAITING', 0, 0, NULL, '' FROM destination WHERE"
                    + " started_at < ? AND NOT EXISTS (SELECT 1 FROM receipt WHERE erasure = ? AND"
                    + " destination = name) ORDER BY 1";

    private static final int MOST_DECISIONS = 100;

    private final Readers readers;
    private final GroupCommit writer;
    private final InstantSource clock;
    private final ErasureIndex index;
    private final ErasureKey key;
    private final Runnable letterGone;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    SqliteErasures(
            Readers readers,
            GroupCommit writer,
            InstantSource clock,
            ErasureIndex index,
            ErasureKey key,
            Runnable letterGone) {
        this.readers = readers;
        this.writer = writer;
        this.clock = clock;
        this.index = index;
        this.key = key;
        this.letterGone = letterGone;
    }

    @Override
    public OptionalLong reaching(Entry entry) {
        if (entry.isErased()) {
            return OptionalLong.of(entry.erasedBy());
        } else if (index.isEmpty()) {
            return OptionalLong.empty();
        }
        long id =
                Reach.of(
                        entry.event(),
                        entry.sequence(),
                        entry.receivedAt().toEpochMilli(),
                        this,
                        key);
        return id == 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }

    @Override
    public OptionalLong reachingAgain(Entry entry) {
        if (entry.isErased() || index.isEmpty()) {
            return reaching(entry);
        }
        long id = Reach.ofOneSentAgain(entry, this, key);
        return id == 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }

    @Override
    public long reaching(long hash, long at, long sequence) {
        return index.reaching(hash, at, sequence);
    }

    @Override
    public boolean hasThings() {
        return index.hasThings();
    }

    @Override
    public List<Erasure> list(Filter filter, long after, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000 but was " + limit);
        }
        boolean waiting = filter.state() == State.WAITING;
        var where = new Condition(waiting ? Math.max(after, settled()) : after, filter);
        return query(where.sql + " ORDER BY id LIMIT " + limit, where.values);
    }

    /** Which rows of {@code erasure} fit, with its values. */
    private final class Condition {
        private final StringBuilder sql = new StringBuilder(" WHERE id > ?");
        private final List<Object> values = new ArrayList<>();

        Condition(long after, Filter filter) {
            values.add(after);
            if (filter.person() != null) {
                byte[] name =
                        ErasureRecords.toBytes(
                                letter(filter.person()), key.hash(filter.person().hash()));
                and("instr(names, ?) > 0", name);
            }
            if (filter.source() != null) {
                and("source = ?", filter.source());
            }
            if (filter.from() != null) {
                and("accepted_at >= ?", filter.from().toEpochMilli());
            }
            if (filter.to() != null) {
                and("accepted_at <= ?", filter.to().toEpochMilli());
            }
            if (filter.state() == State.WAITING) {
                and("EXISTS (SELECT 1 " + WAITING + ")");
            } else if (filter.state() == State.REFUSED) {
                and("id IN (SELECT erasure FROM receipt WHERE state = 'REFUSED')"); // has an index
            } else if (filter.state() != null) {
                and(
                        "EXISTS (SELECT 1 FROM receipt r WHERE r.erasure = erasure.id AND r.state = ?)",
                        filter.state().name());
            }
        }

        private void and(String condition, Object... more) {
            sql.append(" AND ").append(condition);
            values.addAll(List.of(more));
        }
    }

    /**
     * A sequence up to which every destination has settled everything, so that nothing waits: else
     * those that wait would have to be sought among all that there ever were.
     */
    private long settled() {
        return readers.read(Cursors::firstNeeded) - 1;
    }

    @Override
    public Summary summary(Filter filter) {
        var where = new Condition(0, filter);
        return readers.read(
                connection -> {
                    Map<String, Map<State, Long>> states = new TreeMap<>();
                    query(
                            connection,
                            SETTLED.formatted(where.sql),
                            where.values,
                            row ->
                                    states.computeIfAbsent(
                                                    row.getString(1),
                                                    name -> new EnumMap<>(State.class))
                                            .put(State.valueOf(row.getString(2)), row.getLong(3)));
                    query(
                            connection,
                            REACHED.formatted(where.sql),
                            where.values,
                            row -> {
                                Map<State, Long> known =
                                        states.computeIfAbsent(
                                                row.getString(1),
                                                name -> new EnumMap<>(State.class));
                                long settled =
                                        known.values().stream().mapToLong(Long::longValue).sum();
                                known.put(State.WAITING, Math.max(0, row.getLong(2) - settled));
                            });
                    List<AtDestination> destinations = new ArrayList<>();
                    states.forEach(
                            (name, known) -> destinations.add(new AtDestination(name, known)));
                    List<Summary> whole = new ArrayList<>(1);
                    query(
                            connection,
                            TOTAL.formatted(where.sql),
                            where.values,
                            row ->
                                    whole.add(
                                            new Summary(
                                                    row.getLong(1),
                                                    time(row, 2),
                                                    time(row, 3),
                                                    destinations)));
                    return whole.get(0);
                });
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        long millis = row.getLong(column);
        return row.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** Takes a row of a result. */
    private interface EachRow {
        void take(ResultSet row) throws SQLException;
    }

    private static void query(Connection connection, String sql, List<Object> values, EachRow each)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.size(); i++) {
                statement.setObject(i + 1, values.get(i));
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    each.take(row);
                }
            }
        }
    }

    @Override
    public Optional<Erasure> get(long id) {
        return query(" WHERE id = ?", List.of(id)).stream().findFirst();
    }

    @Override
    public CompletableFuture<Void> retried(
            String destination, Settlement.Receipt receipt, DeadLetter letter) {
        CompletableFuture<Void> stored =
                writer.submit(
                        0,
                        session -> {
                            session.storeReceipt(destination, receipt, clock.instant());
                            if (receipt.state() == State.DONE) {
                                session.update("DELETE FROM dead_letter WHERE id = ?", letter.id());
                            } else {
                                session.update(
                                        "UPDATE dead_letter SET reason = ?, status = ?, attempts ="
                                                + " ? WHERE id = ?",
                                        receipt.reason(),
                                        receipt.status(),
                                        receipt.attempts(),
                                        letter.id());
                            }
                            return null;
                        });
        return stored.thenRun(letterGone);
    }

    private static char letter(PersonKey person) {
        return person.text().charAt(0);
    }

    @Override
    public Runnable onRemoval(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Calls those back that wait for {@link #onRemoval}. */
    void removing() {
        listeners.forEach(Runnable::run);
    }

    @Override
    public String nameOf(PersonKey person) {
        return ErasureRecords.shown(letter(person), key.hash(person.hash()));
    }

    private List<Erasure> query(String where, List<Object> values) {
        return readers.read(
                connection -> {
                    List<Erasure> found = new ArrayList<>();
                    query(
                            connection,
                            COLUMNS + where,
                            values,
                            row -> found.add(erasure(connection, row)));
                    return found;
                });
    }

    private static Erasure erasure(Connection connection, ResultSet row) throws SQLException {
        long id = row.getLong(1);
        return new Erasure(
                row.getLong(1),
                Meaning.valueOf(row.getString(2)),
                Instant.ofEpochMilli(row.getLong(3)),
                Instant.ofEpochMilli(row.getLong(4)),
                row.getString(5),
                row.getString(6),
                ErasureRecords.shown(row.getBytes(7)),
                copies(row),
                Decisions.list(connection, Decisions.OF_SEQUENCE, id, MOST_DECISIONS),
                receipts(connection, id));
    }

    private static Copies copies(ResultSet row) throws SQLException {
        long removedAt = row.getLong(8);
        boolean removing = row.wasNull();
        return new Copies(
                removing ? null : Instant.ofEpochMilli(removedAt),
                row.getLong(9),
                row.getLong(10),
                row.getBoolean(11));
    }

    private static List<Receipt> receipts(Connection connection, long id) throws SQLException {
        List<Receipt> receipts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(RECEIPTS)) {
            for (int i = 1; i <= 3; i++) {
                statement.setLong(i, id);
            }
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    boolean waits = row.getObject(5) == null;
                    String destination = row.getString(1);
                    receipts.add(
                            new Receipt(
                                    destination,
                                    State.valueOf(row.getString(2)),
                                    row.getInt(3),
                                    row.getInt(4),
                                    waits ? null : Instant.ofEpochMilli(row.getLong(5)),
                                    row.getString(6),
                                    unanswered(connection, id, destination)));
                }
            }
        }
        return receipts;
    }

    private static List<Long> unanswered(Connection connection, long id, String destination)
            throws SQLException {
        List<Long> sequences = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT sequence FROM unanswered WHERE erasure = ? AND destination = ?")) {
            statement.setLong(1, id);
            statement.setString(2, destination);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    sequences.add(row.getLong(1));
                }
            }
        }
        return sequences;
    }
}
