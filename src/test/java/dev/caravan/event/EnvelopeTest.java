package dev.caravan.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Envelope.Shape;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopeTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:00:00Z");
    private static final String EVENT = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"}";

    private final EventReader reader = new EventReader(new SemanticNames(false, Set.of()));
    private final Origin origin =
            Origin.of(new Source("web", true), NOW, MessageIds.derived("web", "x"), NOW);

    @Test
    void readsABatchWhateverTheOrderOfItsMembers() throws Exception {
        // Given
        String before =
                "{\"context\":{\"ip\":\"1.2.3.4\"},\"writeKey\":\"k\",\"batch\":[%s]}"
                        .formatted(EVENT);
        String behind =
                "{\"batch\" : [ %s ],\"writeKey\":\"k\", \"context\" : {\"ip\":\"1.2.3.4\"} }"
                        .formatted(EVENT);
        // When
        Envelope one = envelope(before, Shape.BATCH);
        Envelope other = envelope(behind, Shape.ANY);
        // Then
        assertThat(List.of(one.writeKey(), other.writeKey())).containsOnly("k");
        assertThat(json(one)).isEqualTo(json(other));
        assertThat(json(one).get(0)).contains("\"context\":{\"ip\":\"1.2.3.4\"}");
    }

    @Test
    void correctsTheClockBySentAtOfTheBatch() throws Exception {
        // Given
        String body =
                """
                {"batch":[{"type":"track","event":"A","userId":"u","timestamp":"2026-08-21T08:59:00.000Z"}],
                 "sentAt":"2026-08-21T09:00:00Z"}""";
        // When
        List<Reading> readings = envelope(body, Shape.BATCH).read(reader, origin, 0);
        // Then
        assertThat(((Reading.Accepted) readings.get(0)).event().asMap())
                .containsEntry("timestamp", "2026-08-21T09:59:00.000Z");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"context\":5",
                "\"integrations\":[]",
                "\"sentAt\":1724234400",
                "\"sentAt\":\"2026-08-21\"",
                "\"context\":{},\"context\":{}"
            })
    void setsEveryItemAsideWhereWhatCountsForAllIsOfAWrongKind(String member) throws Exception {
        // Given
        Envelope envelope = envelope("{%s,\"batch\":[%s]}".formatted(member, EVENT), Shape.BATCH);
        // When
        List<Reading> readings = envelope.read(reader, origin, 0);
        // Then
        assertThat(readings)
                .singleElement()
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        item -> {
                            assertThat(item.reason()).contains("batch");
                            assertThat(item.item()).isEqualTo(EVENT.getBytes(UTF_8));
                        });
    }

    @Test
    void countsNullAndEmptyMembersAsAbsent() throws Exception {
        // Given
        String body =
                "{\"context\":null,\"integrations\":null,\"sentAt\":\"\",\"writeKey\":null,\"batch\":[%s]}"
                        .formatted(EVENT);
        // When
        Envelope envelope = envelope(body, Shape.BATCH);
        // Then
        assertThat(envelope.writeKey()).isNull();
        assertThat(envelope.read(reader, origin, 0)).hasOnlyElementsOfType(Reading.Accepted.class);
    }

    @Test
    void setsItemsAsideThatAreNoObjectsAndKeepsTheirPlaces() throws Exception {
        // Given
        String body = "{\"batch\":[1.50,null,\"x\",[1,{\"a\":2}],true,%s]}".formatted(EVENT);
        // When
        List<Reading> readings = envelope(body, Shape.BATCH).read(reader, origin, 10);
        // Then
        assertThat(readings).hasSize(6);
        assertThat(readings.subList(0, 5))
                .extracting(reading -> new String(((Reading.SetAside) reading).item(), UTF_8))
                .containsExactly("1.50", "null", "\"x\"", "[1,{\"a\":2}]", "true");
        assertThat(((Reading.Accepted) readings.get(5)).event().messageId())
                .isEqualTo(origin.ids().idOf(15));
    }

    @Test
    void takesAnObjectWithATypeForAnEventThoughItHasABatch() throws Exception {
        // Given
        String body = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\",\"batch\":[1]}";
        // When
        Envelope any = envelope(body, Shape.ANY);
        Envelope single = envelope("{\"batch\":[1]}", Shape.SINGLE);
        // Then
        assertThat(any.batch()).isFalse();
        assertThat(json(any).get(0)).contains("\"batch\":[1]");
        assertThat(single.single()).isNotNull();
    }

    @Test
    void mergesNoMoreLevelsOfAContextThanAreWorthTheTime() throws Exception {
        // Given
        String batch =
                "{\"context\":%s,\"batch\":[{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"context\":%s}]}";
        int levels = 16;
        String deep = batch.formatted(nested(levels, "\"a\":1"), nested(levels, "\"b\":2"));
        String deeper =
                batch.formatted(nested(levels + 1, "\"a\":1"), nested(levels + 1, "\"b\":2"));
        // When
        String merged = json(envelope(deep, Shape.BATCH)).get(0);
        String replaced = json(envelope(deeper, Shape.BATCH)).get(0);
        // Then
        assertThat(merged).contains(nested(levels, "\"a\":1,\"b\":2"));
        assertThat(replaced).contains(nested(levels + 1, "\"b\":2"));
    }

    /** An object so many levels deep, with these members in the innermost. */
    private static String nested(int levels, String members) {
        return "{\"x\":".repeat(levels - 1) + "{" + members + "}" + "}".repeat(levels - 1);
    }

    @Test
    void findsTheKeyOfItemsWhereTheBatchHasNone() throws Exception {
        // Given
        String body = "{\"batch\":[1,{\"writeKey\":\"k\"}]}";
        // When
        Envelope envelope = envelope(body, Shape.BATCH);
        // Then
        assertThat(envelope.writeKey()).isEqualTo("k");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "5",
                "null",
                "\"text\"",
                "{",
                "{}",
                "{\"batch\":{}}",
                "{\"batch\":null}",
                "{\"batch\":[}",
                "{\"batch\":[{]}",
                "{\"batch\":[{}]",
                "{\"batch\":[]}x",
                "{\"batch\":[]}{}",
                "{\"batch\":[],\"batch\":[]}",
                "{\"batch\":[],\"writeKey\":\"a\",\"writeKey\":\"b\"}",
                "[{}",
                "[{},]",
                "{\"batch\":[{\"a\":NaN}]}",
                "{'batch':[]}"
            })
    void refusesWhatIsNoBatch(String body) {
        assertThatThrownBy(() -> envelope(body, Shape.BATCH)).isInstanceOf(NotJsonException.class);
    }

    @Test
    void refusesWhatIsNotUtf8() {
        for (byte[] body :
                List.of(
                        EVENT.getBytes(StandardCharsets.UTF_16),
                        EVENT.getBytes(StandardCharsets.UTF_16LE),
                        EVENT.getBytes(StandardCharsets.UTF_16BE),
                        EVENT.getBytes(java.nio.charset.Charset.forName("UTF-32")),
                        "{\"a\":\"ü\"}".getBytes(StandardCharsets.ISO_8859_1),
                        bytes('{', '"', 0xc0, 0x80, '"', ':', '1', '}'),
                        bytes('{', '"', 0xed, 0xa0, 0x80, '"', ':', '1', '}'))) {
            assertThatThrownBy(() -> Envelope.parse(body, 0, body.length, Shape.ANY, 10))
                    .isInstanceOf(NotJsonException.class)
                    .hasMessage("it is not text in UTF-8");
        }
    }

    @Test
    void passesOverAByteOrderMark() throws Exception {
        // Given
        String body = "\uFEFF{\"batch\":[ %s ]}".formatted(EVENT);
        // When
        Envelope envelope = envelope(body, Shape.BATCH);
        // Then
        assertThat(json(envelope).get(0)).startsWith("{\"type\":\"track\",\"event\":\"A\"");
    }

    @Test
    void refusesMoreItemsThanAsked() throws Exception {
        // Given
        byte[] three = "[1,2,3]".getBytes(UTF_8);
        // When
        Envelope envelope = Envelope.parse(three, 0, three.length, Shape.BATCH, 3);
        // Then
        assertThat(envelope.size()).isEqualTo(3);
        assertThatThrownBy(() -> Envelope.parse(three, 0, three.length, Shape.BATCH, 2))
                .isInstanceOf(NotJsonException.class)
                .hasMessage("it has more than 2 items");
    }

    @Test
    void tellsThePlaceAndNotTheContentOfWhatIsNoJson() {
        assertThatThrownBy(() -> envelope("{\"batch\":[{\"email\":secret}]}", Shape.BATCH))
                .isInstanceOf(NotJsonException.class)
                .hasMessageContaining("at column 27")
                .hasMessageNotContaining("secret");
    }

    @Test
    void refusesNestingBeyondAllReason() {
        assertThatThrownBy(() -> envelope("{\"batch\":[" + "[".repeat(100_000) + "]}", Shape.BATCH))
                .isInstanceOf(NotJsonException.class)
                .hasMessageContaining("too deep");
    }

    private static Envelope envelope(String body, Shape shape) throws NotJsonException {
        byte[] padded = ("##" + body + "##").getBytes(UTF_8);
        return Envelope.parse(padded, 2, padded.length - 4, shape, Envelope.MAX_ITEMS);
    }

    private List<String> json(Envelope envelope) {
        return envelope.read(reader, origin, 0).stream()
                .map(reading -> new String(((Reading.Accepted) reading).event().json(), UTF_8))
                .toList();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"context", "integrations"})
    void setsEveryItemAsideWhereWhatCountsForAllIsLongerThanAnEvent(String field) throws Exception {
        // Given
        String body =
                "{\"%s\":{\"a\":\"%s\"},\"batch\":[%s]}"
                        .formatted(field, "x".repeat(Limits.EVENT_BYTES), EVENT);
        // When
        List<Reading> readings = envelope(body, Shape.BATCH).read(reader, origin, 0);
        // Then
        assertThat(readings)
                .singleElement()
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        item ->
                                assertThat(item.reason())
                                        .isEqualTo(
                                                "'%s' of the batch has 32,008 bytes, the limit is 32,000"
                                                        .formatted(field)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"context", "integrations"})
    void setsEveryItemAsideWhereWhatCountsForAllHasANumberThatNobodyCanRead(String field)
            throws Exception {
        // Given
        String body =
                "{\"x\":1e99999,\"%s\":{\"a\":1e99999},\"batch\":[%s]}".formatted(field, EVENT);
        // When
        List<Reading> readings = envelope(body, Shape.BATCH).read(reader, origin, 0);
        // Then
        assertThat(readings)
                .singleElement()
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        item -> {
                            assertThat(item.reason())
                                    .startsWith("'%s' of the batch has a number".formatted(field));
                            assertThat(item.envelope()).asString(UTF_8).doesNotContain("1e99999");
                        });
    }

    @Test
    void setsOnlyTheItemAsideThatHasANumberThatNobodyCanRead() throws Exception {
        // Given
        String odd = EVENT.replace("{\"type", "{\"odd\":1e99999,\"type");
        String body = "{\"batch\":[%s,%s,%s]}".formatted(EVENT, odd, EVENT);
        // When
        List<Reading> readings = envelope(body, Shape.BATCH).read(reader, origin, 0);
        // Then
        assertThat(readings.get(0)).isInstanceOf(Reading.Accepted.class);
        assertThat(readings.get(1)).isInstanceOf(Reading.SetAside.class);
        assertThat(readings.get(2)).isInstanceOf(Reading.Accepted.class);
    }

    @Test
    void putsTheCallersAddressUnderTheContextOfBatchAndItem() throws Exception {
        // Given
        String plain = EVENT;
        String own = EVENT.replace("{\"type", "{\"context\":{\"b\":2},\"type");
        String ownIp = EVENT.replace("{\"type", "{\"context\":{\"ip\":\"9.9.9.9\"},\"type");
        String body = "{\"context\":{\"a\":1},\"batch\":[%s,%s,%s]}".formatted(plain, own, ownIp);
        Origin caller = origin.with(null, null, null, null, "1.2.3.4");
        // When
        List<String> events =
                envelope(body, Shape.BATCH).read(reader, caller, 0).stream()
                        .map(item -> new String(((Reading.Accepted) item).event().json(), UTF_8))
                        .toList();
        // Then
        assertThat(events.get(0)).contains("\"context\":{\"ip\":\"1.2.3.4\",\"a\":1}");
        assertThat(events.get(1)).contains("\"context\":{\"ip\":\"1.2.3.4\",\"a\":1,\"b\":2}");
        assertThat(events.get(2)).contains("\"context\":{\"a\":1,\"ip\":\"9.9.9.9\"}");
    }

    @Test
    void cutsABatchOfWhichItKeepsNoItem() throws Exception {
        // Given
        byte[] body = "{\"batch\":[%s,5],\"context\":{\"a\":1}}".formatted(EVENT).getBytes(UTF_8);
        // When
        Envelope envelope = Envelope.parseWithoutItems(body, 0, body.length);
        JsonSplitter items = envelope.cut();
        // Then
        assertThat(Envelope.parseUpTo(1, body, 0, body.length)).isEmpty();
        assertThat(envelope.size()).isZero();
        assertThat(items.next()).isTrue();
        Reading first =
                envelope.read(reader, origin, items.text(), items.offset(), items.length(), 0);
        assertThat(new String(((Reading.Accepted) first).event().json(), UTF_8))
                .contains("\"context\":{\"a\":1}");
        assertThat(items.next()).isTrue();
        assertThat(items.next()).isFalse();
    }
}
