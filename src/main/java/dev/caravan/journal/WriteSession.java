package dev.caravan.journal;

import dev.caravan.event.Call;
import dev.caravan.event.Digest;
import dev.caravan.event.Event;
import dev.caravan.event.Json;
import dev.caravan.event.Meaning;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.event.Reading.Rule;
import dev.caravan.event.Timestamps;
import dev.caravan.event.Traces;
import dev.caravan.journal.JournalStatus.SourceTotals;
import dev.caravan.journal.LedgerState.Held;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The one connection that writes, with what it knows in memory of the rows on disk. Used by the
 * writer's thread alone. A session whose transaction failed is thrown away: the next one reads the
 * truth from disk again.
 */
final class WriteSession implements AutoCloseable {
    static final String SELECT_LETTER =
            "SELECT 1 FROM dead_letter WHERE message_id = ? AND content = ? AND source = ? AND"
                    + " destination = ''";

    private static final String OLDEST =
            "SELECT first_seq, count, received_at, length(heads) + length(bodies) FROM batch ORDER"
                    + " BY first_seq";
    private static final String RECEIVED_BEHIND =
            "SELECT first_seq, received_at FROM batch WHERE first_seq > ? AND received_at <= ?"
                    + " ORDER BY first_seq LIMIT 1";

    /** Rows removed at once at the most: most may be small, where each event has a commit. */
    private static final int EXPIRED_ROWS = 512;

    private static final long EXPIRED_BYTES = 8L * RecordBatch.MAX_BYTES;

    /** How long a reader may hold up whoever writes when the log is cut off. */
    private static final int TRUNCATE_MILLIS = 200;

    private final Connection connection;
    private final Partitions partitions;
    private final InstantSource clock;
    private final Duration dedupe;
    private final SeenIds seen;
    private final PersonLinks links;
    private final Erasing erasing;
    private final RecordBatch.Builder rows = new RecordBatch.Builder();
    private final Map<String, SourceTotals> counted = new HashMap<>();
    private final Map<String, List<Held>> heldByDestination = new HashMap<>();
    private long lastSequence;

    /** Behind the oldest rows, if they come from the future, all do that begin up to here. */
    private long ofTheFutureThrough;

    private final PreparedStatement insertBatch;
    private final PreparedStatement upsertSource;
    private final PreparedStatement insertDeadLetter;
    private final PreparedStatement selectLetter;
    private final PreparedStatement updateDestination;

    /** Opens one with a connection of its own, of which nothing stays open if that fails. */
    static WriteSession open(
            Database database,
            Partitions partitions,
            InstantSource clock,
            Duration dedupe,
            int seenCapacity,
            ErasureKey key,
            ErasureIndex erased)
            throws SQLException {
        Connection connection = database.writer();
        try {
            return new WriteSession(
                    connection, partitions, clock, dedupe, seenCapacity, key, erased);
        } catch (Throwable e) {
            closeBehind(e, connection);
            throw e;
        }
    }

    private static void closeBehind(Throwable failure, Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            failure.addSuppressed(e);
        }
    }

    private WriteSession(
            Connection connection,
            Partitions partitions,
            InstantSource clock,
            Duration dedupe,
            int seenCapacity,
            ErasureKey key,
            ErasureIndex erased)
            throws SQLException {
        this.clock = clock;
        this.dedupe = dedupe;
        this.connection = connection;
        this.partitions = partitions;
        connection.setAutoCommit(false);
        seen = new SeenIds(connection, clock, dedupe, seenCapacity);
        links = new PersonLinks(connection);
        erasing = new Erasing(connection, key, erased, links);
        insertBatch =
                connection.prepareStatement(
                        "INSERT INTO batch(first_seq, count, received_at, persons, heads, bodies)"
                                + " VALUES (?, ?, ?, ?, ?, ?)");
        upsertSource =
                connection.prepareStatement(
                        "INSERT INTO source(name, accepted, duplicates, set_aside, skipped) VALUES (?, ?,"
                                + " ?, ?, ?)"
                                + " ON CONFLICT(name) DO UPDATE SET accepted = accepted +"
                                + " excluded.accepted, duplicates = duplicates + excluded.duplicates,"
                                + " set_aside = set_aside + excluded.set_aside, skipped = skipped +"
                                + " excluded.skipped");
        insertDeadLetter =
                connection.prepareStatement(
                        "INSERT INTO dead_letter(destination, source, place, message_id, type, name,"
                                + " rule, reason, status, attempts, sequence, at, person, head, item,"
                                + " envelope, content, behind) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                                + " ?, ?, ?, ?, ?, ?, ?)");
        selectLetter = connection.prepareStatement(SELECT_LETTER);
        updateDestination =
                connection.prepareStatement(
                        "UPDATE destination SET settlements = ?, cursors = ?, delivered = delivered +"
                                + " ?, skipped = skipped + ?, dead = dead + ? WHERE name = ? AND"
                                + " settlements = ?");
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT first_seq + count - 1 FROM batch ORDER BY first_seq"
                                        + " DESC LIMIT 1")) {
            if (row.next()) {
                lastSequence = row.getLong(1);
            }
        }
        connection.commit();
    }

    Connection connection() {
        return connection;
    }

    long lastSequence() {
        return lastSequence;
    }

    SeenIds seen() {
        return seen;
    }

    /** What the transaction counts so far, by source. */
    Map<String, SourceTotals> counted() {
        return Map.copyOf(counted);
    }

    /** Puts a submission into the transaction. */
    Appended append(Prepared prepared) throws SQLException {
        Submission submission = prepared.submission();
        int accepted = 0;
        int skipped = 0;
        int duplicates = 0;
        int newLetters = 0;
        int knownLetters = 0;
        List<Appended.SetAside> setAside = new ArrayList<>();
        for (int i = 0; i < submission.items().size(); i++) {
            Reading item = submission.items().get(i);
            if (item instanceof Reading.Accepted event) {
                SeenIds.Known known = seen.find(prepared.id(i));
                String ambiguity = known == null ? erasing.ambiguity(event.event()) : null;
                if (known == null && ambiguity == null) {
                    long sequence = lastSequence + 1; // deletions of further ids may follow
                    skipped += store(event, prepared, i) ? 0 : 1;
                    accepted++;
                    decided(submission, event.event().messageId(), sequence);
                    continue;
                } else if (known == null) {
                    item = setAside(Rule.AMBIGUOUS, ambiguity, event.event());
                } else if (known.fingerprint() == event.fingerprint()) {
                    duplicates++;
                    decided(submission, event.event().messageId(), known.sequence());
                    continue;
                } else {
                    item = setAside(Rule.ID_REUSED, REUSED, event.event());
                }
            }
            Reading.SetAside letter = (Reading.SetAside) item;
            decided(submission, String.valueOf(letter.messageId()), 0);
            long erasure = erasing.reaching(letter, submission.receivedAt(), lastSequence);
            if (erasure != 0) {
                setAside.add(new Appended.SetAside(i, letter.reason() + NOT_KEPT + erasure));
                newLetters++;
                continue;
            }
            setAside.add(new Appended.SetAside(i, letter.reason()));
            long content = Digest.get().add(letter.item()).toLong();
            if (isNews(submission, letter, content)) {
                storeLetter(submission, letter, content);
                newLetters++;
            } else {
                knownLetters++;
            }
        }
        if (submission.file() != null) {
            SqliteFiles.store(this, submission, submission.file());
        }
        counted.merge(
                submission.source(),
                new SourceTotals(accepted, skipped, duplicates + knownLetters, newLetters),
                SourceTotals::plus);
        return new Appended(accepted, skipped, duplicates, setAside);
    }

    private static final String NOT_KEPT = "; it is not kept, since it is erased by erasure ";

    /** Keeps by whose decision an item was stored. */
    private void decided(Submission submission, String messageId, long sequence)
            throws SQLException {
        Decision.Order order = submission.order();
        if (order != null) {
            decide(
                    order,
                    submission.receivedAt(),
                    submission.source(),
                    sequence,
                    Decisions.hashOf(messageId));
        }
    }

    /** Keeps a decision. */
    void decide(Decision.Order order, Instant at, String source, long sequence, long message)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(Decisions.INSERT)) {
            statement.setString(1, order.what().name());
            statement.setString(2, order.operator());
            statement.setLong(3, at.toEpochMilli());
            statement.setString(4, source);
            statement.setString(5, order.rule());
            statement.setLong(6, order.letter());
            statement.setLong(7, sequence);
            statement.setLong(8, message);
            statement.executeUpdate();
        }
    }

    private static Reading.SetAside setAside(Rule rule, String reason, Event event) {
        return new Reading.SetAside(rule, reason, event.messageId(), event.json());
    }

    /** Stores an event; returns whether whole, and not what an erasure leaves of it. */
    private boolean store(Reading.Accepted item, Prepared prepared, int index) throws SQLException {
        Submission submission = prepared.submission();
        long sequence = ++lastSequence;
        seen.add(prepared.id(index), item.fingerprint(), sequence);
        long own = prepared.person(index);
        long person = links.resolve(own);
        long[] joins = NO_JOINS;
        if (!item.joins().isEmpty()) {
            joins = join(prepared.joins(index), person);
        }
        if (erasing.any() && person == own) {
            person = asEmail(item.event(), own);
            joins = person == own ? joins : both(joins, join(new long[] {own}, person));
        }
        Erasing.Noted noted =
                erasing.store(item, submission.source(), submission.receivedAt(), sequence, person);
        joins = both(joins, noted.joins());
        if (noted.erasure() == 0) {
            rows.add(item.event(), submission.source(), submission.receivedAt(), person, joins);
        } else {
            rows.addErased(
                    item.event(),
                    submission.source(),
                    submission.receivedAt(),
                    joins.length == 0 ? partitions.anonymous(person) : person,
                    joins,
                    noted.erasure());
        }
        if (rows.full()) {
            writeRow();
        }
        if (item.event().meaning().destructive()) {
            storeFurther(item.event(), submission, sequence, person);
        }
        return noted.erasure() == 0;
    }

    /** Lets a deletion be followed by one for each further user id of the person. */
    private void storeFurther(Event deletion, Submission submission, long of, long person)
            throws SQLException {
        for (String userId : erasing.takeFurtherIds()) {
            Event further = deletionOf(userId, deletion);
            long sequence = ++lastSequence;
            seen.add(
                    Prepared.idOf(submission.source(), further.messageId()),
                    Digest.get().add(further.json()).toLong(),
                    sequence);
            erasing.storeFurther(
                    further, submission.source(), submission.receivedAt(), sequence, of);
            rows.add(further, submission.source(), submission.receivedAt(), person, NO_JOINS);
            if (rows.full()) {
                writeRow();
            }
        }
    }

    /**
     * The same deletion under another user id. Of a suppression, too: only the id was asked for.
     */
    private static Event deletionOf(String userId, Event deletion) {
        String name = Meaning.USER_DELETED.eventName();
        String messageId = Digest.get().add(deletion.messageId()).add(userId).toHash().hex();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", Call.TRACK.type());
        json.put("event", name);
        json.put("userId", userId);
        json.put("messageId", messageId);
        json.put("timestamp", Timestamps.format(deletion.occurredAt()));
        Object integrations = deletion.asMap().get("integrations");
        if (integrations != null) {
            json.put("integrations", integrations);
        }
        return new Event(
                Call.TRACK,
                Meaning.USER_DELETED,
                name,
                userId,
                null,
                messageId,
                deletion.occurredAt(),
                deletion.selective(),
                Json.toBytes(json));
    }

    /** Whom the e-mail stands for that is given as a user id; the id's own if nobody is known. */
    private long asEmail(Event event, long own) throws SQLException {
        String userId = event.userId();
        if (userId == null || !Traces.isEmail(userId)) {
            return own;
        }
        long email = PersonKey.email(userId).hash();
        long person = links.resolve(email);
        return person == email ? own : person;
    }

    private static long[] both(long[] some, long[] others) {
        if (some.length == 0 || others.length == 0) {
            return others.length == 0 ? some : others;
        }
        return LongStream.concat(Arrays.stream(some), Arrays.stream(others)).distinct().toArray();
    }

    private static final String REUSED =
            "its messageId was taken before, by an event of other content";
    private static final long[] NO_JOINS = {};

    /**
     * Links of erased persons are removed while no more events than this are to be settled: all of
     * them are looked at within a transaction.
     */
    private static final long MOST_UNSETTLED = 100_000;

    /** Joins the older identifiers; returns those persons whose older events come first. */
    private long[] join(long[] older, long person) throws SQLException {
        long[] news = new long[older.length];
        int count = 0;
        for (long identifier : older) {
            long before = links.resolve(identifier);
            if (links.join(identifier, person) && before != person) {
                news[count++] = before;
            }
        }
        return Arrays.copyOf(news, count);
    }

    /**
     * Whether this letter is not there already, from an earlier reading of the same item. One that
     * was there, but was sent again or thrown away since, is news.
     */
    private boolean isNews(Submission submission, Reading.SetAside letter, long content)
            throws SQLException {
        if (letter.messageId() == null) {
            return true;
        }
        selectLetter.setString(1, letter.messageId());
        selectLetter.setLong(2, content);
        selectLetter.setString(3, submission.source());
        try (ResultSet row = selectLetter.executeQuery()) {
            return !row.next();
        }
    }

    private void storeLetter(Submission submission, Reading.SetAside letter, long content)
            throws SQLException {
        bindLetter(
                "",
                submission.source(),
                letter.place().isEmpty() ? submission.place() : letter.place(),
                letter.messageId(),
                letter.rule().name(),
                letter.reason(),
                submission.receivedAt().toEpochMilli());
        insertDeadLetter.setString(5, null);
        insertDeadLetter.setString(6, null);
        insertDeadLetter.setInt(9, 0);
        insertDeadLetter.setInt(10, 0);
        insertDeadLetter.setLong(11, 0);
        insertDeadLetter.setBytes(13, null);
        insertDeadLetter.setBytes(14, null);
        insertDeadLetter.setBytes(15, letter.item());
        insertDeadLetter.setBytes(16, letter.envelope());
        insertDeadLetter.setLong(17, content);
        insertDeadLetter.setLong(18, lastSequence);
        insertDeadLetter.executeUpdate();
    }

    private void bindLetter(
            String destination,
            String source,
            String place,
            @Nullable String messageId,
            String rule,
            String reason,
            long atMillis)
            throws SQLException {
        insertDeadLetter.setString(1, destination);
        insertDeadLetter.setString(2, source);
        insertDeadLetter.setString(3, place);
        insertDeadLetter.setString(4, messageId);
        insertDeadLetter.setString(7, rule);
        insertDeadLetter.setString(8, reason);
        insertDeadLetter.setLong(12, atMillis);
    }

    /** Puts a destination's progress into the transaction. */
    void settle(String destination, Settlement settlement, Instant now) throws SQLException {
        updateDestination.setLong(1, settlement.number());
        updateDestination.setBytes(2, Cursors.toBytes(settlement.cursors()));
        updateDestination.setLong(3, settlement.more().delivered());
        updateDestination.setLong(4, settlement.more().skipped());
        updateDestination.setLong(5, settlement.more().dead());
        updateDestination.setString(6, destination);
        updateDestination.setLong(7, settlement.number() - 1);
        if (updateDestination.executeUpdate() == 0) {
            requireSettled(destination, settlement.number());
            return;
        }
        storeHeld(destination, settlement.held());
        for (Settlement.Refusal refusal : settlement.deadLetters()) {
            long erasure = erasing.reaching(refusal.entry());
            if (erasure == 0) {
                storeRefusal(destination, refusal, now);
            } else { // it was on its way when its person was erased
                skip(destination, refusal.entry().sequence(), Erasures.RULE + erasure);
            }
        }
        for (Settlement.Skip skip : settlement.skipped()) {
            skip(destination, skip.sequence(), skip.rule());
            if (skip.unanswered() != 0) {
                update(
                        "INSERT OR IGNORE INTO unanswered(erasure, destination, sequence) VALUES (?, ?, ?)",
                        skip.unanswered(),
                        destination,
                        skip.sequence());
            }
        }
        for (Settlement.Receipt receipt : settlement.receipts()) {
            storeReceipt(destination, receipt, now);
        }
    }

    /** Stores why an event was skipped. */
    void skip(String destination, long sequence, String rule) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT OR REPLACE INTO skip(destination, sequence, rule) VALUES (?, ?, ?)")) {
            statement.setString(1, destination);
            statement.setLong(2, sequence);
            statement.setString(3, rule);
            statement.executeUpdate();
        }
    }

    /** Stores what became of an erasure, in place of what was stored of it there before. */
    void storeReceipt(String destination, Settlement.Receipt receipt, Instant now)
            throws SQLException {
        update(
                "INSERT OR REPLACE INTO receipt(erasure, destination, state, status, attempts, at,"
                        + " reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
                receipt.erasure(),
                destination,
                receipt.state().name(),
                receipt.status(),
                receipt.attempts(),
                now.toEpochMilli(),
                receipt.reason());
    }

    /** Its commit was reported as failed, but what it wrote was found on disk afterwards. */
    private void requireSettled(String destination, long settlement) throws SQLException {
        String last = "SELECT settlements FROM destination WHERE name = ?";
        if (number("SELECT count(*) FROM destination WHERE name = ?", destination) == 0) {
            throw new IllegalStateException(
                    "destination '" + destination + "' was forgotten and cannot settle");
        } else if (number(last, destination) != settlement) {
            throw new IllegalStateException(
                    "settlement %d of destination '%s' does not follow %d"
                            .formatted(settlement, destination, number(last, destination)));
        }
    }

    private void storeHeld(String destination, List<Held> held) throws SQLException {
        List<Held> known = heldByDestination.get(destination);
        if (held.equals(known) || (known == null && held.isEmpty() && !hasHeld(destination))) {
            heldByDestination.put(destination, held);
            return;
        }
        update("DELETE FROM held WHERE destination = ?", destination);
        for (Held person : held) {
            update(
                    "INSERT INTO held(destination, person, first_unsettled, since) VALUES (?, ?, ?, ?)",
                    destination,
                    person.person(),
                    person.firstUnsettled(),
                    person.sinceMillis());
        }
        heldByDestination.put(destination, held);
    }

    private boolean hasHeld(String destination) throws SQLException {
        return number("SELECT EXISTS(SELECT 1 FROM held WHERE destination = ?)", destination) == 1;
    }

    private void storeRefusal(String destination, Settlement.Refusal refusal, Instant now)
            throws SQLException {
        Entry entry = refusal.entry();
        Event event = entry.event();
        RecordBatch.Builder row = new RecordBatch.Builder();
        row.add(
                event,
                entry.source(),
                entry.receivedAt(),
                entry.person(),
                entry.joins().stream().mapToLong(Long::longValue).toArray());
        bindLetter(
                destination,
                entry.source(),
                "",
                event.messageId(),
                refusal.rule().name(),
                refusal.reason(),
                now.toEpochMilli());
        insertDeadLetter.setString(5, event.call().type());
        insertDeadLetter.setString(6, event.name());
        insertDeadLetter.setInt(9, refusal.status());
        insertDeadLetter.setInt(10, refusal.attempts());
        insertDeadLetter.setLong(11, entry.sequence());
        insertDeadLetter.setBytes(13, row.persons());
        insertDeadLetter.setBytes(14, row.heads());
        insertDeadLetter.setBytes(15, event.json());
        insertDeadLetter.setBytes(16, null);
        insertDeadLetter.setObject(17, null);
        insertDeadLetter.setLong(18, entry.sequence());
        insertDeadLetter.executeUpdate();
    }

    /**
     * Makes a destination's row, unless there is one.
     *
     * @param fromBeginning whether it begins at the oldest event, or behind the newest
     */
    void register(String destination, boolean fromBeginning) throws SQLException {
        if (rows.count() > 0) {
            writeRow(); // events of the same transaction are to be found too
        }
        long start = lastSequence;
        if (fromBeginning) {
            long oldest = number("SELECT min(first_seq) FROM batch");
            start = oldest == 0 ? lastSequence : oldest - 1;
        }
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT OR IGNORE INTO destination(name, started_at, settlements, cursors,"
                                + " delivered, skipped, dead, stopped) VALUES (?, ?, 0, ?, 0, 0, 0,"
                                + " 0)")) {
            statement.setString(1, destination);
            statement.setLong(2, start);
            statement.setBytes(3, Cursors.toBytes(Cursors.all(start, partitions)));
            statement.executeUpdate();
        }
    }

    /** Removes a destination with all that is kept for it. */
    void forget(String destination) throws SQLException {
        for (String sql :
                List.of(
                        "DELETE FROM destination WHERE name = ?",
                        "DELETE FROM held WHERE destination = ?",
                        "DELETE FROM skip WHERE destination = ?",
                        "DELETE FROM dead_letter WHERE destination = ?")) {
            update(sql, destination);
        }
        heldByDestination.remove(destination);
    }

    /**
     * Removes what has left its time: old rows that every destination is done with, and old ids;
     * little at once, so that the transaction stays short.
     *
     * @param olderThanMillis rows whose newest event was received before this
     * @return whether there may be more
     */
    boolean expire(long olderThanMillis) throws SQLException {
        Due due = due(olderThanMillis);
        if (due.through() > 0) {
            update("DELETE FROM batch WHERE first_seq <= ?", due.through());
            long oldest = number("SELECT min(first_seq) FROM batch");
            for (String destination : destinations()) {
                update(
                        "DELETE FROM skip WHERE destination = ? AND sequence < ?",
                        destination,
                        oldest);
            }
        }
        SqliteFiles.expire(this, clock.millis() - dedupe.toMillis());
        boolean moreIds = seen.expire();
        return due.more() || moreIds;
    }

    /**
     * Which rows are to be removed.
     *
     * @param through the last of them, 0 if there are none
     * @param more whether they are as many as may go at once
     */
    private record Due(long through, boolean more) {}

    private Due due(long olderThanMillis) throws SQLException {
        long needed = Math.min(Cursors.firstNeeded(connection), lastSequence);
        long now = clock.millis();
        int rows = 0;
        long bytes = 0;
        long due = 0;
        long ofTheFuture = 0;
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(OLDEST)) {
            while (rows < EXPIRED_ROWS && bytes < EXPIRED_BYTES && row.next()) {
                long first = row.getLong(1);
                if (first + row.getInt(2) - 1 >= needed) {
                    break;
                } else if (row.getLong(3) > now) {
                    ofTheFuture = first;
                } else if (row.getLong(3) < olderThanMillis) {
                    due = first;
                } else {
                    break;
                }
                rows++;
                bytes += row.getLong(4);
            }
        }
        if (ofTheFuture > due && receivedBehind(ofTheFuture, now) < olderThanMillis) {
            due = ofTheFuture;
        }
        return new Due(due, due > 0 && (rows == EXPIRED_ROWS || bytes >= EXPIRED_BYTES));
    }

    /**
     * When the first row behind this one was received that does not come from the future: what
     * stands before it, and was received by a clock that went wrong, is as old.
     */
    private long receivedBehind(long first, long now) throws SQLException {
        try (PreparedStatement behind = connection.prepareStatement(RECEIVED_BEHIND)) {
            behind.setLong(1, Math.max(first, ofTheFutureThrough));
            behind.setLong(2, now);
            try (ResultSet row = behind.executeQuery()) {
                boolean found = row.next();
                ofTheFutureThrough = (found ? row.getLong(1) : lastSequence - rows.count() + 1) - 1;
                return found ? row.getLong(2) : Long.MAX_VALUE;
            }
        }
    }

    private List<String> destinations() throws SQLException {
        List<String> names = new ArrayList<>();
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT name FROM destination")) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    /**
     * Removes links of persons who were erased, where nothing needs them any longer: nobody claims
     * the name by now, and no event under either name is to be settled anywhere.
     *
     * @param links each a person and the one whom it was joined to
     * @param through up to this sequence events are older than the removal; who has later ones that
     *     are not settled is here again, and keeps the link
     * @return how many must wait until older events are settled
     */
    int unlink(List<long[]> links, long through) throws SQLException {
        if (rows.count() > 0) {
            writeRow();
        }
        long needed = Cursors.firstNeeded(connection);
        if (needed <= lastSequence - MOST_UNSETTLED) {
            return links.size();
        }
        Set<Long> older = new HashSet<>();
        Set<Long> later = new HashSet<>();
        addPersons(needed, through, older, later);
        int waiting = 0;
        for (long[] link : links) {
            boolean here = later.contains(link[0]) || later.contains(link[1]);
            if (older.contains(link[0]) || older.contains(link[1])) {
                waiting++;
            } else if (!here && !erasing.isClaimed(link[0])) {
                this.links.remove(link[0], link[1]);
            }
        }
        return waiting;
    }

    private void addPersons(long from, long through, Set<Long> older, Set<Long> later)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT first_seq, persons FROM batch WHERE first_seq >= ? ORDER BY first_seq")) {
            statement.setLong(1, BatchReader.rowOf(connection, from));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    LongBuffer hashes = ByteBuffer.wrap(row.getBytes(2)).asLongBuffer();
                    for (long at = row.getLong(1); hashes.hasRemaining(); at++) {
                        long person = hashes.get();
                        if (at >= from) {
                            (at <= through ? older : later).add(person);
                        }
                    }
                }
            }
        }
    }

    void commit() throws SQLException {
        if (rows.count() > 0) {
            writeRow();
        }
        writeCounts();
        seen.write();
        erasing.write();
        connection.commit();
        seen.committed();
        erasing.committed();
        counted.clear();
    }

    /** How many rows were written, ever. */
    long changes() throws SQLException {
        return number("SELECT total_changes()");
    }

    /** Writes without a change, to see whether it can be done. */
    void touch() throws SQLException {
        update("UPDATE meta SET value = value WHERE name = 'partitions'");
    }

    /** Copies all of the write-ahead log and cuts it off; returns whether nobody was in the way. */
    boolean truncateLog() throws SQLException {
        connection.setAutoCommit(true);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA busy_timeout = " + TRUNCATE_MILLIS);
            try (ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                return row.next() && row.getInt(1) == 0;
            } finally {
                statement.execute("PRAGMA busy_timeout = " + Database.BUSY_MILLIS);
            }
        } finally {
            connection.setAutoCommit(false);
        }
    }

    /** Copies the write-ahead log into the database; outside of a transaction. */
    void checkpoint() throws SQLException {
        connection.setAutoCommit(true);
        try (var statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(PASSIVE)");
        }
        connection.setAutoCommit(false);
    }

    private void writeRow() throws SQLException {
        insertBatch.setLong(1, lastSequence - rows.count() + 1);
        insertBatch.setInt(2, rows.count());
        insertBatch.setLong(3, rows.lastReceivedMillis());
        insertBatch.setBytes(4, rows.persons());
        insertBatch.setBytes(5, rows.heads());
        insertBatch.setBytes(6, rows.bodies());
        insertBatch.executeUpdate();
        rows.clear();
    }

    private void writeCounts() throws SQLException {
        for (Map.Entry<String, SourceTotals> source : counted.entrySet()) {
            upsertSource.setString(1, source.getKey());
            upsertSource.setLong(2, source.getValue().accepted());
            upsertSource.setLong(3, source.getValue().duplicates());
            upsertSource.setLong(4, source.getValue().setAside());
            upsertSource.setLong(5, source.getValue().skipped());
            upsertSource.executeUpdate();
        }
    }

    int update(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    private long number(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
