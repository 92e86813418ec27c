package dev.caravan.delivery;

/** Events a second over the last minute. Not thread-safe. */
final class RateMeter {
    private static final int SECONDS = 60;
    private static final long SECOND = 1_000_000_000;

    private final long[] counts = new long[SECONDS];
    private final long start;
    private long second;

    RateMeter(long now) {
        this.start = now;
    }

    void add(long events, long now) {
        moveTo(now);
        counts[(int) (second % SECONDS)] += events;
    }

    double perSecond(long now) {
        moveTo(now);
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        long covered = Math.min(SECONDS, second + 1);
        return (double) sum / covered;
    }

    private void moveTo(long now) {
        long current = Math.max(second, (now - start) / SECOND);
        for (long empty = Math.max(second + 1, current - SECONDS + 1); empty <= current; empty++) {
            counts[(int) (empty % SECONDS)] = 0;
        }
        second = current;
    }
}
