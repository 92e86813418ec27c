package dev.caravan.bench;

import java.util.Arrays;

/** How many events had arrived by when: one entry a request. For one thread. */
final class Arrivals {

    private long[] counts = new long[1024];
    private long[] epochMillis = new long[1024];
    private int requests;

    void add(int events, long nowMillis) {
        if (requests == counts.length) {
            counts = Arrays.copyOf(counts, requests * 2);
            epochMillis = Arrays.copyOf(epochMillis, requests * 2);
        }
        counts[requests] = events() + events;
        epochMillis[requests] = nowMillis;
        requests++;
    }

    void clear() {
        requests = 0;
    }

    int requests() {
        return requests;
    }

    long events() {
        return requests == 0 ? 0 : counts[requests - 1];
    }

    /**
     * Returns when the count reached a number.
     *
     * @return milliseconds since 1970, or 0 if it has not been reached
     */
    long reachedMillis(long events) {
        if (requests == 0 || events() < events) {
            return 0;
        }
        int low = 0;
        int high = requests - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (counts[middle] < events) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return epochMillis[low];
    }
}
