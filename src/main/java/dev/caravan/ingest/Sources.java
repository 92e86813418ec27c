package dev.caravan.ingest;

import dev.caravan.event.Source;

/** What the configuration says of sources that routes name. */
@FunctionalInterface
public interface Sources {
    /** Takes every source for a secret one: only who can write routes can name it. */
    Sources ALL_SECRET = name -> new Source(name, true);

    /**
     * The source of this name.
     *
     * @throws IllegalArgumentException if no source can have this name
     */
    Source named(String name);
}
