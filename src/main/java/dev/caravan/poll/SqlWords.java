package dev.caravan.poll;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Set;

/** What a database says of a failure, as far as it says nothing of what is in it. */
final class SqlWords {
    /** Of connections, logins and databases. */
    private static final Set<String> CLASSES = Set.of("08", "28", "3D");

    /** Of tables, columns, operators and rights, which the message calls by name. */
    private static final Set<String> STATES = Set.of("42501", "42703", "42804", "42883", "42P01");

    private SqlWords() {}

    /** The error's name and state; the first line of its message where that holds no value. */
    static String of(SQLException error) {
        SQLException cause = error;
        while (cause instanceof BatchUpdateException && cause.getNextException() != null) {
            cause = cause.getNextException(); // its own message has the statement and its values
        }
        String state = cause.getSQLState();
        String name = cause.getClass().getSimpleName();
        if (state == null) {
            return name;
        }
        String message = cause.getMessage();
        boolean safe =
                !(cause instanceof BatchUpdateException)
                        && message != null
                        && (STATES.contains(state)
                                || CLASSES.contains(
                                        state.substring(0, Math.min(2, state.length()))));
        return name + " " + state + (safe ? ": " + message.lines().findFirst().orElse("") : "");
    }
}
