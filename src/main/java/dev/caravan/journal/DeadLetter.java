package dev.caravan.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something refused, kept with its reason. What was refused, which may be long, is got by its id:
 * {@link DeadLetters#item}.
 *
 * @param id counts from 1
 * @param destination who refused it; null if a door did
 * @param source where it came from
 * @param place where in the source, such as a file's name and the record's number; may be empty
 * @param messageId null for an item of a door that has none
 * @param type the call's type, null where the item is no call
 * @param name the event's name, null if it has none
 * @param rule of a door: the name of a {@link dev.caravan.event.Reading.Rule}; of a destination:
 *     {@code REFUSED} or {@code STUCK}
 * @param status the destination's answer, 0 if there was none
 * @param sequence of the event in the journal, 0 for a door's
 */
public record DeadLetter(
        long id,
        @Nullable String destination,
        String source,
        String place,
        @Nullable String messageId,
        @Nullable String type,
        @Nullable String name,
        String rule,
        String reason,
        int status,
        int attempts,
        long sequence,
        Instant at) {}
