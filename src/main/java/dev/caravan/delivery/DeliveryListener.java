package dev.caravan.delivery;

import java.time.Duration;

/**
 * Is told what a destination does, for metrics. Called on the threads that deliver, for each event:
 * implementations must be quick and must not throw.
 */
public interface DeliveryListener {
    /** Listens to nothing. */
    DeliveryListener NONE = new DeliveryListener() {};

    /**
     * The destination has taken an event.
     *
     * @param latency from its acceptance until now
     */
    default void delivered(String destination, Duration latency) {}

    /** A rule says that the destination does not get this event. */
    default void skipped(String destination, String rule) {}

    /** An event is a dead letter now. */
    default void refused(String destination, int status) {}

    /**
     * An attempt failed and will be made again.
     *
     * @param events how many events were in it and were not settled
     */
    default void retried(String destination, int events) {}
}
