package dev.caravan.mapping;

import dev.caravan.event.Digest;
import dev.caravan.event.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A messageId that is made of values: the same values always give the same id.
 *
 * @param name the mapping's, so that the records of two mappings of one source are told apart
 * @param values what tells the record and its version; each must be there
 * @param kind {@code type} and {@code event} of the event, by which the events of one record are
 *     told apart
 * @param numbered whether the number of the element of an {@code each} counts
 */
record Key(String name, List<Leaf> values, List<Leaf> kind, boolean numbered) implements Source {
    private static final int DEEPEST = 500;

    Key {
        values = List.copyOf(values);
        kind = List.copyOf(kind);
    }

    @Override
    public Object find(Scope scope) {
        List<String> texts = new ArrayList<>(values.size() + kind.size() + 1);
        for (Leaf value : values) {
            Object found = value.eval(scope);
            if (found == Path.ABSENT || found == null) {
                scope.reject(
                        value.place(),
                        value.field(),
                        Made.Rule.REQUIRED,
                        "%s must be there, for it is part of the key".formatted(value.described()));
                return Path.ABSENT;
            }
            texts.add(text(found));
        }
        for (Leaf value : kind) {
            texts.add(text(value.eval(scope)));
        }
        Digest digest = Digest.get().add(name);
        texts.forEach(digest::add);
        if (numbered) {
            digest.add(scope.index());
        }
        return digest.toHash().hex();
    }

    private static String text(@Nullable Object value) {
        String text = Texts.of(value);
        if (text != null || value == Path.ABSENT || value == null) {
            return text == null ? "" : text;
        }
        return new String(Json.toBytes(sorted(value, 0)), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The same without the order of its members, which means nothing. */
    private static @Nullable Object sorted(@Nullable Object value, int depth) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("is nested deeper than " + DEEPEST);
        } else if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> sorted = new TreeMap<>();
            map.forEach(
                    (key, member) -> sorted.put(String.valueOf(key), sorted(member, depth + 1)));
            return new LinkedHashMap<>(sorted);
        } else if (value instanceof List<?> list) {
            return list.stream().map(one -> sorted(one, depth + 1)).toList();
        }
        return value;
    }

    @Override
    public List<Path> paths() {
        return values.stream().flatMap(Key::pathsOf).toList();
    }

    private static Stream<Path> pathsOf(Leaf leaf) {
        return leaf.paths().stream();
    }
}
