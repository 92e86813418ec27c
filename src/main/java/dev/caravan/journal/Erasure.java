package dev.caravan.journal;

import dev.caravan.event.Meaning;
import java.time.Instant;
import java.util.List;

/**
 * A deletion or suppression that the journal holds to: the record that is kept of it.
 *
 * @param id the sequence of the event that asked for it
 * @param meaning what is erased: a person, a device, an object, a relationship
 * @param cutOff what happened before is erased: the deletion's own time, or its acceptance if that
 *     was earlier
 * @param source where the event came from, with its {@code messageId}
 * @param names whom it erased: for each name its kind's letter ({@code u} user id, {@code a}
 *     anonymousId, {@code e} e-mail, {@code d} device, {@code o} object, {@code r} relationship), a
 *     colon, and 16 hexadecimal digits of the keyed hash
 */
public record Erasure(
        long id,
        Meaning meaning,
        Instant cutOff,
        Instant acceptedAt,
        String source,
        String messageId,
        List<String> names) {
    public Erasure {
        names = List.copyOf(names);
    }
}
