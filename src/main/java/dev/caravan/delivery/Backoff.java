package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait after a failure: doubling from {@code first} up to {@code cap}, half of it by
 * chance, so that those who failed together do not come back together.
 */
public final class Backoff {
    /** A destination that asks for no wait at all is not asked again in a tight loop. */
    static final Duration SHORTEST = Duration.ofMillis(100);

    private static final int MOST_DOUBLINGS = 30;

    private final Duration first;
    private final Duration cap;
    private final RandomGenerator random;

    /**
     * Makes one.
     *
     * @param first the longest wait after the first failure
     * @param cap the longest wait of all, {@code first} or more
     */
    public Backoff(Duration first, Duration cap, RandomGenerator random) {
        if (first.isNegative() || first.isZero() || cap.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "waits must grow from more than nothing, but first is %s and the cap %s"
                            .formatted(first, cap));
        }
        this.first = first;
        this.cap = cap;
        this.random = requireNonNull(random, "random");
    }

    /**
     * Returns the wait before the next attempt. A {@code Retry-After} wins over our schedule; the
     * cap wins over both.
     *
     * @param failures attempts failed so far, 1 or more
     * @param retryAfter what the destination asks for
     * @return 100 ms or {@code first / 2}, whichever is less, up to the cap
     * @throws IllegalArgumentException if {@code failures} is less than 1
     * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#name-retry-after">RFC 9110,
     *     Retry-After</a>
     */
    public Duration after(int failures, Optional<Duration> retryAfter) {
        if (failures < 1) {
            throw new IllegalArgumentException("failures must be 1 or more but was " + failures);
        }
        return retryAfter.map(this::asked).orElseGet(() -> jittered(failures));
    }

    private Duration asked(Duration wait) {
        return wait.compareTo(SHORTEST) < 0 ? lesser(SHORTEST, cap) : lesser(wait, cap);
    }

    private Duration jittered(int failures) {
        Duration whole = cap;
        if (failures <= MOST_DOUBLINGS) {
            whole = lesser(first.multipliedBy(1L << (failures - 1)), cap);
        }
        long half = whole.toNanos() / 2;
        return Duration.ofNanos(half + (half == 0 ? 0 : random.nextLong(half + 1)));
    }

    private static Duration lesser(Duration one, Duration other) {
        return one.compareTo(other) <= 0 ? one : other;
    }
}
