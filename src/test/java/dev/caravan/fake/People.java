package dev.caravan.fake;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Finds persons by id, email or cio_id, and knows which identifiers are suppressed. Guarded by the
 * workspace.
 */
final class People {

    private static final Pattern EMAIL = Pattern.compile("[^@\\s]+@[^@\\s]+\\.[^@\\s]+");

    private final Map<String, Profile> byCioId = new LinkedHashMap<>();
    private final Map<String, Profile> byId = new HashMap<>();
    private final Map<String, Profile> byEmail = new HashMap<>();
    private final Map<String, Set<String>> suppressed = new HashMap<>();
    private long minted;

    static boolean isEmail(String identifier) {
        return identifier.indexOf('@') > 0 && EMAIL.matcher(identifier).matches();
    }

    /** Finds by what may stand in {@code userId}: {@code cio_...}, an email, else an id. */
    Optional<Profile> find(String identifier) {
        if (identifier.startsWith("cio_")) {
            return Optional.ofNullable(byCioId.get(identifier.substring(4)));
        }
        return isEmail(identifier)
                ? findByEmail(identifier)
                : Optional.ofNullable(byId.get(identifier));
    }

    Optional<Profile> findByEmail(String email) {
        return Optional.ofNullable(byEmail.get(lower(email)));
    }

    Optional<Profile> findByCioId(String cioId) {
        return Optional.ofNullable(byCioId.get(cioId));
    }

    /**
     * Finds the person or makes one; nothing for an unknown {@code cio_...}, which only the server
     * mints.
     */
    Optional<Profile> findOrCreate(String identifier) {
        Optional<Profile> found = find(identifier);
        if (found.isPresent() || identifier.startsWith("cio_")) {
            return found;
        }
        Profile made = new Profile(String.format("%012x", ++minted));
        byCioId.put(made.cioId, made);
        if (isEmail(identifier)) {
            setEmail(made, identifier);
        } else {
            setId(made, identifier);
        }
        return Optional.of(made);
    }

    void setId(Profile person, String id) {
        byId.remove(person.id, person);
        person.id = id;
        byId.put(id, person);
    }

    /** Writes the email, or takes it away if it is empty. */
    void setEmail(Profile person, String email) {
        byEmail.remove(lower(person.email), person);
        person.email = email;
        if (!email.isEmpty()) {
            byEmail.put(lower(email), person);
        }
    }

    void remove(Profile person) {
        byCioId.remove(person.cioId);
        byId.remove(person.id, person);
        byEmail.remove(lower(person.email), person);
    }

    /** Blocks the identifier and, of a known person, the other one too. */
    void suppress(String identifier) {
        Set<String> together = new HashSet<>();
        together.add(key(identifier));
        find(identifier)
                .ifPresent(
                        person -> {
                            together.add(person.id);
                            together.add(lower(person.email));
                        });
        together.remove("");
        together.forEach(key -> suppressed.put(key, together));
    }

    /** Frees the identifier and those blocked together with it. */
    void unsuppress(String identifier) {
        Set<String> together = suppressed.getOrDefault(key(identifier), Set.of());
        Set.copyOf(together).forEach(suppressed::remove);
    }

    boolean isSuppressed(String identifier) {
        return !identifier.isEmpty() && suppressed.containsKey(key(identifier));
    }

    Set<String> suppressedIdentifiers() {
        return new TreeSet<>(suppressed.keySet());
    }

    Collection<Profile> all() {
        return byCioId.values();
    }

    private static String key(String identifier) {
        return isEmail(identifier) ? lower(identifier) : identifier;
    }

    private static String lower(String email) {
        return email.toLowerCase(Locale.ROOT);
    }
}
