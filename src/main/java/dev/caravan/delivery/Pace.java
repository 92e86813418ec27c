package dev.caravan.delivery;

import java.time.Duration;

/**
 * How fast and how patiently a destination is served.
 *
 * @param parallel runs in flight at a time, 1 to 1000
 * @param linger how long after a run the next one may go that is not full; an event that comes
 *     later than that goes at once
 * @param buffer events held in memory for sending, at least 4 full runs
 * @param bufferBytes bytes of their JSON
 * @param firstWait the longest wait after a first failure
 * @param longestWait the longest wait of all, also where the destination asks for more
 * @param stuckAfter for how long an event may fail alone, while others are taken, before it becomes
 *     a dead letter
 * @param maxHeld how many persons may be held at a time before the destination is paused
 * @param shutdownTimeout how long attempts under way may take to end when Caravan stops; those that
 *     take longer are made again after the next start
 */
public record Pace(
        int parallel,
        Duration linger,
        int buffer,
        long bufferBytes,
        Duration firstWait,
        Duration longestWait,
        Duration stuckAfter,
        int maxHeld,
        Duration shutdownTimeout) {
    /** What serves an HTTP API well. */
    public static final Pace DEFAULT =
            new Pace(
                    8,
                    Duration.ofMillis(10),
                    4096,
                    8_000_000,
                    Duration.ofMillis(500),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(15),
                    1000,
                    Duration.ofSeconds(10));

    public Pace {
        require(parallel >= 1 && parallel <= 1000, "parallel must be 1 to 1000", parallel);
        require(!linger.isNegative(), "linger must be 0 or more", linger);
        require(buffer >= 4, "buffer must be 4 or more", buffer);
        require(bufferBytes >= 1, "bufferBytes must be 1 or more", bufferBytes);
        require(
                firstWait.compareTo(Duration.ZERO) > 0,
                "firstWait must be more than nothing",
                firstWait);
        require(
                longestWait.compareTo(firstWait) >= 0,
                "longestWait must be firstWait or more",
                longestWait);
        require(!stuckAfter.isNegative(), "stuckAfter must be 0 or more", stuckAfter);
        require(maxHeld >= 0, "maxHeld must be 0 or more", maxHeld);
        require(
                !shutdownTimeout.isNegative(),
                "shutdownTimeout must be 0 or more",
                shutdownTimeout);
    }

    /** The same with another number of runs in flight. */
    public Pace withParallel(int runs) {
        return new Pace(
                runs,
                linger,
                buffer,
                bufferBytes,
                firstWait,
                longestWait,
                stuckAfter,
                maxHeld,
                shutdownTimeout);
    }

    /** The same with another time for events that fail alone. */
    public Pace withStuckAfter(Duration time) {
        return new Pace(
                parallel,
                linger,
                buffer,
                bufferBytes,
                firstWait,
                longestWait,
                time,
                maxHeld,
                shutdownTimeout);
    }

    /** The same with another buffer. */
    public Pace withBuffer(int events, long bytes) {
        return new Pace(
                parallel,
                linger,
                events,
                bytes,
                firstWait,
                longestWait,
                stuckAfter,
                maxHeld,
                shutdownTimeout);
    }

    /** The same with other waits. */
    public Pace withWaits(Duration first, Duration longest) {
        return new Pace(
                parallel,
                linger,
                buffer,
                bufferBytes,
                first,
                longest,
                stuckAfter,
                maxHeld,
                shutdownTimeout);
    }

    /** The same with another number of persons that may be held. */
    public Pace withMaxHeld(int persons) {
        return new Pace(
                parallel,
                linger,
                buffer,
                bufferBytes,
                firstWait,
                longestWait,
                stuckAfter,
                persons,
                shutdownTimeout);
    }

    /** The same with another time for attempts to end when Caravan stops. */
    public Pace withShutdownTimeout(Duration time) {
        return new Pace(
                parallel,
                linger,
                buffer,
                bufferBytes,
                firstWait,
                longestWait,
                stuckAfter,
                maxHeld,
                time);
    }

    private static void require(boolean fulfilled, String rule, Object value) {
        if (!fulfilled) {
            throw new IllegalArgumentException(rule + " but was " + value);
        }
    }
}
