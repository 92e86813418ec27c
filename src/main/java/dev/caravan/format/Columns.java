package dev.caravan.format;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The names of columns, each once and not empty. */
final class Columns {
    private final List<String> names;
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * Makes them.
     *
     * @throws IllegalArgumentException if a name is empty or stands twice; says which
     */
    Columns(List<String> names) {
        this.names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("there must be a column");
        }
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.isEmpty()) {
                throw new IllegalArgumentException("column %d has no name".formatted(i + 1));
            }
            Integer before = places.put(name, i);
            if (before != null) {
                throw new IllegalArgumentException(
                        "the name '%s' stands twice, at columns %d and %d"
                                .formatted(name, before + 1, i + 1));
            }
        }
    }

    List<String> names() {
        return names;
    }

    int size() {
        return names.size();
    }

    /** From 0; -1 if there is none of this name. */
    int indexOf(@Nullable Object name) {
        Integer place = places.get(name);
        return place == null ? -1 : place;
    }

    /** The name of a column, or its number where there is no such column. */
    String nameAt(int index) {
        return index < names.size() ? names.get(index) : String.valueOf(index + 1);
    }
}
