package dev.caravan.journal;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The journal's state for health and metrics.
 *
 * @param writable whether the last attempt to write succeeded
 * @param problem why not, in words for an operator; null if writable
 * @param warning what will go wrong if nobody acts, such as too little space; null if nothing
 * @param bytes size on disk
 * @param maxBytes {@code caravan.journal.max-size}, 0 if unset
 * @param freeBytes space left on the disk
 * @param oldest when the oldest event kept was received, null if there is none
 * @param sources totals by source since the journal was made
 */
public record JournalStatus(
        boolean writable,
        @Nullable String problem,
        @Nullable String warning,
        long bytes,
        long maxBytes,
        long freeBytes,
        @Nullable Instant oldest,
        Map<String, SourceTotals> sources) {
    public JournalStatus {
        sources = Map.copyOf(sources);
    }

    /**
     * Items that came in at the doors, each counted once, but that those skipped are among those
     * accepted.
     */
    public record SourceTotals(long accepted, long skipped, long duplicates, long setAside) {
        public SourceTotals(long accepted, long duplicates, long setAside) {
            this(accepted, 0, duplicates, setAside);
        }

        SourceTotals plus(SourceTotals more) {
            return new SourceTotals(
                    accepted + more.accepted,
                    skipped + more.skipped,
                    duplicates + more.duplicates,
                    setAside + more.setAside);
        }
    }
}
