package dev.caravan.mapping;

import static java.util.Objects.requireNonNull;

/**
 * Something that is wrong, or looks wrong, in a mapping file.
 *
 * @param file the mapping file, as it was named to the parser
 * @param line from 1
 * @param column from 1
 * @param field where in the event, such as {@code traits.email}; empty if it is about the file
 * @param rule what must be and is not, for a person, with "did you mean" where there is a guess
 */
public record Problem(String file, int line, int column, String field, String rule) {
    public Problem {
        requireNonNull(file, "file");
        requireNonNull(field, "field");
        requireNonNull(rule, "rule");
    }

    /** {@code mappings/crm.yaml:7:12: traits.email: unknown option 'defualt'; did you mean ...}. */
    @Override
    public String toString() {
        String where = "%s:%d:%d: ".formatted(file, line, column);
        return field.isEmpty() ? where + rule : where + field + ": " + rule;
    }
}
