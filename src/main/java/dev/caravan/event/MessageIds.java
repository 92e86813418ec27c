package dev.caravan.event;

import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Gives an id to an item that brings none. */
public interface MessageIds {
    /**
     * The id of an item.
     *
     * @param record the item's number within its request, message or file, from 0
     */
    String idOf(long record);

    /** Whether the same record of the same thing has the same id when it is read again. */
    boolean repeatable();

    /**
     * The ids of the events that records become if one becomes several: those of the first are the
     * records' own.
     *
     * @param event the event's number within its record, from 0
     */
    default MessageIds ofEvent(int event) {
        return event == 0 ? this : new OfEvent(this, event);
    }

    /** Ids for live calls: UUIDs of version 7, so that later ones sort behind earlier ones. */
    static MessageIds timeOrdered(InstantSource clock, RandomGenerator random) {
        return new TimeOrdered(clock, random);
    }

    /**
     * Ids for records of something that may be read again: the same record of the same thing always
     * has the same id.
     *
     * @param source the source's name
     * @param identity what tells this thing from others, such as name, modification time and size
     *     of a file
     */
    static MessageIds derived(String source, String identity) {
        return new Derived(source, identity);
    }

    /**
     * Ids for records that have keys of their own, such as rows of a table: the same key always has
     * the same id, whatever it is read together with.
     *
     * @param source the source's name
     * @param keys one for each record in its order, each telling it from all others of the source
     */
    static MessageIds keyed(String source, List<String> keys) {
        return new Keyed(source, keys);
    }

    /** Hashes of the record's id and the event's number. */
    record OfEvent(MessageIds records, int event) implements MessageIds {
        @Override
        public String idOf(long record) {
            String id = records.idOf(record);
            return repeatable() ? Digest.get().add(id).add((long) event).toHash().hex() : id;
        }

        @Override
        public boolean repeatable() {
            return records.repeatable();
        }
    }

    /** UUIDs of version 7. */
    record TimeOrdered(InstantSource clock, RandomGenerator random) implements MessageIds {
        @Override
        public String idOf(long record) {
            long high = clock.millis() << 16 | 0x7000 | random.nextInt(1 << 12);
            long low = random.nextLong() >>> 2 | 0x8000_0000_0000_0000L;
            return new UUID(high, low).toString();
        }

        @Override
        public boolean repeatable() {
            return false;
        }
    }

    /** Hashes of the record's key. */
    record Keyed(String source, List<String> keys) implements MessageIds {
        public Keyed {
            keys = List.copyOf(keys);
        }

        @Override
        public String idOf(long record) {
            return Digest.get().add(source).add(keys.get((int) record)).toHash().hex();
        }

        @Override
        public boolean repeatable() {
            return true;
        }
    }

    /** Hashes of the record's place. */
    record Derived(String source, String identity) implements MessageIds {
        @Override
        public String idOf(long record) {
            return Digest.get().add(source).add(identity).add(record).toHash().hex();
        }

        @Override
        public boolean repeatable() {
            return true;
        }
    }
}
