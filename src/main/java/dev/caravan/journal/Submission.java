package dev.caravan.journal;

import dev.caravan.event.Reading;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a door was given in one go, to be stored whole or not at all.
 *
 * @param source the source's name
 * @param receivedAt when it came in
 * @param place where it came from in words for a dead letter, such as a file's name; empty if the
 *     source says it all
 * @param items at most {@link #MAX_ITEMS}
 * @param order the decision of an operator by which it is stored; null if there was none
 * @param file how far a file is stored with it; null if it is of none
 */
public record Submission(
        String source,
        Instant receivedAt,
        String place,
        List<Reading> items,
        Decision.@Nullable Order order,
        @Nullable FileMark file) {
    /** A longer stream is submitted in parts and acknowledged after the last. */
    public static final int MAX_ITEMS = 10_000;

    /** Bytes of JSON in one submission. */
    public static final int MAX_BYTES = 8_000_000;

    /** What a door was given, of no file. */
    public Submission(String source, Instant receivedAt, String place, List<Reading> items) {
        this(source, receivedAt, place, items, null, null);
    }

    public Submission {
        items = List.copyOf(items);
        if (items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException(
                    "a submission has at most %,d items but had %,d"
                            .formatted(MAX_ITEMS, items.size()));
        }
    }
}
