package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Names an object: its type, an integer as text, and its id. */
public record ObjectKey(String typeId, String objectId) {

    /**
     * Returns the object type in traits or properties, {@code "1"} if none is given, or nothing if
     * what is given is no integer. Both spellings count, {@code objectTypeId} first.
     */
    static Optional<String> typeIn(ObjectNode fields) {
        JsonNode type = fields.get("objectTypeId");
        if (ItemRules.isAbsent(type)) {
            type = fields.get("object_type_id");
        }
        if (ItemRules.isAbsent(type)) {
            return Optional.of("1");
        }
        boolean mayBeInteger = type.isIntegralNumber() || type.isTextual();
        return Optional.of(type.asText()).filter(text -> mayBeInteger && text.matches("[0-9]+"));
    }

    /** Returns the object named by {@code objectId} in properties or traits, if any. */
    static Optional<ObjectKey> in(ObjectNode fields) {
        String objectId = Item.textOf(fields, "objectId");
        return typeIn(fields)
                .filter(type -> !objectId.isEmpty())
                .map(type -> new ObjectKey(type, objectId));
    }
}
