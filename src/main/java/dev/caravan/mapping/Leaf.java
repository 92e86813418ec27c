package dev.caravan.mapping;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value: where it comes from and what is done to it. The steps come in this order: find, {@code
 * first}, {@code trim}, {@code lower} or {@code upper}, {@code absent}; if it is nothing then (not
 * there, null, or an empty text) {@code default} or {@code required}, else {@code lookup} and
 * {@code type}.
 */
final class Leaf implements Part {
    private static final Set<String> TRUE = Set.of("true", "yes", "y", "t", "on", "1");
    private static final Set<String> FALSE = Set.of("false", "no", "n", "f", "off", "0");

    /** What a value becomes. */
    sealed interface Type {
        /** Stays what it is. */
        record AsIs() implements Type {}

        /** A text. */
        record Text() implements Type {}

        /** A number. */
        record Number(Numbers numbers) implements Type {}

        /** True or false. */
        record Flag() implements Type {}

        /** A date. */
        record Date(Dates dates) implements Type {}
    }

    /** What is done to a value; the fields are the words of the language. */
    static final class Steps {
        boolean first;
        boolean trim;
        boolean lower;
        boolean upper;
        Set<String> absent = Set.of();
        boolean keepNull;
        boolean keepEmpty;
        @Nullable Map<String, @Nullable Object> lookup;
        @Nullable Leaf otherwise;
        @Nullable Leaf substitute;
        boolean required;
        Type type = new Type.AsIs();
    }

    private final String field;
    private final Place place;
    private final Source source;
    private final Steps steps;

    Leaf(String field, Place place, Source source, Steps steps) {
        this.field = field;
        this.place = place;
        this.source = source;
        this.steps = steps;
    }

    static Leaf constant(String field, Place place, @Nullable Object value) {
        return new Leaf(field, place, new Source.Constant(value), new Steps());
    }

    String field() {
        return field;
    }

    Place place() {
        return place;
    }

    Source source() {
        return source;
    }

    /** The paths that it follows, those of what stands in for it too. */
    List<Path> paths() {
        List<Path> paths = new ArrayList<>(source.paths());
        if (steps.substitute != null) {
            paths.addAll(steps.substitute.paths());
        }
        if (steps.otherwise != null) {
            paths.addAll(steps.otherwise.paths());
        }
        return paths;
    }

    /** The same, but it has to be there. */
    Leaf demanded() {
        steps.required = true;
        return this;
    }

    /** The constant that it always is; {@link Path#ABSENT} if that depends on the record. */
    @Nullable Object always() {
        return source instanceof Source.Constant constant ? constant.value() : Path.ABSENT;
    }

    @Override
    public void write(Scope scope, JsonOut out) throws IOException {
        Object value = eval(scope);
        if (value != Path.ABSENT) {
            writeValue(value, scope, out);
        }
    }

    void writeValue(@Nullable Object value, Scope scope, JsonOut out) throws IOException {
        try {
            out.value(value);
        } catch (IllegalArgumentException e) {
            scope.reject(place, field, Made.Rule.RECORD, described() + ": " + e.getMessage());
        }
    }

    /**
     * The value for a record.
     *
     * @return {@link Path#ABSENT} if there is nothing to write; null is a null to write
     */
    @Nullable Object eval(Scope scope) {
        if (source instanceof Source.Constant constant) {
            return constant.value();
        }
        Object value = prepared(source.find(scope));
        if (value == null ? steps.keepNull : steps.keepEmpty && "".equals(value)) {
            return value;
        } else if (value == Path.ABSENT || value == null || "".equals(value)) {
            return nothing(scope);
        }
        if (steps.lookup != null) {
            Map<String, @Nullable Object> table = steps.lookup;
            String text = Texts.of(value);
            if (text == null || !table.containsKey(text)) {
                return unknown(scope, text);
            }
            value = table.get(text);
        }
        return value == null ? demanded(null, scope) : converted(value, scope);
    }

    private @Nullable Object prepared(@Nullable Object found) {
        Object value = found;
        if (steps.first && value instanceof List<?> list) {
            value = list.isEmpty() ? Path.ABSENT : list.get(0);
        }
        if (value instanceof String text) {
            String changed = steps.trim ? text.strip() : text;
            if (steps.lower) {
                changed = changed.toLowerCase(Locale.ROOT);
            } else if (steps.upper) {
                changed = changed.toUpperCase(Locale.ROOT);
            }
            value = changed;
        }
        if (!steps.absent.isEmpty()) {
            String text = Texts.of(value);
            if (text != null && steps.absent.contains(text)) {
                return Path.ABSENT;
            }
        }
        return value;
    }

    private @Nullable Object nothing(Scope scope) {
        return steps.substitute == null
                ? demanded(Path.ABSENT, scope)
                : demanded(steps.substitute.eval(scope), scope);
    }

    /** The value, which may not be nothing if there has to be one. */
    private @Nullable Object demanded(@Nullable Object value, Scope scope) {
        boolean nothing = value == Path.ABSENT || value == null || "".equals(value);
        if (!nothing || !steps.required || source instanceof Key) {
            return value;
        }
        scope.reject(
                place, field, Made.Rule.REQUIRED, described() + " must be there and not empty");
        return Path.ABSENT;
    }

    private @Nullable Object unknown(Scope scope, @Nullable String text) {
        if (text != null && steps.otherwise != null) {
            return demanded(steps.otherwise.eval(scope), scope);
        }
        scope.reject(
                place,
                field,
                Made.Rule.LOOKUP,
                text == null
                        ? described() + " is an object or a list and cannot be looked up"
                        : described()
                                + " must be in the lookup table; add it there, or 'otherwise'");
        return Path.ABSENT;
    }

    private Object converted(Object value, Scope scope) {
        Type type = steps.type;
        if (type instanceof Type.AsIs) {
            return value;
        } else if (type instanceof Type.Date date) {
            Dates.Result result = date.dates().convert(value);
            return result.value() == null
                    ? reject(scope, String.valueOf(result.wrong()))
                    : result.value();
        } else if (type instanceof Type.Number number) {
            Object converted =
                    value instanceof Number
                            ? value
                            : value instanceof String text ? number.numbers().parse(text) : null;
            return converted == null ? reject(scope, "must be a number") : converted;
        } else if (type instanceof Type.Flag) {
            Boolean flag = flag(value);
            return flag == null ? reject(scope, "must be true or false") : flag;
        }
        String text = Texts.of(value);
        return text == null ? reject(scope, "must be a text, a number or a boolean") : text;
    }

    private Object reject(Scope scope, String rule) {
        scope.reject(place, field, Made.Rule.TYPE, described() + " " + rule);
        return Path.ABSENT;
    }

    private static @Nullable Boolean flag(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        String text = Texts.of(value);
        String word = text == null ? "" : text.strip().toLowerCase(Locale.ROOT);
        return TRUE.contains(word) ? Boolean.TRUE : FALSE.contains(word) ? Boolean.FALSE : null;
    }

    /** The value by where it comes from, for a person. */
    String described() {
        if (source instanceof Source.AtPath at) {
            return "the value of " + at.path();
        } else if (source instanceof Source.Template) {
            return "the text of the template";
        }
        return "the value";
    }
}
