package dev.caravan.mapping;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Values as the text that stands for them, in lookups, templates, ids and comparisons. */
final class Texts {
    private static final int LONGEST_ZEROS = 30;

    private Texts() {}

    /**
     * The text of a single value.
     *
     * @return null for a map, a list or null
     */
    static @Nullable String of(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        } else if (value instanceof Number number) {
            return number(number);
        }
        return value instanceof Boolean ? value.toString() : null;
    }

    /**
     * The number as JSON writes it, with all of its digits, and without an exponent unless that
     * takes more than a few zeros.
     *
     * @throws IllegalArgumentException if it is infinite or none
     */
    static String number(Number number) {
        if (number instanceof BigDecimal decimal) {
            return plain(decimal);
        } else if (number instanceof Double || number instanceof Float) {
            return plain(new BigDecimal(finite(number)));
        }
        return number.toString();
    }

    private static String finite(Number number) {
        if (!Double.isFinite(number.doubleValue())) {
            throw new IllegalArgumentException(
                    "a number that is infinite or none has no place in JSON");
        }
        return number.toString(); // the shortest text that means this number
    }

    private static String plain(BigDecimal decimal) {
        long zeros =
                Math.max(-(long) decimal.scale(), (long) decimal.scale() - decimal.precision());
        return zeros > LONGEST_ZEROS ? decimal.toString() : decimal.toPlainString();
    }
}
