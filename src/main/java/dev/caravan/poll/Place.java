package dev.caravan.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a row stands in the order of some columns: their values. As text, one line each, with a
 * letter for the kind.
 */
record Place(List<Object> values) implements Comparable<Place> {
    private static final long OVERLAP_NUMBER = 1_000;
    private static final Duration OVERLAP_TIME = Duration.ofMinutes(5);

    Place {
        values = List.copyOf(values);
    }

    /** What {@link #toString} wrote. */
    static Place parse(String text) {
        List<Object> values = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            values.add(valueOf(line.charAt(0), line.substring(1)));
        }
        return new Place(values);
    }

    private static Object valueOf(char kind, String text) {
        return switch (kind) {
            case 'i' -> Long.valueOf(text);
            case 'n' -> new BigDecimal(text);
            case 'z' -> OffsetDateTime.parse(text);
            case 't' -> LocalDateTime.parse(text);
            case 'd' -> LocalDate.parse(text);
            case 'u' -> UUID.fromString(text);
            case 's' -> URLDecoder.decode(text, UTF_8);
            default ->
                    throw new IllegalArgumentException(
                            "a progress of kind '%c' is not known to this version".formatted(kind));
        };
    }

    /**
     * The values of a row.
     *
     * @throws IllegalArgumentException if one is missing or of a kind that has no order
     */
    static Place of(List<String> columns, List<@Nullable Object> row) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(ordered(columns.get(i), row.get(i)));
        }
        return new Place(values);
    }

    private static Object ordered(String column, @Nullable Object value) {
        if (value instanceof Integer || value instanceof Short) {
            return ((Number) value).longValue();
        } else if (value instanceof Long
                || value instanceof BigDecimal
                || value instanceof OffsetDateTime
                || value instanceof LocalDateTime
                || value instanceof LocalDate
                || value instanceof UUID
                || value instanceof String) {
            return value;
        }
        throw new IllegalArgumentException(
                "column '%s' must be a number, a time, a day, a text or a UUID in each row, but is %s"
                        .formatted(
                                column,
                                value == null ? "empty" : value.getClass().getSimpleName()));
    }

    /**
     * So far behind: everything in the column that is greater comes behind the returned place.
     *
     * @param overlap as a route says it; null for the default
     */
    Place back(@Nullable String overlap) {
        Object first = values.get(0);
        Object earlier = first;
        if (first instanceof Long number) {
            earlier = number - number(overlap);
        } else if (first instanceof BigDecimal number) {
            earlier = number.subtract(BigDecimal.valueOf(number(overlap)));
        } else if (first instanceof OffsetDateTime time) {
            earlier = time.minus(duration(overlap));
        } else if (first instanceof LocalDateTime time) {
            earlier = time.minus(duration(overlap));
        } else if (first instanceof LocalDate day) {
            earlier = day.minusDays(Math.max(1, duration(overlap).toDays()));
        }
        return earlier.equals(first) ? this : new Place(List.of(earlier));
    }

    private static long number(@Nullable String overlap) {
        try {
            return overlap == null ? OVERLAP_NUMBER : Long.parseLong(overlap);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "overlap must be a whole number, since the column is one, but is '%s'"
                            .formatted(overlap),
                    e);
        }
    }

    private static Duration duration(@Nullable String overlap) {
        try {
            return overlap == null ? OVERLAP_TIME : Duration.parse(overlap);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "overlap must be a duration such as PT5M, since the column is a time, but is '%s'"
                            .formatted(overlap),
                    e);
        }
    }

    /** By the first value: only that one is sure to be ordered as the database orders it. */
    @Override
    public int compareTo(Place other) {
        Object mine = values.get(0);
        Object theirs = other.values.get(0);
        if (mine instanceof OffsetDateTime time && theirs instanceof OffsetDateTime than) {
            return time.toInstant().compareTo(than.toInstant());
        } else if (mine instanceof LocalDateTime time && theirs instanceof LocalDateTime than) {
            return time.compareTo(than);
        } else if (mine instanceof LocalDate day && theirs instanceof LocalDate than) {
            return day.compareTo(than);
        } else if (mine instanceof Number && theirs instanceof Number) {
            return new BigDecimal(mine.toString()).compareTo(new BigDecimal(theirs.toString()));
        }
        return 1; // a text or a UUID: the database said that it comes later
    }

    /** For a person: {@code id 17, changed 2026-01-02}. */
    String words(List<String> columns) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            words.add(Sql.bare(columns.get(i)) + " " + values.get(i));
        }
        return String.join(", ", words);
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        for (Object value : values) {
            lines.add(line(value));
        }
        return String.join("\n", lines);
    }

    private static String line(Object value) {
        if (value instanceof Long) {
            return "i" + value;
        } else if (value instanceof BigDecimal) {
            return "n" + value;
        } else if (value instanceof OffsetDateTime) {
            return "z" + value;
        } else if (value instanceof LocalDateTime) {
            return "t" + value;
        } else if (value instanceof LocalDate) {
            return "d" + value;
        } else if (value instanceof UUID) {
            return "u" + value;
        }
        return "s" + URLEncoder.encode(value.toString(), UTF_8);
    }
}
