package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What Customer.io demands of a call whatever its type, and the dispatch to what it demands of that
 * type.
 */
final class ItemRules {

    private static final List<String> TEXTS =
            List.of(
                    "type",
                    "userId",
                    "anonymousId",
                    "groupId",
                    "previousId",
                    "messageId",
                    "event",
                    "name");
    private static final List<String> IDS = List.of("userId", "groupId", "previousId");
    private static final List<String> OBJECTS =
            List.of("traits", "properties", "context", "integrations");
    private static final List<String> TIMES =
            List.of("timestamp", "originalTimestamp", "sentAt", "receivedAt");

    private final Switches switches;

    ItemRules(Switches switches) {
        this.switches = switches;
    }

    /** Returns what is wrong with the call, in words; nothing if it is acceptable. */
    List<String> faultsOf(Item item) {
        List<String> faults = new ArrayList<>(0);
        JsonNode json = item.head();
        TEXTS.forEach(field -> demandText(json, field, faults));
        OBJECTS.forEach(field -> demandObject(json, field, faults));
        TIMES.forEach(field -> demandTime(json, field, faults));
        IDS.forEach(field -> demandShortId(json, field, faults));
        demandGoodMessageId(json, faults);
        if (faults.isEmpty()) {
            faults.addAll(new CallRules(switches).faultsOf(item));
        }
        return faults;
    }

    static boolean isAbsent(JsonNode value) {
        return value == null || value.isNull();
    }

    static void demandText(JsonNode json, String field, List<String> faults) {
        JsonNode value = json.get(field);
        if (!isAbsent(value) && !value.isTextual()) {
            faults.add(field + " must be a string but was " + value.getNodeType());
        }
    }

    static void demandObject(JsonNode json, String field, List<String> faults) {
        JsonNode value = json.get(field);
        if (!isAbsent(value) && !value.isObject()) {
            faults.add(field + " must be an object but was " + value.getNodeType());
        }
    }

    static void demandShortId(JsonNode json, String field, List<String> faults) {
        if (Limits.exceeds(Item.textOf(json, field), Limits.ID)) {
            faults.add(field + " must not exceed " + Limits.ID + " bytes");
        }
    }

    static void demandTime(JsonNode json, String field, List<String> faults) {
        JsonNode value = json.get(field);
        if (isAbsent(value)) {
            return;
        }
        if (!value.isTextual() || Timestamps.parse(value.textValue()).isEmpty()) {
            faults.add(field + " must be an ISO-8601 date-time with a zone but was " + value);
        }
    }

    private void demandGoodMessageId(JsonNode json, List<String> faults) {
        JsonNode value = json.get("messageId");
        if (isAbsent(value) || !value.isTextual()) {
            return;
        }
        if (value.textValue().isBlank()) {
            faults.add("messageId must not be blank");
        }
        if (switches.messageIdLimit() && value.textValue().length() >= Limits.MESSAGE_ID) {
            faults.add("messageId must be shorter than " + Limits.MESSAGE_ID + " characters");
        }
    }
}
