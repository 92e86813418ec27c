package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Objects and who is tied to them, by cio_id or anonymousId. Guarded by the workspace. */
final class ObjectStore {

    private final Map<ObjectKey, Map<String, JsonNode>> objects = new LinkedHashMap<>();
    private final Map<Tie, Map<String, JsonNode>> ties = new LinkedHashMap<>();

    /**
     * Who holds on to which object.
     *
     * @param known whether {@code holder} is a cio_id; otherwise it is an anonymousId
     */
    record Tie(ObjectKey object, String holder, boolean known) {}

    void upsert(ObjectKey key, ObjectNode traits) {
        Attributes.applyObjectTraits(
                traits, objects.computeIfAbsent(key, k -> new LinkedHashMap<>()));
    }

    /** Ties, making an object without attributes if there is none. */
    void relate(Tie tie, ObjectNode attributes) {
        objects.computeIfAbsent(tie.object(), k -> new LinkedHashMap<>());
        Map<String, JsonNode> target = ties.computeIfAbsent(tie, k -> new LinkedHashMap<>());
        attributes.properties().forEach(e -> Attributes.put(e.getKey(), e.getValue(), target));
    }

    void unrelate(Tie tie) {
        ties.remove(tie);
    }

    void delete(ObjectKey key) {
        objects.remove(key);
        ties.keySet().removeIf(tie -> tie.object().equals(key));
    }

    void forget(Profile person) {
        ties.keySet().removeIf(tie -> tie.known() && tie.holder().equals(person.cioId));
    }

    /** Hands the anonymous ties to the person; what that person's own tie says stays. */
    void adopt(String anonymousId, Profile person) {
        for (Tie tie : List.copyOf(ties.keySet())) {
            if (!tie.known() && tie.holder().equals(anonymousId)) {
                Map<String, JsonNode> attributes = ties.remove(tie);
                ties.merge(
                        new Tie(tie.object(), person.cioId, true),
                        attributes,
                        (own, adopted) -> {
                            adopted.forEach(own::putIfAbsent);
                            return own;
                        });
            }
        }
    }

    List<StoredObject> pictures() {
        List<StoredObject> pictures = new ArrayList<>();
        objects.forEach(
                (key, attributes) ->
                        pictures.add(new StoredObject(key, new LinkedHashMap<>(attributes))));
        return pictures;
    }

    List<StoredRelationship> relationships(People people) {
        List<StoredRelationship> pictures = new ArrayList<>();
        ties.forEach(
                (tie, attributes) -> {
                    String person =
                            tie.known()
                                    ? people.findByCioId(tie.holder()).map(Profile::name).orElse("")
                                    : "";
                    pictures.add(
                            new StoredRelationship(
                                    tie.object(),
                                    person,
                                    tie.known() ? "" : tie.holder(),
                                    new LinkedHashMap<>(attributes)));
                });
        return pictures;
    }
}
