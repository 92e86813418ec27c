package dev.caravan.cli.lint;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** The entries of a file of properties with the lines that they begin in. */
record PropertiesFile(String name, List<Entry> entries) {
    /**
     * A property.
     *
     * @param line from 1
     */
    record Entry(String key, String value, int line) {}

    /**
     * Reads one as {@link Properties} does: the line where an entry begins is ours, what it says is
     * the library's.
     */
    static PropertiesFile parse(String name, String text) throws IOException {
        List<Entry> entries = new ArrayList<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int first = i;
            var logical = new StringBuilder(lines.get(i));
            while (!isComment(lines.get(first)) && goesOn(lines.get(i)) && i + 1 < lines.size()) {
                i++;
                logical.append('\n').append(lines.get(i));
            }
            var one = new Properties();
            one.load(new StringReader(logical.toString()));
            one.stringPropertyNames()
                    .forEach(key -> entries.add(new Entry(key, one.getProperty(key), first + 1)));
        }
        return new PropertiesFile(name, entries);
    }

    private static boolean isComment(String line) {
        String stripped = line.stripLeading();
        return stripped.startsWith("#") || stripped.startsWith("!");
    }

    /** Whether it ends in an odd number of backslashes. */
    private static boolean goesOn(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\\') {
            end--;
        }
        return (line.length() - end) % 2 == 1;
    }
}
