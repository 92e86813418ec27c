package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.delivery.Lane.Wait;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.Partitions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * All lanes of a destination: one for each partition and one for each held person, who stands
 * beside the partition so that its other persons pass.
 *
 * <p>A joining event waits for older events of the joined persons, and what stands behind it in its
 * lane waits for it, be it that it is not sent itself. Each wait points from an event to one with a
 * smaller sequence, so the smallest of all never waits, and there is no deadlock whatever joins
 * what.
 */
final class Lanes {
    /** How long a partition may wait for a joined person's events before only the person waits. */
    static final long JOIN_PATIENCE_NANOS = 1_000_000_000;

    private static final Comparator<Lane> OLDEST_FIRST =
            Comparator.comparingLong(Lane::firstUnsettled);

    private final Partitions partitions;
    private final Books books;
    private final Troubles troubles;
    private final int maxHeld;
    private final Lane[] common;
    private final Map<Long, Lane> personal = new HashMap<>();
    private final PriorityQueue<Lane> ready = new PriorityQueue<>(OLDEST_FIRST);
    private final List<Lane> blocked = new ArrayList<>();
    private int events;
    private long bytes;
    private boolean moved;

    Lanes(Partitions partitions, Books books, Troubles troubles, int maxHeld) {
        this.partitions = partitions;
        this.books = books;
        this.troubles = troubles;
        this.maxHeld = maxHeld;
        this.common = new Lane[partitions.count()];
    }

    /** Takes up where the ledger stands. */
    void restore(LedgerState state) {
        for (int i = 0; i < common.length; i++) {
            common[i] = Lane.ofPartition(i, state.cursors()[i] + 1);
        }
        for (Held held : state.held()) {
            Lane home = common[partitions.of(held.person())];
            Lane lane =
                    Lane.ofPerson(held.person(), home, held.firstUnsettled(), held.sinceMillis());
            personal.put(held.person(), lane);
        }
    }

    Lane[] common() {
        return common;
    }

    Collection<Lane> personal() {
        return personal.values();
    }

    Map<Long, Lane> byPerson() {
        return personal;
    }

    Partitions partitions() {
        return partitions;
    }

    Lane of(long person) {
        if (!personal.isEmpty()) {
            Lane lane = personal.get(person);
            if (lane != null) {
                return lane;
            }
        }
        return common[partitions.of(person)];
    }

    /** Events in memory that are not settled. */
    int events() {
        return events;
    }

    /** Bytes of their JSON. */
    long bytes() {
        return bytes;
    }

    /** Persons held because of failures. */
    int held() {
        int count = 0;
        for (Lane lane : personal.values()) {
            count += lane.since > 0 ? 1 : 0;
        }
        return count;
    }

    /** Persons who stepped aside without being held for failures. */
    int aside() {
        int count = 0;
        for (Lane lane : personal.values()) {
            count += lane.since == 0 && lane.trouble != null ? 1 : 0;
        }
        return count;
    }

    /** Adds what was read, at the lane's end. */
    void add(Lane lane, Slot slot) {
        if (slot.settled()) {
            if (lane.slots.isEmpty()) {
                books.enter(slot);
            } else {
                lane.slots.addLast(slot);
            }
            return;
        }
        lane.slots.addLast(slot);
        lane.bytes += slot.bytes;
        events++;
        bytes += slot.bytes;
        if (lane.state == Lane.State.IDLE) {
            place(lane);
        }
    }

    /** An event of the lane is settled; it is entered once all before it are. */
    void settle(Lane lane, Slot slot, Slot.State outcome) {
        slot.state = outcome;
        slot.entry = null;
        lane.bytes -= slot.bytes;
        events--;
        bytes -= slot.bytes;
    }

    /** Enters what is settled at the lane's beginning. */
    void advance(Lane lane) {
        for (Slot slot = lane.slots.peekFirst();
                slot != null && slot.settled();
                slot = lane.slots.peekFirst()) {
            books.enter(slot);
            lane.slots.removeFirst();
        }
        moved = true;
    }

    /** Lanes were read further, which may end a wait. */
    void moved() {
        moved = true;
    }

    /** Lines up a lane that is neither in an attempt nor in trouble. */
    void place(Lane lane) {
        if (lane.head() == null) {
            lane.state = Lane.State.IDLE;
        } else {
            lane.state = Lane.State.READY;
            ready.add(lane);
        }
    }

    boolean anyReady() {
        return !ready.isEmpty();
    }

    /** Whether the lanes that are ready have as much as fills a run. */
    boolean fills(int maxEvents, long maxBytes) {
        int countedEvents = 0;
        long countedBytes = 0;
        for (Lane lane : ready) {
            countedEvents += lane.slots.size();
            countedBytes += lane.bytes;
            if (countedEvents >= maxEvents || countedBytes >= maxBytes) {
                return true;
            }
        }
        return false;
    }

    /** Makes a run of the oldest events that are ready; it is empty if none can go now. */
    Flight compose(int maxEvents, long maxBytes, long now) {
        var flight = new Flight(maxEvents, maxBytes);
        List<Lane> passedOver = new ArrayList<>();
        while (!flight.isFull() && !ready.isEmpty()) {
            Lane lane = ready.remove();
            Slot head = requireNonNull(lane.head());
            Wait wait = wait(lane, head, now);
            if (wait != null) {
                block(lane, wait);
            } else if (passes(lane, head)) {
                recovers(lane);
                place(lane);
            } else if (flight.fits(head)) {
                load(flight, lane, maxEvents, Long.MAX_VALUE);
            } else {
                passedOver.add(lane);
            }
        }
        ready.addAll(passedOver);
        return flight;
    }

    /** Makes a run of events that failed before; takes along only lanes that are part of it. */
    Flight compose(Trouble trouble, int maxEvents, long maxBytes, long now) {
        var flight = new Flight(maxEvents, maxBytes);
        flight.trouble = trouble;
        for (Lane lane : List.copyOf(trouble.lanes)) {
            Slot head = lane.head();
            if (head == null || !flight.fits(head)) {
                continue;
            }
            Wait wait = wait(lane, head, now);
            if (wait != null) {
                // it was not in the failed run, but was read between those that were
                troubles.leave(lane);
                block(lane, wait);
            } else if (!passes(lane, head)) {
                load(flight, lane, lane.limit, lane.through);
            }
        }
        return flight;
    }

    /** Settles a lane's head if it is not to be sent; its turn has come. */
    private boolean passes(Lane lane, Slot head) {
        Slot.State end = head.end();
        if (end == null) {
            return false;
        }
        settle(lane, head, end);
        advance(lane);
        return true;
    }

    private void load(Flight flight, Lane lane, int limit, long through) {
        int most = Math.min(limit, flight.room());
        int loaded = 0;
        for (Slot slot : lane.slots) {
            if (slot.settled()) {
                continue;
            }
            Slot.State end = slot.end();
            if (loaded == most
                    || slot.sequence > through
                    || (end == null && !flight.fits(slot))
                    || (loaded > 0 && wait(lane, slot, 0) != null)) {
                break;
            }
            if (end == null) {
                flight.add(slot, lane);
                loaded++;
            } else {
                settle(lane, slot, end);
            }
        }
    }

    /** The lane with older events of a person that this event joins; null if all are settled. */
    private @Nullable Lane blocker(Lane lane, long sequence, long person, List<Long> joins) {
        for (int i = 0; i < joins.size(); i++) {
            long joined = joins.get(i);
            Lane other = of(joined);
            if (joined == person) {
                continue;
            }
            boolean unread = other != lane && other.next < sequence;
            if (unread || other.hasUnsettled(joined, sequence)) {
                return other;
            }
        }
        return null;
    }

    private @Nullable Wait wait(Lane lane, Slot slot, long now) {
        List<Long> joins = slot.entry().joins();
        if (joins.isEmpty()) {
            return null;
        }
        Lane blocker = blocker(lane, slot.sequence, slot.person, joins);
        return blocker == null ? null : new Wait(slot.sequence, slot.person, joins, now, blocker);
    }

    private void block(Lane lane, Wait wait) {
        lane.state = Lane.State.BLOCKED;
        lane.wait = wait;
        blocked.add(lane);
    }

    /** Lets lanes go on whose wait is over, and where it lasts, all but the person who waits. */
    void unblock(boolean open, long now) {
        if (blocked.isEmpty()) {
            return;
        }
        boolean look = moved;
        for (Lane lane : List.copyOf(blocked)) {
            Wait wait = requireNonNull(lane.wait);
            if (look) {
                Lane blocker = blocker(lane, wait.sequence(), wait.person(), wait.joins());
                if (blocker == null) {
                    goOn(lane);
                    continue;
                }
                wait = wait.on(blocker);
                lane.wait = wait;
            }
            if (open && lane.home == null && lasts(wait, now)) {
                Lane beside = hold(lane, wait.person(), 0);
                goOn(lane);
                block(beside, wait);
            }
        }
    }

    private void goOn(Lane lane) {
        blocked.remove(lane);
        lane.wait = null;
        place(lane);
    }

    private boolean lasts(Wait wait, long now) {
        boolean longer = now - wait.since() >= JOIN_PATIENCE_NANOS;
        return (longer || wait.blocker().trouble != null) && personal.size() < maxHeld + held();
    }

    /** When the next partition has waited long enough; {@link Long#MAX_VALUE} if none waits. */
    long patienceEnds() {
        long ends = Long.MAX_VALUE;
        for (Lane lane : blocked) {
            if (lane.home == null) {
                ends = Math.min(ends, requireNonNull(lane.wait).since() + JOIN_PATIENCE_NANOS);
            }
        }
        return ends;
    }

    /**
     * Lets a person's events stand beside the partition. The lane must not be in an attempt, and
     * the caller says what both lanes do now.
     *
     * @param since epoch milliseconds of the first failure, 0 if there was none
     */
    Lane hold(Lane lane, long person, long since) {
        Lane beside = Lane.ofPerson(person, lane, lane.next, since);
        for (Slot slot : lane.remove(person)) {
            beside.slots.addLast(slot);
            if (!slot.settled()) {
                beside.bytes += slot.bytes;
                lane.bytes -= slot.bytes;
            }
        }
        lane.parting.removeIf(held -> held.person() == person);
        personal.put(person, beside);
        books.heldChanged();
        advance(beside);
        advance(lane);
        return beside;
    }

    /** A held person has an event that fails. */
    void suffers(Lane lane, long sinceMillis) {
        if (lane.since == 0) {
            lane.since = sinceMillis;
            books.heldChanged();
        }
    }

    /** The event that failed is settled. */
    void recovers(Lane lane) {
        if (lane.since > 0) {
            lane.since = 0;
            books.heldChanged();
        }
    }

    /** After reading: whether what failed in this lane is still there to be tried. */
    void reconsider(Lane lane) {
        if (lane.state == Lane.State.TROUBLED && !lane.suspicious()) {
            troubles.leave(lane);
            recovers(lane);
            place(lane);
        }
    }

    /** Lets persons back into their partitions who have caught up with them. */
    void release() {
        if (!moved) {
            return;
        }
        moved = false;
        if (personal.isEmpty()) {
            return;
        }
        for (Iterator<Lane> all = personal.values().iterator(); all.hasNext(); ) {
            Lane lane = all.next();
            Lane home = requireNonNull(lane.home);
            if (lane.state == Lane.State.IDLE && lane.slots.isEmpty() && lane.next == home.next) {
                all.remove();
                home.parting.add(new Held(lane.person, lane.next, lane.since));
                home.plan = null; // what is being read for it lacks this person's events
                lane.plan = null;
                books.heldChanged();
            }
        }
    }

    /** The cursors as they would be stored now. */
    long[] cursors() {
        long[] cursors = new long[common.length];
        for (int i = 0; i < cursors.length; i++) {
            cursors[i] = common[i].firstUnsettled() - 1;
        }
        return cursors;
    }

    /** The held persons as they would be stored now. */
    List<Held> heldNow() {
        List<Held> held = new ArrayList<>(personal.size());
        for (Lane lane : personal.values()) {
            held.add(new Held(lane.person, lane.firstUnsettled(), lane.since));
        }
        for (Lane lane : common) {
            if (!lane.parting.isEmpty()) {
                long cursor = lane.firstUnsettled() - 1;
                lane.parting.removeIf(parting -> cursor >= parting.firstUnsettled() - 1);
                held.addAll(lane.parting);
            }
        }
        return held;
    }

    /** The first sequence that may be unsettled in any lane. */
    long firstUnsettled() {
        long first = Long.MAX_VALUE;
        for (Lane lane : common) {
            first = Math.min(first, lane.firstUnsettled());
        }
        for (Lane lane : personal.values()) {
            first = Math.min(first, lane.firstUnsettled());
        }
        return first;
    }

    /**
     * Drops from memory what lanes that cannot send it now would send later; it is read again then.
     */
    void evict(long now) {
        for (Lane lane : common) {
            evict(lane, now);
            takeBack(lane);
        }
        for (Lane lane : personal.values()) {
            evict(lane, now);
        }
    }

    /** What is read again must not bring events of persons who were released further on. */
    private void takeBack(Lane home) {
        for (Iterator<Held> all = home.parting.iterator(); all.hasNext(); ) {
            Held held = all.next();
            if (held.firstUnsettled() > home.next) {
                all.remove();
                personal.put(
                        held.person(),
                        Lane.ofPerson(
                                held.person(), home, held.firstUnsettled(), held.sinceMillis()));
            }
        }
    }

    private void evict(Lane lane, long now) {
        boolean troubled =
                lane.state == Lane.State.TROUBLED && requireNonNull(lane.trouble).due > now;
        if (lane.state != Lane.State.BLOCKED && !troubled) {
            return;
        }
        while (!lane.slots.isEmpty()) {
            Slot last = lane.slots.getLast();
            if (last.state == Slot.State.WAITING) {
                lane.bytes -= last.bytes;
                bytes -= last.bytes;
                events--;
            } else if (last.state != Slot.State.SKIPPED || last.recorded) {
                return; // an answer of the destination, which must not be asked again
            }
            lane.slots.removeLast();
            lane.evicted = true;
            lane.next = last.sequence;
            lane.plan = null;
        }
    }
}
