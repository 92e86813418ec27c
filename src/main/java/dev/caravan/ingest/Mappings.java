package dev.caravan.ingest;

import dev.caravan.mapping.Mapping;

/** Finds mappings by name. */
@FunctionalInterface
public interface Mappings {
    /** There are none. */
    Mappings NONE =
            name -> {
                throw new UnusableMappingException("the mapping '%s' is not there".formatted(name));
            };

    /**
     * The mapping as it is now, so that one that was mended counts from the next file or message
     * on.
     *
     * @throws UnusableMappingException if there is none, or it cannot be used; says why
     */
    Mapping get(String name) throws UnusableMappingException;
}
