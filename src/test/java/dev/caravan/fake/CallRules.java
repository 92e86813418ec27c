package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What each type of call demands beyond the common fields. Expects those to have the right JSON
 * types.
 */
final class CallRules {

    private final Switches switches;

    CallRules(Switches switches) {
        this.switches = switches;
    }

    List<String> faultsOf(Item item) {
        List<String> faults = new ArrayList<>(0);
        switch (item.type()) {
            case IDENTIFY -> identify(item, faults);
            case TRACK -> track(item, faults);
            case PAGE -> demandId(item, faults);
            case SCREEN -> screen(item, faults);
            case GROUP -> group(item, faults);
            case ALIAS -> alias(item, faults);
        }
        return faults;
    }

    private void identify(Item item, List<String> faults) {
        ObjectNode traits = item.traits();
        if (Item.textOf(traits, "email").isEmpty()) {
            demandId(item, faults);
        }
        ItemRules.demandText(traits, "email", faults);
        ItemRules.demandObject(traits, "cio_subscription_preferences", faults);
        JsonNode unsubscribed = traits.get("unsubscribed");
        if (!ItemRules.isAbsent(unsubscribed) && !unsubscribed.isBoolean()) {
            faults.add("traits.unsubscribed must be a boolean but was " + unsubscribed);
        }
        ItemRules.demandText(traits, "objectId", faults);
        ItemRules.demandShortId(traits, "objectId", faults);
        demandRelationship(traits, faults);
    }

    private void track(Item item, List<String> faults) {
        String event = item.event();
        if (event.isEmpty()) {
            faults.add("event must be a string that is not empty");
        }
        demandShortName("event", event, faults);
        if (item.text("groupId").isEmpty() && !SemanticEvent.needsNobody(item)) {
            demandId(item, faults);
        }
        if (switches.semanticRequirements()) {
            SemanticEvent.of(item).ifPresent(meaning -> faults.addAll(meaning.lacks(item)));
        }
    }

    private void screen(Item item, List<String> faults) {
        demandId(item, faults);
        demandShortName("name", item.text("name").strip(), faults);
    }

    private void group(Item item, List<String> faults) {
        if (item.text("groupId").isEmpty()) {
            faults.add("groupId must be a string that is not empty");
        }
        demandRelationship(item.traits(), faults);
    }

    private void alias(Item item, List<String> faults) {
        for (String field : List.of("userId", "previousId")) {
            if (item.text(field).isEmpty()) {
                faults.add(field + " must be a string that is not empty");
            }
        }
    }

    private void demandRelationship(ObjectNode traits, List<String> faults) {
        if (ObjectKey.typeIn(traits).isEmpty()) {
            faults.add("traits.objectTypeId must hold an integer");
        }
        ItemRules.demandObject(traits, "relationshipAttributes", faults);
        if (switches.attributeLimits()) {
            demandSmallAttributes(traits, faults);
        }
    }

    private static void demandId(Item item, List<String> faults) {
        if (item.userId().isEmpty() && item.anonymousId().isEmpty()) {
            faults.add("userId or anonymousId must be a string that is not empty");
        }
    }

    private static void demandShortName(String field, String name, List<String> faults) {
        if (Limits.exceeds(name, Limits.EVENT_NAME)) {
            faults.add(field + " must not exceed " + Limits.EVENT_NAME + " bytes");
        }
    }

    private static void demandSmallAttributes(ObjectNode traits, List<String> faults) {
        if (traits.size() > Limits.ATTRIBUTES) {
            faults.add("traits must not be more than " + Limits.ATTRIBUTES);
        }
        for (Map.Entry<String, JsonNode> trait : traits.properties()) {
            JsonNode value = trait.getValue();
            String text = value.isTextual() ? value.textValue() : value.toString();
            if (Limits.exceeds(trait.getKey(), Limits.ATTRIBUTE_NAME)) {
                faults.add("a trait's name must not exceed " + Limits.ATTRIBUTE_NAME + " bytes");
            }
            if (Limits.exceeds(text, Limits.ATTRIBUTE_VALUE)) {
                String name = "traits." + trait.getKey();
                faults.add(name + " must not exceed " + Limits.ATTRIBUTE_VALUE + " bytes");
            }
        }
    }
}
