package dev.caravan.mapping;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong in one file; what is said twice about one place counts once. */
public final class Problems {
    private final String file;
    private final Set<Problem> found = new LinkedHashSet<>();

    /**
     * Makes one.
     *
     * @param file how the problems name it
     */
    public Problems(String file) {
        this.file = file;
    }

    String file() {
        return file;
    }

    /**
     * Adds one.
     *
     * @param field where in an event, empty if it is about the file
     * @param rule what must be and is not, for a person
     */
    public void add(Place place, String field, String rule) {
        found.add(new Problem(file, place.line(), place.column(), field, rule));
    }

    /** Whether nothing was found. */
    public boolean isEmpty() {
        return found.isEmpty();
    }

    /** All of them, from the top of the file to its end. */
    public List<Problem> inOrder() {
        return found.stream()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }

    void throwIfAny() throws MappingException {
        if (!found.isEmpty()) {
            throw new MappingException(inOrder());
        }
    }
}
