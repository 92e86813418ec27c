package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A profile as it stands.
 *
 * @param cioId minted by the fake, new for each profile, so it tells a fresh person from an old one
 * @param id empty if the person is known by email only
 * @param email as last written, empty if there is none
 * @param attributes the traits, {@code created_at} in unix seconds, {@code anonymous_id} after a
 *     reconciling identify
 * @param devices by order of first registration
 * @param anonymousIds those whose activity this person has claimed
 */
public record StoredPerson(
        String cioId,
        String id,
        String email,
        Map<String, JsonNode> attributes,
        List<StoredDevice> devices,
        Set<String> anonymousIds) {}
