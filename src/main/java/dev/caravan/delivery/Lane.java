package dev.caravan.delivery;

import dev.caravan.journal.LedgerState.Held;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The events of a partition, or of one held person, that are read and not yet settled, in order. A
 * lane is exclusive: at most one attempt at a time carries events of it.
 *
 * <pre>
 *          event read              attempt begins
 *   IDLE ─────────────> READY ─────────────────────> BUSY
 *    ^                    │ ^                         │
 *    │        must wait   v │ older events settled    │ attempt ends:
 *    │                  BLOCKED                       │  failed ─> TROUBLED ─(due)─> BUSY
 *    └────────────────────────────────────────────────┘  settled ─> READY or IDLE
 * </pre>
 *
 * <p>What is read beyond {@link #next} is dropped from memory where a lane cannot send it for long,
 * and read again later; so a lane that stands still costs no memory and stops nobody.
 */
final class Lane {
    enum State {
        /** Has nothing to send. */
        IDLE,
        READY,
        /** In an attempt. */
        BUSY,
        /** Its first event waits until older ones of a joined person are settled. */
        BLOCKED,
        /** Its first events failed and are tried again when they are due. */
        TROUBLED
    }

    /**
     * The partition's lane that a held person's lane stands beside; null for one of a partition.
     */
    final @Nullable Lane home;

    /** Which partition, its own or its home's. */
    final int partition;

    final ArrayDeque<Slot> slots = new ArrayDeque<>();
    State state = State.IDLE;

    /** All events of the lane below this sequence are settled or in {@link #slots}. */
    long next;

    /** Bytes of the events in memory. */
    long bytes;

    /** The reading under way for this lane; null if there is none, or its result is of no use. */
    @Nullable ReadPlan plan;

    /** While in trouble: others needed the room, so that it reads again only when it is due. */
    boolean evicted;

    @Nullable Trouble trouble;

    /**
     * While in trouble: the last event that failed with the first one, and how many may go at once.
     */
    long through;

    int limit;

    /** What it waits for while blocked. */
    @Nullable Wait wait;

    /** Of a held person: who, and epoch milliseconds of the first failure, 0 if there was none. */
    long person;

    long since;

    /** Of a partition: persons held no longer, of whom more is settled than the cursor says. */
    final List<Held> parting = new ArrayList<>(0);

    /**
     * An event that waits for older events of those it joins. The event itself need not be in
     * memory.
     *
     * @param since when it began to wait, by the timer
     * @param blocker the lane with some of those older events
     */
    record Wait(long sequence, long person, List<Long> joins, long since, Lane blocker) {
        Wait on(Lane other) {
            return new Wait(sequence, person, joins, since, other);
        }
    }

    private Lane(@Nullable Lane home, int partition, long next) {
        this.home = home;
        this.partition = partition;
        this.next = next;
    }

    static Lane ofPartition(int partition, long next) {
        return new Lane(null, partition, next);
    }

    static Lane ofPerson(long person, Lane home, long next, long since) {
        var lane = new Lane(home, home.partition, next);
        lane.person = person;
        lane.since = since;
        return lane;
    }

    /** The first event that waits; null if there is none, or an attempt is under way. */
    @Nullable Slot head() {
        Slot first = slots.peekFirst();
        return first != null && first.state == Slot.State.WAITING ? first : null;
    }

    /** All events of the lane below this sequence are settled. */
    long firstUnsettled() {
        Slot first = slots.peekFirst();
        return first == null ? next : first.sequence;
    }

    boolean hasUnsettled(long person, long before) {
        for (Slot slot : slots) {
            if (slot.sequence >= before) {
                return false;
            } else if (slot.person == person && !slot.settled()) {
                return true;
            }
        }
        return false;
    }

    /** Whether it has something to send of others. */
    boolean hasOthers(long person) {
        for (Slot slot : slots) {
            if (slot.person != person && slot.state == Slot.State.WAITING && slot.end() == null) {
                return true;
            }
        }
        return false;
    }

    /** Whether its first events still are those that failed, or must be read again to say so. */
    boolean suspicious() {
        return firstUnsettled() <= through;
    }

    /** Takes all of a person's events out. */
    List<Slot> remove(long leaving) {
        List<Slot> removed = new ArrayList<>();
        for (Iterator<Slot> all = slots.iterator(); all.hasNext(); ) {
            Slot slot = all.next();
            if (slot.person == leaving) {
                removed.add(slot);
                all.remove();
            }
        }
        return removed;
    }
}
