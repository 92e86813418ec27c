package dev.caravan.event;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call in canonical shape: the JSON that destinations receive, beside the few fields by which
 * Caravan routes it. Immutable; the bytes of {@link #json()} must not be changed.
 *
 * @param call which of the six calls
 * @param meaning what a track call's name asks for, else {@link Meaning#ORDINARY}
 * @param name the {@code event} of a track call, the {@code name} of a page or screen call
 * @param userId the known person, absent for visitors
 * @param anonymousId the visitor, absent where only the person is known
 * @param messageId unique within the source; the destination's key for dropping duplicates
 * @param occurredAt when it happened, to the millisecond: the {@code timestamp}, but no later than
 *     the event first came in, since nothing is received before it happens, and no later than the
 *     sender said, see {@link EventReader}
 * @param selective whether {@code integrations} switches a destination off
 * @param json the event as one JSON object in UTF-8
 */
public record Event(
        Call call,
        Meaning meaning,
        @Nullable String name,
        @Nullable String userId,
        @Nullable String anonymousId,
        String messageId,
        Instant occurredAt,
        boolean selective,
        byte[] json) {
    public Event {
        requireNonNull(call, "call");
        requireNonNull(meaning, "meaning");
        requireNonNull(messageId, "messageId");
        requireNonNull(occurredAt, "occurredAt");
        requireNonNull(json, "json");
    }

    /**
     * The whole event as a read-only map; parsed when a field other than those above is asked for.
     */
    public EventMap asMap() {
        return new EventMap(call, name, userId, anonymousId, messageId, json);
    }

    /** Names the event without saying anything of the person. */
    @Override
    public String toString() {
        return call.type() + " " + messageId;
    }
}
