package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/** Writes traits onto a profile, an object or a relationship: null or an empty text removes. */
final class Attributes {

    private static final Set<String> OF_THE_CALL =
            Set.of(
                    "createdAt",
                    "created_at",
                    "objectTypeId",
                    "object_type_id",
                    "relationshipAttributes");
    private static final String PREFERENCES = "cio_subscription_preferences";

    private Attributes() {}

    /** Applies the traits of an identify. */
    static void applyPersonTraits(ObjectNode traits, Map<String, JsonNode> target) {
        for (Map.Entry<String, JsonNode> trait : traits.properties()) {
            if (trait.getKey().startsWith(PREFERENCES + ".")) {
                applyPreference(trait.getKey(), trait.getValue(), target);
            } else if (!OF_THE_CALL.contains(trait.getKey())) {
                put(trait.getKey(), trait.getValue(), target);
            }
        }
        JsonNode createdAt =
                traits.has("createdAt") ? traits.get("createdAt") : traits.get("created_at");
        if (createdAt != null) {
            put("created_at", inSeconds(createdAt), target);
        }
    }

    /** Applies the traits of a group to the object. */
    static void applyObjectTraits(ObjectNode traits, Map<String, JsonNode> target) {
        for (Map.Entry<String, JsonNode> trait : traits.properties()) {
            boolean ofTheCall =
                    Set.of("objectTypeId", "object_type_id", "relationshipAttributes")
                            .contains(trait.getKey());
            if (!ofTheCall) {
                put(trait.getKey(), trait.getValue(), target);
            }
        }
    }

    static void put(String name, JsonNode value, Map<String, JsonNode> target) {
        if (value.isNull() || value.isTextual() && value.textValue().isEmpty()) {
            target.remove(name);
        } else {
            target.put(name, value);
        }
    }

    /** Sets one leaf below the preferences, making the objects on the way. */
    private static void applyPreference(String path, JsonNode value, Map<String, JsonNode> target) {
        ObjectNode level =
                target.get(PREFERENCES) instanceof ObjectNode present
                        ? present.deepCopy()
                        : JsonNodeFactory.instance.objectNode();
        target.put(PREFERENCES, level);
        String[] steps = path.split("\\.");
        for (int i = 1; i < steps.length - 1; i++) {
            level =
                    level.get(steps[i]) instanceof ObjectNode below
                            ? below
                            : level.putObject(steps[i]);
        }
        level.set(steps[steps.length - 1], value);
    }

    private static JsonNode inSeconds(JsonNode value) {
        return Timestamps.parse(value.asText())
                .<JsonNode>map(at -> LongNode.valueOf(at.getEpochSecond()))
                .orElse(value);
    }
}
