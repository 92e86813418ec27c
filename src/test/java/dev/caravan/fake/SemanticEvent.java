package dev.caravan.fake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The event names that act, matched to the letter, and the fields each demands. */
enum SemanticEvent {
    USER_DELETED("User Deleted", "userId"),
    USER_SUPPRESSED("User Suppressed", "userId"),
    USER_UNSUPPRESSED("User Unsuppressed", "userId"),
    DEVICE_UPSERTED("Device Created or Updated", "userId", "context.device.token"),
    DEVICE_DELETED("Device Deleted", "userId", "context.device.token"),
    RELATIONSHIP_DELETED("Relationship Deleted", "userId", "properties.objectId"),
    OBJECT_DELETED("Object Deleted", "properties.objectId"),
    DELIVERY_REPORTED("Report Delivery Event", "properties.deliveryId", "properties.metric"),
    CONTENT_REPORTED("Report Content Event", "anonymousId", "properties.actionType"),
    APPLICATION_INSTALLED("Application Installed"),
    APPLICATION_OPENED("Application Opened"),
    APPLICATION_UNINSTALLED("Application Uninstalled");

    private static final Set<String> METRICS =
            Set.of(
                    "delivered",
                    "opened",
                    "clicked",
                    "converted",
                    "bounced",
                    "dropped",
                    "deferred",
                    "spammed");
    private static final Set<String> CONTENT_ACTIONS = Set.of("viewed_content", "clicked_content");
    private static final Map<String, SemanticEvent> BY_NAME =
            Stream.of(values()).collect(Collectors.toMap(e -> e.eventName, Function.identity()));

    private final String eventName;
    private final List<String> required;

    SemanticEvent(String eventName, String... required) {
        this.eventName = eventName;
        this.required = List.of(required);
    }

    /**
     * Returns what a track call means beyond being an event; the name must match as sent, blanks
     * included.
     */
    static Optional<SemanticEvent> of(Item item) {
        return Optional.ofNullable(BY_NAME.get(item.text("event")));
    }

    /** Whether the call needs no id at all: a message metric belongs to its delivery. */
    static boolean needsNobody(Item item) {
        return of(item).filter(DELIVERY_REPORTED::equals).isPresent();
    }

    boolean isLifecycle() {
        return required.isEmpty();
    }

    /** Returns the required fields that the call lacks or fills wrongly, in words. */
    List<String> lacks(Item item) {
        List<String> faults = new ArrayList<>(0);
        for (String field : required) {
            if (valueOf(item, field).isEmpty()) {
                faults.add(eventName + " requires " + field + " as a string that is not empty");
            }
        }
        ObjectNode properties = item.properties();
        if (this == RELATIONSHIP_DELETED || this == OBJECT_DELETED) {
            ItemRules.demandShortId(properties, "objectId", faults);
            if (ObjectKey.typeIn(properties).isEmpty()) {
                faults.add("properties.objectTypeId must hold an integer");
            }
        }
        if (this == DELIVERY_REPORTED) {
            demandOneOf(METRICS, properties, "metric", faults);
        }
        if (this == CONTENT_REPORTED) {
            demandOneOf(CONTENT_ACTIONS, properties, "actionType", faults);
        }
        return faults;
    }

    static String deviceToken(Item item) {
        return Item.textOf(item.context().path("device"), "token");
    }

    private static String valueOf(Item item, String field) {
        if (field.equals("context.device.token")) {
            return deviceToken(item);
        }
        return field.startsWith("properties.")
                ? Item.textOf(item.properties(), field.substring("properties.".length()))
                : item.text(field);
    }

    private static void demandOneOf(
            Set<String> words, ObjectNode properties, String field, List<String> faults) {
        String word = Item.textOf(properties, field);
        if (!word.isEmpty() && !words.contains(word)) {
            faults.add("properties." + field + " must be one of " + words + " but was " + word);
        }
    }
}
