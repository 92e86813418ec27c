package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.format.BrokenException;
import dev.caravan.format.JsonText;
import dev.caravan.format.RecordReader;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Decision;
import dev.caravan.journal.FileMark;
import dev.caravan.journal.Journal;
import dev.caravan.journal.KnownFile;
import dev.caravan.journal.Submission;
import dev.caravan.journal.WholeFile;
import dev.caravan.mapping.Mapping;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way in that all doors share: bytes become events, and events are stored. What is no event
 * becomes a dead letter and does not hold up its neighbours. Never blocks; thread-safe if the
 * source of chance is.
 */
public final class Intake {
    private static final Logger LOG = LoggerFactory.getLogger(Intake.class);

    private final Journal journal;
    private final EventReader reader;
    private final Mappings mappings;
    private final InstantSource clock;
    private final RandomGenerator random;

    /** Makes one that knows no mappings. */
    public Intake(
            Journal journal, EventReader reader, InstantSource clock, RandomGenerator random) {
        this(journal, reader, Mappings.NONE, clock, random);
    }

    /**
     * Makes one.
     *
     * @param random used by several threads at once
     */
    public Intake(
            Journal journal,
            EventReader reader,
            Mappings mappings,
            InstantSource clock,
            RandomGenerator random) {
        this.journal = journal;
        this.reader = reader;
        this.mappings = mappings;
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
        return append(origin, place, readings, order, null);
    }

    /**
     * Stores what was read.
     *
     * @param order as of {@link #append(Origin, String, List, Decision.Order)}
     * @param file how far a file is stored by that; null if it is of none
     */
    CompletableFuture<Appended> append(
            Origin origin,
            String place,
            List<Reading> readings,
            Decision.@Nullable Order order,
            @Nullable FileMark file) {
        String source = origin.source().name();
        try {
            return journal.append(
                    new Submission(source, origin.receivedAt(), place, readings, order, file));
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
        return items(content, lines, origin, place, null);
    }

    private CompletableFuture<Receipt> items(
            Content content,
            boolean lines,
            Origin origin,
            String place,
            Parts.@Nullable File file) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_STREAMS, file);
        try {
            new ItemReader(reader, content, lines, origin, place, parts).readAll();
            return parts.finish(null);
        } catch (NotJsonException | BrokenException e) {
            return parts.finish(new UnreadableException(place, parts.count(), e));
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    /**
     * The same for what holds records of any format; gzip and zip are unpacked.
     *
     * @return as of {@link #stream(Content, boolean, Origin, String)}; fails with {@link
     *     UnusableMappingException}, with nothing stored, if there is no mapping to go by
     */
    public CompletableFuture<Receipt> stream(
            Content content, Reception reception, Origin origin, String place) {
        JsonText plain = reception.plain();
        return plain == null
                ? records(content, reception, origin, place, 0, null)
                : items(unpacked(content, plain), plain.lines(), origin, place, null);
    }

    private static Content unpacked(Content content, JsonText json) {
        return () -> {
            InputStream in = content.open();
            try {
                return new Unpacked(json.unpacked(in), in);
            } catch (IOException | RuntimeException e) {
                in.close();
                throw e;
            }
        };
    }

    /** Closes what it is unpacked from. */
    private static final class Unpacked extends FilterInputStream {
        private final InputStream packed;

        Unpacked(InputStream unpacked, InputStream packed) {
            super(unpacked);
            this.packed = packed;
        }

        @Override
        public void close() throws IOException {
            packed.close();
        }
    }

    private CompletableFuture<Receipt> records(
            Content content,
            Reception reception,
            Origin origin,
            String place,
            long from,
            Parts.@Nullable File file) {
        var parts = new Parts(this, origin, place, Parts.Size.OF_STREAMS, file);
        MappedReader mapped = null;
        try (InputStream in = content.open()) {
            mapped = mapped(reception, origin, place, parts);
            mapped.readAll(reception.format().read(in), from);
            long leftOut = mapped.leftOut();
            return parts.finish(null).thenApply(receipt -> receipt.withLeftOut(leftOut));
        } catch (BrokenException e) {
            long record = mapped == null ? 0 : mapped.records();
            return parts.finish(new UnreadableException(place, record, e));
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    private MappedReader mapped(
            Reception reception, Origin origin, String place, ItemReader.Sink sink)
            throws IOException {
        return mapped(reception, origin, RecordPlaces.in(place), sink);
    }

    private MappedReader mapped(
            Reception reception, Origin origin, RecordPlaces places, ItemReader.Sink sink)
            throws IOException {
        String name = reception.mapping();
        Mapping mapping = name == null ? null : mappings.get(name);
        return new MappedReader(reader, name, mapping, origin, places, sink);
    }

    /**
     * Takes a file. Where an earlier one of its name was broken, and this one begins with the same
     * records, it goes on behind them under the same ids: nothing is stored twice.
     *
     * @param origin with ids derived from the file, see {@link MessageIds#derived}
     * @param name the file's name within its source
     * @return as of {@link #stream(Content, Reception, Origin, String)}
     */
    public CompletableFuture<Receipt> file(
            Content content, Reception reception, Origin origin, String name) {
        if (!(origin.ids() instanceof MessageIds.Derived own)) {
            return stream(content, reception, origin, name);
        }
        try {
            Optional<KnownFile> known = journal.file(origin.source().name(), name);
            if (known.isEmpty()) {
                var file = Parts.File.of(name, own.identity(), false);
                return file(content, reception, origin, 0, file);
            }
            return again(content, reception, origin, own.identity(), known.get());
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Receipt> file(
            Content content, Reception reception, Origin origin, long from, Parts.File file) {
        JsonText plain = reception.plain();
        return plain == null
                ? records(content, reception, origin, file.name(), from, file)
                : items(unpacked(content, plain), plain.lines(), origin, file.name(), file);
    }

    private CompletableFuture<Receipt> again(
            Content content, Reception reception, Origin origin, String own, KnownFile known)
            throws IOException {
        Optional<WholeFile> whole = WholeFile.of(known.identity());
        if (whole.isPresent() && !whole.get().own().equals(own)) {
            return file(content, reception, origin, 0, Parts.File.of(known.name(), own, true));
        }
        String ids = whole.map(WholeFile::ids).orElse(known.identity());
        Begins begins = begins(content, reception, known);
        if (begins == Begins.OTHERWISE) {
            LOG.info(
                    "A file begins otherwise than an earlier one of its name that is stored in part, and so is another: source={} file={}",
                    known.source(),
                    FileNames.shown(known.name()));
            return file(content, reception, origin, 0, Parts.File.of(known.name(), own, true));
        }
        if (whole.isEmpty() && !ids.equals(own)) {
            LOG.info(
                    "A file goes on where an earlier one of its name ended: source={} file={} record={}",
                    known.source(),
                    FileNames.shown(known.name()),
                    known.records() + 1);
        }
        // events that are there already are told by their ids, if they are read again
        boolean goesOn = begins == Begins.SAME && !reception.isPlain();
        Origin former = origin.with(MessageIds.derived(known.source(), ids));
        var file = new Parts.File(known.name(), ids, own, known.records(), known.checksum(), true);
        return file(content, reception, former, goesOn ? known.records() : 0, file);
    }

    private enum Begins {
        /** With the records that are stored. */
        SAME,
        /** It is broken before that can be said. */
        BROKEN,
        /** It is another file. */
        OTHERWISE
    }

    private static Begins begins(Content content, Reception reception, KnownFile known)
            throws IOException {
        try (InputStream in = content.open()) {
            RecordReader records = reception.format().read(in);
            for (long i = 0; i < known.records(); i++) {
                if (!records.next()) {
                    return Begins.OTHERWISE;
                }
            }
            return known.records() == 0 || records.checksum() == known.checksum()
                    ? Begins.SAME
                    : Begins.OTHERWISE;
        } catch (BrokenException e) {
            return Begins.BROKEN;
        }
    }

    /**
     * Takes a message of records of any format. One that is broken becomes a dead letter as a
     * whole; it would otherwise come back for ever.
     *
     * @param body one longer than {@link Submission#MAX_BYTES} is taken as a stream
     * @return as of {@link #text}
     */
    public CompletableFuture<Receipt> message(
            byte[] body, Reception reception, Origin origin, String place) {
        if (body.length > Submission.MAX_BYTES) {
            var whole = new Reception(reception.format().whole(), reception.mapping());
            return stream(() -> new ByteArrayInputStream(body), whole, origin, place);
        }
        try {
            Optional<String> fault = fault(body, reception, origin);
            if (fault.isPresent()) {
                Reading whole = setAside(origin, 0, fault.get(), body);
                return parts(List.of(whole).iterator(), body.length, origin, place);
            }
        } catch (IOException | RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        var parts = new Parts(this, origin, place, Parts.Size.OF_BODIES);
        try {
            MappedReader mapped = mapped(reception, origin, place, parts);
            mapped.readAll(reception.format().whole().read(new ByteArrayInputStream(body)), 0);
            long leftOut = mapped.leftOut();
            return parts.finish(null).thenApply(receipt -> receipt.withLeftOut(leftOut));
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    /**
     * Takes records that are known apart, for a mapping; where the format is not JSON, a text among
     * them is a message of that format, which holds records.
     *
     * @param text whether a record is a text
     * @param json makes a JSON text in UTF-8 of a record; an {@link IllegalArgumentException} says
     *     why there is none
     * @param places as of {@link #items}
     * @return as of {@link #items}
     */
    public <T extends @Nullable Object> CompletableFuture<Receipt> records(
            Iterator<? extends T> records,
            Predicate<T> text,
            Function<T, byte[]> json,
            Function<T, byte[]> readable,
            Reception reception,
            Origin origin,
            RecordPlaces places) {
        var parts = new Parts(this, origin, "", Parts.Size.OF_BODIES);
        try {
            MappedReader mapped = mapped(reception, origin, places, parts);
            long inTexts = 0;
            while (records.hasNext()) {
                T record = records.next();
                byte[] bytes;
                try {
                    bytes = json.apply(record);
                } catch (IllegalArgumentException e) {
                    mapped.setAside(String.valueOf(e.getMessage()), readable.apply(record));
                    continue;
                }
                if (reception.isJson() || !text.test(record)) {
                    mapped.readOne(bytes);
                } else {
                    inTexts += one(bytes, reception, origin, mapped.records(), places, parts);
                    mapped.passOver();
                }
            }
            long leftOut = mapped.leftOut() + inTexts;
            return parts.finish(null).thenApply(receipt -> receipt.withLeftOut(leftOut));
        } catch (IOException | RuntimeException e) {
            return parts.finish(e);
        }
    }

    /**
     * Takes one of several messages; returns how many records the mapping left out. Ids of what is
     * in it are derived from its own.
     */
    private long one(
            byte[] body,
            Reception reception,
            Origin origin,
            long number,
            RecordPlaces places,
            Parts parts)
            throws IOException {
        String place = places.words(number);
        Optional<String> fault = fault(body, reception, origin);
        if (fault.isPresent()) {
            parts.add(setAside(origin, number, fault.get(), body).withPlace(place), body.length);
            return 0;
        }
        MessageIds ids = origin.ids();
        String source = origin.source().name();
        Origin own = places.origin(origin, number);
        Origin within =
                ids.repeatable() ? own.with(MessageIds.derived(source, ids.idOf(number))) : own;
        MappedReader mapped = mapped(reception, within, place, parts);
        mapped.readAll(reception.format().whole().read(new ByteArrayInputStream(body)), 0);
        return mapped.leftOut();
    }

    /** Why a message cannot be told into records; empty if it can. */
    private Optional<String> fault(byte[] body, Reception reception, Origin origin)
            throws IOException {
        try {
            MappedReader check = mapped(reception, origin, "", (reading, bytes) -> {});
            check.readAll(
                    reception.format().whole().read(new ByteArrayInputStream(body)),
                    Long.MAX_VALUE);
            return Optional.empty();
        } catch (BrokenException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Makes an event of an item that stands alone. */
    Reading read(byte[] json, Origin origin) {
        return reader.read(json, 0, json.length, origin, 0);
    }

    /**
     * Checks that there is a mapping.
     *
     * @throws UnusableMappingException if there is none of this name, or it has mistakes
     */
    public void requireMapping(String name) throws UnusableMappingException {
        mappings.get(name);
    }

    Mapping mapping(String name) throws UnusableMappingException {
        return mappings.get(name);
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
            itemReader(body, lines, origin, place, parts).readAll();
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
     * @param places where the items stand; in words that may be empty
     * @return completes when everything is on disk
     */
    public <T extends @Nullable Object> CompletableFuture<Receipt> items(
            Iterator<? extends T> items,
            Function<T, byte[]> json,
            Function<T, byte[]> readable,
            Origin origin,
            RecordPlaces places) {
        var parts = new Parts(this, origin, "", Parts.Size.OF_BODIES);
        try {
            while (items.hasNext()) {
                T item = items.next();
                Reading reading;
                int length = 0;
                try {
                    byte[] text = json.apply(item);
                    length = text.length;
                    Origin own = places.origin(origin, parts.count());
                    reading = reader.read(text, 0, length, own, parts.count());
                } catch (IllegalArgumentException e) {
                    String reason = String.valueOf(e.getMessage());
                    reading = setAside(origin, parts.count(), reason, readable.apply(item));
                }
                if (reading instanceof Reading.SetAside no) {
                    reading = no.withPlace(places.words(parts.count()));
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
    static Reading.SetAside setAside(Origin origin, long record, String reason, byte[] item) {
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
