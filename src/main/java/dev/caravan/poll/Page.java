package dev.caravan.poll;

import dev.caravan.ingest.Records;
import org.jspecify.annotations.Nullable;

/**
 * What a feed gave in one go.
 *
 * @param records may be empty
 * @param progress how far the feed was read once these records are stored; null if that is not
 *     known yet, or no further than before
 * @param last whether the round ends with it
 */
record Page(Records records, @Nullable String progress, boolean last) {}
