package dev.caravan.journal;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a journal is kept.
 *
 * @param directory where its files are; made if missing
 * @param partitions fixed when the journal is made; another number later is an error
 * @param retention how long settled events stay for replay and looking up
 * @param dedupe how long message ids are remembered at least
 * @param maxSize bytes that it may take on disk, 0 for no limit but the disk's
 */
public record JournalSettings(
        Path directory, Partitions partitions, Duration retention, Duration dedupe, long maxSize) {
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(7);
    public static final Duration DEFAULT_DEDUPE = Duration.ofDays(30);
    public static final Partitions DEFAULT_PARTITIONS = new Partitions(64);

    public JournalSettings {
        requireNotNegative("retention", retention);
        requireNotNegative("dedupe", dedupe);
        if (maxSize < 0) {
            throw new IllegalArgumentException("max-size must not be negative but was " + maxSize);
        }
    }

    /** The defaults in this directory. */
    public static JournalSettings in(Path directory) {
        return new JournalSettings(
                directory, DEFAULT_PARTITIONS, DEFAULT_RETENTION, DEFAULT_DEDUPE, 0);
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(name + " must not be negative but was " + value);
        }
    }
}
