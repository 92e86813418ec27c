package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Submission;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The way in that all doors share: bytes become events, and events are stored. What is no event
 * becomes a dead letter and does not hold up its neighbours. Never blocks; thread-safe if the
 * source of chance is.
 */
public final class Intake {
    private final Journal journal;
    private final EventReader reader;
    private final InstantSource clock;
    private final RandomGenerator random;

    /**
     * Makes one.
     *
     * @param random used by several threads at once
     */
    public Intake(
            Journal journal, EventReader reader, InstantSource clock, RandomGenerator random) {
        this.journal = journal;
        this.reader = reader;
        this.clock = clock;
        this.random = random;
    }

    /** The origin of a live call: received and, if it says no time, happened now. */
    public Origin live(Source source) {
        Instant now = clock.instant();
        return Origin.of(source, now, MessageIds.timeOrdered(clock, random), now);
    }

    /**
     * Takes a body that holds one event, an array of events, or a batch.
     *
     * @param strict whether to store all or nothing
     * @return completes when everything is on disk. Fails, with nothing stored, with {@link
     *     NotJsonException} if the body cannot be read at all, with {@link InvalidItemsException}
     *     if it is to be strict and an item is no event, and with {@link
     *     dev.caravan.journal.JournalUnavailableException}
     */
    public CompletableFuture<Appended> json(
            byte[] body, int length, Origin origin, boolean strict) {
        try {
            Envelope envelope =
                    Envelope.parse(body, 0, length, Envelope.Shape.ANY, Envelope.MAX_ITEMS);
            return take(envelope, origin, strict);
        } catch (NotJsonException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Takes a body that was read already; fails as {@link #json} does. */
    public CompletableFuture<Appended> take(Envelope envelope, Origin origin, boolean strict) {
        return append(origin, "", envelope.read(reader, origin, 0), strict);
    }

    /**
     * Makes events of a body's items without storing them.
     *
     * @return one for each item in its order, for {@link #append}
     */
    public List<Reading> read(Envelope envelope, Origin origin) {
        return envelope.read(reader, origin, 0);
    }

    /**
     * Stores what was read.
     *
     * @param place where in the source it came from, in words for a dead letter; may be empty
     * @param readings at most {@link Submission#MAX_ITEMS}
     * @param strict whether to store all or nothing
     */
    public CompletableFuture<Appended> append(
            Origin origin, String place, List<Reading> readings, boolean strict) {
        if (readings.isEmpty()) {
            return CompletableFuture.completedFuture(Appended.NOTHING);
        }
        if (strict) {
            List<Appended.SetAside> invalid = invalid(readings);
            if (!invalid.isEmpty()) {
                return CompletableFuture.failedFuture(new InvalidItemsException(invalid));
            }
        }
        try {
            return journal.append(
                    new Submission(origin.source().name(), origin.receivedAt(), place, readings));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Takes something of any length, in parts of up to {@value IntakeStream#PART_ITEMS} items or
     * {@value IntakeStream#PART_BYTES} bytes, in bounded memory. Reads on the calling thread, which
     * waits where the disk is slower.
     *
     * @param content opened twice if it is a batch that is too long for memory
     * @param lines whether each line is an item (NDJSON); else as {@link
     *     dev.caravan.event.JsonSplitter} has it
     * @param place what is read, in words for a dead letter, such as a file's name; may be empty
     * @return completes when everything is on disk. Fails with {@link UnreadableException} if it is
     *     broken, after everything before that place was stored; with {@link java.io.IOException}
     *     if it cannot be read on, likewise; with {@link
     *     dev.caravan.journal.JournalUnavailableException}, after a part of it may have been stored
     */
    public CompletableFuture<Receipt> stream(
            Content content, boolean lines, Origin origin, String place) {
        return new IntakeStream(this, reader, content, lines, origin, place).read();
    }

    private static List<Appended.SetAside> invalid(List<Reading> readings) {
        List<Appended.SetAside> invalid = new ArrayList<>();
        for (int i = 0; i < readings.size(); i++) {
            if (readings.get(i) instanceof Reading.SetAside item) {
                invalid.add(new Appended.SetAside(i, item.reason()));
            }
        }
        return invalid;
    }
}
