package dev.caravan.mapping;

import java.util.List;
import java.util.stream.Collectors;

/** A mapping file that cannot be used; it names all that is wrong in it, not only the first. */
public final class MappingException extends Exception {
    private static final long serialVersionUID = 1;

    @SuppressWarnings("serial") // nobody serialises it
    private final List<Problem> problems;

    MappingException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the file; one or more. */
    public List<Problem> problems() {
        return problems;
    }
}
