package dev.caravan.delivery;

import java.util.List;
import java.util.function.LongPredicate;

/** One reading of the journal, for the lanes that have room. */
final class ReadPlan {
    /** The sequence behind which to begin. */
    final long after;

    /** The last sequence to look at. */
    final long through;

    final int maxEvents;
    final long maxBytes;
    final List<Lane> lanes;

    /** Whose events the lanes want; asked on the thread that reads. */
    final LongPredicate persons;

    ReadPlan(
            long after,
            long through,
            int maxEvents,
            long maxBytes,
            List<Lane> lanes,
            LongPredicate persons) {
        this.after = after;
        this.through = through;
        this.maxEvents = maxEvents;
        this.maxBytes = maxBytes;
        this.lanes = lanes;
        this.persons = persons;
    }
}
