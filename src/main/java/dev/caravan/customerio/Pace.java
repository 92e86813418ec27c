package dev.caravan.customerio;

import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Keeps the number of requests in any window of {@link #WINDOW} at or under a limit: each request
 * takes the place of the one that was that many before it, a window later. Exact, where a bucket of
 * tokens would let twice the limit through in a window. First come, first served; never blocks.
 *
 * @see <a href="https://docs.customer.io/integrations/api/cdp/">Pipelines API, rate limits</a>
 */
final class Pace {
    /** The span that Customer.io's limit of 3000 requests is for. */
    static final Duration WINDOW = Duration.ofSeconds(3);

    /** Limits above this are as good as none. */
    static final int HIGHEST = 1_000_000;

    private final LongSupplier nanoTime;
    private final long[] starts;
    private final long origin;
    private int next;

    /**
     * Makes one that lets a first burst of the whole limit through.
     *
     * @param limit requests in a window, 1 to {@link #HIGHEST}
     * @param nanoTime a clock that never runs backwards, such as {@link System#nanoTime()}
     */
    Pace(int limit, LongSupplier nanoTime) {
        if (limit < 1 || limit > HIGHEST) {
            throw new IllegalArgumentException(
                    "limit must be 1 to %,d but is %,d".formatted(HIGHEST, limit));
        }
        this.nanoTime = nanoTime;
        this.origin = nanoTime.getAsLong();
        this.starts = new long[limit];
        Arrays.fill(starts, -WINDOW.toNanos());
    }

    /**
     * Takes the next place.
     *
     * @return how long to wait before sending, zero or more
     */
    synchronized Duration take() {
        long now = nanoTime.getAsLong() - origin;
        long start = Math.max(now, starts[next] + WINDOW.toNanos());
        starts[next] = start;
        next = next + 1 == starts.length ? 0 : next + 1;
        return Duration.ofNanos(start - now);
    }
}
