package dev.caravan.mapping;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls of functions in a JSONPath. A compiled path is used by many threads, and the library keeps
 * the arguments of a call in it as they were for the last record: another thread would put them
 * into its own. So a call with arguments is not taken.
 */
public final class Functions {
    private static final Pattern QUOTED =
            Pattern.compile("'(?:[^'\\\\]|\\\\.)*'|\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern CALL = Pattern.compile("\\.([A-Za-z_]+)\\s*\\((\\s*\\))?");

    private Functions() {}

    /** What is wrong with a call in a path, if it has arguments. */
    public static Optional<String> complaint(String path) {
        Matcher call = calls(path);
        while (call.find()) {
            if (call.group(2) == null) {
                return Optional.of(complaintOf(call.group(1)));
            }
        }
        return Optional.empty();
    }

    private static String complaintOf(String name) {
        String why = "a function with arguments, which events that are made at once would share";
        return switch (name) {
            case "index" -> "'index' is %s; write [0] for the first element".formatted(why);
            case "concat" -> "'concat' is %s; in a mapping there is 'template'".formatted(why);
            default -> "'%s' is %s".formatted(name, why);
        };
    }

    /** Finds the calls; the group 1 is the name. */
    static Matcher calls(String path) {
        return CALL.matcher(QUOTED.matcher(path).replaceAll("''"));
    }
}
