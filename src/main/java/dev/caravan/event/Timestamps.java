package dev.caravan.event;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * ISO-8601 date-times with a zone, to the millisecond, of the years that have four digits in UTC.
 */
public final class Timestamps {
    /** What a text must be, for a person. */
    public static final String RULE =
            "must be an ISO-8601 date-time with a zone, of the years 0001 to 9999 in UTC, such as"
                    + " 2026-08-21T10:15:30.123Z";

    static final Instant FIRST = Instant.parse("0001-01-01T00:00:00Z");
    static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z");

    private static final DateTimeFormatter MILLIS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private static final byte[] FORM =
            "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.ISO_8859_1);
    private static final long SECONDS_OF_DAY = 86_400;

    private Timestamps() {}

    /** The canonical form, {@code 2026-08-21T10:15:30.123Z}. */
    public static String format(Instant time) {
        long seconds = time.getEpochSecond();
        if (seconds < FIRST.getEpochSecond() || seconds > LAST.getEpochSecond()) {
            return MILLIS.format(time);
        }
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(seconds, SECONDS_OF_DAY));
        int ofDay = (int) Math.floorMod(seconds, SECONDS_OF_DAY);
        byte[] text = FORM.clone();
        put(text, 0, 4, day.getYear());
        put(text, 5, 2, day.getMonthValue());
        put(text, 8, 2, day.getDayOfMonth());
        put(text, 11, 2, ofDay / 3_600);
        put(text, 14, 2, ofDay / 60 % 60);
        put(text, 17, 2, ofDay % 60);
        put(text, 20, 3, time.getNano() / 1_000_000);
        return new String(text, StandardCharsets.ISO_8859_1);
    }

    private static void put(byte[] text, int at, int digits, int number) {
        int rest = number;
        for (int i = at + digits - 1; i >= at; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /**
     * Reads {@code 2026-08-21T10:15:30.123Z}; the fraction may be absent or longer (it is cut to
     * milliseconds), the zone may be {@code +02:00}, {@code +0200} or {@code +02}, the {@code T} a
     * space.
     *
     * @return empty if it is anything else: no zone, a date alone, a number, a year that has not
     *     four digits in UTC or is 0000
     */
    public static Optional<Instant> parse(String text) {
        return new Scanner(text).instant().filter(Timestamps::isInRange);
    }

    static boolean isInRange(Instant time) {
        return !time.isBefore(FIRST) && !time.isAfter(LAST);
    }

    /**
     * Whether the text stands in a form that every reader of RFC 3339 takes; few take a leap
     * second.
     */
    static boolean isPlain(String text) {
        int zone = text.length() > 19 ? Math.max(text.lastIndexOf('+'), text.lastIndexOf('-')) : -1;
        return text.length() > 19
                && text.charAt(10) == 'T'
                && !text.startsWith("60", 17)
                && (text.endsWith("Z") || (zone > 18 && zone == text.length() - 6));
    }

    private static final class Scanner {
        private final String text;
        private int at;
        private boolean bad;

        Scanner(String text) {
            this.text = text;
        }

        Optional<Instant> instant() {
            int year = number(4);
            expect('-');
            int month = number(2);
            expect('-');
            int day = number(2);
            if (!skip('T') && !skip('t')) {
                expect(' ');
            }
            int hour = number(2);
            expect(':');
            int minute = number(2);
            expect(':');
            int second = number(2);
            int millis = skip('.') ? fraction() : 0;
            int offset = offsetSeconds();
            bad |= at != text.length() || hour > 23 || minute > 59 || second > 60;
            if (bad) {
                return Optional.empty();
            }
            try {
                long seconds =
                        LocalDate.of(year, month, day).toEpochDay() * 86_400
                                + hour * 3_600
                                + minute * 60
                                + Math.min(second, 59)
                                - offset;
                return Optional.of(Instant.ofEpochMilli(seconds * 1_000 + millis));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }

        private int offsetSeconds() {
            if (skip('Z') || skip('z')) {
                return 0;
            }
            int sign = skip('-') ? -1 : 1;
            if (sign > 0) {
                expect('+');
            }
            int hours = number(2);
            int minutes = 0;
            if (at < text.length()) {
                skip(':');
                minutes = number(2);
            }
            bad |= hours > 18 || minutes > 59;
            return sign * (hours * 3_600 + minutes * 60);
        }

        private int fraction() {
            int from = at;
            int millis = 0;
            for (int weight = 100; at < text.length() && isDigit(text.charAt(at)); weight /= 10) {
                millis += (text.charAt(at++) - '0') * weight;
            }
            bad |= at == from;
            return millis;
        }

        private int number(int digits) {
            int value = 0;
            for (int i = 0; i < digits; i++, at++) {
                if (at >= text.length() || !isDigit(text.charAt(at))) {
                    bad = true;
                    return 0;
                }
                value = value * 10 + text.charAt(at) - '0';
            }
            return value;
        }

        private boolean skip(char c) {
            boolean there = at < text.length() && text.charAt(at) == c;
            if (there) {
                at++;
            }
            return there;
        }

        private void expect(char c) {
            bad |= !skip(c);
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }
    }
}
