package dev.caravan.ingest;

import dev.caravan.event.Source;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The write keys and whose they are. Kept as SHA-256 digests, and each look-up compares with all of
 * them to the last byte, so that neither a dump nor a stopwatch gives a key away. Immutable.
 */
public final class Keys {
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(Keys::sha256);

    private final List<Owner> owners;

    /** One key. */
    private record Owner(byte[] digest, Source source) {}

    private Keys(List<Owner> owners) {
        this.owners = List.copyOf(owners);
    }

    /** Whether no key is set at all. */
    public boolean isEmpty() {
        return owners.isEmpty();
    }

    /** Whose key this is. */
    public Optional<Source> owner(String key) {
        byte[] digest = digest(key);
        Source found = null;
        for (Owner owner : owners) {
            if (MessageDigest.isEqual(owner.digest, digest)) {
                found = owner.source;
            }
        }
        return Optional.ofNullable(found);
    }

    private static byte[] digest(String key) {
        return SHA_256.get().digest(key.getBytes(StandardCharsets.UTF_8));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Names nothing secret. */
    @Override
    public String toString() {
        return owners.size() + " keys";
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Gathers keys; what could be mistaken is an error. */
    public static final class Builder {
        private final List<Owner> owners = new ArrayList<>();
        private final Map<String, String> owner = new HashMap<>();

        private Builder() {}

        /**
         * Adds a key.
         *
         * @throws IllegalArgumentException if it is blank or was added before; the message names
         *     both sources and does not quote the key
         */
        public Builder add(String key, Source source) {
            if (key.isBlank()) {
                throw new IllegalArgumentException(
                        "the key of source '%s' is empty: set one, or leave the setting out"
                                .formatted(source.name()));
            } else if (key.indexOf(':') >= 0) {
                throw new IllegalArgumentException(
                        "the key of source '%s' has a ':', which Basic authentication cannot carry"
                                .formatted(source.name()));
            }
            String other = owner.putIfAbsent(key, source.name());
            if (other != null) {
                throw new IllegalArgumentException(
                        "source '%s' has the same key as source '%s': each key must be one source's"
                                .formatted(source.name(), other));
            }
            owners.add(new Owner(digest(key), source));
            return this;
        }

        public Keys build() {
            return new Keys(owners);
        }
    }
}
