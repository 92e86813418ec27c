package dev.caravan.mapping;

import dev.caravan.event.Json;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where two JSON values differ, field by field. */
final class Difference {
    private final List<String> found = new ArrayList<>();

    private Difference() {}

    /** One line for each difference; numbers are the same if their values are. */
    static List<String> between(@Nullable Object expected, @Nullable Object actual) {
        var difference = new Difference();
        difference.compare("", expected, actual);
        return difference.found;
    }

    private void compare(String field, @Nullable Object expected, @Nullable Object actual) {
        if (expected instanceof Map<?, ?> one && actual instanceof Map<?, ?> other) {
            members(field, one, other);
        } else if (expected instanceof List<?> one && actual instanceof List<?> other) {
            elements(field, one, other);
        } else if (!same(expected, actual)) {
            add(field, "expected " + shown(expected) + " but was " + shown(actual));
        }
    }

    private void members(String field, Map<?, ?> expected, Map<?, ?> actual) {
        Set<Object> keys = new LinkedHashSet<>(expected.keySet());
        keys.addAll(actual.keySet());
        for (Object key : keys) {
            String inside = Constants.inside(field, String.valueOf(key));
            if (!actual.containsKey(key)) {
                add(inside, "expected " + shown(expected.get(key)) + " but it is not there");
            } else if (!expected.containsKey(key)) {
                add(inside, "not expected, but was " + shown(actual.get(key)));
            } else {
                compare(inside, expected.get(key), actual.get(key));
            }
        }
    }

    private void elements(String field, List<?> expected, List<?> actual) {
        if (expected.size() != actual.size()) {
            add(
                    field,
                    "expected %d elements but there are %d"
                            .formatted(expected.size(), actual.size()));
        }
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            compare(field + "[" + i + "]", expected.get(i), actual.get(i));
        }
    }

    private void add(String field, String what) {
        found.add(field.isEmpty() ? what : field + ": " + what);
    }

    private static boolean same(@Nullable Object expected, @Nullable Object actual) {
        if (expected instanceof Number one && actual instanceof Number other) {
            return new BigDecimal(one.toString()).compareTo(new BigDecimal(other.toString())) == 0;
        }
        return Objects.equals(expected, actual);
    }

    private static String shown(@Nullable Object value) {
        return value == null ? "null" : new String(Json.toBytes(value), StandardCharsets.UTF_8);
    }
}
