package dev.caravan.poll;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where a row stands in the order of some columns: their values. As text, one line each, with a
 * letter for the kind.
 */
record Place(List<Object> values) implements Comparable<Place> {
    /** What stands for a column that is empty in a row; it comes behind all values. */
    static final Object EMPTY = Empty.EMPTY;

    private static final long OVERLAP_NUMBER = 1_000;
    private static final Duration OVERLAP_TIME = Duration.ofMinutes(5);

    /** Times without a zone go back by an hour when summer time ends. */
    private static final Duration OVERLAP_LOCAL = Duration.ofMinutes(65);

    private static final Duration NUMBERS_SETTLE = Duration.ofDays(1);

    /** As long as rows of one value may still be written where it is cut to the hour or day. */
    private static final Duration COARSE_SETTLE = Duration.ofDays(2);

    private enum Empty {
        EMPTY;

        @Override
        public String toString() {
            return "empty";
        }
    }

    Place {
        values = List.copyOf(values);
    }

    /** What {@link #toString} wrote. */
    static Place parse(String text) throws FeedException {
        List<Object> values = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            values.add(valueOf(line.charAt(0), line.substring(1)));
        }
        return new Place(values);
    }

    private static Object valueOf(char kind, String text) throws FeedException {
        return switch (kind) {
            case 'i' -> Long.valueOf(text);
            case 'n' -> new BigDecimal(text);
            case 'z' -> OffsetDateTime.parse(text);
            case 't' -> LocalDateTime.parse(text);
            case 'd' -> LocalDate.parse(text);
            case 'u' -> UUID.fromString(text);
            case 's' -> URLDecoder.decode(text, UTF_8);
            case 'e' -> EMPTY;
            default ->
                    throw new FeedException(
                            "a progress of kind '%c' is not known to this version".formatted(kind));
        };
    }

    /**
     * The values of a row.
     *
     * @throws FeedException if one is of a kind that has no order
     */
    static Place of(List<String> columns, List<@Nullable Object> row) throws FeedException {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(ordered(columns.get(i), row.get(i)));
        }
        return new Place(values);
    }

    private static Object ordered(String column, @Nullable Object value) throws FeedException {
        if (value == null) {
            return EMPTY;
        } else if (value instanceof Integer || value instanceof Short) {
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
        throw new FeedException(
                "column '%s' must be a number, a time, a day, a text or a UUID in each row, but is %s"
                        .formatted(column, value.getClass().getSimpleName()));
    }

    /** Whether the first value is of a kind that grows, and has an overlap. */
    boolean grows() {
        Object first = values.get(0);
        return first instanceof Number
                || first instanceof OffsetDateTime
                || first instanceof LocalDateTime
                || first instanceof LocalDate;
    }

    /** Whether the first value is a time that comes later. */
    boolean isLaterThan(Instant time) {
        Object first = values.get(0);
        LocalDateTime local = LocalDateTime.ofInstant(time, ZoneOffset.UTC);
        return (first instanceof OffsetDateTime zoned && zoned.toInstant().isAfter(time))
                || (first instanceof LocalDateTime unzoned && unzoned.isAfter(local))
                || (first instanceof LocalDate day && day.isAfter(local.toLocalDate()));
    }

    /** So far behind: everything in the column that is greater comes behind the returned place. */
    Place back(Overlap overlap) throws FeedException {
        try {
            Object first = values.get(0);
            Object earlier = earlier(first, overlap);
            return earlier.equals(first) ? this : new Place(List.of(earlier));
        } catch (DateTimeException e) {
            return this; // the least that there is
        }
    }

    private static Object earlier(Object first, Overlap overlap) throws FeedException {
        if (first instanceof Long number) {
            return number - overlap.number(OVERLAP_NUMBER);
        } else if (first instanceof BigDecimal number) {
            return number.subtract(BigDecimal.valueOf(overlap.number(OVERLAP_NUMBER)));
        } else if (first instanceof OffsetDateTime time) {
            return time.minus(overlap.time(OVERLAP_TIME));
        } else if (first instanceof LocalDateTime time) {
            return time.minus(overlap.time(OVERLAP_LOCAL));
        } else if (first instanceof LocalDate day) {
            return day.minusDays(Math.max(1, overlap.time(OVERLAP_TIME).toDays()));
        }
        return first;
    }

    /** How long after this was reached a row can come into sight before it, or at it. */
    Duration settles(Overlap overlap) throws FeedException {
        Object first = values.get(0);
        if (first instanceof OffsetDateTime time) {
            return settles(overlap.time(OVERLAP_TIME), isCoarse(time.toLocalTime()));
        } else if (first instanceof LocalDateTime time) {
            return settles(overlap.time(OVERLAP_LOCAL), isCoarse(time.toLocalTime()));
        } else if (first instanceof LocalDate) {
            return settles(overlap.time(OVERLAP_TIME), true);
        }
        return NUMBERS_SETTLE;
    }

    /** The same of a time with this overlap. */
    static Duration settles(Duration overlap, boolean coarse) {
        return coarse ? overlap.plus(COARSE_SETTLE) : overlap;
    }

    /** Whether a time looks as if it were cut to the minute, hour or day. */
    static boolean isCoarse(LocalTime time) {
        return time.equals(time.truncatedTo(ChronoUnit.MINUTES));
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
        return 1; // the column had another kind before
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
        } else if (value == EMPTY) {
            return "e";
        }
        return "s" + URLEncoder.encode(value.toString(), UTF_8);
    }
}
