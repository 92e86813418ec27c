package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.EventReader;
import dev.caravan.event.Json;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.Meaning;
import dev.caravan.event.MessageIds;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.event.Utf8;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Decision;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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

    /** Takes a body by an operator's decision, which is kept with what it brings. */
    public CompletableFuture<Appended> json(
            byte[] body, int length, Origin origin, Decision.Order order) {
        try {
            Envelope envelope =
                    Envelope.parse(body, 0, length, Envelope.Shape.ANY, Envelope.MAX_ITEMS);
            return append(origin, "", envelope.read(reader, origin, 0), order);
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
        return append(origin, place, readings, null);
    }

    /**
     * Stores what was read by an operator's decision.
     *
     * @param order kept with what is stored; null if there was none
     */
    CompletableFuture<Appended> append(
            Origin origin, String place, List<Reading> readings, Decision.@Nullable Order order) {
        try {
            return journal.append(
                    new Submission(
                            origin.source().name(), origin.receivedAt(), place, readings, order));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Takes something of any length, in parts and in bounded memory. Reads on the calling thread,
     * which waits where the disk is slower.
     *
     * @param content opened twice if it is a batch that is too long for memory
     * @param lines whether each line is an item (NDJSON); else as {@link
     *     dev.caravan.event.JsonSplitter} has it
     * @param place what is read, in words for a dead letter, such as a file's name; may be empty
     * @return completes when everything is on disk. Fails with {@link UnreadableException} if it is
     *     broken, after everything before that place was stored; with {@link IOException} if it
     *     cannot be read on, likewise; with {@link
     *     dev.caravan.journal.JournalUnavailableException}, after a part of it may have been stored
     */
    public CompletableFuture<Receipt> stream(
            Content content, boolean lines, Origin origin, String place) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_STREAMS);
        try {
            new ItemReader(reader, content, lines, origin, place, parts::add).readAll();
            return parts.finish(null);
        } catch (NotJsonException e) {
            return parts.finish(new UnreadableException(place, parts.count(), e));
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    /**
     * Takes a list of persons to delete: each line is a user id, and becomes a {@code User Deleted}
     * of the list's time. Blank lines do not count, nor white space around an id; an id that begins
     * or ends with some has to come as an event. Bounded in memory as {@link #stream} is, and fails
     * as it does.
     *
     * @param content opened once
     * @param place what is read, in words for a dead letter; may be empty
     */
    public CompletableFuture<Receipt> deletions(Content content, Origin origin, String place) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_STREAMS);
        try (InputStream in = content.open()) {
            var lines = new JsonSplitter(in, true, JsonSplitter.ITEM_BYTES);
            while (lines.next()) {
                byte[] id =
                        Arrays.copyOfRange(
                                lines.text(), lines.offset(), lines.offset() + lines.length());
                parts.add(deletion(id, origin, parts.count()), id.length);
            }
            return parts.finish(null);
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    private Reading deletion(byte[] id, Origin origin, long record) {
        if (!Utf8.isValid(id, 0, id.length)) {
            return setAside(origin, record, "it is not text in UTF-8", id);
        }
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", "track");
        event.put("event", Meaning.USER_DELETED.eventName());
        event.put("userId", new String(id, StandardCharsets.UTF_8));
        byte[] json = Json.toBytes(event);
        return reader.read(json, 0, json.length, origin, record);
    }

    /**
     * Takes a text that is one message: an event, an array, a batch, or several of them. One that
     * cannot be told into items is no event, and so becomes a dead letter as a whole; a message
     * would otherwise come back for ever.
     *
     * @param body one longer than {@link Submission#MAX_BYTES} is taken as a {@link #stream}
     * @param lines whether each line is an item
     * @return completes when everything is on disk; everything is stored in one go, up to {@link
     *     Submission#MAX_ITEMS}
     */
    public CompletableFuture<Receipt> text(
            byte[] body, boolean lines, Origin origin, String place) {
        if (body.length > Submission.MAX_BYTES) {
            return stream(() -> new ByteArrayInputStream(body), lines, origin, place);
        }
        Optional<List<Reading>> few = readings(body, lines, origin, place);
        if (few.isEmpty()) {
            return many(body, lines, origin, place);
        }
        List<Reading> readings = few.get();
        return parts(
                readings.iterator(), body.length / Math.max(1, readings.size()), origin, place);
    }

    /** Takes a message of more items than are held at once: checks all of it, then stores it. */
    private CompletableFuture<Receipt> many(
            byte[] body, boolean lines, Origin origin, String place) {
        try {
            itemReader(body, lines, origin, place, (reading, bytes) -> {}).readAll();
        } catch (IOException e) {
            Reading whole = setAside(origin, 0, String.valueOf(e.getMessage()), body);
            return parts(List.of(whole).iterator(), body.length, origin, place);
        }
        var parts = new Parts(this, origin, place, Parts.Size.OF_BODIES);
        try {
            itemReader(body, lines, origin, place, parts::add).readAll();
            return parts.finish(null);
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    private ItemReader itemReader(
            byte[] body, boolean lines, Origin origin, String place, ItemReader.Sink sink) {
        return new ItemReader(
                reader, () -> new ByteArrayInputStream(body), lines, origin, place, sink);
    }

    /**
     * Takes items that are known apart.
     *
     * @param items read on the calling thread; more than {@link Submission} takes in one go are
     *     stored in parts
     * @param json makes a JSON text in UTF-8 of an item; an {@link IllegalArgumentException} says
     *     why there is none, and then the item is set aside
     * @param readable makes of such an item what a person can read, for the dead letter
     * @return completes when everything is on disk
     */
    public <T extends @Nullable Object> CompletableFuture<Receipt> items(
            Iterator<? extends T> items,
            Function<T, byte[]> json,
            Function<T, byte[]> readable,
            Origin origin,
            String place) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_BODIES);
        try {
            while (items.hasNext()) {
                T item = items.next();
                Reading reading;
                int length = 0;
                try {
                    byte[] text = json.apply(item);
                    length = text.length;
                    reading = reader.read(text, 0, length, origin, parts.count());
                } catch (IllegalArgumentException e) {
                    String reason = String.valueOf(e.getMessage());
                    reading = setAside(origin, parts.count(), reason, readable.apply(item));
                }
                parts.add(reading, length);
            }
            return parts.finish(null);
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    private CompletableFuture<Receipt> parts(
            Iterator<Reading> readings, int bytes, Origin origin, String place) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_BODIES);
        try {
            while (readings.hasNext()) {
                parts.add(readings.next(), bytes);
            }
            return parts.finish(null);
        } catch (IOException e) {
            return parts.finish(e);
        }
    }

    /** The readings of a message; empty if there are too many to hold. */
    private Optional<List<Reading>> readings(
            byte[] body, boolean lines, Origin origin, String place) {
        NotJsonException notOne = null;
        if (!lines) {
            try {
                return Envelope.parseUpTo(Submission.MAX_ITEMS, body, 0, body.length)
                        .filter(Intake::isHeldAtOnce)
                        .map(envelope -> envelope.read(reader, origin, 0));
            } catch (NotJsonException e) {
                notOne = e;
            }
        }
        List<Reading> readings = new ArrayList<>();
        try {
            itemReader(body, lines, origin, place, (reading, bytes) -> addTo(readings, reading))
                    .readAll();
        } catch (TooManyReadings e) {
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(List.of(setAside(origin, 0, String.valueOf(e.getMessage()), body)));
        }
        boolean several = lines || readings.size() > 1;
        return Optional.of(
                several || notOne == null
                        ? readings
                        : List.of(setAside(origin, 0, String.valueOf(notOne.getMessage()), body)));
    }

    /** Whether what the batch adds to each of its items does not make too much of them. */
    private static boolean isHeldAtOnce(Envelope envelope) {
        return (long) envelope.size() * envelope.commonLength() <= Submission.MAX_BYTES;
    }

    private static void addTo(List<Reading> readings, Reading reading) throws TooManyReadings {
        if (readings.size() == Submission.MAX_ITEMS) {
            throw new TooManyReadings();
        }
        readings.add(reading);
    }

    /** More than one submission takes. */
    private static final class TooManyReadings extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** What is no event, under the id that its place gives it. */
    static Reading setAside(Origin origin, long record, String reason, byte[] item) {
        return new Reading.SetAside(
                Reading.Rule.INVALID,
                reason,
                origin.ids().repeatable() ? origin.ids().idOf(record) : null,
                item,
                origin.toJson());
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
