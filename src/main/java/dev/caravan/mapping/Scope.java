package dev.caravan.mapping;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One record on its way through a mapping: where paths start, and what is wrong so far. */
final class Scope {
    private final String file;
    private final @Nullable Object record;
    private @Nullable Object item;
    private int index;
    private @Nullable Set<Made.Rejected> rejections;
    private @Nullable Object firstId;
    private @Nullable Set<Object> laterIds;

    Scope(String file, @Nullable Object record) {
        this.file = file;
        this.record = record;
    }

    /** The element of the innermost {@code each}. */
    @Nullable Object item() {
        return item;
    }

    /** The number of that element, from 0. */
    int index() {
        return index;
    }

    void enter(@Nullable Object element, int number) {
        item = element;
        index = number;
    }

    @Nullable Object find(Path path) {
        return path.find(record, item);
    }

    /** Whether no other event of the record has this messageId. */
    boolean isNewId(@Nullable Object id) {
        if (id == null) {
            return true;
        } else if (firstId == null) {
            firstId = id;
            return true;
        } else if (laterIds == null) {
            laterIds = new HashSet<>();
        }
        return !id.equals(firstId) && laterIds.add(id);
    }

    /** Notes why the record cannot become an event; the same reason counts once. */
    void reject(Place place, String field, Made.Rule rule, String reason) {
        if (rejections == null) {
            rejections = new LinkedHashSet<>();
        }
        rejections.add(new Made.Rejected(file, place.line(), place.column(), field, rule, reason));
    }

    boolean isRejected() {
        return rejections != null;
    }

    List<Made> rejections() {
        return rejections == null ? List.of() : List.copyOf(rejections);
    }
}
