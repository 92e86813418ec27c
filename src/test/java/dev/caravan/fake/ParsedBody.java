package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * A request body, unpacked and parsed but not yet judged.
 *
 * @param plain the bytes after decompression
 * @param fault why it is not a JSON object, empty if it is one
 * @param top the top-level fields, of a batch without {@code batch}
 * @param hasBatch whether {@code batch} is there and an array
 * @param elements the array's elements; of any other body the body itself
 */
record ParsedBody(
        byte[] plain, String fault, ObjectNode top, boolean hasBatch, List<Element> elements) {

    /**
     * One value that ought to be a call.
     *
     * @param head the call without what is inside its objects and arrays, which are there but
     *     empty; only {@code traits} are complete
     */
    record Element(JsonNode head, RawJson raw) {}

    static ParsedBody broken(byte[] plain, String fault) {
        ObjectNode nothing = JsonNodeFactory.instance.objectNode();
        return new ParsedBody(plain, fault, nothing, false, List.of());
    }
}
