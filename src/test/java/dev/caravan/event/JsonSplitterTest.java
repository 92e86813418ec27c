package dev.caravan.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSplitterTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    // --- against Jackson

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void cutsAnArrayAsJacksonDoes(
            @ForAll("json") List<Object> values, @ForAll @IntRange(min = 1, max = 40) int step)
            throws Exception {
        // Given
        byte[] text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(values);
        // When
        List<String> items = split(new Trickle(text, step), false, 4096);
        // Then
        assertThat(trees(items)).isEqualTo(elements(text));
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void cutsARowOfArraysAndObjectsAsJacksonDoes(
            @ForAll("json") List<Object> values, @ForAll @IntRange(min = 1, max = 40) int step)
            throws Exception {
        // Given
        var text = new StringBuilder("\uFEFF");
        List<Object> expected = new ArrayList<>();
        for (Object value : values) {
            if (value instanceof java.util.Map) {
                expected.add(MAPPER.valueToTree(value));
            } else if (value instanceof List<?> list) {
                list.forEach(element -> expected.add(MAPPER.valueToTree(element)));
            } else {
                continue;
            }
            text.append(MAPPER.writeValueAsString(value)).append(" \n".charAt(step % 2));
        }
        // When
        List<String> items = split(new Trickle(text.toString().getBytes(UTF_8), step), false, 4096);
        // Then
        assertThat(trees(items)).isEqualTo(expected);
    }

    @Property(tries = 2000, edgeCases = EdgeCasesMode.NONE)
    void neverFindsItemsInBrokenTextWhereJacksonFindsOthers(
            @ForAll("json") List<Object> values,
            @ForAll @IntRange(min = 0, max = 10_000) int place,
            @ForAll("spoilers") String spoiler)
            throws Exception {
        // Given
        String whole = MAPPER.writeValueAsString(values);
        int at = place % whole.length();
        byte[] text = (whole.substring(0, at) + spoiler + whole.substring(at + 1)).getBytes(UTF_8);
        List<Object> sound = new ArrayList<>();
        boolean jacksonFailed = elementsUntilBroken(text, sound);
        // When
        List<String> items = new ArrayList<>();
        Throwable failure = catchThrowable(() -> splitInto(items, new Trickle(text, 7), 4096));
        // Then
        assertThat(items.size()).isGreaterThanOrEqualTo(sound.size());
        assertThat(trees(items.subList(0, sound.size()))).isEqualTo(sound);
        if (!jacksonFailed) {
            assertThat(failure).isNull();
            assertThat(items).hasSameSizeAs(sound);
        } else if (failure == null) {
            assertThat(items).as("one item or more is no JSON").anyMatch(item -> !isJson(item));
        } else {
            assertThat(failure).isInstanceOf(NotJsonException.class).hasMessageContaining("byte");
        }
    }

    @Property(tries = 500, edgeCases = EdgeCasesMode.NONE)
    void cutsLinesAsTheyStand(
            @ForAll("lines") List<String> lines,
            @ForAll @IntRange(min = 1, max = 40) int step,
            @ForAll boolean carriageReturns,
            @ForAll boolean lastEnds)
            throws Exception {
        // Given
        String separator = carriageReturns ? "\r\n" : "\n";
        String text = String.join(separator, lines) + (lastEnds ? separator : "");
        // When
        List<String> items = split(new Trickle(text.getBytes(UTF_8), step), true, 4096);
        // Then
        assertThat(items)
                .isEqualTo(lines.stream().map(String::strip).filter(s -> !s.isEmpty()).toList());
    }

    // --- items

    @Test
    void goesOnBehindAnItemThatIsWrongInsideOnly() throws Exception {
        assertThat(split("[{\"a\" 1},{\"b\":2}, nonsense ,{\"c\":3}]", false))
                .containsExactly("{\"a\" 1}", "{\"b\":2}", "nonsense", "{\"c\":3}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{},{}                  | ends inside an array, at byte 6           | 2",
                "[{},{\"a\":             | ends inside an object or an array, at byte 9 | 1",
                "[{},\"abc               | ends inside a text, at byte 8             | 1",
                "[{},12                  | ends inside an array, at byte 6           | 1",
                "[{},                    | ends inside an array, at byte 4           | 1",
                "[                       | ends inside an array, at byte 1           | 0",
                "[{} {}]                 | a comma or the end of the array was expected, at byte 4 | 1",
                "[{},]                   | an item was expected, at byte 4           | 1",
                "[,{}]                   | an item was expected, at byte 1           | 0",
                "[{\"a\":[1}]            | brackets do not match, at byte 8          | 0",
                "{} x                    | an object or an array was expected, at byte 3 | 1",
                "{}]                     | an object or an array was expected, at byte 2 | 1",
                "<a/>                    | an object or an array was expected, at byte 0 | 0",
                "{\"a\":\"x\\            | ends inside an object or an array, at byte 8 | 0"
            })
    void tellsWhereTheStreamIsBroken(String text, String message, int itemsBefore) {
        // Given
        List<String> items = new ArrayList<>();
        // When
        Throwable failure =
                catchThrowable(() -> splitInto(items, new Trickle(text.getBytes(UTF_8), 3), 64));
        // Then
        assertThat(failure).isInstanceOf(NotJsonException.class).hasMessageContaining(message);
        assertThat(items).hasSize(itemsBefore);
    }

    @Test
    void tellsNumberAndPlaceOfEachItem() throws Exception {
        // Given
        String text = "\uFEFF\n {\"a\":1} [ 5 ,\n{\"b\":2}]";
        var splitter = new JsonSplitter(new Trickle(text.getBytes(UTF_8), 2), false, 64);
        List<String> places = new ArrayList<>();
        // When
        while (splitter.next()) {
            places.add(
                    splitter.record()
                            + " at "
                            + splitter.position()
                            + (splitter.top() ? " top" : ""));
        }
        // Then
        assertThat(places).containsExactly("0 at 5 top", "1 at 15", "2 at 19");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsTheBeginningOfAnItemThatIsTooLongAndGoesOn(boolean lines) throws Exception {
        // Given
        String longItem = "{\"a\":\"" + "x".repeat(1_000) + "\"}";
        String text =
                lines
                        ? "{\"n\":1}\n" + longItem + "\n{\"n\":2}\n" + longItem
                        : "[{\"n\":1}," + longItem + ",{\"n\":2}," + longItem + "]";
        var splitter = new JsonSplitter(new Trickle(text.getBytes(UTF_8), 50), lines, 100);
        List<String> items = new ArrayList<>();
        // When
        while (splitter.next()) {
            items.add(
                    (splitter.tooLong() ? "long " : "")
                            + new String(
                                    splitter.text(), splitter.offset(), splitter.length(), UTF_8));
        }
        // Then
        String beginning = "long " + longItem.substring(0, 100);
        assertThat(items).containsExactly("{\"n\":1}", beginning, "{\"n\":2}", beginning);
    }

    @Test
    void holdsItemsUpToTheLimitAndNoByteMore() throws Exception {
        // Given
        String fits = "{\"a\":\"" + "x".repeat(92) + "\"}";
        String fitsNot = "{\"a\":\"" + "x".repeat(93) + "\"}";
        // When
        var splitter =
                new JsonSplitter(
                        new Trickle(("[1," + fits + "," + fitsNot + "]").getBytes(UTF_8), 33),
                        false,
                        100);
        List<Boolean> tooLong = new ArrayList<>();
        while (splitter.next()) {
            tooLong.add(splitter.tooLong());
        }
        // Then
        assertThat(tooLong).containsExactly(false, false, true);
    }

    @Test
    void needsNoMoreMemoryForNestingThanForText() throws Exception {
        // Given
        byte[] deep = ("[" + "[".repeat(500_000) + "]".repeat(500_000) + ",{}]").getBytes(UTF_8);
        // When
        List<String> items = split(new ByteArrayInputStream(deep), false, 1 << 20);
        // Then
        assertThat(items).hasSize(2).last().isEqualTo("{}");
    }

    @Test
    void refusesEndlessNesting() {
        assertThatThrownBy(() -> split(new Endless("["), false, 1 << 16))
                .isInstanceOf(NotJsonException.class)
                .hasMessageContaining("nested too deep");
    }

    @Test
    void refusesWhatIsNoTextInUtf8() {
        for (Charset charset :
                List.of(
                        StandardCharsets.UTF_16,
                        StandardCharsets.UTF_16LE,
                        StandardCharsets.UTF_16BE,
                        Charset.forName("UTF-32"))) {
            for (boolean lines : new boolean[] {true, false}) {
                byte[] text = "{\"a\":1}".getBytes(charset);
                assertThatThrownBy(() -> split(new ByteArrayInputStream(text), lines, 64))
                        .isInstanceOf(NotJsonException.class)
                        .hasMessageContaining("not text in UTF-8");
            }
        }
    }

    // --- batches

    @Test
    void cutsABatchThatIsLongerThanTheLimitAndFindsWhatItSaysForAll() throws Exception {
        // Given
        String items = "{\"n\":1} , 5,".repeat(40);
        String one = "{\"sentAt\":\"2026-08-21T09:00:00Z\",\"batch\":[" + items + "{\"n\":2}]}";
        String other = "{\"batch\":[" + items + "{\"n\":3}],\"context\":{\"ip\":\"1.1.1.1\"}}";
        byte[] text = (one + other + "{\"n\":4}").getBytes(UTF_8);
        var splitter = new JsonSplitter(new Trickle(text, 30), false, 100);
        List<String> found = new ArrayList<>();
        // When
        JsonSplitter.LongBatches batches = JsonSplitter.longBatches(new Trickle(text, 17), 100);
        while (splitter.next()) {
            String item = new String(splitter.text(), splitter.offset(), splitter.length(), UTF_8);
            if (item.startsWith("{") && !item.endsWith(":1}")) {
                found.add(item + " in " + splitter.longBatch() + " as " + splitter.record());
            }
        }
        // Then
        assertThat(found)
                .containsExactly(
                        "{\"n\":2} in 0 as 80", "{\"n\":3} in 1 as 161", "{\"n\":4} in -1 as 162");
        assertThat(event(batches.next())).contains("T10:00:00").doesNotContain("1.1.1.1");
        assertThat(event(batches.next())).contains("1.1.1.1");
        assertThat(batches.next()).isNull();
    }

    @Test
    void readsNoFurtherThanOneLongBatchAtATime() throws Exception {
        // Given
        String one = "{\"batch\":[" + "{},".repeat(100) + "{}]}\n";
        var in = new ByteArrayInputStream(one.repeat(3).getBytes(UTF_8));
        JsonSplitter.LongBatches batches = JsonSplitter.longBatches(in, 100);
        List<Integer> behind = new ArrayList<>();
        // When
        while (batches.next() != null) {
            behind.add(in.available());
        }
        // Then
        assertThat(behind).hasSize(3);
        assertThat(behind.get(0)).isBetween(2 * one.length() - 200, 2 * one.length());
        assertThat(behind.get(1)).isBetween(one.length() - 200, one.length());
    }

    @Test
    void findsALongBatchThoughTheStreamIsBrokenRightBehindIt() throws Exception {
        // Given
        byte[] text = ("{\"batch\":[" + "{},".repeat(100) + "{}]}]").getBytes(UTF_8);
        // When
        JsonSplitter.LongBatches batches =
                JsonSplitter.longBatches(new ByteArrayInputStream(text), 100);
        // Then
        assertThat(batches.next()).isNotNull();
        assertThatThrownBy(batches::next)
                .hasMessageContaining("an object or an array was expected");
        assertThatThrownBy(batches::next).isInstanceOf(NotJsonException.class);
    }

    @Test
    void knowsABatchThatGoesOnBehindWhatIsAtHand() {
        for (String text :
                List.of(
                        "{\"batch\":[{},{\"a",
                        "\uFEFF { \"context\":{\"batch\":[]}, \"batch\" : [",
                        "{\"batch\":[{}],\"conte")) {
            byte[] bytes = text.getBytes(UTF_8);
            assertThat(JsonSplitter.beginsLongBatch(bytes, bytes.length)).as(text).isTrue();
        }
        for (String text :
                List.of(
                        "{\"batch\":[{},{}]}",
                        "{\"batch\":[{},{}]} {",
                        "{\"type\":\"track\",\"batch\":[",
                        "{\"a\":{\"batch\":[",
                        "{\"batch\":5,",
                        "[{\"batch\":[",
                        "{\"batch")) {
            byte[] bytes = text.getBytes(UTF_8);
            assertThat(JsonSplitter.beginsLongBatch(bytes, bytes.length)).as(text).isFalse();
        }
    }

    @Test
    void saysWhyALongBatchHasNoEnd() throws Exception {
        // Given
        byte[] text = ("{\"batch\":[" + "{},".repeat(100)).getBytes(UTF_8);
        // When
        JsonSplitter.LongBatches batches = JsonSplitter.longBatches(new Trickle(text, 17), 100);
        // Then
        assertThatThrownBy(batches::next)
                .isInstanceOf(NotJsonException.class)
                .hasMessageContaining("ends inside an array, at byte 310");
    }

    // --- helpers

    private static String event(Envelope batch) {
        var now = Instant.parse("2026-08-21T11:00:00Z");
        var origin = Origin.of(new Source("s", true), now, MessageIds.derived("s", ""), now);
        byte[] item =
                "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"timestamp\":\"2026-08-21T08:00:00.000Z\"}"
                        .getBytes(UTF_8);
        Reading reading =
                batch.read(
                        new EventReader(new SemanticNames(false, Set.of())),
                        origin,
                        item,
                        0,
                        item.length,
                        0);
        return new String(((Reading.Accepted) reading).event().json(), UTF_8);
    }

    private static List<String> split(String text, boolean lines) throws IOException {
        return split(new Trickle(text.getBytes(UTF_8), 5), lines, 4096);
    }

    private static List<String> split(InputStream in, boolean lines, int limit) throws IOException {
        List<String> items = new ArrayList<>();
        var splitter = new JsonSplitter(in, lines, limit);
        while (splitter.next()) {
            items.add(new String(splitter.text(), splitter.offset(), splitter.length(), UTF_8));
        }
        return items;
    }

    private static void splitInto(List<String> items, InputStream in, int limit)
            throws IOException {
        var splitter = new JsonSplitter(in, false, limit);
        while (splitter.next()) {
            items.add(new String(splitter.text(), splitter.offset(), splitter.length(), UTF_8));
        }
    }

    private static boolean isJson(String text) {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Object> trees(List<String> items) throws IOException {
        List<Object> trees = new ArrayList<>();
        for (String item : items) {
            trees.add(MAPPER.readTree(item));
        }
        return trees;
    }

    private static List<Object> elements(byte[] array) throws IOException {
        List<Object> elements = new ArrayList<>();
        MAPPER.readTree(array).forEach(elements::add);
        return elements;
    }

    /** The elements before the first mistake, of a row of arrays and objects. */
    private static boolean elementsUntilBroken(byte[] text, List<Object> sound) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonToken token;
            while ((token = parser.nextToken()) != null) {
                if (token == JsonToken.START_OBJECT) {
                    sound.add(MAPPER.readTree(parser));
                } else if (token == JsonToken.START_ARRAY) {
                    token = parser.nextToken();
                    while (token != JsonToken.END_ARRAY) {
                        Object element = MAPPER.readTree(parser);
                        token = parser.nextToken();
                        sound.add(element); // now we know that nothing clings to it
                    }
                } else {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Provide
    Arbitrary<List<Object>> json() {
        return value(3).list().ofMaxSize(8);
    }

    @Provide
    Arbitrary<String> spoilers() {
        return Arbitraries.of("", "{", "}", "[", "]", "\"", "\\", ",", ":", "x", "\n", "é", "0");
    }

    @Provide
    Arbitrary<List<String>> lines() {
        return Arbitraries.strings()
                .withChars("{}[]\"\\ ,:ab\té")
                .ofMaxLength(60)
                .list()
                .ofMaxSize(12);
    }

    private static Arbitrary<Object> value(int depth) {
        Arbitrary<Object> scalar =
                Arbitraries.oneOf(
                        Arbitraries.strings()
                                .withChars("a\"\\{}[],: \né\u2028")
                                .ofMaxLength(12)
                                .map(text -> (Object) text.replace("aa", "\uD83D\uDE00")),
                        Arbitraries.integers().map(number -> (Object) number),
                        Arbitraries.of(true, false).map(bool -> (Object) bool),
                        Arbitraries.just(null));
        if (depth == 0) {
            return scalar;
        }
        Arbitrary<Object> inner = value(depth - 1);
        return Arbitraries.oneOf(
                scalar,
                inner.list().ofMaxSize(4).map(list -> (Object) list),
                Arbitraries.maps(Arbitraries.strings().withChars("ab\"}]").ofMaxLength(4), inner)
                        .ofMaxSize(4)
                        .map(map -> (Object) map));
    }

    /** Hands out a few bytes at a time. */
    private static final class Trickle extends ByteArrayInputStream {
        private final Random random;
        private final int step;

        Trickle(byte[] text, int step) {
            super(text);
            this.step = step;
            this.random = new Random(step);
        }

        @Override
        public synchronized int read(byte[] to, int offset, int length) {
            return super.read(to, offset, Math.min(length, 1 + random.nextInt(step)));
        }
    }

    /** The same text for ever. */
    private static final class Endless extends InputStream {
        private final byte[] text;
        private int at;

        Endless(String text) {
            this.text = text.getBytes(UTF_8);
        }

        @Override
        public int read() {
            return text[at++ % text.length];
        }
    }
}
