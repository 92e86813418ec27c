package dev.caravan.bench;

import java.util.Arrays;

/** Latencies, kept one by one so that the percentiles are exact. For one thread. */
final class Latencies {

    private long[] nanos = new long[1 << 16];
    private int size;
    private boolean sorted = true;

    void add(long latencyNanos) {
        if (size == nanos.length) {
            nanos = Arrays.copyOf(nanos, size * 2);
        }
        nanos[size++] = latencyNanos;
        sorted = false;
    }

    int size() {
        return size;
    }

    /**
     * Returns the latency that the given share of all did not exceed.
     *
     * @param share above 0, at most 1
     * @return milliseconds, or 0 if there are none
     */
    double millis(double share) {
        if (size == 0) {
            return 0;
        }
        if (!sorted) {
            Arrays.sort(nanos, 0, size);
            sorted = true;
        }
        int rank = (int) Math.ceil(share * size);
        return nanos[Math.max(0, rank - 1)] / 1e6;
    }
}
