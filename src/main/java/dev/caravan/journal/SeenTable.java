package dev.caravan.journal;

import java.util.Arrays;

/**
 * Ids in memory with what is known of each: four numbers an id in the order of arrival, and a hash
 * table of their places. Grows as needed.
 */
final class SeenTable {
    /** Numbers of an entry: the id's two, the fingerprint of its content, its sequence. */
    private static final int WIDTH = 4;

    private long[] entries = new long[WIDTH * 1024];
    private int[] slots = new int[4096];
    private int size;

    int size() {
        return size;
    }

    long high(int entry) {
        return entries[entry * WIDTH];
    }

    long low(int entry) {
        return entries[entry * WIDTH + 1];
    }

    long fingerprint(int entry) {
        return entries[entry * WIDTH + 2];
    }

    long sequence(int entry) {
        return entries[entry * WIDTH + 3];
    }

    /** The entry of this id, -1 if there is none. */
    int find(long high, long low) {
        for (int slot = slotOf(low); slots[slot] != 0; slot = next(slot)) {
            int entry = slots[slot] - 1;
            if (high(entry) == high && low(entry) == low) {
                return entry;
            }
        }
        return -1;
    }

    /** Adds an id that is not in yet. */
    void add(long high, long low, long fingerprint, long sequence) {
        if ((size + 1) * WIDTH > entries.length) {
            entries = Arrays.copyOf(entries, entries.length * 2);
        }
        if ((size + 1) * 2 > slots.length) {
            rehash();
        }
        int at = size * WIDTH;
        entries[at] = high;
        entries[at + 1] = low;
        entries[at + 2] = fingerprint;
        entries[at + 3] = sequence;
        place(size++);
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        for (int entry = 0; entry < size; entry++) {
            place(entry);
        }
    }

    private void place(int entry) {
        int slot = slotOf(low(entry));
        while (slots[slot] != 0) {
            slot = next(slot);
        }
        slots[slot] = entry + 1;
    }

    private int slotOf(long low) {
        return (int) low & (slots.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (slots.length - 1);
    }
}
