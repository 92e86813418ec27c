package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/** An object, which the Pipelines API calls a group. */
public record StoredObject(ObjectKey key, Map<String, JsonNode> attributes) {}
