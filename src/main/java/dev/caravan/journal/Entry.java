package dev.caravan.journal;

import dev.caravan.event.Event;
import java.time.Instant;
import java.util.List;

/**
 * An event in its place in the journal.
 *
 * @param sequence its place, from 1
 * @param source the source's name
 * @param receivedAt when it was accepted
 * @param person hash of the person whose order it keeps, after joins known at its acceptance
 * @param joins hashes of the persons whose older events must be settled before this one is sent
 * @param erasedBy the erasure that took its content away, of which nothing is left here then but
 *     the call's type and the meaning; 0 if it is whole
 */
public record Entry(
        long sequence,
        String source,
        Instant receivedAt,
        long person,
        List<Long> joins,
        Event event,
        long erasedBy) {
    public Entry {
        joins = List.copyOf(joins);
    }

    /** A whole event. */
    public Entry(
            long sequence,
            String source,
            Instant receivedAt,
            long person,
            List<Long> joins,
            Event event) {
        this(sequence, source, receivedAt, person, joins, event, 0);
    }

    /** Whether nothing but its place is left, so that it must not be sent. */
    public boolean isErased() {
        return erasedBy != 0;
    }
}
