package dev.caravan.cli.lint;

import static java.util.Objects.requireNonNull;

/**
 * Something that lint has to say.
 *
 * @param file as a person would name it from where they called lint; {@code environment} for
 *     variables
 * @param line from 1; 0 if it is about no line
 * @param severity whether Caravan would not start or would break a promise, or may only not do what
 *     is meant
 * @param message the thing, the rule, and what to write in its place
 */
public record Finding(String file, int line, Severity severity, String message) {
    /** How bad it is. */
    public enum Severity {
        /** Caravan does not start with it, or does not keep its promises. */
        ERROR,
        /** It works, but is hardly meant. */
        WARNING
    }

    public Finding {
        requireNonNull(file, "file");
        requireNonNull(severity, "severity");
        requireNonNull(message, "message");
    }

    /** Whether it is an error. */
    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** {@code routes/crm.camel.yaml:7: error: unknown key 'chioce'; did you mean 'choice'?}. */
    @Override
    public String toString() {
        String where = line == 0 ? file : file + ":" + line;
        return "%s: %s: %s".formatted(where, isError() ? "error" : "warning", oneLine(message));
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*\\R\\s*", "; ");
    }
}
