package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A tie between an object and somebody.
 *
 * @param person id, else email; empty if the tie is anonymous
 * @param anonymousId empty if the tie is to a person
 */
public record StoredRelationship(
        ObjectKey object, String person, String anonymousId, Map<String, JsonNode> attributes) {}
