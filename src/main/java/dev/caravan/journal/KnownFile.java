package dev.caravan.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A file that was stored in part.
 *
 * @param identity what the ids of its records derive from
 * @param records how many of its first records are stored
 * @param checksum of these
 * @param broken why it could not be read on; null if a crash ended it, or it is being read
 * @param at when that was
 */
public record KnownFile(
        String source,
        String name,
        String identity,
        long records,
        long checksum,
        @Nullable String broken,
        Instant at) {}
