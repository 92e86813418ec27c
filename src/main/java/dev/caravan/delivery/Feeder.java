package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to read next. All lanes that have room read abreast, at the front; one that stood
 * still catches up with them in readings of its own, in turn with those at the front. What is in
 * memory stays within the buffer and one reading more.
 */
final class Feeder {
    /**
     * Sequences that one reading looks at, so that it ends soon although few of them are wanted.
     */
    private static final long SPAN = 65_536;

    private static final int MOST_EVENTS = 1024;
    private static final long MOST_BYTES = 1_000_000;

    private final Lanes lanes;
    private final int buffer;
    private final long bufferBytes;
    private final int laneEvents;
    private final long laneBytes;
    private boolean frontWasLast;

    Feeder(Lanes lanes, Destination destination) {
        this.lanes = lanes;
        this.buffer = destination.pace().buffer();
        this.bufferBytes = destination.pace().bufferBytes();
        this.laneEvents = Math.max(2 * destination.batch(), buffer / 4);
        this.laneBytes = Math.max(2L * destination.maxBytes(), bufferBytes / 4);
    }

    /**
     * Says what to read now; null if nothing is to be read or there is no room.
     *
     * @param end the last sequence of the journal
     */
    @Nullable ReadPlan plan(long end, long now) {
        long front = front();
        List<Lane> abreast = new ArrayList<>();
        List<Lane> behind = new ArrayList<>();
        for (Lane lane : lanes.common()) {
            if (wants(lane, now)) {
                (lane.next == front ? abreast : behind).add(lane);
            }
        }
        for (Lane lane : lanes.personal()) {
            if (wants(lane, now)) {
                (lane.next == front ? abreast : behind).add(lane);
            }
        }
        if (front > end) {
            abreast.clear();
        }
        behind.removeIf(lane -> lane.next > end);
        if (abreast.isEmpty() && behind.isEmpty()) {
            return null;
        } else if (!hasRoom()) {
            return (starves(abreast) || starves(behind)) && makeRoom(now) ? plan(end, now) : null;
        }
        frontWasLast = behind.isEmpty() || (!abreast.isEmpty() && !frontWasLast);
        return frontWasLast ? plan(abreast, front, end) : planBehind(behind, front, end);
    }

    private ReadPlan planBehind(List<Lane> behind, long front, long end) {
        long first = Long.MAX_VALUE;
        for (Lane lane : behind) {
            first = Math.min(first, lane.next);
        }
        // A partition that is further ahead would read in vain what it has; a person has little.
        long near = first + buffer;
        behind.removeIf(lane -> lane.home == null && lane.next > near);
        return plan(behind, first, Math.min(front - 1, end));
    }

    private ReadPlan plan(List<Lane> chosen, long first, long last) {
        int most = Math.min(MOST_EVENTS, buffer - lanes.events());
        for (Lane lane : chosen) {
            most = Math.min(most, laneEvents - lane.slots.size());
        }
        var plan =
                new ReadPlan(
                        first - 1,
                        Math.min(last, first + SPAN - 1),
                        Math.max(1, most),
                        Math.min(MOST_BYTES, bufferBytes - lanes.bytes()),
                        chosen,
                        persons(chosen));
        for (Lane lane : chosen) {
            lane.plan = plan;
        }
        return plan;
    }

    private long front() {
        long front = 0;
        for (Lane lane : lanes.common()) {
            front = Math.max(front, lane.next);
        }
        for (Lane lane : lanes.personal()) {
            front = Math.max(front, lane.next);
        }
        return front;
    }

    private boolean wants(Lane lane, long now) {
        if (lane.state == Lane.State.BLOCKED) {
            return false;
        } else if (lane.state == Lane.State.TROUBLED
                && lane.evicted
                && requireNonNull(lane.trouble).due > now) {
            return false;
        }
        return lane.slots.size() <= laneEvents / 2 && lane.bytes <= laneBytes / 2;
    }

    /** Makes room where a lane has nothing to send because others, who cannot, fill the buffer. */
    private boolean makeRoom(long now) {
        lanes.evict(now);
        return hasRoom();
    }

    private boolean hasRoom() {
        return buffer - lanes.events() >= buffer / 8 && lanes.bytes() <= bufferBytes / 4 * 3;
    }

    private static boolean starves(List<Lane> some) {
        for (Lane lane : some) {
            if (lane.slots.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private LongPredicate persons(List<Lane> chosen) {
        var partitions = lanes.partitions();
        boolean[] wanted = new boolean[partitions.count()];
        Set<Long> wantedPersons = new HashSet<>();
        int common = 0;
        for (Lane lane : chosen) {
            if (lane.home == null) {
                wanted[lane.partition] = true;
                common++;
            } else {
                wantedPersons.add(lane.person);
            }
        }
        if (lanes.byPerson().isEmpty()) {
            return common == wanted.length
                    ? person -> true
                    : person -> wanted[partitions.of(person)];
        }
        Set<Long> apart = Set.copyOf(lanes.byPerson().keySet());
        return person ->
                apart.contains(person)
                        ? wantedPersons.contains(person)
                        : wanted[partitions.of(person)];
    }

    /**
     * Takes in what a reading found.
     *
     * @param through everything up to this sequence was looked at
     */
    void arrived(ReadPlan plan, List<Slot> slots, long through) {
        for (Slot slot : slots) {
            Lane lane = lanes.of(slot.person);
            if (lane.plan == plan && slot.sequence >= lane.next) {
                lanes.add(lane, slot);
            }
        }
        for (Lane lane : plan.lanes) {
            if (lane.plan == plan) {
                lane.next = Math.max(lane.next, through + 1);
                lane.plan = null;
                lanes.reconsider(lane);
            }
        }
        lanes.moved();
    }

    /** A reading failed: its lanes read again. */
    void failed(ReadPlan plan) {
        for (Lane lane : plan.lanes) {
            if (lane.plan == plan) {
                lane.plan = null;
            }
        }
    }
}
