package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/** One call, alone or out of a batch, that has passed the rules. Used by one thread. */
final class Item {

    private final int index;
    private final CallType type;
    private final ParsedBody.Element element;
    private final JsonNode batchContext;
    private JsonNode whole;

    /**
     * Keeps the element as it is and reads deeper only when asked.
     *
     * @param index zero-based place in the batch, 0 for a single call
     * @param batchContext what the batch says for all its calls, perhaps missing
     */
    Item(int index, CallType type, ParsedBody.Element element, JsonNode batchContext) {
        this.index = index;
        this.type = type;
        this.element = element;
        this.batchContext = batchContext;
    }

    int index() {
        return index;
    }

    CallType type() {
        return type;
    }

    /** Returns the call with its objects and arrays empty, but for the traits. */
    JsonNode head() {
        return element.head();
    }

    RawJson raw() {
        return element.raw();
    }

    /** Returns a text field, empty if it is absent, null, blank or no text. */
    String text(String field) {
        return textOf(head(), field);
    }

    String userId() {
        return text("userId");
    }

    String anonymousId() {
        return text("anonymousId");
    }

    /** Returns the event name without the blanks around it, as workspaces store it since 2021. */
    String event() {
        return text("event").strip();
    }

    ObjectNode traits() {
        return objectIn(head(), "traits");
    }

    ObjectNode properties() {
        return objectIn(whole(), "properties");
    }

    /** Returns the call's own context over that of its batch, field by field. */
    ObjectNode context() {
        ObjectNode merged = JsonNodeFactory.instance.objectNode();
        if (batchContext instanceof ObjectNode shared) {
            merged.setAll(shared);
        }
        merged.setAll(objectIn(whole(), "context"));
        return merged;
    }

    /** Returns when the call says it happened, else when it came. */
    Instant occurredAt(Instant receivedAt) {
        return Timestamps.parse(text("timestamp")).orElse(receivedAt);
    }

    static String textOf(JsonNode object, String field) {
        JsonNode value = object.get(field);
        return value != null && value.isTextual() && !value.textValue().isBlank()
                ? value.textValue()
                : "";
    }

    private JsonNode whole() {
        if (whole == null) {
            whole = raw().tree();
        }
        return whole;
    }

    private static ObjectNode objectIn(JsonNode holder, String field) {
        return holder.get(field) instanceof ObjectNode object
                ? object
                : JsonNodeFactory.instance.objectNode();
    }
}
