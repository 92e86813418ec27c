package dev.caravan.ingest;

import static java.util.Objects.requireNonNull;

import dev.caravan.format.Format;
import dev.caravan.format.JsonText;
import org.jspecify.annotations.Nullable;

/**
 * How a route's bodies become events.
 *
 * @param format how they are told into records
 * @param mapping the name of the mapping that makes events of records; null if they are events
 */
public record Reception(Format format, @Nullable String mapping) {
    public Reception {
        requireNonNull(format, "format");
    }

    /** Whether records are JSON texts. */
    boolean isJson() {
        return format instanceof JsonText;
    }

    /** The text in which the records are events already, byte for byte; null if they are not. */
    public @Nullable JsonText plain() {
        return mapping == null && format instanceof JsonText json ? json : null;
    }

    /** Whether what comes in is JSON that holds events as they are. */
    public boolean isPlain() {
        return plain() != null;
    }
}
