package dev.caravan.journal;

import java.util.Arrays;

/**
 * Ids in memory with what is known of each: four numbers an id in the order of arrival, and a hash
 * table of their places. Grows as needed, in pieces that are small enough for a garbage collector
 * to move: of large ones each would begin a collection of the whole heap.
 */
final class SeenTable {
    /** Numbers of an entry: the id's two, the fingerprint of its content, its sequence. */
    private static final int WIDTH = 4;

    private static final int ENTRY_BITS = 12;
    private static final int ENTRY_MASK = (1 << ENTRY_BITS) - 1;
    private static final int SLOT_BITS = 12;
    private static final int SLOT_MASK = (1 << SLOT_BITS) - 1;

    private long[][] entries = {};
    private int[][] slots;
    private int size;

    SeenTable() {
        this(1);
    }

    private SeenTable(int pieces) {
        slots = new int[pieces][1 << SLOT_BITS];
    }

    /** An empty one that need not place its ids anew until it has as many as this one. */
    SeenTable next() {
        return new SeenTable(slots.length);
    }

    int size() {
        return size;
    }

    long high(int entry) {
        return number(entry, 0);
    }

    long low(int entry) {
        return number(entry, 1);
    }

    long fingerprint(int entry) {
        return number(entry, 2);
    }

    long sequence(int entry) {
        return number(entry, 3);
    }

    /** The entry of this id, -1 if there is none. */
    int find(long high, long low) {
        int slot = slotOf(low);
        for (int entry = at(slot); entry >= 0; entry = at(slot)) {
            if (high(entry) == high && low(entry) == low) {
                return entry;
            }
            slot = next(slot);
        }
        return -1;
    }

    /** Adds an id that is not in yet. */
    void add(long high, long low, long fingerprint, long sequence) {
        if (size == entries.length << ENTRY_BITS) {
            entries = Arrays.copyOf(entries, entries.length + 1);
            entries[entries.length - 1] = new long[WIDTH << ENTRY_BITS];
        }
        if ((size + 1) * 2 > slotCount()) {
            slots = new int[slots.length * 2][1 << SLOT_BITS];
            for (int entry = 0; entry < size; entry++) {
                place(entry);
            }
        }
        long[] piece = entries[size >> ENTRY_BITS];
        int at = (size & ENTRY_MASK) * WIDTH;
        piece[at] = high;
        piece[at + 1] = low;
        piece[at + 2] = fingerprint;
        piece[at + 3] = sequence;
        place(size++);
    }

    private long number(int entry, int column) {
        return entries[entry >> ENTRY_BITS][(entry & ENTRY_MASK) * WIDTH + column];
    }

    private void place(int entry) {
        int slot = slotOf(low(entry));
        while (at(slot) >= 0) {
            slot = next(slot);
        }
        slots[slot >> SLOT_BITS][slot & SLOT_MASK] = entry + 1;
    }

    /** The entry that has this slot, -1 if none has. */
    private int at(int slot) {
        return slots[slot >> SLOT_BITS][slot & SLOT_MASK] - 1;
    }

    private int slotCount() {
        return slots.length << SLOT_BITS;
    }

    private int slotOf(long low) {
        return (int) low & (slotCount() - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (slotCount() - 1);
    }
}
