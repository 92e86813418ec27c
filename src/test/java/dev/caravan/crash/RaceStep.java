package dev.caravan.crash;

import java.util.Set;

/**
 * One event of a race, as the model knows it. What a destination got carries person, step and
 * generation in its context, so that to judge it needs nothing of what the product knows.
 *
 * @param number counts the person's events in the order in which they were made
 * @param generation how many deletions of the person came before it: it happened, or was accepted,
 *     before the deletion of the next number
 * @param name the identifier it goes by
 * @param joined what is known to be the same person by then, this event included
 * @param door where it came in
 * @param doubted whether destinations refuse it until they are mended
 */
record RaceStep(
        int person,
        int number,
        int generation,
        String messageId,
        String name,
        Set<String> joined,
        Door door,
        boolean doubted) {
    RaceStep {
        joined = Set.copyOf(joined);
    }

    /** Where and when an event came in. */
    enum Door {
        HTTP,
        /** Read when the inbox is looked at, in no order with the others. */
        FILE,
        /**
         * Made before the person's deletion, or while suppressed, and sent after its
         * acknowledgement.
         */
        LATE
    }

    /** Whether the order of the two is promised: they are of one identifier, or of joined ones. */
    boolean isOrderedAfter(RaceStep older) {
        return name.equals(older.name) || (joined.contains(name) && joined.contains(older.name));
    }
}
