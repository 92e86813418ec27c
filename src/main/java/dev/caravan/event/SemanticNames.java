package dev.caravan.event;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which names of track calls carry a meaning. Exact names do; synonyms do where opted in; a name
 * that is almost a destructive one is neither that nor ordinary.
 */
public final class SemanticNames {
    private static final Map<String, Meaning> SYNONYMS =
            Map.ofEntries(
                    Map.entry("delete person", Meaning.USER_DELETED),
                    Map.entry("person deleted", Meaning.USER_DELETED),
                    Map.entry("delete user", Meaning.USER_DELETED),
                    Map.entry("customer deleted", Meaning.USER_DELETED),
                    Map.entry("suppress person", Meaning.USER_SUPPRESSED),
                    Map.entry("person suppressed", Meaning.USER_SUPPRESSED),
                    Map.entry("suppress user", Meaning.USER_SUPPRESSED),
                    Map.entry("unsuppress person", Meaning.USER_UNSUPPRESSED),
                    Map.entry("person unsuppressed", Meaning.USER_UNSUPPRESSED),
                    Map.entry("unsuppress user", Meaning.USER_UNSUPPRESSED),
                    Map.entry("delete object", Meaning.OBJECT_DELETED),
                    Map.entry("group deleted", Meaning.OBJECT_DELETED),
                    Map.entry("delete group", Meaning.OBJECT_DELETED),
                    Map.entry("delete relationship", Meaning.RELATIONSHIP_DELETED),
                    Map.entry("create or update device", Meaning.DEVICE_UPDATED),
                    Map.entry("add device", Meaning.DEVICE_UPDATED),
                    Map.entry("delete device", Meaning.DEVICE_DELETED));

    private static final Map<String, Meaning> FOLDED_DESTRUCTIVE = foldedDestructive();
    private static final int LONGEST_FOLD_WORTH_DOING = 100;

    /** Of an application's event names, that is; somebody may send as many as he likes. */
    private static final int MOST_REMEMBERED = 1024;

    private final boolean synonyms;
    private final Set<String> allowed;

    /** Names that were found to be no near miss, for folding one costs more than parsing it. */
    private final Set<String> ordinary = ConcurrentHashMap.newKeySet();

    /**
     * Makes the rules.
     *
     * @param synonyms whether the usual other names are taken for the canonical ones ({@code
     *     caravan.semantic.synonyms})
     * @param allowed names that look like a destructive one but are ordinary events of the user
     *     ({@code caravan.semantic.allow})
     */
    public SemanticNames(boolean synonyms, Set<String> allowed) {
        this.synonyms = synonyms;
        this.allowed = Set.copyOf(allowed);
    }

    /** The meaning of a name, by the exact name or an opted-in synonym. */
    Meaning meaningOf(String name) {
        Meaning exact = Meaning.ofName(name);
        if (exact != Meaning.ORDINARY || !synonyms) {
            return exact;
        }
        return SYNONYMS.getOrDefault(name.strip().toLowerCase(Locale.ROOT), Meaning.ORDINARY);
    }

    /** The destructive meaning that this name, which does not carry it, may have meant. */
    Optional<Meaning> nearMiss(String name) {
        if (name.length() > LONGEST_FOLD_WORTH_DOING
                || ordinary.contains(name)
                || allowed.contains(name)) {
            return Optional.empty();
        }
        Optional<Meaning> near = Optional.ofNullable(FOLDED_DESTRUCTIVE.get(fold(name)));
        if (near.isEmpty() && ordinary.size() < MOST_REMEMBERED) {
            ordinary.add(name);
        }
        return near;
    }

    private static Map<String, Meaning> foldedDestructive() {
        Map<String, Meaning> folded = new HashMap<>();
        for (Meaning meaning : Meaning.values()) {
            if (meaning.destructive()) {
                folded.put(fold(meaning.eventName()), meaning);
            }
        }
        return Map.copyOf(folded);
    }

    private static String fold(String name) {
        String plain = Normalizer.normalize(name, Normalizer.Form.NFKC);
        var folded = new StringBuilder(plain.length());
        for (int i = 0; i < plain.length(); i++) {
            char c = plain.charAt(i);
            if (Character.isLetterOrDigit(c)) {
                folded.append(Character.toLowerCase(Character.toUpperCase(c)));
            }
        }
        return folded.toString();
    }
}
