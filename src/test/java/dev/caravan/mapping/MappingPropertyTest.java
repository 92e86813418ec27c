package dev.caravan.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.event.Timestamps;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What holds for every record. */
class MappingPropertyTest {
    private static final ObjectMapper EXACT =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final Mapping COPY =
            MappingTest.parse(
                    "{type: identify, userId: u, traits: {v: $.v, list: {each: $.list}}}");

    @Property(tries = 500)
    void textToNumberKeepsEveryDigit(
            @ForAll BigInteger unscaled, @ForAll @IntRange(min = 0, max = 30) int scale)
            throws IOException {
        // Given
        BigDecimal number = new BigDecimal(unscaled, scale);
        String plain = number.toPlainString();
        Map<String, Object> record =
                Map.of(
                        "point",
                        plain,
                        "comma",
                        plain.replace('.', ','),
                        "grouped",
                        grouped(plain),
                        "implied",
                        (unscaled.signum() < 0 ? unscaled.negate() + "-" : "+" + unscaled));
        Mapping mapping =
                MappingTest.parse(
                        """
                        type: identify
                        userId: u
                        traits:
                          point: {path: $.point, type: number}
                          comma: {path: $.comma, type: number, decimal: ","}
                          grouped: {path: $.grouped, type: number, decimal: ",", grouping: "."}
                          implied: {path: $.implied, type: number, decimals: %d}
                        """
                                .formatted(scale));
        // When
        Map<?, ?> traits = traits(mapping, record);
        // Then
        assertThat(traits.keySet()).hasSize(4);
        assertThat(traits.values())
                .allSatisfy(
                        value -> assertThat(new BigDecimal(value.toString())).isEqualTo(number));
    }

    @Property(tries = 500)
    void numbersOfARecordKeepEveryDigit(@ForAll("numbers") Number number) throws IOException {
        // When
        Object value = traits(COPY, Map.of("v", number)).get("v");
        // Then
        assertThat(new BigDecimal(value.toString()))
                .isEqualByComparingTo(new BigDecimal(number.toString()));
    }

    @Provide
    Arbitrary<Number> numbers() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Number.class::cast),
                Arbitraries.bigIntegers().map(Number.class::cast),
                Arbitraries.bigDecimals().map(Number.class::cast),
                Arbitraries.bigDecimals().map(one -> one.scaleByPowerOfTen(200)),
                Arbitraries.bigDecimals().map(one -> one.scaleByPowerOfTen(-200)),
                Arbitraries.doubles().map(Number.class::cast));
    }

    @Property(tries = 1000)
    void anyTextGivesValidJson(@ForAll String text, @ForAll("halves") String half)
            throws IOException {
        // Given
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("v", Map.of(text + half, List.of(half + text)));
        record.put("list", List.of(text, half, half + "\"\\\u0000" + text));
        // When
        Map<?, ?> traits = traits(COPY, record);
        // Then
        assertThat(traits).isEqualTo(record);
    }

    @Provide
    Arbitrary<String> halves() {
        return Arbitraries.strings()
                .withChars('\ud83d', '\ude00', 'a', '"', '\\', '\n', '\u2028', '\u00e4')
                .ofMaxLength(12);
    }

    @Property(tries = 2000)
    void theShortWayOfAPathFindsWhatTheLibraryFinds(
            @ForAll("paths") String path, @ForAll("records") Object record) {
        // Given
        Path fast = Path.compile(path);
        Path library = Path.compileForLibrary(path);
        assertThat(fast.simple()).isTrue();
        // Then
        assertThat(fast.find(record, null)).isSameAs(library.find(record, null));
    }

    @Provide
    Arbitrary<String> paths() {
        Arbitrary<String> step =
                Arbitraries.of(
                        ".a",
                        ".b-c",
                        ".A_1",
                        "['a']",
                        "[\"a\"]",
                        "['My Column']",
                        "['b-c']",
                        "['x, y']",
                        "['*']",
                        "['$.a']",
                        "['?']",
                        "[0]",
                        "[1]",
                        "[7]",
                        ".length");
        return step.list().ofMaxSize(4).map(steps -> "$" + String.join("", steps));
    }

    @Provide
    Arbitrary<Object> records() {
        return values(4).filter(Objects::nonNull); // the library takes no null for a document
    }

    private static Arbitrary<Object> values(int depth) {
        Arbitrary<Object> leaf =
                Arbitraries.of("text", "", 1L, new BigDecimal("1.50"), true)
                        .map(Object.class::cast);
        if (depth == 0) {
            return leaf.injectNull(0.2);
        }
        Arbitrary<Object> inside = values(depth - 1);
        Arbitrary<Object> map =
                Arbitraries.maps(
                                Arbitraries.of(
                                        "a",
                                        "b-c",
                                        "A_1",
                                        "My Column",
                                        "x, y",
                                        "*",
                                        "$.a",
                                        "?",
                                        "length"),
                                inside)
                        .ofMinSize(1)
                        .ofMaxSize(6)
                        .map(Object.class::cast);
        Arbitrary<Object> list = inside.list().ofMaxSize(3).map(Object.class::cast);
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(1, leaf.injectNull(0.2)),
                net.jqwik.api.Tuple.of(5, map),
                net.jqwik.api.Tuple.of(2, list));
    }

    @Property(tries = 2000)
    void theShortWayOfADateReadsWhatTheLibraryReads(
            @ForAll @IntRange(min = 0, max = 9999) int year,
            @ForAll @IntRange(min = 0, max = 13) int month,
            @ForAll @IntRange(min = 0, max = 32) int day,
            @ForAll @IntRange(min = 0, max = 24) int hour,
            @ForAll @IntRange(min = 0, max = 60) int second) {
        // Given
        String text =
                "%04d.%02d.%02d %02d:%02d:%02d.789"
                        .formatted(year, month, day, hour, second, second);
        Dates.Pattern pattern = Dates.Pattern.of("yyyy.MM.dd HH:mm:ss.SSS", Locale.ENGLISH);
        assertThat(pattern.digits()).isNotNull();
        // When
        LocalDateTime read = pattern.digits().parse(text);
        // Then
        TemporalAccessor library =
                new Dates.Pattern("", pattern.formatter(), null, null).parse(text, true);
        assertThat(read).isEqualTo(library == null ? null : LocalDateTime.from(library));
    }

    @Property(tries = 2000)
    void writesATimeAsTheLibraryDoes(
            @ForAll @LongRange(min = -62_200_000_000L, max = 253_500_000_000L) long second,
            @ForAll @IntRange(min = 0, max = 999_999_999) int nano) {
        Instant time = Instant.ofEpochSecond(second, nano);
        assertThat(Timestamps.format(time))
                .isEqualTo(
                        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'")
                                .withZone(java.time.ZoneOffset.UTC)
                                .format(time));
    }

    @Property(tries = 500)
    void aLocalTimeOfAnyFormIsTheInstantThatItsZoneSays(
            @ForAll("transitions") Change change,
            @ForAll @IntRange(min = -10_000, max = 10_000) int seconds,
            @ForAll("formats") String format)
            throws IOException {
        // Given
        ZoneId zone = change.zone();
        LocalDateTime local =
                truncated(change.transition().getDateTimeBefore().plusSeconds(seconds), format);
        String text =
                format.equals("iso")
                        ? DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(local)
                        : DateTimeFormatter.ofPattern(format, Locale.ENGLISH).format(local);
        Mapping mapping =
                MappingTest.parse(
                        """
                        type: identify
                        userId: u
                        timestamp: {path: $.t, format: ["%s", seconds], zone: %s}
                        traits: {day: {path: $.t, type: date, format: "%s", as: date}}
                        """
                                .formatted(format, zone, format));
        // When
        Map<?, ?> event = event(mapping, Map.of("t", text));
        // Then
        Instant expected;
        if (zone.getRules().getValidOffsets(local).isEmpty()) { // the clocks leave it out
            ZoneOffsetTransition gap = zone.getRules().getTransition(local);
            expected = local.plus(gap.getDuration()).toInstant(gap.getOffsetAfter());
        } else { // the first is the earlier of two
            expected = local.toInstant(zone.getRules().getValidOffsets(local).get(0));
        }
        assertThat(event.get("timestamp")).isEqualTo(Timestamps.format(expected));
        assertThat(((Map<?, ?>) event.get("traits")).get("day"))
                .isEqualTo(local.toLocalDate().toString());
    }

    /** When the clocks of a zone change. */
    record Change(ZoneId zone, ZoneOffsetTransition transition) {}

    /** By an hour, by half an hour, at midnight, and by a whole day. */
    @Provide
    Arbitrary<Change> transitions() {
        List<Change> changes = new ArrayList<>();
        for (String zone :
                List.of(
                        "Europe/Berlin",
                        "America/New_York",
                        "Australia/Lord_Howe",
                        "America/Sao_Paulo",
                        "Asia/Beirut",
                        "Pacific/Apia")) {
            changes.addAll(changesOf(ZoneId.of(zone), "1990-01-01T00:00:00Z"));
        }
        return Arbitraries.of(changes);
    }

    private static List<Change> changesOf(ZoneId zone, String from) {
        List<Change> changes = new ArrayList<>();
        ZoneOffsetTransition next = zone.getRules().nextTransition(Instant.parse(from));
        while (next != null && next.getInstant().isBefore(Instant.parse("2037-01-01T00:00:00Z"))) {
            changes.add(new Change(zone, next));
            next = zone.getRules().nextTransition(next.getInstant());
        }
        return changes;
    }

    @Property(tries = 500)
    void aDateWithTheNameOfItsZoneIsTheInstantThatItWasWrittenOf(
            @ForAll("namedZones") Change change,
            @ForAll @IntRange(min = -10_000, max = 10_000) int seconds)
            throws IOException {
        // Given
        Instant instant = change.transition().getInstant().plusSeconds(seconds);
        String text =
                DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss zzz", Locale.ENGLISH)
                        .format(instant.atZone(change.zone()));
        Mapping mapping =
                MappingTest.parse(
                        "{type: identify, userId: u, timestamp: {path: $.t, format: 'yyyy-MM-dd HH:mm:ss zzz'}}");
        // When
        Map<?, ?> event = event(mapping, Map.of("t", text));
        // Then
        assertThat(event.get("timestamp")).isEqualTo(Timestamps.format(instant));
    }

    /** Those whose names mean the same everywhere. */
    @Provide
    Arbitrary<Change> namedZones() {
        List<Change> changes = new ArrayList<>();
        changes.addAll(changesOf(ZoneId.of("Europe/Berlin"), "1997-01-01T00:00:00Z"));
        changes.addAll(changesOf(ZoneId.of("America/New_York"), "2008-01-01T00:00:00Z"));
        return Arbitraries.of(changes);
    }

    @Provide
    Arbitrary<String> formats() {
        return Arbitraries.of(
                "iso",
                "dd.MM.yyyy HH:mm",
                "yyyyMMddHHmmss",
                "yyyy-MM-dd HH:mm:ss",
                "yyyy-MM-dd'T'HH:mm:ss.SSS",
                "MM/dd/yyyy hh:mm a",
                "d-MMM-yyyy HH:mm:ss",
                "EEE, d MMM yyyy HH:mm:ss",
                "d. MMMM yyyy, H.mm 'Uhr'");
    }

    private static LocalDateTime truncated(LocalDateTime time, String format) {
        return format.contains("s") || format.equals("iso") ? time : time.withSecond(0);
    }

    @Property(tries = 300)
    void aDateThatSaysItsZoneNeedsNoOther(
            @ForAll @IntRange(min = 0, max = 2_000_000_000) int second,
            @ForAll @IntRange(min = -17, max = 17) int hours)
            throws IOException {
        // Given
        Instant instant = Instant.ofEpochSecond(second);
        var at = instant.atOffset(java.time.ZoneOffset.ofHours(hours));
        Map<String, Object> record =
                Map.of(
                        "iso", DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(at),
                        "rfc",
                                DateTimeFormatter.ofPattern("d MMM yyyy HH:mm:ss Z", Locale.ENGLISH)
                                        .format(at),
                        "seconds", (long) second,
                        "millis",
                                String.valueOf(instant.plus(Duration.ofMillis(7)).toEpochMilli()));
        Mapping mapping =
                MappingTest.parse(
                        """
                        type: identify
                        userId: u
                        traits:
                          iso: {path: $.iso, type: date, as: seconds}
                          day: {path: $.iso, type: date, as: date}
                          rfc: {path: $.rfc, type: date, format: "d MMM yyyy HH:mm:ss Z", as: seconds}
                          seconds: {path: $.seconds, type: date, format: seconds, as: seconds}
                          millis: {path: $.millis, type: date, format: millis, as: millis}
                        """);
        // When
        Map<?, ?> traits = traits(mapping, record);
        // Then
        assertThat(List.<Object>of(traits.get("iso"), traits.get("rfc"), traits.get("seconds")))
                .containsOnly((Object) second);
        assertThat(traits.get("day")).isEqualTo(at.toLocalDate().toString());
        assertThat(traits.get("millis").toString()).isEqualTo(String.valueOf(second * 1000L + 7));
    }

    private static Map<?, ?> traits(Mapping mapping, Object record) throws IOException {
        return (Map<?, ?>) event(mapping, record).get("traits");
    }

    private static Map<?, ?> event(Mapping mapping, Object record) throws IOException {
        List<Made> made = mapping.events(record);
        assertThat(made).singleElement().isInstanceOf(Made.Item.class);
        byte[] json = ((Made.Item) made.get(0)).json();
        assertThat(
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .decode(java.nio.ByteBuffer.wrap(json))
                                .length())
                .isPositive();
        return EXACT.readValue(json, Map.class);
    }

    private static String grouped(String plain) {
        String[] parts = plain.split("\\.");
        String grouped = parts[0].replaceAll("(?<=\\d)(?=(\\d{3})+$)", ".");
        return parts.length == 1 ? grouped : grouped + "," + parts[1];
    }
}
