package dev.caravan.event;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A body that holds one event or several, with what it says for all of them: {@code
 * {"batch":[...],"context":{},"integrations":{},"sentAt":"","writeKey":""}} in any order, an array
 * of events, or one event. Read in one pass over the bytes; what an item holds is looked at when
 * the items are {@link #read}.
 *
 * <p>Members that are null or an empty text count as absent. A batch whose {@code context}, {@code
 * integrations} or {@code sentAt} is of a wrong kind, too long, or stands twice, is still a batch:
 * its items are set aside, with this as their reason. Used by one thread at a time.
 */
public final class Envelope {
    /** More items than this are no sensible request. */
    public static final int MAX_ITEMS = 10_000;

    private static final String BATCH = "batch";
    private static final int NONE_KEPT = -1;
    private static final byte[] NOTHING = {};

    /** What a body may be. */
    public enum Shape {
        /** One event, whatever its members are called. */
        SINGLE,
        /** An object with the array {@code batch}, or an array of events. */
        BATCH,
        /**
         * An array of events, a batch (an array {@code batch} and no {@code type}), or an event.
         */
        ANY
    }

    /** A value in the place of an event; the object is null if it is of another kind. */
    private record Item(@Nullable RawObject object, String kind, byte[] foreign) {}

    private final List<Item> items;
    private final boolean batch;
    private final @Nullable RawObject whole;
    private final @Nullable String fault;
    private final @Nullable Instant sentAt;
    private final @Nullable RawObject context;
    private final @Nullable RawObject integrations;
    private @Nullable Origin origin;
    private @Nullable Origin underBatch;

    /** There are more items than asked for; the rest of the text was not looked at. */
    private static final class TooManyItems extends IOException {
        private static final long serialVersionUID = 1;
    }

    private Envelope(List<Item> items, boolean batch, @Nullable RawObject whole)
            throws IOException {
        this.items = items;
        this.batch = batch;
        this.whole = whole;
        RawObject common = batch ? whole : null;
        this.fault = common == null ? null : faultOf(common);
        this.context = isUsable(common, "context") ? common.object("context") : null;
        this.integrations = isUsable(common, "integrations") ? common.object("integrations") : null;
        this.sentAt =
                isUsable(common, "sentAt") ? timeOf(common.text("sentAt")).orElse(null) : null;
    }

    /**
     * Reads a body that fills the slice; the slice must not change while the envelope is in use.
     *
     * @param maxItems how many items to take at the most, see {@link #MAX_ITEMS}
     * @throws NotJsonException if it is not JSON in UTF-8, not of the shape, has too many items, or
     *     {@code batch} or {@code writeKey} stands twice; the message has no content
     */
    public static Envelope parse(byte[] text, int offset, int length, Shape shape, int maxItems)
            throws NotJsonException {
        try {
            return read(text, offset, length, shape, maxItems);
        } catch (TooManyItems e) {
            throw new NotJsonException("it has more than %,d items".formatted(maxItems));
        }
    }

    /**
     * Reads a body of {@link Shape#ANY}.
     *
     * @return empty if it has more items than that; what follows them was not looked at
     * @throws NotJsonException as {@link #parse} does
     */
    public static Optional<Envelope> parseUpTo(int maxItems, byte[] text, int offset, int length)
            throws NotJsonException {
        try {
            return Optional.of(read(text, offset, length, Shape.ANY, maxItems));
        } catch (TooManyItems e) {
            return Optional.empty();
        }
    }

    private static Envelope read(byte[] text, int offset, int length, Shape shape, int maxItems)
            throws NotJsonException, TooManyItems {
        if (!Utf8.isValid(text, offset, length)) {
            throw new NotJsonException("it is not text in UTF-8");
        }
        try {
            Envelope scanned = scanned(text, offset, offset + length, shape, maxItems);
            return scanned == null ? readUncommon(text, offset, length, shape, maxItems) : scanned;
        } catch (JacksonException e) {
            throw NotJsonException.of(e);
        } catch (NotJsonException | TooManyItems e) {
            throw e;
        } catch (IOException e) {
            throw new NotJsonException("not valid JSON");
        }
    }

    /** Null if the library must read it. */
    private static @Nullable Envelope scanned(
            byte[] text, int from, int to, Shape shape, int maxItems) throws IOException {
        int start = JsonScan.space(text, from, to);
        var items = new Items(text, from, maxItems);
        if (start < to && text[start] == '[' && shape != Shape.SINGLE) {
            int end = items.scan(text, start, to);
            return isWhole(text, end, to) ? new Envelope(items.found, true, null) : null;
        }
        String array = shape == Shape.SINGLE ? null : BATCH;
        RawObject whole = RawObject.scanned(text, start, to, array, items::scan);
        if (whole == null || !isWhole(text, start + whole.length(), to)) {
            return null;
        }
        return shape == Shape.SINGLE ? single(whole) : of(whole, items, shape);
    }

    private static boolean isWhole(byte[] text, int end, int to) {
        return end != JsonScan.UNKNOWN && JsonScan.space(text, end, to) == to;
    }

    private static Envelope readUncommon(
            byte[] text, int offset, int length, Shape shape, int maxItems) throws IOException {
        try (JsonParser parser = RawObject.parser(text, offset, length)) {
            JsonToken first = parser.nextToken();
            Envelope envelope;
            if (first == JsonToken.START_OBJECT) {
                envelope = object(parser, text, offset, shape, maxItems);
            } else if (first == JsonToken.START_ARRAY && shape != Shape.SINGLE) {
                envelope = new Envelope(new Items(text, offset, maxItems).read(parser), true, null);
            } else {
                throw new NotJsonException(
                        first == null ? "it is empty" : "it is not a JSON object");
            }
            if (parser.nextToken() != null) {
                throw new NotJsonException(
                        "something follows the JSON " + EventReader.described(first));
            }
            return envelope;
        }
    }

    /**
     * Checks the whole body, of {@link Shape#ANY}, but keeps no item of a batch, so that memory
     * does not grow with their number; {@link #cut} tells them apart again.
     *
     * @throws NotJsonException as {@link #parse} does, but for the number of items
     */
    public static Envelope parseWithoutItems(byte[] text, int offset, int length)
            throws NotJsonException {
        return parse(text, offset, length, Shape.ANY, NONE_KEPT);
    }

    /** The items of an object's array {@code batch}, one after the other, for {@link #read}. */
    public JsonSplitter cut() {
        if (!batch || whole == null) {
            throw new IllegalStateException("it is not an object with a batch");
        }
        return new JsonSplitter(whole.openValue(whole.find(BATCH)), false, JsonSplitter.ITEM_BYTES);
    }

    private static Envelope object(
            JsonParser parser, byte[] text, int offset, Shape shape, int maxItems)
            throws IOException {
        if (shape == Shape.SINGLE) {
            return single(RawObject.read(parser, text, offset));
        }
        var items = new Items(text, offset, maxItems);
        return of(RawObject.read(parser, text, offset, BATCH, items::read), items, shape);
    }

    private static Envelope of(RawObject whole, Items items, Shape shape) throws IOException {
        int member = whole.find(BATCH);
        boolean isBatch = member >= 0 && whole.kind(member) == JsonToken.START_ARRAY;
        if (shape == Shape.ANY && (!isBatch || whole.text("type") != null)) {
            return single(whole);
        } else if (!isBatch) {
            throw new NotJsonException("a batch needs 'batch', an array of events");
        } else if (whole.standsTwice(BATCH) || whole.standsTwice("writeKey")) {
            throw new NotJsonException("'batch' or 'writeKey' stands twice in the batch");
        }
        return new Envelope(items.found, true, whole);
    }

    private static Envelope single(RawObject event) throws IOException {
        return new Envelope(List.of(new Item(event, "", NOTHING)), false, event);
    }

    /** How many items there are. */
    public int size() {
        return items.size();
    }

    /** Whether the items came in a batch or an array, and not as the body itself. */
    public boolean batch() {
        return batch;
    }

    /** The event that is the whole body; null for a batch. */
    public @Nullable RawObject single() {
        return batch ? null : whole;
    }

    /**
     * The key that the body carries: of the batch, else of its first item that has one; null if
     * there is none.
     */
    public @Nullable String writeKey() {
        String key = whole == null ? null : whole.text("writeKey");
        for (int i = 0; key == null && i < items.size(); i++) {
            RawObject object = items.get(i).object();
            key = object == null ? null : object.text("writeKey");
        }
        return key;
    }

    /**
     * Makes events of the items, each under the batch's context, integrations and sentAt.
     *
     * @param firstRecord the record number of the first item within its origin
     */
    public List<Reading> read(EventReader reader, Origin origin, long firstRecord) {
        Origin here = under(origin);
        List<Reading> readings = new ArrayList<>(items.size());
        for (int i = 0; i < items.size(); i++) {
            readings.add(read(reader, here, items.get(i), firstRecord + i));
        }
        return readings;
    }

    /**
     * Makes an event of one of the items.
     *
     * @param item its position, from 0
     */
    public Reading read(EventReader reader, Origin origin, int item, long record) {
        return read(reader, under(origin), items.get(item), record);
    }

    /** Bytes that the batch adds to each of its items: its context and its integrations. */
    public int commonLength() {
        return (context == null ? 0 : context.length())
                + (integrations == null ? 0 : integrations.length());
    }

    /**
     * Makes an event of one more item, as if it stood in this batch.
     *
     * @see JsonSplitter#longBatches
     */
    public Reading read(
            EventReader reader, Origin origin, byte[] text, int offset, int length, long record) {
        if (fault != null) {
            return new Reading.SetAside(
                    Reading.Rule.INVALID,
                    fault,
                    origin.derivedId(record),
                    Arrays.copyOfRange(text, offset, offset + length),
                    under(origin).toJson());
        }
        return reader.read(text, offset, length, under(origin), record);
    }

    private Reading read(EventReader reader, Origin origin, Item item, long record) {
        RawObject object = item.object();
        if (object == null) {
            return new Reading.SetAside(
                    Reading.Rule.INVALID,
                    "an event is an object but this is " + item.kind(),
                    origin.derivedId(record),
                    item.foreign(),
                    origin.toJson());
        } else if (fault != null) {
            String own = object.text("messageId");
            return new Reading.SetAside(
                    Reading.Rule.INVALID,
                    fault,
                    own == null || own.isEmpty() ? origin.derivedId(record) : own,
                    object.without("writeKey"),
                    origin.toJson());
        }
        return reader.read(object, origin, record);
    }

    /** The origin with what the batch says for its items. */
    private Origin under(Origin given) {
        Origin known = underBatch;
        if (known == null || origin != given) {
            known =
                    given.with(
                                    given.call(),
                                    sentAt == null ? given.sentAt() : sentAt,
                                    context == null ? given.context() : context,
                                    integrations == null ? given.integrations() : integrations,
                                    given.ip())
                            .withIpInContext();
            origin = given;
            underBatch = known;
        }
        return known;
    }

    /** What is wrong with the members that count for all items, null if nothing. */
    private static @Nullable String faultOf(RawObject common) {
        for (String field : List.of("context", "integrations", "sentAt")) {
            String fault = faultOf(common, field);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private static @Nullable String faultOf(RawObject common, String field) {
        if (common.standsTwice(field)) {
            return "'%s' stands twice in the batch".formatted(field);
        }
        int member = common.find(field);
        JsonToken kind = member < 0 ? JsonToken.VALUE_NULL : common.kind(member);
        String text = common.text(field);
        boolean absent = kind == JsonToken.VALUE_NULL || "".equals(text);
        boolean isTime = field.equals("sentAt");
        if (!absent && isTime && timeOf(text).isEmpty()) {
            return "'sentAt' of the batch " + Timestamps.RULE;
        } else if (!absent && !isTime && kind != JsonToken.START_OBJECT) {
            return "'%s' of the batch must be an object but is %s"
                    .formatted(field, EventReader.described(kind));
        } else if (!absent && !isTime && common.valueLength(member) > Limits.EVENT_BYTES) {
            return "'%s' of the batch has %,d bytes, the limit is %,d"
                    .formatted(field, common.valueLength(member), Limits.EVENT_BYTES);
        }
        return common.isUnreadable(field)
                ? "'%s' of the batch %s".formatted(field, EventReader.UNREADABLE)
                : null;
    }

    private static boolean isUsable(@Nullable RawObject common, String field) {
        return common != null && faultOf(common, field) == null;
    }

    private static Optional<Instant> timeOf(@Nullable String text) {
        return text == null ? Optional.empty() : Timestamps.parse(text);
    }

    /** Collects the items of the array that the parser stands at the start of. */
    private static final class Items {
        private final byte[] text;
        private final int origin;
        private final int max;
        private final List<Item> found = new ArrayList<>();

        Items(byte[] text, int origin, int max) {
            this.text = text;
            this.origin = origin;
            this.max = max;
        }

        List<Item> read(JsonParser parser) throws IOException {
            if (max == NONE_KEPT) {
                parser.skipChildren();
                return found;
            }
            JsonToken kind;
            while ((kind = parser.nextToken()) != JsonToken.END_ARRAY) {
                if (found.size() == max) {
                    throw new TooManyItems();
                }
                found.add(
                        kind == JsonToken.START_OBJECT
                                ? new Item(RawObject.read(parser, text, origin), "", NOTHING)
                                : foreign(parser, kind));
            }
            return found;
        }

        /** The place behind the array that starts here, if all its items are objects. */
        int scan(byte[] text, int start, int to) {
            if (max == NONE_KEPT) {
                return JsonScan.value(text, start, to);
            }
            int at = JsonScan.space(text, start + 1, to);
            while (at < to && text[at] == '{' && found.size() < max) {
                RawObject item = RawObject.scanned(text, at, to, null, JsonScan::value);
                if (item == null) {
                    return JsonScan.UNKNOWN;
                }
                found.add(new Item(item, "", NOTHING));
                at = JsonScan.space(text, at + item.length(), to);
                if (at < to && text[at] == ']') {
                    return at + 1;
                } else if (at == to || text[at] != ',') {
                    return JsonScan.UNKNOWN;
                }
                at = JsonScan.space(text, at + 1, to);
            }
            return JsonScan.UNKNOWN;
        }

        private Item foreign(JsonParser parser, JsonToken kind) throws IOException {
            int start = origin + (int) parser.currentTokenLocation().getByteOffset();
            if (kind == JsonToken.START_ARRAY) {
                parser.skipChildren();
            } else {
                parser.finishToken();
            }
            int end = origin + (int) parser.currentLocation().getByteOffset();
            return new Item(
                    null, EventReader.described(kind), Arrays.copyOfRange(text, start, end));
        }
    }
}
