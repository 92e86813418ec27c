package dev.caravan.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.caravan.event.Json;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Timestamps;
import dev.caravan.event.Traces;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose a door's dead letter is, which is no event and may break any rule: by the same fields as an
 * event's, in both spellings, in a member of a batch too. A record of a foreign format has beside
 * it whom a mapping found it to be about. What is neither is nobody's.
 */
final class LetterNames {
    /** Rules of letters that ask for nothing, so that an erasure may take them away. */
    private static final Set<String> ASK_FOR_NOTHING = Set.of("INVALID", "ID_REUSED");

    private LetterNames() {}

    /** Whether the letter is kept for what it asks for, until somebody has decided. */
    static boolean asksForErasure(String rule) {
        return !ASK_FOR_NOTHING.contains(rule);
    }

    /**
     * Asks for a letter.
     *
     * @param envelope what was said for the item outside of it, JSON or empty
     * @param behind the journal's last sequence when the letter came in
     * @return the id of an erasure that reaches it, 0 if none does
     */
    static long reaching(
            byte[] item,
            byte @Nullable [] envelope,
            long receivedMillis,
            long behind,
            Reach.Known known,
            ErasureKey key) {
        JsonNode tree = tree(item);
        JsonNode record =
                envelope == null ? MissingNode.getInstance() : tree(envelope).path("record");
        if (!record.isMissingNode()) {
            tree = record.path("about");
        }
        JsonNode items = tree.isObject() && tree.path("batch").isArray() ? tree.get("batch") : tree;
        if (!items.isArray()) {
            return reaching(items, receivedMillis, behind, known, key);
        }
        long id = 0;
        for (JsonNode one : items) {
            id = Math.max(id, reaching(one, receivedMillis, behind, known, key));
        }
        return id;
    }

    private static JsonNode tree(byte[] json) {
        try {
            return Json.toTree(json);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    private static long reaching(
            JsonNode item, long receivedMillis, long behind, Reach.Known known, ErasureKey key) {
        long at = Math.min(receivedMillis, happenedAt(item, receivedMillis));
        long id = 0;
        for (PersonKey name : names(item)) {
            id = Math.max(id, known.reaching(key.hash(name.hash()), at, behind));
        }
        return id;
    }

    private static long happenedAt(JsonNode item, long otherwise) {
        return Timestamps.parse(item.path("timestamp").asText())
                .map(Instant::toEpochMilli)
                .orElse(otherwise);
    }

    private static List<PersonKey> names(JsonNode item) {
        List<PersonKey> names = new ArrayList<>();
        for (String field : new String[] {"userId", "user_id", "previousId"}) {
            String id = item.path(field).asText();
            if (!id.isEmpty()) {
                names.add(PersonKey.user(id));
                if (Traces.isEmail(id)) {
                    names.add(PersonKey.email(id));
                }
            }
        }
        if (names.isEmpty()) {
            addVisitor(item, names);
        }
        return names;
    }

    private static void addVisitor(JsonNode item, List<PersonKey> names) {
        for (String field : new String[] {"anonymousId", "anonymous_id"}) {
            String id = item.path(field).asText();
            if (!id.isEmpty()) {
                names.add(PersonKey.visitor(id));
            }
        }
        String email = item.path("traits").path("email").asText();
        if (!email.isEmpty()) {
            names.add(PersonKey.email(email));
        }
    }
}
