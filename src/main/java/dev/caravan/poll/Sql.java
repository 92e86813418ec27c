package dev.caravan.poll;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parts of statements, of names that stand in a route. */
final class Sql {
    private static final Pattern NAME =
            Pattern.compile(
                    "(?:[\\p{L}_][\\p{L}\\p{N}_$]*|\"[^\"]+\")(?:\\.(?:[\\p{L}_][\\p{L}\\p{N}_$]*|\"[^\"]+\"))*");

    private Sql() {}

    /**
     * The same name.
     *
     * @throws IllegalArgumentException if it is none, so that no statement hides in it
     */
    static String name(String option, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "%s must be a name in SQL, quoted if it has other characters than letters, digits and '_', but is '%s'"
                            .formatted(option, name));
        }
        return name;
    }

    static List<String> names(String option, List<String> names) {
        return names.stream().map(name -> name(option, name)).toList();
    }

    /**
     * A name as the database calls it in its answers, where that differs from how it is written.
     */
    static String bare(String name) {
        String last = name.substring(name.lastIndexOf('.') + 1);
        return last.replace("\"", "");
    }

    /** What the conditions say together; empty if there is none. */
    static String where(@Nullable String... conditions) {
        StringBuilder sql = new StringBuilder();
        for (String condition : conditions) {
            if (condition != null && !condition.isBlank()) {
                sql.append(sql.isEmpty() ? " WHERE (" : " AND (").append(condition).append(')');
            }
        }
        return sql.toString();
    }

    /**
     * What comes behind a row in the order of these columns: so many parameters, see {@link
     * #behindValues}. Empty columns come last, as PostgreSQL has them; the first is never empty.
     */
    static String behind(List<String> columns, List<Object> row) {
        StringBuilder sql = new StringBuilder(columns.get(0)).append(" >= ? AND (");
        for (int last = 0; last < row.size(); last++) {
            if (row.get(last) == Place.EMPTY) {
                continue; // nothing comes behind it
            }
            sql.append(last == 0 ? "" : " OR ");
            for (int i = 0; i < last; i++) {
                sql.append(columns.get(i))
                        .append(row.get(i) == Place.EMPTY ? " IS NULL" : " = ?")
                        .append(" AND ");
            }
            String column = columns.get(last);
            sql.append(last == 0 ? column + " > ?" : "(%s > ? OR %<s IS NULL)".formatted(column));
        }
        return sql.append(')').toString();
    }

    /** The values for {@link #behind}, in the order of its parameters. */
    static List<Object> behindValues(List<Object> row) {
        List<Object> values = new ArrayList<>();
        values.add(row.get(0));
        for (int last = 0; last < row.size(); last++) {
            if (row.get(last) != Place.EMPTY) {
                values.addAll(row.subList(0, last + 1));
            }
        }
        values.removeIf(value -> value == Place.EMPTY);
        return values;
    }
}
