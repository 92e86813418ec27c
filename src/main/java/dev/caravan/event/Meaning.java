package dev.caravan.event;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an event asks for beyond being recorded: the semantic events of Customer.io's Journeys
 * destination. Only {@code track} calls carry a meaning, and only by the exact name.
 */
public enum Meaning {
    ORDINARY("", false),
    USER_DELETED("User Deleted", true),
    USER_SUPPRESSED("User Suppressed", true),
    USER_UNSUPPRESSED("User Unsuppressed", false),
    DEVICE_UPDATED("Device Created or Updated", false),
    DEVICE_DELETED("Device Deleted", true),
    OBJECT_DELETED("Object Deleted", true),
    RELATIONSHIP_DELETED("Relationship Deleted", true),
    DELIVERY_REPORTED("Report Delivery Event", false),
    CONTENT_REPORTED("Report Content Event", false);

    private static final Map<String, Meaning> BY_NAME =
            Stream.of(values())
                    .filter(meaning -> meaning != ORDINARY)
                    .collect(Collectors.toMap(Meaning::eventName, Function.identity()));

    private final String eventName;
    private final boolean destructive;

    Meaning(String eventName, boolean destructive) {
        this.eventName = eventName;
        this.destructive = destructive;
    }

    /** The canonical event name; empty for {@link #ORDINARY}. */
    public String eventName() {
        return eventName;
    }

    /** Whether it removes something at a destination: such an event is a run of its own. */
    public boolean destructive() {
        return destructive;
    }

    /** The meaning of a {@code track} call with exactly this name, {@link #ORDINARY} if none. */
    public static Meaning ofName(String eventName) {
        return BY_NAME.getOrDefault(eventName, ORDINARY);
    }
}
