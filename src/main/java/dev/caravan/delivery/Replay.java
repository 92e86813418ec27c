package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.event.Event;
import dev.caravan.journal.Entry;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which events to send to a destination once more; a null field takes all.
 *
 * @param from received at this time or later
 * @param to received before this time
 * @param userId of this user
 * @param anonymousId of this visitor
 * @param name of this name
 * @param perSecond events a second at the most, 0 for as many as one run at a time makes
 */
public record Replay(
        Instant from,
        Instant to,
        @Nullable String userId,
        @Nullable String anonymousId,
        @Nullable String name,
        int perSecond) {
    public Replay {
        requireNonNull(from, "from");
        requireNonNull(to, "to");
        if (!from.isBefore(to)) {
            throw new IllegalArgumentException(
                    "a replay's time must have a beginning before its end, but was %s to %s"
                            .formatted(from, to));
        }
        if (perSecond < 0) {
            throw new IllegalArgumentException("perSecond must be 0 or more but was " + perSecond);
        }
    }

    boolean wants(Entry entry) {
        Event event = entry.event();
        return !entry.receivedAt().isBefore(from)
                && entry.receivedAt().isBefore(to)
                && equal(userId, event.userId())
                && equal(anonymousId, event.anonymousId())
                && equal(name, event.name());
    }

    private static boolean equal(@Nullable String wanted, @Nullable String value) {
        return wanted == null || wanted.equals(value);
    }

    /** Says which time, never who. */
    @Override
    public String toString() {
        return "replay from " + from + " to " + to;
    }
}
