package dev.caravan.journal;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.StampedLock;

/**
 * All erasures by the hashed names of those they erased, in memory, so that each event can be asked
 * for. Written by the journal's writer, read by whoever sends.
 *
 * <p>Nearly every erasure is a deletion of a name that was always the same person's: these lie in
 * one table of open addressing with three numbers a slot, 24 bytes. The latest deletion of a name
 * covers those before it, so a name has one slot. Suppressions and names that were several persons'
 * are few and lie apart.
 */
final class ErasureIndex {
    private static final int NUMBERS = 3;
    private static final int SMALLEST = 1 << 6;

    /** In place of an erasure's id: the name's extents lie apart. */
    private static final long APART = -1;

    private static final Extent[] NONE = {};

    private final StampedLock lock = new StampedLock();
    private final Map<Long, Extent[]> apart = new HashMap<>();
    private volatile long[] table = new long[SMALLEST * NUMBERS];
    private volatile int size;
    private volatile boolean things;
    private volatile long latest;

    /**
     * The sequence of the latest event that erased something, or let an erasure reach further: up
     * to there copies may lie that are to be removed.
     */
    long latest() {
        return latest;
    }

    void latest(long sequence) {
        latest = Math.max(latest, sequence);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /**
     * Whether an event is erased.
     *
     * @param hash the hash of its name
     * @return the id of an erasure that reaches it, 0 if none does
     */
    long reaching(long hash, long at, long sequence) {
        if (size == 0) {
            return 0;
        }
        long stamp = lock.tryOptimisticRead();
        if (stamp != 0) {
            long[] slots = table;
            int slot = find(slots, hash);
            long id = slots[slot + 1];
            long cutOff = slots[slot + 2];
            if (id != APART && lock.validate(stamp)) {
                return id != 0 && (sequence < id || at < cutOff) ? id : 0;
            }
        }
        long id = 0;
        for (Extent extent : get(hash)) {
            id = extent.reaches(at, sequence) ? Math.max(id, extent.id()) : id;
        }
        return id;
    }

    /** Whether devices, objects or relationships are among what was erased. */
    boolean hasThings() {
        return things;
    }

    void hasThings(boolean any) {
        things = any;
    }

    /** All that is known of a name. */
    Extent[] get(long hash) {
        long stamp = lock.readLock();
        try {
            int slot = find(table, hash);
            long id = table[slot + 1];
            if (id == 0) {
                return NONE;
            }
            Extent[] extents = id == APART ? apart.get(hash) : null;
            return extents != null
                    ? extents.clone()
                    : new Extent[] {Extent.whole(id, table[slot + 2], id)};
        } finally {
            lock.unlockRead(stamp);
        }
    }

    /** Makes these all that is known of some names. */
    void putAll(Map<Long, Extent[]> names) {
        long stamp = lock.writeLock();
        try {
            names.forEach(this::put);
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Takes over what another one knows, in place of its own; the other is of no use then. */
    void replaceBy(ErasureIndex other) {
        long stamp = lock.writeLock();
        try {
            apart.clear();
            apart.putAll(other.apart);
            table = other.table;
            size = other.size;
            things = other.things;
            latest = other.latest;
        } finally {
            lock.unlockWrite(stamp);
        }
    }

    /** Of an index that nobody reads yet. */
    void put(long hash, Extent[] extents) {
        if (extents.length == 1 && extents[0].isPlain()) {
            putPlain(hash, extents[0].id(), extents[0].cutOff());
        } else {
            apart.put(hash, extents.clone());
            set(hash, APART, 0);
        }
    }

    void putPlain(long hash, long id, long cutOff) {
        apart.remove(hash);
        set(hash, id, cutOff);
    }

    private void set(long hash, long id, long cutOff) {
        int slot = find(table, hash);
        if (table[slot + 1] == 0) {
            size++;
            if (size * 3L > table.length / NUMBERS * 2L) {
                grow();
                slot = find(table, hash);
            }
        }
        table[slot] = hash;
        table[slot + 1] = id;
        table[slot + 2] = cutOff;
    }

    private void grow() {
        long[] old = table;
        long[] larger = new long[old.length * 2];
        for (int slot = 0; slot < old.length; slot += NUMBERS) {
            if (old[slot + 1] != 0) {
                System.arraycopy(old, slot, larger, find(larger, old[slot]), NUMBERS);
            }
        }
        table = larger;
    }

    /** The name's slot, or the free one where it would be. */
    private static int find(long[] slots, long hash) {
        int count = slots.length / NUMBERS;
        int place = (int) hash & (count - 1);
        for (int looked = 0; looked < count; looked++) {
            int slot = place * NUMBERS;
            if (slots[slot] == hash || slots[slot + 1] == 0) {
                return slot;
            }
            place = (place + 1) & (count - 1);
        }
        return 0; // a table under change, which the reader throws away
    }
}
