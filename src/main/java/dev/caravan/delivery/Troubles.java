package dev.caravan.delivery;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What failed and is to be tried again, by the time when it is due. */
final class Troubles {
    private final PriorityQueue<Trouble> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Trouble trouble) -> trouble.due));

    /** The lanes of the trouble wait until it is due. */
    void add(Trouble trouble) {
        for (Lane lane : trouble.lanes) {
            lane.trouble = trouble;
            lane.state = Lane.State.TROUBLED;
        }
        waiting.add(trouble);
    }

    /**
     * A person who was held before a restart is tried again.
     *
     * @param wallMillis epoch milliseconds now; only they last through a restart
     */
    void takeUp(Lane lane, long now, long wallMillis) {
        Trouble trouble = Trouble.begin(now, 0).part(List.of(lane));
        trouble.aloneSince = lane.since;
        trouble.aloneFrom =
                now - TimeUnit.MILLISECONDS.toNanos(Math.max(0, wallMillis - lane.since));
        trouble.failures = Judge.SPLIT_AFTER;
        trouble.step = 1;
        trouble.due = now;
        lane.through = lane.next;
        lane.limit = 1;
        add(trouble);
    }

    /** Takes out the next one that is due and has events in memory; null if there is none. */
    @Nullable Trouble nextDue(long now) {
        List<Trouble> unread = new ArrayList<>();
        Trouble found = null;
        while (found == null && !waiting.isEmpty() && waiting.element().due <= now) {
            Trouble trouble = waiting.remove();
            if (trouble.hasHead()) {
                found = trouble;
            } else {
                unread.add(trouble);
            }
        }
        waiting.addAll(unread);
        return found;
    }

    /** Takes out the one that was tried longest ago and has events in memory. */
    @Nullable Trouble longestUntried() {
        Trouble found = null;
        for (Trouble trouble : waiting) {
            if (trouble.hasHead() && (found == null || trouble.lastEnd < found.lastEnd)) {
                found = trouble;
            }
        }
        if (found != null) {
            waiting.remove(found);
        }
        return found;
    }

    /** Lets a lane out of its trouble. */
    void leave(Lane lane) {
        Trouble trouble = lane.trouble;
        if (trouble == null) {
            return;
        }
        lane.trouble = null;
        lane.through = 0;
        trouble.lanes.remove(lane);
        if (trouble.lanes.isEmpty()) {
            waiting.remove(trouble);
        }
    }

    /** All that waits is due now. */
    void allDue(long now) {
        due(now, trouble -> true);
    }

    /**
     * The same when the destination is there again. Held persons fail although it is, so that they
     * keep to their waits.
     */
    void allDueButHeld(long now) {
        due(now, trouble -> trouble.lanes.get(0).since == 0);
    }

    private void due(long now, Predicate<Trouble> which) {
        List<Trouble> all = new ArrayList<>(waiting);
        waiting.clear();
        for (Trouble trouble : all) {
            if (which.test(trouble)) {
                trouble.due = Math.min(trouble.due, now);
            }
            waiting.add(trouble);
        }
    }

    /** When the next one will be due that is not yet; {@link Long#MAX_VALUE} if none will. */
    long nextDueAfter(long now) {
        Trouble first = waiting.peek();
        if (first == null || first.due > now) {
            return first == null ? Long.MAX_VALUE : first.due;
        }
        long next = Long.MAX_VALUE;
        for (Trouble trouble : waiting) {
            next = trouble.due > now ? Math.min(next, trouble.due) : next;
        }
        return next;
    }
}
