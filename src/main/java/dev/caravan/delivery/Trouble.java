package dev.caravan.delivery;

import java.util.ArrayList;
import java.util.List;

/** Events that failed together and are tried again together, until they are split. */
final class Trouble {
    /** The same for all that came of one failed run. */
    final Object origin;

    /** Whose first events they are. */
    final List<Lane> lanes;

    /** Attempts that failed. */
    int failures;

    /** From which the next wait follows; begins anew where a run is split. */
    int step;

    /** Epoch milliseconds of the first failure of one event alone, 0 if there was none yet. */
    long aloneSince;

    /** The same by the timer, which nobody sets. */
    long aloneFrom;

    /** Attempts with it alone that failed although others were taken since the one before. */
    int failuresAlone;

    /** Whether an attempt got no answer at all, so that nobody knows what became of it. */
    boolean unanswered;

    /** When the last attempt ended, and how many events the destination had taken by then. */
    long lastEnd;

    long takenByThen;

    /** When to try again, by the timer. */
    long due;

    private Trouble(Object origin, List<Lane> lanes) {
        this.origin = origin;
        this.lanes = new ArrayList<>(lanes);
    }

    static Trouble begin(long now, long taken) {
        var trouble = new Trouble(new Object(), List.of());
        trouble.lastEnd = now;
        trouble.takenByThen = taken;
        return trouble;
    }

    /** The same story for a part of the lanes. */
    Trouble part(List<Lane> some) {
        return copy(origin, some);
    }

    /** The same story for a lane that from now on fails for itself. */
    Trouble alone(Lane lane) {
        return copy(new Object(), List.of(lane));
    }

    /** What is left of the story for the events behind the one that failed. */
    Trouble rest(Lane lane) {
        Trouble rest = part(List.of(lane));
        rest.aloneSince = 0;
        rest.failuresAlone = 0;
        return rest;
    }

    private Trouble copy(Object of, List<Lane> some) {
        var part = new Trouble(of, some);
        part.failures = failures;
        part.step = step;
        part.aloneSince = aloneSince;
        part.aloneFrom = aloneFrom;
        part.failuresAlone = failuresAlone;
        part.unanswered = unanswered;
        part.lastEnd = lastEnd;
        part.takenByThen = takenByThen;
        part.due = due;
        return part;
    }

    boolean hasHead() {
        for (Lane lane : lanes) {
            if (lane.head() != null) {
                return true;
            }
        }
        return false;
    }
}
