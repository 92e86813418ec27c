package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.delivery.Run;
import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Limits;
import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
    private static final String TRACK =
            "{\"type\":\"track\",\"userId\":\"u1\",\"event\":\"Paid\",\"properties\":{\"n\":1.10e2}}";

    @Test
    void takesOneEventInEveryForm() throws Exception {
        // Given
        byte[] bytes = TRACK.getBytes(StandardCharsets.UTF_8);
        List<Object> forms =
                List.of(TRACK, bytes, new ByteArrayInputStream(bytes), new StringBuilder(TRACK));
        for (Object form : forms) {
            // When
            Body body = BodyReader.read(form);
            // Then
            assertThat(body.list()).isFalse();
            assertThat(sent(body)).containsExactly(TRACK);
            assertThat(body.items().get(0).call()).isEqualTo(Call.TRACK);
        }
    }

    @Test
    void sendsJsonOnByteForByteFromAnArrayToo() throws Exception {
        // Given
        String odd =
                "{ \"type\":\"identify\", \"userId\":\"ü\", \"traits\":{\"big\":123456789012345678901234567890.10, \"e\":\"\\u00fc\"} }";
        // When
        Body body = BodyReader.read("\uFEFF [" + TRACK + " ,\n" + odd + "]");
        // Then
        assertThat(body.list()).isTrue();
        assertThat(sent(body)).containsExactly(TRACK, odd);
    }

    @Test
    void reusesTheStoredBytesOfARunWithoutReadingThem() throws Exception {
        // Given
        byte[] stored = "this is not even JSON".getBytes(StandardCharsets.UTF_8);
        var event = event("u1", "Paid", stored);
        var run = new Run(List.of(new Entry(1, "shop", Instant.EPOCH, 5, List.of(), event)), false);
        // When
        Body body = BodyReader.read(run);
        // Then
        assertThat(body.list()).isTrue();
        assertThat(body.items().get(0).json()).isSameAs(stored);
    }

    @Test
    void takesTheViewsOfARunAsTheEventsTheyAre() throws Exception {
        // Given
        byte[] stored = TRACK.getBytes(StandardCharsets.UTF_8);
        List<Object> copy = new ArrayList<>();
        copy.add(event("u1", "Paid", stored).asMap());
        copy.add(event("u1", "Paid", stored));
        // When
        Body body = BodyReader.read(copy);
        // Then
        assertThat(body.items()).allSatisfy(item -> assertThat(item.json()).isSameAs(stored));
    }

    @Test
    void writesMapsExactly() throws Exception {
        // Given
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("price", new BigDecimal("10.10"));
        properties.put("huge", new BigInteger("123456789012345678901234567890"));
        properties.put("none", null);
        properties.put("tags", List.of("a", true, 1L));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("type", "track");
        map.put("userId", "u\"1");
        map.put("event", "Paid");
        map.put("properties", properties);
        // When
        Body body = BodyReader.read(map);
        // Then
        assertThat(sent(body))
                .containsExactly(
                        "{\"type\":\"track\",\"userId\":\"u\\\"1\",\"event\":\"Paid\",\"properties\":"
                                + "{\"price\":10.10,\"huge\":123456789012345678901234567890,\"none\":null,\"tags\":[\"a\",true,1]}}");
    }

    @Test
    void takesJacksonTreesAndArrays() throws Exception {
        // Given
        var tree = new ObjectMapper().readTree("[" + TRACK.replace("1.10e2", "1") + "]");
        // When
        Body list = BodyReader.read(tree);
        Body one = BodyReader.read(tree.get(0));
        Body array = BodyReader.read(new Object[] {TRACK, tree.get(0)});
        // Then
        assertThat(list.list()).isTrue();
        assertThat(one.list()).isFalse();
        assertThat(array.items()).hasSize(2).allMatch(item -> item.refusal() == null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'userId':'u','event':'x'}|field 'type' must be",
                "{'type':'Track','userId':'u','event':'x'}|field 'type' must be",
                "{'type':'track','userId':7,'event':'x'}|field 'userId' must be a text",
                "{'type':'track','event':'x'}|a track call needs 'userId', 'anonymousId' or 'groupId'",
                "{'type':'track','userId':'u'}|a track call needs 'event'",
                "{'type':'track','userId':'u','event':''}|a track call needs 'event'",
                "{'type':'track','userId':'','event':'x'}|a track call needs 'userId'",
                "{'type':'page','groupId':'g'}|a page call needs 'userId' or 'anonymousId'",
                "{'type':'group','userId':'u'}|a group call needs 'groupId'",
                "{'type':'alias','userId':'u'}|an alias call needs 'userId' and 'previousId'",
                "{'type':'identify','traits':{'name':'n'}}|'traits.email'",
                "{'type':'identify','userId':'u','traits':[]}|field 'traits' must be an object",
                "{'type':'identify','userId':'u','timestamp':1755771330}|field 'timestamp' must be an ISO-8601",
                "{'type':'identify','userId':'u','timestamp':'2026-08-21'}|field 'timestamp' must be an ISO-8601",
                "{'type':'identify','userId':'u\\ud800'}|half a surrogate pair",
                "{'type':'identify','userId':'a','userId':'b'}|stands twice",
                "{'type':'identify','userId':'a','traits':{'x':1,'x':2}}|stands twice"
            })
    void refusesWhatStrictModeWouldNamingFieldAndRule(String json, String reason) throws Exception {
        // When
        Body body = BodyReader.read(json.replace('\'', '"'));
        // Then
        assertThat(reason(body)).contains(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'identify','traits':{'email':'a@b.c'}}",
                "{'type':'track','groupId':'g','event':'x'}",
                "{'type':'screen','anonymousId':'a','userId':null}",
                "{'type':'alias','userId':'u','previousId':'p'}",
                "{'type':'group','groupId':'g'}",
                "{'type':'page','userId':'u','context':null,'timestamp':'2026-08-21T10:15:30+02:00'}"
            })
    void takesWhatStrictModeTakes(String json) throws Exception {
        // When
        Body body = BodyReader.read(json.replace('\'', '"'));
        // Then
        assertThat(body.items().get(0).refusal()).isNull();
    }

    @Test
    void keepsTheLimitOfAnEventOnBothSides() throws Exception {
        // Given
        String fits = padded(Limits.EVENT_BYTES);
        String large = padded(Limits.EVENT_BYTES + 1);
        // When
        Body body = BodyReader.read("[" + fits + "," + large + "]");
        // Then
        assertThat(body.items().get(0).refusal()).isNull();
        assertThat(String.valueOf(body.items().get(1).refusal()))
                .contains("the event has 32,001 bytes, the limit is 32,000");
    }

    @Test
    void countsIdsAndNamesInBytes() throws Exception {
        // Given
        String fits = "ü".repeat(75);
        String json = "{\"type\":\"track\",\"userId\":\"%s\",\"event\":\"%s\"}";
        // When
        Body good = BodyReader.read(json.formatted(fits, "ü".repeat(50)));
        Body id = BodyReader.read(json.formatted(fits + "x", "x"));
        Body name = BodyReader.read(json.formatted("u", "ü".repeat(50) + "x"));
        // Then
        assertThat(good.items().get(0).refusal()).isNull();
        assertThat(reason(id)).contains("field 'userId' has 151 bytes, the limit is 150");
        assertThat(reason(name)).contains("field 'event' has 101 bytes, the limit is 100");
    }

    @Test
    void keepsTheLimitsOfEventsThatWereReadBeforeToo() throws Exception {
        // Given
        var large = event("u", "Paid", new byte[Limits.EVENT_BYTES + 1]);
        var longId = event("x".repeat(151), "Paid", new byte[] {'{', '}'});
        var longName = event("u", "x".repeat(101), new byte[] {'{', '}'});
        // When
        Body body = BodyReader.read(List.of(large, longId, longName, longName.asMap()));
        // Then
        assertThat(body.items())
                .extracting(item -> String.valueOf(item.refusal()))
                .satisfiesExactly(
                        one -> assertThat(one).contains("32,001"),
                        two -> assertThat(two).contains("userId"),
                        three -> assertThat(three).contains("'event'"),
                        four -> assertThat(four).contains("'event'"));
    }

    @Test
    void refusesAnItemWithoutItsNeighbours() throws Exception {
        // Given
        List<Object> list = new ArrayList<>();
        list.add(TRACK);
        list.add(null);
        list.add(5);
        list.add("[]");
        list.add("{");
        list.add(Map.of("type", "track"));
        // When
        Body body = BodyReader.read(list);
        // Then
        assertThat(body.items())
                .extracting(item -> item.refusal() == null)
                .containsExactly(true, false, false, false, false, false);
    }

    @Test
    void refusesValuesThatJsonDoesNotHave() throws Exception {
        // Given
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("date", new Date(0));
        values.put("instant", Instant.EPOCH);
        values.put("nan", Double.NaN);
        values.put("bytes", new byte[3]);
        values.put("bean", new Object());
        values.put("tiny", new BigDecimal("1e-20000"));
        values.put("key", Map.of(1, 2));
        for (Map.Entry<String, Object> value : values.entrySet()) {
            Map<String, Object> traits = new HashMap<>();
            traits.put(value.getKey(), value.getValue());
            // When
            Body body =
                    BodyReader.read(Map.of("type", "identify", "userId", "u", "traits", traits));
            // Then
            assertThat(reason(body)).contains("traits." + value.getKey());
        }
    }

    @Test
    void sendsHalfASurrogatePairInAMapAsTheEscapeThatItIs() throws Exception {
        // Given
        Map<String, Object> traits = Map.of("name", "x\uD800");
        // When
        Body body = BodyReader.read(Map.of("type", "identify", "userId", "u", "traits", traits));
        // Then
        assertThat(sent(body).get(0)).contains("\"x\\uD800\"");
    }

    @Test
    void survivesValuesThatHoldThemselves() throws Exception {
        // Given
        Map<String, Object> loop = new HashMap<>();
        loop.put("type", "track");
        loop.put("properties", loop);
        List<Object> wide = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            wide.add(wide);
        }
        // When
        Body deep = BodyReader.read(loop);
        Body broad = BodyReader.read(Map.of("type", "track", "properties", Map.of("w", wide)));
        // Then
        assertThat(reason(deep)).contains("nested deeper");
        assertThat(broad.items().get(0).refusal()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nul",
                "7",
                "\"text\"",
                "{\"a\":1",
                "{} {}",
                "[{},",
                "{\"a\":1}}",
                "<a/>"
            })
    void refusesABodyThatIsNoJsonWithoutQuotingIt(String body) {
        assertThatThrownBy(() -> BodyReader.read(body))
                .isInstanceOf(BodyException.class)
                .hasMessageStartingWith(body.startsWith("{} ") ? "something" : "the body");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void refusesOtherEncodings(String charset) {
        // Given
        byte[] body = TRACK.getBytes(Charset.forName(charset));
        // Then
        assertThatThrownBy(() -> BodyReader.read(body)).hasMessage("the body is not UTF-8");
    }

    @Test
    void refusesBrokenUtf8AndHalfSurrogates() {
        // Given
        byte[] latin =
                "{\"type\":\"identify\",\"userId\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1);
        byte[] overlong = {'"', (byte) 0xC0, (byte) 0x80, '"'};
        // Then
        assertThatThrownBy(() -> BodyReader.read(latin)).hasMessage("the body is not UTF-8");
        assertThatThrownBy(() -> BodyReader.read(overlong)).hasMessage("the body is not UTF-8");
        assertThatThrownBy(() -> BodyReader.read("{\"a\":\"\uDC00\"}"))
                .hasMessage("the body has half a surrogate pair");
    }

    @Test
    void refusesJsonNestedWithoutEnd() {
        // Given
        String deep = "{\"a\":".repeat(5_000);
        // Then
        assertThatThrownBy(() -> BodyReader.read(deep)).isInstanceOf(BodyException.class);
    }

    @Test
    void stopsReadingAStreamThatDoesNotEnd() {
        // Given
        InputStream endless =
                new InputStream() {
                    @Override
                    public int read() {
                        return ' ';
                    }

                    @Override
                    public int read(byte[] into, int offset, int length) {
                        java.util.Arrays.fill(into, offset, offset + length, (byte) ' ');
                        return length;
                    }
                };
        // Then
        assertThatThrownBy(() -> BodyReader.read(endless)).hasMessageContaining("67,108,864");
    }

    @Test
    void saysThatAStreamBrokeWithoutItsOwnWords() {
        // Given
        InputStream broken =
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        throw new IOException("jane@example.com");
                    }
                };
        // Then
        assertThatThrownBy(() -> BodyReader.read(broken)).hasMessage("the body cannot be read");
    }

    @Test
    void refusesAnEmptyMessageAndTakesAnEmptyList() throws Exception {
        // When
        Body body = BodyReader.read(List.of());
        // Then
        assertThat(body.items()).isEmpty();
        assertThatThrownBy(() -> BodyReader.read(null)).hasMessage("the message has no body");
    }

    private static Event event(String userId, String name, byte[] json) {
        return new Event(
                Call.TRACK, Meaning.ORDINARY, name, userId, null, "m1", Instant.EPOCH, false, json);
    }

    private static String padded(int bytes) {
        String head = "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"x\":\"";
        String tail = "\"}}";
        return head + "x".repeat(bytes - head.length() - tail.length()) + tail;
    }

    private static List<String> sent(Body body) {
        return body.items().stream()
                .map(item -> new String(item.json(), StandardCharsets.UTF_8))
                .toList();
    }

    private static String reason(Body body) {
        return body.items().get(0).refusal() == null
                ? "not refused"
                : body.items().get(0).refusal().reason();
    }
}
