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
 */
public record Entry(
        long sequence,
        String source,
        Instant receivedAt,
        long person,
        List<Long> joins,
        Event event) {
    public Entry {
        joins = List.copyOf(joins);
    }
}
