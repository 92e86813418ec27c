package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * What a {@link Pass} does, step by step, on the thread of the {@link Scrubber}. Whatever the
 * barrier stops, its content goes: the same question ({@link Reach}) decides both, so nothing is
 * kept that may not be sent, and nothing is taken away that may.
 *
 * <p>Each step reads beside the writer and writes through it, a few rows in a transaction that
 * stores its place too. After a crash the pass goes on from there; a step that is done twice
 * changes nothing.
 */
final class Sweep {
    private static final Logger LOG = Logger.getLogger(Sweep.class);

    private static final int ROWS_A_LOOK = 32;
    private static final int ROWS_A_WRITE = 4;
    private static final int LETTERS_A_STEP = 100;
    private static final int LINKS_A_STEP = 5_000;
    private static final long STORE_PLACE_NANOS = SECONDS.toNanos(1);

    private final Readers readers;
    private final GroupCommit writer;
    private final ErasureIndex index;
    private final Reach.Known known;
    private final ErasureKey key;
    private final Partitions partitions;
    private final InstantSource clock;
    private final Set<Long> unreadable = new HashSet<>();
    private long placeStoredAt = System.nanoTime();

    Sweep(
            Readers readers,
            GroupCommit writer,
            ErasureIndex index,
            Reach.Known known,
            ErasureKey key,
            Partitions partitions,
            InstantSource clock) {
        this.readers = readers;
        this.writer = writer;
        this.index = index;
        this.known = known;
        this.key = key;
        this.partitions = partitions;
        this.clock = clock;
    }

    /** Does a little; returns how far the pass is then. */
    Pass step(Pass pass) throws InterruptedException {
        return switch (pass.stage()) {
            case ROWS -> rows(pass);
            case LETTERS -> letters(pass);
            case LINKS -> links(pass);
            case CUT -> cut(pass);
        };
    }

    /** What a look at the next rows found. */
    private static final class Look {
        final List<RowEditor> changed = new ArrayList<>();
        final List<Long> carriers = new ArrayList<>();
        final Map<Long, Integer> events = new HashMap<>();
        long place;
        boolean left;
        boolean end;
    }

    private Pass rows(Pass pass) throws InterruptedException {
        long needed = readers.read(Cursors::firstNeededByAny);
        Look look = readers.read(connection -> look(connection, pass, needed));
        Pass after = look.end ? pass.next() : pass;
        after = look.end ? after.at(after.place(), look.left) : after.at(look.place, look.left);
        if (look.changed.isEmpty() && look.carriers.isEmpty() && !look.end) {
            return moved(after);
        }
        Pass stored = after;
        boolean done = writer.write(session -> store(look, stored, session));
        if (done) {
            placeStoredAt = System.nanoTime();
        }
        return done ? after : pass;
    }

    private static boolean store(Look look, Pass after, WriteSession session) throws SQLException {
        if (!RowEditor.store(look.changed, session)) {
            return false;
        }
        for (long sequence : look.carriers) {
            session.update(
                    "INSERT OR IGNORE INTO carrier(sequence, erased) VALUES (?, 0)", sequence);
        }
        for (Map.Entry<Long, Integer> count : look.events.entrySet()) {
            session.update(
                    "UPDATE erasure SET events = events + ? WHERE id = ?",
                    count.getValue(),
                    count.getKey());
        }
        after.store(session);
        return true;
    }

    /** Keeps the place in memory, and now and then on disk. */
    private Pass moved(Pass after) throws InterruptedException {
        if (System.nanoTime() - placeStoredAt > STORE_PLACE_NANOS) {
            writer.write(after::store);
            placeStoredAt = System.nanoTime();
        }
        return after;
    }

    private Look look(Connection connection, Pass pass, long needed) throws SQLException {
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

    private Pass letters(Pass pass) throws InterruptedException {
        List<Gone> gone = new ArrayList<>();
        long[] last = {pass.place()};
        int looked = readers.read(connection -> look(connection, pass, gone, last));
        Pass after = looked < LETTERS_A_STEP ? pass.next() : pass.at(last[0], false);
        if (gone.isEmpty() && looked == LETTERS_A_STEP) {
            return moved(after);
        }
        writer.write(
                session -> {
                    for (Gone letter : gone) {
                        remove(session, letter);
                    }
                    return after.store(session);
                });
        return after;
    }

    private int look(Connection connection, Pass pass, List<Gone> gone, long[] last)
            throws SQLException {
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

    private Pass links(Pass pass) throws InterruptedException {
        List<long[]> links = new ArrayList<>();
        long[] last = {pass.place()};
        int looked = readers.read(connection -> lookAtLinks(connection, pass, links, last));
        boolean ended = looked < LINKS_A_STEP;
        if (links.isEmpty() && !ended) {
            return moved(pass.at(last[0], false));
        }
        return writer.write(
                session -> {
                    boolean left = !links.isEmpty() && session.unlink(links, pass.through()) > 0;
                    Pass after =
                            ended ? pass.at(pass.place(), left).next() : pass.at(last[0], left);
                    return after.store(session);
                });
    }

    private int lookAtLinks(Connection connection, Pass pass, List<long[]> found, long[] last)
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

    private Pass cut(Pass pass) throws InterruptedException {
        if (!writer.cutLog()) {
            return pass; // a reader was in the way: at the next step
        }
        long now = clock.millis();
        return writer.write(session -> pass.end(session, now));
    }
}
