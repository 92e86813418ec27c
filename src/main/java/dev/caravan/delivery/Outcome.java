package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/**
 * What one attempt to deliver an event came to.
 *
 * <p>A failure has two texts. {@code reason} is ours, may be shown anywhere and has nothing of an
 * event: the status, and words whose set is known. {@code said} is what the destination answered in
 * its own words, empty if it said nothing. It may repeat what it was sent, so it goes nowhere but
 * into the dead letter, which has the event anyway.
 */
public sealed interface Outcome {
    /** Whether the event is done with at this destination. */
    boolean settled();

    /**
     * The destination has it.
     *
     * @param status the answer's status, 0 if the protocol has none; of a destructive event 404 and
     *     410 say that it is done because nobody is there
     */
    record Delivered(int status) implements Outcome {
        @Override
        public boolean settled() {
            return true;
        }
    }

    /**
     * It was left out on purpose.
     *
     * @param rule which rule said so
     */
    record Skipped(String rule) implements Outcome {
        public Skipped {
            requireNonNull(rule, "rule");
        }

        @Override
        public boolean settled() {
            return true;
        }
    }

    /**
     * The same may succeed later.
     *
     * @param after how long the destination asks to wait; empty lets our own backoff decide
     */
    record Retry(Optional<Duration> after, int status, String reason, String said)
            implements Outcome {
        public Retry {
            requireNonNull(after, "after");
            requireNonNull(reason, "reason");
            requireNonNull(said, "said");
        }

        /** One without words of the destination's own. */
        public Retry(Optional<Duration> after, int status, String reason) {
            this(after, status, reason, "");
        }

        public static Retry of(int status, String reason) {
            return new Retry(Optional.empty(), status, reason);
        }

        @Override
        public boolean settled() {
            return false;
        }
    }

    /**
     * This event will never be taken as it is. Where several were sent together and the answer does
     * not name the guilty one, {@link #whole()} is true and the run is split until it stands alone.
     *
     * @param whole whether the answer was for the whole run, so that other events in it may be good
     */
    record Refused(int status, String reason, boolean whole, String said) implements Outcome {
        public Refused {
            requireNonNull(reason, "reason");
            requireNonNull(said, "said");
        }

        /** One without words of the destination's own. */
        public Refused(int status, String reason, boolean whole) {
            this(status, reason, whole, "");
        }

        @Override
        public boolean settled() {
            return true;
        }
    }

    /** Nobody can deliver there until something is mended: a key, an address, a permission. */
    record Paused(int status, String reason, String said) implements Outcome {
        public Paused {
            requireNonNull(reason, "reason");
            requireNonNull(said, "said");
        }

        /** One without words of the destination's own. */
        public Paused(int status, String reason) {
            this(status, reason, "");
        }

        @Override
        public boolean settled() {
            return false;
        }
    }

    /** {@link #ofStatus(int, Optional, String, String)} of an answer that says nothing. */
    static Outcome ofStatus(int status, Optional<Duration> retryAfter, String reason) {
        return ofStatus(status, retryAfter, reason, "");
    }

    /** All that is known of a failure, for the dead letter; empty if it is none. */
    default String words() {
        if (this instanceof Refused refused) {
            return joined(refused.reason(), refused.said());
        } else if (this instanceof Retry retry) {
            return joined(retry.reason(), retry.said());
        } else if (this instanceof Paused paused) {
            return joined(paused.reason(), paused.said());
        }
        return "";
    }

    private static String joined(String reason, String said) {
        return said.isEmpty() ? reason : reason + ": " + said;
    }

    /**
     * The outcome that an HTTP status stands for, by the delivery rules: 408, 429 and 5xx are tried
     * again; 3xx, 401, 403, 404 and 405 mean that nobody can deliver; other 4xx refuse.
     *
     * @param status 100 to 599
     * @param retryAfter what the answer's {@code Retry-After} asks for
     * @param reason what it means, for a person
     * @param said what the answer says in its own words
     */
    static Outcome ofStatus(int status, Optional<Duration> retryAfter, String reason, String said) {
        if (status >= 200 && status < 300) {
            return new Delivered(status);
        } else if (status == 408 || status == 429 || status >= 500) {
            return new Retry(retryAfter, status, reason, said);
        } else if (status < 400
                || status == 401
                || status == 403
                || status == 404
                || status == 405) {
            return new Paused(status, reason, said);
        }
        return new Refused(status, reason, true, said);
    }
}
