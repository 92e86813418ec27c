package dev.caravan.poll;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How far a source was read. What comes into sight late is looked for behind that, but not for
 * ever: once a round has begun so long after a place was reached that nothing can appear before it
 * any more, that place is settled, and no round begins before it. Else what is read again and again
 * would be read when the journal has forgotten it, and be new.
 *
 * @param reached the greatest value read
 * @param settled behind which everything begins; null if nothing is yet
 * @param watched what is settled next; null before the end of the first round
 * @param watchedMillis since when
 */
record Progress(
        String reached, @Nullable String settled, @Nullable String watched, long watchedMillis) {
    private static final String BETWEEN = "\n\n";

    /** A source of which nothing was read before. */
    static Progress of(String reached) {
        return new Progress(reached, null, null, 0);
    }

    /** What {@link #toString} wrote. */
    static Progress parse(String text) {
        String[] parts = text.split(BETWEEN, -1);
        return parts.length < 4
                ? of(parts[0])
                : new Progress(
                        parts[0],
                        parts[1].isEmpty() ? null : parts[1],
                        parts[2],
                        Long.parseLong(parts[3]));
    }

    Progress reaching(String now) {
        return new Progress(now, settled, watched, watchedMillis);
    }

    /**
     * A round has come to its end.
     *
     * @param settles how long after a place was reached something can still appear before it; null
     *     if nobody knows
     */
    Progress roundEnded(long beganMillis, long nowMillis, @Nullable Duration settles) {
        if (watched == null) {
            return new Progress(reached, settled, reached, nowMillis);
        } else if (settles == null
                || beganMillis - watchedMillis < settles.toMillis()
                || (reached.equals(watched) && watched.equals(settled))) {
            return this;
        }
        return new Progress(reached, watched, reached, nowMillis);
    }

    @Override
    public String toString() {
        return watched == null
                ? reached
                : String.join(
                        BETWEEN,
                        reached,
                        settled == null ? "" : settled,
                        watched,
                        String.valueOf(watchedMillis));
    }
}
