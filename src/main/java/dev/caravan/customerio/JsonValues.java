package dev.caravan.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.Limits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks that Java values are those that JSON has, before they are written: a date, a bean or a NaN
 * would be turned into something that nobody asked for. Bounded, also for values that hold
 * themselves.
 */
final class JsonValues {
    private static final int DEEPEST = 200;

    /** What the JSON writer can write without an exponent. */
    private static final int LARGEST_SCALE = 9_999;

    private int left = Limits.EVENT_BYTES;

    private JsonValues() {}

    /**
     * Checks an event.
     *
     * @throws IllegalArgumentException naming the first field of another kind; or if the event is
     *     certain to break the limit of {@link Limits#EVENT_BYTES}
     */
    static void check(Map<?, ?> event) {
        new JsonValues().object(event, "", 0);
    }

    private void object(Map<?, ?> map, String path, int depth) {
        for (Map.Entry<?, ?> field : map.entrySet()) {
            if (!(field.getKey() instanceof String name)) {
                throw new IllegalArgumentException(
                        "a field's name%s must be a text".formatted(in(path)));
            }
            spend(name.length());
            value(field.getValue(), path.isEmpty() ? name : path + "." + name, depth + 1);
        }
    }

    private void value(@Nullable Object value, String path, int depth) {
        spend(1);
        if (depth > DEEPEST) {
            throw new IllegalArgumentException(
                    "the event is nested deeper than " + DEEPEST + " levels");
        }
        if (value instanceof Map<?, ?> map) {
            object(map, path, depth);
        } else if (value instanceof Collection<?> list) {
            for (Object element : list) {
                value(element, path + "[]", depth + 1);
            }
        } else if (value instanceof Object[] array) {
            for (Object element : array) {
                value(element, path + "[]", depth + 1);
            }
        } else if (value instanceof String text) {
            spend(text.length());
        } else if (value instanceof Double || value instanceof Float) {
            if (!Double.isFinite(((Number) value).doubleValue())) {
                throw new IllegalArgumentException(
                        "field '%s' is not a finite number".formatted(shown(path)));
            }
        } else if (value instanceof BigDecimal decimal) {
            if (Math.abs((long) decimal.scale()) > LARGEST_SCALE) {
                throw new IllegalArgumentException(
                        "field '%s' is a number with too many zeros".formatted(shown(path)));
            }
            spend(
                    decimal.scale() > 0
                            ? Math.max(decimal.precision(), decimal.scale())
                            : decimal.precision() - decimal.scale());
        } else if (value instanceof BigInteger number) {
            spend(number.bitLength() * 3L / 10);
        } else if (!(value == null
                || value instanceof Boolean
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Short
                || value instanceof Byte
                || value instanceof JsonNode)) {
            throw new IllegalArgumentException(
                    "field '%s' is a %s, which JSON does not have%s"
                            .formatted(shown(path), value.getClass().getName(), hint(value)));
        }
    }

    /** Counts bytes that the JSON will have at least. */
    private void spend(long bytes) {
        left -= (int) Math.min(bytes, Limits.EVENT_BYTES + 1);
        if (left < 0) {
            throw new IllegalArgumentException(
                    "the event has more bytes than the limit of %,d".formatted(Limits.EVENT_BYTES));
        }
    }

    private static String hint(Object value) {
        boolean time =
                value instanceof java.util.Date
                        || value instanceof java.util.Calendar
                        || value instanceof java.time.temporal.TemporalAccessor;
        return time ? ": give an ISO-8601 text with a zone" : "";
    }

    private static String in(String path) {
        return path.isEmpty() ? "" : " in '" + shown(path) + "'";
    }

    private static String shown(String path) {
        String cut = path.length() > 80 ? path.substring(0, 80) + "..." : path;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
