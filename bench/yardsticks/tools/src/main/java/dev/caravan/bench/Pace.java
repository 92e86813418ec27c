package dev.caravan.bench;

/** When requests are due. */
interface Pace {

    /**
     * Returns when a request is due.
     *
     * @param number the number of the request, from 0
     * @param elapsedNanos the time since the start
     * @return nanoseconds since the start; not later than now means at once
     */
    long dueNanos(long number, long elapsedNanos);

    /**
     * Sends whenever a connection is free: a closed loop. The rate is the server's, and a slow
     * answer delays the requests behind it.
     */
    static Pace asFastAsAnswered() {
        return (number, elapsedNanos) -> elapsedNanos;
    }

    /**
     * Sends at a fixed rate whatever the server does: an open loop. What a slow server delays
     * counts as its latency.
     */
    static Pace perSecond(double rate) {
        return (number, elapsedNanos) -> (long) (number * 1e9 / rate);
    }
}
