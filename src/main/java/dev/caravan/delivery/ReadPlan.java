package dev.caravan.delivery;

import java.util.List;
import java.util.function.LongPredicate;

/**
 * One reading of the journal, for the lanes that have room.
 *
 * @param after the sequence behind which to begin
 * @param through the last sequence to look at
 * @param persons whose events the lanes want; asked on the thread that reads
 */
record ReadPlan(
        long after,
        long through,
        int maxEvents,
        long maxBytes,
        List<Lane> lanes,
        LongPredicate persons) {}
