package dev.caravan.console;

import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.DeadLetters.Filter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells in the log which dead letters have come since the last time: how many of each kind, so that
 * a source that sends a million of them takes few lines. Nothing of the events is told. Used by one
 * thread.
 */
public final class DeadLetterLog {
    /** Letters that are counted in one go. */
    private static final int MOST_PAGES = 100;

    private static final int PAGE = 1_000;
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);

    private final DeadLetters letters;
    private final Instant start;
    private long after;

    /** What is counted together. */
    private record Kind(@Nullable String destination, String source, String rule, int status) {}

    /** Makes one that tells of what comes from now on. */
    public DeadLetterLog(DeadLetters letters, InstantSource clock) {
        this.letters = letters;
        this.start = clock.instant();
    }

    /** Tells of those that are new; returns whether there may be more of them. */
    public boolean tell() {
        Map<Kind, Long> counts = new LinkedHashMap<>();
        try {
            return count(counts);
        } finally {
            counts.forEach(DeadLetterLog::tell);
        }
    }

    private boolean count(Map<Kind, Long> counts) {
        boolean more = true;
        for (int page = 0; more && page < MOST_PAGES; page++) {
            List<DeadLetter> found = letters.list(filter(), after, PAGE);
            for (DeadLetter letter : found) {
                var kind =
                        new Kind(
                                letter.destination(),
                                letter.source(),
                                letter.rule(),
                                letter.status());
                counts.merge(kind, 1L, Long::sum);
                after = letter.id();
            }
            more = found.size() == PAGE;
        }
        return more;
    }

    private static void tell(Kind kind, long count) {
        LOG.warn(
                "New dead letters: destination={} source={} rule={} statusCode={} count={}",
                kind.destination() == null ? "door" : kind.destination(),
                kind.source(),
                kind.rule(),
                kind.status(),
                count);
    }

    private Filter filter() {
        return new Filter(null, null, null, null, null, after == 0 ? start : null, null);
    }
}
