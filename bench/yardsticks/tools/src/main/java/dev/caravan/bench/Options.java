package dev.caravan.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The {@code --name value} options of a command line; a name alone means {@code true}. */
final class Options {

    private final Map<String, String> values = new HashMap<>();

    private Options() {}

    /**
     * Reads a command line.
     *
     * @param known the names that are understood, without the dashes
     * @throws IllegalArgumentException if a word is no option, or none of the known ones
     */
    static Options parse(String[] args, Set<String> known) {
        Options options = new Options();
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("--") || !known.contains(args[i].substring(2))) {
                throw new IllegalArgumentException(
                        "unknown option " + args[i] + ", known are " + known);
            }
            boolean hasValue = i + 1 < args.length && !args[i + 1].startsWith("--");
            options.values.put(args[i].substring(2), hasValue ? args[++i] : "true");
        }
        return options;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("option --" + name + " is missing");
        }
        return value;
    }

    String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    long number(String name) {
        return Long.parseLong(text(name));
    }

    long number(String name, long otherwise) {
        return has(name) ? number(name) : otherwise;
    }

    int integer(String name, int otherwise) {
        return Math.toIntExact(number(name, otherwise));
    }

    double decimal(String name, double otherwise) {
        return has(name) ? Double.parseDouble(text(name)) : otherwise;
    }
}
