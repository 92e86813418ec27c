package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Removes our own copies of what was erased. Whatever the barrier stops, its content goes: the same
 * question ({@link Reach}) decides both, so nothing is kept that may not be sent, and nothing is
 * taken away that may.
 *
 * <p>A person's events cannot be looked up: rows hold many events, and a name was somebody's for a
 * time only. So a deletion does not search within its transaction. Behind it a <em>pass</em> goes
 * through the journal as far as it reached when the pass began, and serves all erasures up to
 * there; what comes in later is asked for when it is stored ({@link WriteSession}), and so is a
 * dead letter of an attempt that was on its way. A pass has stages:
 *
 * <ol>
 *   <li>ROWS: the content of erased events is overwritten where it lies ({@link RowEditor});
 *   <li>LETTERS: dead letters of erased events become skips, those of doors go;
 *   <li>LINKS: who was joined to whom goes, where nobody uses the name by now;
 *   <li>CUT: the write-ahead log is copied and cut off, so that no file holds older content. Then
 *       the copies count as removed.
 * </ol>
 *
 * <p>Each step reads beside the writer and writes through it, a few rows in a transaction that
 * stores its place too. After a crash the pass goes on from there; a step that is done twice
 * changes nothing. Between steps it rests as long as it worked.
 *
 * <p>Order is kept by the hashes of persons, which stay until no destination has the event before
 * it any longer. If some had to stay, another pass takes them away when all destinations have come
 * past the end of this one.
 *
 * <p>A deletion itself (a <em>carrier</em>, see {@link Carriers}) keeps its content until all
 * destinations that began before it have settled it, then it is overwritten too. One that was
 * refused lives on as a dead letter, by which it can be sent again. So it is with a {@code User
 * Unsuppressed}.
 */
final class Scrubber implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Scrubber.class);

    private static final int ROWS_A_LOOK = 32;
    private static final int ROWS_A_WRITE = 4;
    private static final int LETTERS_A_STEP = 100;
    private static final int LINKS_A_STEP = 5_000;
    private static final long IDLE_MILLIS = 500;
    private static final long STORE_PLACE_NANOS = SECONDS.toNanos(1);

    private final Readers readers;
    private final GroupCommit writer;
    private final ErasureIndex index;
    private final ErasureKey key;
    private final Partitions partitions;
    private final InstantSource clock;
    private final Reach.Known known;
    private final LongSupplier end;
    private final Carriers carriers;
    private final ScheduledThreadPoolExecutor timer;
    private final Runnable elsewhere;

    // All below belongs to the timer's thread.
    private Pass pass;
    private long placeStoredAt;
    private int again;
    private long againAt;
    private final Set<Long> unreadable = new HashSet<>();

    /** What a pass goes through, in this order. */
    enum Stage {
        ROWS,
        LETTERS,
        LINKS,
        CUT
    }

    /**
     * A pass, and how far it is.
     *
     * @param through the journal's end when it began
     * @param place in the stage: up to there all is done
     * @param remaining whether hashes of persons had to stay
     */
    record Pass(long id, long through, Stage stage, long place, boolean remaining, boolean done) {
        private static final Pass BEFORE_THE_FIRST = new Pass(0, 0, Stage.CUT, 0, false, true);

        private Pass at(long newPlace, boolean left) {
            return new Pass(id, through, stage, newPlace, remaining || left, done);
        }

        private Pass next() {
            Stage next = Stage.values()[stage.ordinal() + 1];
            return new Pass(id, through, next, Long.MIN_VALUE, remaining, done);
        }
    }

    /**
     * Makes one; it does nothing until it is started.
     *
     * @param known who was erased
     * @param end of the journal on disk
     * @param elsewhere called when a pass begins: for copies that are not the journal's
     */
    Scrubber(
            Readers readers,
            GroupCommit writer,
            ErasureIndex index,
            Reach.Known known,
            ErasureKey key,
            Partitions partitions,
            InstantSource clock,
            LongSupplier end,
            Runnable elsewhere) {
        this.readers = readers;
        this.writer = writer;
        this.index = index;
        this.known = known;
        this.key = key;
        this.partitions = partitions;
        this.clock = clock;
        this.end = end;
        this.carriers = new Carriers(readers, writer, known, key, partitions);
        this.elsewhere = elsewhere;
        this.pass = readers.read(Scrubber::lastPass);
        long now = System.nanoTime();
        this.placeStoredAt = now;
        this.againAt = now;
        timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "journal-scrubber");
                            thread.setDaemon(true);
                            return thread;
                        });
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void start() {
        timer.schedule(this::work, IDLE_MILLIS / 10, MILLISECONDS);
    }

    private static Pass lastPass(Connection connection) throws SQLException {
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
                    : Pass.BEFORE_THE_FIRST;
        }
    }

    private void work() {
        long begun = System.nanoTime();
        long rest = IDLE_MILLIS;
        try {
            boolean more = step();
            rest = more ? NANOSECONDS.toMillis(System.nanoTime() - begun) + 1 : IDLE_MILLIS;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (SQLException | RuntimeException e) {
            if (!timer.isShutdown()) {
                LOG.warnf(
                        "copies of what was erased could not be removed, tried again soon: %s",
                        e.getMessage());
            }
        }
        if (!timer.isShutdown()) {
            timer.schedule(this::work, rest, MILLISECONDS);
        }
    }

    /**
     * Does a little of what there is to do.
     *
     * @return whether there may be more
     */
    boolean step() throws SQLException, InterruptedException {
        if (index.isEmpty()) {
            return false;
        }
        if (pass.done() && isWanted()) {
            begin();
        }
        boolean more = false;
        if (!pass.done()) {
            more = pass.stage() != Stage.CUT;
            switch (pass.stage()) {
                case ROWS -> rows();
                case LETTERS -> letters();
                case LINKS -> links();
                case CUT -> cut();
            }
        }
        return carriers.step() || more;
    }

    Pass pass() {
        return pass;
    }

    /** Tells that a dead letter is gone for good: once somebody was erased, from the log too. */
    void letterGone() {
        carriers.letterGone();
    }

    private boolean isWanted() {
        if (index.latest() > pass.through()) {
            again = 0;
            againAt = System.nanoTime();
            return true;
        }
        boolean may = pass.remaining() && System.nanoTime() - againAt >= 0;
        if (!may || firstNeeded() <= pass.through()) {
            return false;
        }
        again++; // at once, then more and more rarely: somebody may be there again all the time
        againAt = System.nanoTime() + (MINUTES.toNanos(1) << Math.min(again - 1, 6));
        return true;
    }

    /** While there is no destination all is needed, by the first one. */
    private long firstNeeded() {
        long first = readers.read(Cursors::firstNeeded);
        return first == Cursors.NONE ? 0 : first;
    }

    private void begin() throws InterruptedException {
        try {
            elsewhere.run();
        } catch (RuntimeException e) {
            LOG.error("a listener of the journal failed", e);
        }
        long through = end.getAsLong();
        long id = pass.id() + 1;
        writer.write(
                session ->
                        session.update(
                                "INSERT INTO scrub(id, through, stage, place, remaining) VALUES (?,"
                                        + " ?, 0, 0, 0)",
                                id,
                                through));
        pass = new Pass(id, through, Stage.ROWS, 0, false, false);
    }

    // --- stages

    /** What a look at the next rows found. */
    private static final class Look {
        final List<RowEditor> changed = new ArrayList<>();
        final List<Long> carriers = new ArrayList<>();
        final Map<Long, Integer> events = new HashMap<>();
        long place;
        boolean left;
        boolean end;
    }

    private void rows() throws InterruptedException {
        long needed = firstNeeded();
        Look look = readers.read(connection -> look(connection, needed));
        Pass after = look.end ? pass.next() : pass;
        after = look.end ? after.at(after.place(), look.left) : after.at(look.place, look.left);
        if (look.changed.isEmpty() && look.carriers.isEmpty() && !look.end) {
            moved(after);
            return;
        }
        Pass stored = after;
        writer.write(
                session -> {
                    RowEditor.store(look.changed, session);
                    for (long sequence : look.carriers) {
                        session.update(
                                "INSERT OR IGNORE INTO carrier(sequence, erased) VALUES (?, 0)",
                                sequence);
                    }
                    for (Map.Entry<Long, Integer> count : look.events.entrySet()) {
                        session.update(
                                "UPDATE erasure SET events = events + ? WHERE id = ?",
                                count.getValue(),
                                count.getKey());
                    }
                    return store(session, stored);
                });
        pass = after;
        placeStoredAt = System.nanoTime();
    }

    /** Keeps the place in memory, and now and then on disk. */
    private void moved(Pass after) throws InterruptedException {
        if (System.nanoTime() - placeStoredAt > STORE_PLACE_NANOS) {
            writer.write(session -> store(session, after));
            placeStoredAt = System.nanoTime();
        }
        pass = after;
    }

    private static int store(WriteSession session, Pass pass) throws SQLException {
        return session.update(
                "UPDATE scrub SET stage = ?, place = ?, remaining = ? WHERE id = ?",
                pass.stage().ordinal(),
                pass.place(),
                pass.remaining() ? 1 : 0,
                pass.id());
    }

    private Look look(Connection connection, long needed) throws SQLException {
        var look = new Look();
        look.place = pass.place();
        int looked = 0;
        try (PreparedStatement rows =
                connection.prepareStatement(
                        "SELECT first_seq, persons, heads FROM batch WHERE first_seq > ? AND first_seq"
                                + " <= ? ORDER BY first_seq LIMIT "
                                + ROWS_A_LOOK)) {
            rows.setLong(1, pass.place());
            rows.setLong(2, pass.through());
            try (ResultSet row = rows.executeQuery()) {
                while (look.changed.size() < ROWS_A_WRITE && row.next()) {
                    RowEditor editor =
                            RowEditor.of(
                                    connection, row.getLong(1), row.getBytes(2), row.getBytes(3));
                    scrub(editor, needed, look);
                    if (editor.changed()) {
                        editor.bodies(); // while the connection is ours
                        look.changed.add(editor);
                    }
                    look.place = editor.firstSequence();
                    looked++;
                }
            }
        }
        look.end = looked == 0 || (looked < ROWS_A_LOOK && look.changed.size() < ROWS_A_WRITE);
        return look;
    }

    private void scrub(RowEditor row, long needed, Look look) throws SQLException {
        while (row.next()) {
            boolean settled = row.sequence() < needed;
            if (!row.isErased()) {
                long erasure = erasureOf(row, settled, look);
                if (erasure == 0) {
                    continue;
                }
                row.erase(erasure);
                look.events.merge(erasure, 1, Integer::sum);
            }
            if (settled) {
                row.forgetPersons(partitions.anonymous(row.person()));
            } else if (row.person() != partitions.anonymous(row.person())) {
                look.left = true;
            }
        }
    }

    /** The erasure by which an event's content goes now; 0 if it stays. */
    private long erasureOf(RowEditor row, boolean settled, Look look) throws SQLException {
        if (row.meaning().destructive()) {
            return 0; // it is a carrier since it was stored
        }
        Event event = row.event(known.hasThings());
        long erasure;
        try {
            erasure = Reach.of(event, row.sequence(), row.receivedMillis(), known, key);
        } catch (UncheckedIOException e) {
            return passOver(row.sequence());
        }
        if (erasure != 0 || row.meaning() != Meaning.USER_UNSUPPRESSED) {
            return erasure;
        }
        erasure =
                Reach.ofOlderUnsuppressed(event, row.sequence(), row.receivedMillis(), known, key);
        if (erasure != 0 && !settled) {
            look.carriers.add(row.sequence());
            return 0;
        }
        return erasure;
    }

    /** One event that cannot be read must not keep the copies of all others. */
    private long passOver(long sequence) {
        if (unreadable.add(sequence)) {
            LOG.errorf(
                    "the event of sequence %d cannot be read, so nobody can say whose it is: it stays where it is",
                    sequence);
        }
        return 0;
    }

    /** A dead letter that goes. */
    private record Gone(long id, String destination, long sequence, long erasure) {}

    private void letters() throws InterruptedException {
        List<Gone> gone = new ArrayList<>();
        long[] last = {pass.place()};
        int looked = readers.read(connection -> look(connection, gone, last));
        Pass after = looked < LETTERS_A_STEP ? pass.next() : pass.at(last[0], false);
        if (gone.isEmpty() && looked == LETTERS_A_STEP) {
            moved(after);
            return;
        }
        writer.write(
                session -> {
                    for (Gone letter : gone) {
                        remove(session, letter);
                    }
                    return store(session, after);
                });
        pass = after;
    }

    private int look(Connection connection, List<Gone> gone, long[] last) throws SQLException {
        int looked = 0;
        try (PreparedStatement letters =
                connection.prepareStatement(
                        "SELECT id, destination, sequence, at, person, head, item, behind, rule,"
                                + " envelope FROM dead_letter WHERE id > ? ORDER BY id LIMIT "
                                + LETTERS_A_STEP)) {
            letters.setLong(1, pass.place());
            try (ResultSet row = letters.executeQuery()) {
                while (row.next()) {
                    last[0] = row.getLong(1);
                    looked++;
                    long erasure = erasureOfLetter(row);
                    if (erasure != 0) {
                        gone.add(
                                new Gone(
                                        row.getLong(1), row.getString(2), row.getLong(3), erasure));
                    }
                }
            }
        }
        return looked;
    }

    private long erasureOfLetter(ResultSet row) throws SQLException {
        if (row.getString(2).isEmpty()) {
            return LetterNames.asksForErasure(row.getString(9))
                    ? 0
                    : LetterNames.reaching(
                            row.getBytes(7),
                            row.getBytes(10),
                            row.getLong(4),
                            row.getLong(8),
                            known,
                            key);
        }
        Entry entry =
                new RecordBatch.Reader(
                                row.getLong(3), row.getBytes(5), row.getBytes(6), row.getBytes(7))
                        .next(0, person -> true);
        try {
            return entry == null ? 0 : Reach.ofOneSentAgain(entry, known, key);
        } catch (UncheckedIOException e) {
            return passOver(entry.sequence());
        }
    }

    private static void remove(WriteSession session, Gone letter) throws SQLException {
        session.update(SqliteDeadLetters.UNANSWERED, letter.erasure(), letter.id());
        int removed = session.update("DELETE FROM dead_letter WHERE id = ?", letter.id());
        if (removed > 0 && !letter.destination().isEmpty()) {
            session.skip(letter.destination(), letter.sequence(), Erasures.RULE + letter.erasure());
        }
        session.update(
                "UPDATE erasure SET letters = letters + ? WHERE id = ?", removed, letter.erasure());
    }

    private void links() throws InterruptedException {
        List<long[]> links = new ArrayList<>();
        long[] last = {pass.place()};
        int looked = readers.read(connection -> lookAtLinks(connection, links, last));
        boolean ended = looked < LINKS_A_STEP;
        if (links.isEmpty() && !ended) {
            moved(pass.at(last[0], false));
            return;
        }
        Pass before = pass;
        pass =
                writer.write(
                        session -> {
                            boolean left =
                                    !links.isEmpty() && session.unlink(links, before.through()) > 0;
                            Pass after =
                                    ended
                                            ? before.at(before.place(), left).next()
                                            : before.at(last[0], left);
                            store(session, after);
                            return after;
                        });
    }

    private int lookAtLinks(Connection connection, List<long[]> found, long[] last)
            throws SQLException {
        int looked = 0;
        try (PreparedStatement links =
                connection.prepareStatement(
                        "SELECT person, into_person FROM person_link WHERE person > ? ORDER BY person"
                                + " LIMIT "
                                + LINKS_A_STEP)) {
            links.setLong(1, pass.place());
            try (ResultSet row = links.executeQuery()) {
                while (row.next()) {
                    looked++;
                    last[0] = row.getLong(1);
                    if (isErased(row.getLong(1)) || isErased(row.getLong(2))) {
                        found.add(new long[] {row.getLong(1), row.getLong(2)});
                    }
                }
            }
        }
        return looked;
    }

    private boolean isErased(long name) {
        return index.get(key.hash(name)).length > 0;
    }

    private void cut() throws InterruptedException {
        if (!writer.cutLog()) {
            return; // a reader was in the way: at the next step
        }
        Instant now = clock.instant();
        writer.write(
                session ->
                        session.update(
                                "UPDATE scrub SET done_at = ? WHERE id = ?",
                                now.toEpochMilli(),
                                pass.id()));
        pass =
                new Pass(
                        pass.id(),
                        pass.through(),
                        pass.stage(),
                        pass.place(),
                        pass.remaining(),
                        true);
    }

    /** Ends the step under way; what is left goes on after the next start. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
