package dev.caravan.journal;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive events as they lie in one row: the persons' hashes apart, so that a reader who wants
 * few of them need not look at the rest; then the fields that routing needs; then the JSON.
 *
 * <p>One row for a commit, and not one for an event, makes the journal a log that costs SQLite a
 * few bound values a commit. A row is bounded ({@link #MAX_EVENTS}, {@link #MAX_BYTES}) so that
 * reading one event back stays cheap.
 *
 * <p>An event whose content an erasure took away keeps its place: its call has the mark {@link
 * #ERASED}, the erasure's id stands where the time was at which it happened, and its texts and JSON
 * are zeros or have no length.
 */
final class RecordBatch {
    static final int MAX_EVENTS = 512;
    static final int MAX_BYTES = 256 * 1024;

    // Where an event's head has what, before the texts; the call comes first.
    static final int MEANING_AT = 1;
    static final int FLAGS_AT = 2;
    static final int OCCURRED_AT = 3;
    static final int RECEIVED_AT = OCCURRED_AT + Long.BYTES;
    static final int LENGTH_AT = RECEIVED_AT + Long.BYTES;
    static final int HEAD_BYTES = LENGTH_AT + Integer.BYTES;

    static final int SELECTIVE = 1;
    static final int NAME = 2;
    static final int USER = 4;
    static final int VISITOR = 8;
    static final int JOINS_SHIFT = 4;

    /** In place of the number of joins where it has no room there: the number follows. */
    static final int MANY_JOINS = 15;

    /** Beside the call: only the event's place is left. */
    static final int ERASED = 0x80;

    static final Call[] CALLS = Call.values();
    static final Meaning[] MEANINGS = Meaning.values();

    private static final byte[] NO_JSON = {'{', '}'};

    private RecordBatch() {}

    /** Collects events until they are a row. */
    static final class Builder {
        private ByteBuffer persons = ByteBuffer.allocate(MAX_EVENTS * Long.BYTES);
        private ByteBuffer heads = ByteBuffer.allocate(64 * 1024);
        private ByteBuffer bodies = ByteBuffer.allocate(MAX_BYTES + 64 * 1024);
        private int count;
        private long lastReceivedMillis;

        int count() {
            return count;
        }

        boolean full() {
            return count == MAX_EVENTS || bodies.position() >= MAX_BYTES;
        }

        /** When the newest of the events was received. */
        long lastReceivedMillis() {
            return lastReceivedMillis;
        }

        void add(Event event, String source, Instant receivedAt, long person, long[] joins) {
            persons.putLong(person);
            byte[] sourceName = utf8(source);
            byte[] messageId = utf8(event.messageId());
            byte[] name = utf8(event.name());
            byte[] userId = utf8(event.userId());
            byte[] anonymousId = utf8(event.anonymousId());
            byte[] json = event.json();
            heads =
                    room(
                            heads,
                            40
                                    + sourceName.length
                                    + messageId.length
                                    + name.length
                                    + userId.length
                                    + anonymousId.length
                                    + Integer.BYTES
                                    + joins.length * Long.BYTES);
            int flags =
                    (event.selective() ? SELECTIVE : 0)
                            | (event.name() != null ? NAME : 0)
                            | (event.userId() != null ? USER : 0)
                            | (event.anonymousId() != null ? VISITOR : 0)
                            | Math.min(joins.length, MANY_JOINS) << JOINS_SHIFT;
            heads.put((byte) event.call().ordinal())
                    .put((byte) event.meaning().ordinal())
                    .put((byte) flags)
                    .putLong(event.occurredAt().toEpochMilli())
                    .putLong(receivedAt.toEpochMilli())
                    .putInt(json.length);
            if (joins.length >= MANY_JOINS) {
                heads.putInt(joins.length);
            }
            put(sourceName);
            put(messageId);
            if (event.name() != null) {
                put(name);
            }
            if (event.userId() != null) {
                put(userId);
            }
            if (event.anonymousId() != null) {
                put(anonymousId);
            }
            for (long join : joins) {
                heads.putLong(join);
            }
            bodies = room(bodies, json.length);
            bodies.put(json);
            count++;
            lastReceivedMillis = Math.max(lastReceivedMillis, receivedAt.toEpochMilli());
        }

        /**
         * Adds what an erasure leaves of an event that it reached before it was stored.
         *
         * @param person see {@link Partitions#anonymous} where no order is to be kept
         */
        void addErased(
                Event event,
                String source,
                Instant receivedAt,
                long person,
                long[] joins,
                long erasure) {
            var left =
                    new Event(
                            event.call(),
                            event.meaning(),
                            null,
                            null,
                            null,
                            "",
                            Instant.ofEpochMilli(erasure), // see the mark
                            false,
                            NOTHING);
            int head = heads.position();
            add(left, source, receivedAt, person, joins);
            heads.put(head, (byte) (heads.get(head) | ERASED));
        }

        byte[] persons() {
            return Arrays.copyOf(persons.array(), persons.position());
        }

        byte[] heads() {
            return Arrays.copyOf(heads.array(), heads.position());
        }

        byte[] bodies() {
            return Arrays.copyOf(bodies.array(), bodies.position());
        }

        void clear() {
            persons.clear();
            heads.clear();
            bodies.clear();
            count = 0;
            lastReceivedMillis = 0;
        }

        private void put(byte[] text) {
            heads.putShort((short) text.length).put(text);
        }

        private static ByteBuffer room(ByteBuffer buffer, int more) {
            if (buffer.remaining() >= more) {
                return buffer;
            }
            byte[] larger =
                    Arrays.copyOf(
                            buffer.array(),
                            Math.max(buffer.capacity() * 2, buffer.position() + more));
            return ByteBuffer.wrap(larger).position(buffer.position());
        }

        private static final byte[] NOTHING = {};

        private static byte[] utf8(@Nullable String text) {
            return text == null ? NOTHING : text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** How many of the events between these places of a row are of such persons. */
    static int count(byte[] persons, int from, int to, LongPredicate wanted) {
        ByteBuffer hashes = ByteBuffer.wrap(persons);
        int count = 0;
        for (int i = from; i < to; i++) {
            if (wanted.test(hashes.getLong(i * Long.BYTES))) {
                count++;
            }
        }
        return count;
    }

    /** Reads a row's events in order. */
    static final class Reader {
        private final long firstSequence;
        private final ByteBuffer persons;
        private final ByteBuffer heads;
        private final byte[] bodies;
        private final int count;
        private int next;
        private int bodyAt;

        Reader(long firstSequence, byte[] persons, byte[] heads, byte[] bodies) {
            this.firstSequence = firstSequence;
            this.persons = ByteBuffer.wrap(persons);
            this.heads = ByteBuffer.wrap(heads);
            this.bodies = bodies;
            this.count = persons.length / Long.BYTES;
        }

        boolean hasNext() {
            return next < count;
        }

        /** The next event; null, and cheaply so, if its person or place is not wanted. */
        @Nullable Entry next(long after, LongPredicate wanted) {
            long sequence = firstSequence + next;
            long person = persons.getLong(next * Long.BYTES);
            next++;
            int mark = heads.get() & 0xff;
            Call call = CALLS[mark & ~ERASED];
            Meaning meaning = MEANINGS[heads.get()];
            int flags = heads.get() & 0xff;
            long occurredAt = heads.getLong();
            long receivedAt = heads.getLong();
            int length = heads.getInt();
            int from = bodyAt;
            bodyAt += length;
            int joins = (flags >>> JOINS_SHIFT) & 0xf;
            if (joins == MANY_JOINS) {
                joins = heads.getInt();
            }
            if (sequence <= after || !wanted.test(person)) {
                skipText();
                skipText();
                for (int flag = NAME; flag <= VISITOR; flag <<= 1) {
                    if ((flags & flag) != 0) {
                        skipText();
                    }
                }
                heads.position(heads.position() + joins * Long.BYTES);
                return null;
            }
            String source = text();
            String messageId = text();
            String name = (flags & NAME) != 0 ? text() : null;
            String userId = (flags & USER) != 0 ? text() : null;
            String anonymousId = (flags & VISITOR) != 0 ? text() : null;
            List<Long> joined = List.of();
            if (joins > 0) {
                joined = new ArrayList<>(joins);
                for (int i = 0; i < joins; i++) {
                    joined.add(heads.getLong());
                }
            }
            if ((mark & ERASED) != 0) {
                return erased(
                        sequence, source, receivedAt, person, joined, call, meaning, occurredAt);
            }
            Event event =
                    new Event(
                            call,
                            meaning,
                            name,
                            userId,
                            anonymousId,
                            messageId,
                            Instant.ofEpochMilli(occurredAt),
                            (flags & SELECTIVE) != 0,
                            Arrays.copyOfRange(bodies, from, bodyAt));
            return new Entry(
                    sequence, source, Instant.ofEpochMilli(receivedAt), person, joined, event);
        }

        private static Entry erased(
                long sequence,
                String source,
                long receivedAt,
                long person,
                List<Long> joins,
                Call call,
                Meaning meaning,
                long erasure) {
            Instant received = Instant.ofEpochMilli(receivedAt);
            var event = new Event(call, meaning, null, null, null, "", received, false, NO_JSON);
            List<Long> known = joins.stream().filter(join -> join != 0).toList();
            return new Entry(sequence, source, received, person, known, event, erasure);
        }

        private void skipText() {
            int length = heads.getShort() & 0xffff;
            heads.position(heads.position() + length);
        }

        private String text() {
            int length = heads.getShort() & 0xffff;
            String text =
                    new String(heads.array(), heads.position(), length, StandardCharsets.UTF_8);
            heads.position(heads.position() + length);
            return text;
        }
    }
}
