package dev.caravan.mapping;

import dev.caravan.event.Timestamps;
import java.math.BigDecimal;
import java.text.ParsePosition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalQueries;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/**
 * Dates of a record to what is sent. A date without a time is the start of its day. A local time
 * that the clocks leave out in spring is moved on by what they leave out; of one that comes twice
 * in autumn the earlier is taken.
 *
 * @param forms tried in turn
 * @param zone of dates that say none
 * @param as how the date is sent
 */
record Dates(List<Form> forms, @Nullable ZoneId zone, As as) {
    /** How a date is sent. */
    enum As {
        ISO,
        DATE,
        SECONDS,
        MILLIS
    }

    static final Dates TIMESTAMP = new Dates(List.of(Iso.FORM), null, As.ISO);

    Dates {
        forms = List.copyOf(forms);
    }

    /** A way to read a text. */
    sealed interface Form {
        /**
         * The date, time and zone that the text says; null if it is not of this form.
         *
         * @param alone whether no other form will be tried
         */
        @Nullable TemporalAccessor parse(String text, boolean alone);
    }

    /** ISO-8601: a date, or a date and a time, with or without a zone. */
    record Iso() implements Form {
        static final Iso FORM = new Iso();

        private static final DateTimeFormatter LOCAL =
                new DateTimeFormatterBuilder()
                        .append(DateTimeFormatter.ISO_LOCAL_DATE)
                        .optionalStart()
                        .appendPattern("['T'][ ]")
                        .append(DateTimeFormatter.ISO_LOCAL_TIME)
                        .toFormatter(Locale.ROOT)
                        .withResolverStyle(ResolverStyle.STRICT)
                        .withChronology(IsoChronology.INSTANCE);

        @Override
        public @Nullable TemporalAccessor parse(String text, boolean alone) {
            Optional<Instant> instant = Timestamps.parse(text);
            if (instant.isEmpty()) {
                return Dates.parse(LOCAL, text, alone);
            }
            try {
                return OffsetDateTime.ofInstant(instant.get(), offset(text, instant.get()));
            } catch (DateTimeException e) { // no zone is further off than 18 hours
                return null;
            }
        }

        /** The zone that the text says, so that its day is still known. */
        private static ZoneOffset offset(String text, Instant instant) {
            int second = Math.min(59, Integer.parseInt(text.substring(17, 19)));
            LocalTime time = LocalTime.parse(text.substring(11, 16)).withSecond(second);
            LocalDateTime local = LocalDateTime.of(LocalDate.parse(text.substring(0, 10)), time);
            long seconds = local.toEpochSecond(ZoneOffset.UTC) - instant.getEpochSecond();
            return ZoneOffset.ofTotalSeconds(Math.toIntExact(seconds));
        }
    }

    /** Seconds or milliseconds since 1970. */
    record Epoch(boolean millis) implements Form {
        @Override
        public @Nullable TemporalAccessor parse(String text, boolean alone) {
            Number number = Numbers.PLAIN.parse(text);
            if (number == null) {
                return null;
            }
            try {
                BigDecimal since = new BigDecimal(number.toString());
                BigDecimal all = millis ? since : since.movePointRight(3);
                if (all.precision() - all.scale() > 18) {
                    return null;
                }
                return OffsetDateTime.ofInstant(Instant.ofEpochMilli(floor(all)), ZoneOffset.UTC);
            } catch (ArithmeticException | DateTimeException e) {
                return null;
            }
        }

        private static long floor(BigDecimal millis) {
            return millis.setScale(0, java.math.RoundingMode.FLOOR).longValueExact();
        }
    }

    /** A pattern of {@link DateTimeFormatter}. */
    record Pattern(
            String pattern,
            DateTimeFormatter formatter,
            @Nullable Digits digits,
            @Nullable DateTimeFormatter zoneName)
            implements Form {
        private static final java.util.regex.Pattern ZONE_NAME =
                java.util.regex.Pattern.compile("z+");

        /** As of a person who takes M for minutes. */
        private static final java.util.regex.Pattern HOUR_AND_MONTH =
                java.util.regex.Pattern.compile("[HhKk][:.]?M");

        private static final ZonedDateTime SAMPLE =
                ZonedDateTime.of(2026, 11, 23, 21, 41, 37, 123_000_000, ZoneOffset.ofHours(2));

        /**
         * Compiles one.
         *
         * @throws IllegalArgumentException if it is none, or does not say a whole date; the message
         *     says the rule
         */
        static Pattern of(String pattern, Locale locale) {
            DateTimeFormatter formatter;
            try {
                formatter =
                        new DateTimeFormatterBuilder()
                                .parseCaseInsensitive()
                                .appendPattern(yearsOfTheCalendar(pattern))
                                .toFormatter(locale)
                                .withResolverStyle(ResolverStyle.STRICT)
                                .withChronology(IsoChronology.INSTANCE);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "'%s' is no date pattern: %s".formatted(pattern, e.getMessage()), e);
            }
            requireWhole(pattern, formatter);
            Matcher zone = ZONE_NAME.matcher(unquoted(pattern));
            return new Pattern(
                    pattern,
                    formatter,
                    Digits.of(pattern),
                    zone.find() ? DateTimeFormatter.ofPattern(zone.group(), locale) : null);
        }

        private static String unquoted(String pattern) {
            return pattern.replaceAll("'[^']*'", "");
        }

        /** {@code y} is a year of an era, which nobody writes into a file, and would ask for it. */
        private static String yearsOfTheCalendar(String pattern) {
            var calendar = new StringBuilder(pattern.length());
            boolean quoted = false;
            for (int i = 0; i < pattern.length(); i++) {
                char c = pattern.charAt(i);
                quoted ^= c == '\'';
                calendar.append(!quoted && c == 'y' ? 'u' : c);
            }
            return calendar.toString();
        }

        private static void requireWhole(String pattern, DateTimeFormatter formatter) {
            TemporalAccessor back;
            try {
                back = Dates.parse(formatter, formatter.format(SAMPLE), true);
            } catch (DateTimeException e) {
                back = null;
            }
            LocalDate day = back == null ? null : back.query(TemporalQueries.localDate());
            boolean time = back != null && back.query(TemporalQueries.localTime()) != null;
            if (!SAMPLE.toLocalDate().equals(day)
                    || saysTime(pattern) != time
                    || HOUR_AND_MONTH.matcher(unquoted(pattern)).find()) {
                throw new IllegalArgumentException(
                        "'%s' does not say a whole date, or date and time: day is d, month M, year y, hour of 24 H, minute m, second s; h needs a (AM or PM)"
                                .formatted(pattern));
            }
        }

        boolean saysZone() {
            return unquoted(pattern).matches(".*[VvzOXxZ].*");
        }

        boolean saysTime() {
            return saysTime(pattern);
        }

        private static boolean saysTime(String pattern) {
            return unquoted(pattern).matches(".*[HhKkmsSAnN].*");
        }

        @Override
        public @Nullable TemporalAccessor parse(String text, boolean alone) {
            LocalDateTime usual = digits == null ? null : digits.parse(text);
            if (usual != null) {
                return usual;
            }
            TemporalAccessor date = Dates.parse(formatter, text, alone);
            return date == null || zoneName == null ? date : named(date, text, zoneName);
        }

        /**
         * The date with the offset that the name of its zone means. The library goes by the place
         * alone: it takes {@code 12:00 CET} in July for 12:00 in Paris, where that is no CET, and
         * of an hour that comes twice always the first.
         *
         * @return null if the zone does not have this name at this time
         */
        private static @Nullable TemporalAccessor named(
                TemporalAccessor date, String text, DateTimeFormatter zoneName) {
            LocalDate day = date.query(TemporalQueries.localDate());
            ZoneId zone = date.query(TemporalQueries.zone());
            if (day == null || zone == null) {
                return date;
            }
            LocalTime time = date.query(TemporalQueries.localTime());
            ZonedDateTime first = day.atTime(time == null ? LocalTime.MIDNIGHT : time).atZone(zone);
            for (ZonedDateTime one : List.of(first, first.withLaterOffsetAtOverlap())) {
                String name = java.util.regex.Pattern.quote(zoneName.format(one));
                if (text.matches("(?iu).*(?<!\\p{L})" + name + "(?!\\p{L}).*")) {
                    return one;
                }
            }
            return null;
        }
    }

    /** Looks first, where others follow, since an exception costs more than looking twice. */
    private static @Nullable TemporalAccessor parse(
            DateTimeFormatter formatter, String text, boolean alone) {
        var position = new ParsePosition(0);
        if (!alone
                && (formatter.parseUnresolved(text, position) == null
                        || position.getIndex() < text.length())) {
            return null;
        }
        try {
            return formatter.parse(text);
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** What is sent for a value, or why nothing can be. */
    record Result(@Nullable Object value, @Nullable String wrong) {}

    /** Converts a value of a record. */
    Result convert(Object value) {
        TemporalAccessor date = null;
        String text = Texts.of(value);
        for (int i = 0; text != null && date == null && i < forms.size(); i++) {
            date = forms.get(i).parse(text.strip(), forms.size() == 1);
        }
        if (date == null) {
            return new Result(null, "must be a date of the form " + described());
        }
        try {
            return sent(date);
        } catch (DateTimeException | ArithmeticException e) {
            return new Result(null, "is a date that is out of range");
        }
    }

    private Result sent(TemporalAccessor date) {
        LocalDate day = date.query(TemporalQueries.localDate());
        if (day == null) {
            return new Result(null, "must be a date");
        }
        if (as == As.DATE) {
            return inRange(day)
                    ? new Result(day.toString(), null)
                    : new Result(null, "must be of the years 0001 to 9999");
        }
        Instant instant = instant(date, day);
        if (instant == null) {
            return new Result(null, "says no zone; add 'zone' to the mapping");
        } else if (!inRange(LocalDate.ofInstant(instant, ZoneOffset.UTC))) {
            return new Result(null, "must be of the years 0001 to 9999");
        }
        return new Result(
                switch (as) {
                    case SECONDS -> instant.getEpochSecond();
                    case MILLIS -> instant.toEpochMilli();
                    default -> Timestamps.format(instant);
                },
                null);
    }

    private @Nullable Instant instant(TemporalAccessor date, LocalDate day) {
        if (date.isSupported(ChronoField.INSTANT_SECONDS)) {
            return Instant.from(date);
        }
        LocalTime said = date.query(TemporalQueries.localTime());
        LocalTime time = said == null ? LocalTime.MIDNIGHT : said;
        ZoneId of = date.query(TemporalQueries.zone());
        ZoneId at = of == null ? zone : of;
        return at == null ? null : LocalDateTime.of(day, time).atZone(at).toInstant();
    }

    private static boolean inRange(LocalDate day) {
        return day.getYear() >= 1 && day.getYear() <= 9999;
    }

    private String described() {
        return String.join(" or ", forms.stream().map(Dates::described).toList());
    }

    private static String described(Form form) {
        if (form instanceof Pattern pattern) {
            return "'" + pattern.pattern() + "'";
        } else if (form instanceof Epoch epoch) {
            return epoch.millis() ? "'millis'" : "'seconds'";
        }
        return "'iso' (ISO-8601)";
    }
}
