/** The doors in: what a caller hands over becomes events in the journal, or an answer why not. */
@NullMarked
package dev.caravan.ingest;

import org.jspecify.annotations.NullMarked;
