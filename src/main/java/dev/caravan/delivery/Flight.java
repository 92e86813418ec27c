package dev.caravan.delivery;

import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run on its way: the slots that it carries and the lanes they belong to. */
final class Flight {
    private final int maxEvents;
    private final long maxBytes;

    final List<Slot> slots = new ArrayList<>();

    /** For each slot its lane. */
    final List<Lane> owners = new ArrayList<>();

    final List<Lane> lanes = new ArrayList<>();

    /** What the events went through; null during their first attempt. */
    @Nullable Trouble trouble;

    /** Whether it finds out if a closed gate can be opened. */
    boolean probe;

    /** How many events the destination had taken when it started. */
    long takenBefore;

    private long bytes;
    private @Nullable Meaning meaning;

    Flight(int maxEvents, long maxBytes) {
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    boolean isFull() {
        return slots.size() >= maxEvents || (meaning != null && meaning.destructive());
    }

    int room() {
        return maxEvents - slots.size();
    }

    /** Whether the event may go with those that are in already. */
    boolean fits(Slot slot) {
        if (slots.isEmpty()) {
            return true;
        }
        return !isFull()
                && slot.entry().event().meaning() == meaning
                && bytes + slot.bytes + 1 <= maxBytes;
    }

    void add(Slot slot, Lane lane) {
        slot.state = Slot.State.SENT;
        if (lanes.isEmpty() || lanes.get(lanes.size() - 1) != lane) {
            lanes.add(lane);
            lane.state = Lane.State.BUSY;
            lane.evicted = false;
        }
        meaning = slot.entry().event().meaning();
        bytes += slot.bytes + (slots.isEmpty() ? 2 : 1);
        slots.add(slot);
        owners.add(lane);
    }

    /** After the answer: the lanes with events in it that are not settled. */
    List<Lane> failing() {
        List<Lane> failing = new ArrayList<>(0);
        Lane last = null;
        for (int i = 0; i < slots.size(); i++) {
            if (!slots.get(i).settled() && owners.get(i) != last) {
                last = owners.get(i);
                failing.add(last);
            }
        }
        return failing;
    }

    boolean destructive() {
        return meaning != null && meaning.destructive();
    }

    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>(slots.size());
        for (Slot slot : slots) {
            entries.add(slot.entry());
        }
        return entries;
    }
}
