package dev.caravan.mapping;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the usual date patterns, in which each number has a fixed place, without the machinery of
 * {@link java.time.format.DateTimeFormatter}, which takes several times as long. What it cannot
 * read is left to that one.
 */
final class Digits {
    private static final String NUMBERS = "yyyy MM dd HH mm ss SSS";
    private static final int NANOS_OF_MILLI = 1_000_000;

    /** One number: what it means, and where it stands. */
    private record Field(char letter, int from, int digits) {}

    private final String literals;
    private final List<Field> fields;

    private Digits(String literals, List<Field> fields) {
        this.literals = literals;
        this.fields = List.copyOf(fields);
    }

    /**
     * The reader for a pattern that says a date and a time.
     *
     * @return null if the pattern is not one of the usual ones
     */
    static @Nullable Digits of(String pattern) {
        var literals = new StringBuilder();
        List<Field> fields = new ArrayList<>();
        var letters = new StringBuilder();
        for (int at = 0; at < pattern.length(); ) {
            char c = pattern.charAt(at);
            int end = at;
            while (end < pattern.length() && pattern.charAt(end) == c) {
                end++;
            }
            if (!Character.isLetter(c)) {
                if ("'[]{}#".indexOf(c) >= 0 || c >= 0x80) {
                    return null;
                }
                literals.append(pattern, at, end);
            } else if ((" " + NUMBERS + " ").contains(" " + pattern.substring(at, end) + " ")) {
                fields.add(new Field(c, literals.length(), end - at));
                literals.append("\0".repeat(end - at));
                letters.append(c);
            } else {
                return null;
            }
            at = end;
        }
        boolean whole =
                "yMdHm".chars().allMatch(letter -> letters.indexOf(Character.toString(letter)) >= 0)
                        && letters.chars().distinct().count() == letters.length()
                        && (letters.indexOf("S") < 0 || letters.indexOf("s") >= 0);
        return whole ? new Digits(literals.toString(), fields) : null;
    }

    /** The date and time; null if somebody else has to look at the text. */
    @Nullable LocalDateTime parse(String text) {
        if (text.length() != literals.length()) {
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            char literal = literals.charAt(i);
            char c = text.charAt(i);
            if (literal == 0 ? c < '0' || c > '9' : c != literal) {
                return null;
            }
        }
        int year = 0;
        int month = 0;
        int day = 0;
        int hour = 0;
        int minute = 0;
        int second = 0;
        int millis = 0;
        for (Field field : fields) {
            int number = number(text, field);
            switch (field.letter()) {
                case 'y' -> year = number;
                case 'M' -> month = number;
                case 'd' -> day = number;
                case 'H' -> hour = number;
                case 'm' -> minute = number;
                case 's' -> second = number;
                default -> millis = number;
            }
        }
        boolean exists =
                month >= 1
                        && month <= 12
                        && day >= 1
                        && day <= LocalDate.of(year, month, 1).lengthOfMonth()
                        && hour <= 23
                        && minute <= 59
                        && second <= 59;
        return exists
                ? LocalDateTime.of(year, month, day, hour, minute, second, millis * NANOS_OF_MILLI)
                : null;
    }

    private static int number(String text, Field field) {
        int number = 0;
        for (int i = field.from(); i < field.from() + field.digits(); i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }
}
