package dev.caravan.mapping;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.JsonPathException;
import com.jayway.jsonpath.PathNotFoundException;
import com.jayway.jsonpath.spi.json.JacksonJsonProvider;
import com.jayway.jsonpath.spi.mapper.JacksonMappingProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A JSONPath, compiled once. Names and indexes, which most paths are made of, are followed by the
 * two lines of code that they need; everything else is left to the library that Camel uses, and the
 * answers are the same. {@code $item} is the element of the {@code each} around it.
 */
final class Path {
    /** The answer of a path that leads nowhere; not null, which may be what stands there. */
    static final Object ABSENT = new Object();

    private static final String ITEM = "$item";
    private static final Configuration LIBRARY =
            Configuration.builder()
                    .jsonProvider(new JacksonJsonProvider())
                    .mappingProvider(new JacksonMappingProvider())
                    .build();
    private static final Pattern STEP =
            Pattern.compile(
                    "\\.([A-Za-z_][A-Za-z0-9_-]*)|\\['([^'\"\\\\]+)'\\]|\\[\"([^'\"\\\\]+)\"\\]|\\[([0-9]{1,8})\\]");
    private static final Set<String> FLOATING = Set.of("min", "max", "avg", "stddev", "sum");
    private static final Set<String> FUNCTIONS = Set.of("length", "size", "first", "last");

    private final String text;
    private final boolean ofItem;
    private final Object @Nullable [] steps;
    private final @Nullable JsonPath library;
    private final boolean definite;

    private Path(
            String text, boolean ofItem, Object @Nullable [] steps, @Nullable JsonPath library) {
        this.text = text;
        this.ofItem = ofItem;
        this.steps = steps;
        this.library = library;
        this.definite = library == null || library.isDefinite();
    }

    /** Whether a text of a mapping is a path and no constant. */
    static boolean looksLikeOne(String text) {
        return text.startsWith("$");
    }

    /**
     * Compiles one.
     *
     * @throws IllegalArgumentException if it is none; the message says the rule
     */
    static Path compile(String text) {
        String stripped = text.strip();
        boolean ofItem = stripped.startsWith(ITEM) && !isWord(stripped, ITEM.length());
        String rest = stripped.substring(ofItem ? ITEM.length() : Math.min(1, stripped.length()));
        if (!stripped.startsWith("$")
                || (!rest.isEmpty() && !rest.startsWith(".") && !rest.startsWith("["))) {
            throw new IllegalArgumentException(
                    "a path is '$' or '$item' with '.name' or '[...]' behind it, but this is '%s'; a text that starts with '$' is written {value: ...}"
                            .formatted(text));
        }
        check(rest);
        Object[] steps = steps(rest);
        return steps != null
                ? new Path(stripped, ofItem, steps, null)
                : new Path(stripped, ofItem, null, library("$" + rest));
    }

    /** What the library finds out only when it has a record, or never. */
    private static void check(String rest) {
        if (rest.endsWith("[")) {
            throw new IllegalArgumentException("a '[' at the end of a path opens nothing");
        }
        Functions.complaint(rest)
                .ifPresent(
                        wrong -> {
                            throw new IllegalArgumentException(wrong);
                        });
        Matcher call = Functions.calls(rest);
        while (call.find()) {
            if (FLOATING.contains(call.group(1))) {
                throw new IllegalArgumentException(
                        "'%s' calculates in floating point, so numbers would not stay exact"
                                .formatted(call.group(1)));
            } else if (!FUNCTIONS.contains(call.group(1))) {
                throw new IllegalArgumentException(
                        "unknown function '%s'%s; there are first, last, length and size"
                                .formatted(call.group(1), Nearest.hint(call.group(1), FUNCTIONS)));
            }
        }
    }

    /** The path that the library alone follows. */
    static Path compileForLibrary(String text) {
        return new Path(text, false, null, library(text));
    }

    /** The field of this name in the record, whatever letters it has. */
    static Path ofName(String name) {
        return new Path(name, false, new Object[] {name}, null);
    }

    private static boolean isWord(String text, int at) {
        return at < text.length()
                && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_');
    }

    private static Object @Nullable [] steps(String rest) {
        List<Object> steps = new ArrayList<>();
        Matcher step = STEP.matcher(rest);
        int at = 0;
        while (at < rest.length()) {
            if (!step.region(at, rest.length()).lookingAt()) {
                return null;
            }
            steps.add(step.group(4) != null ? (Object) Integer.valueOf(step.group(4)) : name(step));
            at = step.end();
        }
        return steps.toArray();
    }

    private static String name(Matcher step) {
        for (int group = 1; group < 3; group++) {
            if (step.group(group) != null) {
                return step.group(group);
            }
        }
        return step.group(3);
    }

    private static JsonPath library(String path) {
        try {
            return JsonPath.compile(path);
        } catch (InvalidPathException
                | IllegalArgumentException
                | StringIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "'%s' is not JSONPath: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** As it was written. */
    String text() {
        return text;
    }

    /** The same for all ways to write the same simple path. */
    String normal() {
        if (steps == null) {
            return text;
        }
        var normal = new StringBuilder(ofItem ? ITEM : "$");
        for (Object step : steps) {
            normal.append('[').append(step instanceof String ? "'" + step + "'" : step).append(']');
        }
        return normal.toString();
    }

    /** Whether it starts at the element of an {@code each} and not at the record. */
    boolean ofItem() {
        return ofItem;
    }

    /** Whether no library is needed to follow it. */
    boolean simple() {
        return steps != null;
    }

    /**
     * What it finds.
     *
     * @return {@link #ABSENT} if nothing; null if a null stands there. A path that can find several
     *     values gives a list of them, and {@link #ABSENT} for none
     */
    @Nullable Object find(@Nullable Object record, @Nullable Object item) {
        Object from = ofItem ? item : record;
        if (steps != null) {
            return follow(steps, from);
        } else if (from == null || library == null) {
            return ABSENT;
        }
        try {
            Object found = library.read(from, LIBRARY);
            return !definite && found instanceof Collection<?> all && all.isEmpty()
                    ? ABSENT
                    : found;
        } catch (PathNotFoundException | IndexOutOfBoundsException e) { // first() of an empty list
            return ABSENT;
        } catch (JsonPathException | ClassCastException e) {
            throw new IllegalArgumentException(
                    "does not fit the path %s (%s)".formatted(text, e.getClass().getSimpleName()),
                    e);
        }
    }

    private static @Nullable Object follow(Object[] steps, @Nullable Object from) {
        Object at = from;
        for (Object step : steps) {
            if (step instanceof String name) {
                if (!(at instanceof Map<?, ?> map)) {
                    return ABSENT;
                }
                at = map.get(name);
                if (at == null && !map.containsKey(name)) {
                    return ABSENT;
                }
            } else {
                int index = (Integer) step;
                if (!(at instanceof List<?> list) || index >= list.size()) {
                    return ABSENT;
                }
                at = list.get(index);
            }
        }
        return at;
    }

    @Override
    public String toString() {
        return text;
    }
}
