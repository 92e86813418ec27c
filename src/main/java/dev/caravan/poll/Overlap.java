package dev.caravan.poll;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * How far behind the progress a round begins: so many, or so long.
 *
 * @param text as a route says it; null for the default
 */
record Overlap(@Nullable String text) {
    /** Checks it. */
    Overlap {
        if (text != null && !isNumber(text)) {
            try {
                if (Duration.parse(text).isNegative()) {
                    throw new IllegalArgumentException(rule("not negative", text));
                }
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        rule("a whole number, or a duration such as PT5M", text), e);
            }
        }
    }

    /** In numbers. */
    long number(long byDefault) throws FeedException {
        if (text == null) {
            return byDefault;
        } else if (!isNumber(text)) {
            throw new FeedException(rule("a whole number, since the values are numbers", text));
        }
        return Long.parseLong(text);
    }

    /** In time. */
    Duration time(Duration byDefault) throws FeedException {
        if (text == null) {
            return byDefault;
        } else if (isNumber(text)) {
            throw new FeedException(
                    rule("a duration such as PT5M, since the values are times", text));
        }
        return Duration.parse(text);
    }

    private static boolean isNumber(String text) {
        return text.matches("\\d{1,18}");
    }

    private static String rule(String rule, String text) {
        return "overlap must be %s, but is '%s'".formatted(rule, text);
    }
}
