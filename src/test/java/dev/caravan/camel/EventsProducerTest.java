package dev.caravan.camel;

import static dev.caravan.camel.Fixture.track;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Json;
import dev.caravan.event.NotJsonException;
import dev.caravan.ingest.InboxFiles;
import dev.caravan.ingest.Receipt;
import dev.caravan.ingest.Records;
import dev.caravan.ingest.UnreadableException;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.LogLines;
import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.direct.DirectComponent;
import org.apache.camel.component.direct.DirectEndpoint;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsProducerTest {
    private static final Instant MODIFIED = Instant.parse("2026-08-20T08:00:00Z");

    @TempDir Path directory;

    private Fixture caravan;

    @BeforeEach
    void begin() {
        caravan = new Fixture(directory);
    }

    @AfterEach
    void end() {
        caravan.close();
    }

    // --- bodies

    @Test
    void takesBodiesOfAllKinds() throws Exception {
        // Given
        caravan.start();
        Path file = Files.writeString(directory.resolve("a.json"), track("A", "u"));
        Map<String, Object> map = Map.of("type", "track", "event", "A", "userId", "u");
        List<Object> bodies =
                List.of(
                        map,
                        List.of(map, track("A", "u"), track("A", "u").getBytes(UTF_8)),
                        new Object[] {map},
                        List.of(map).iterator(),
                        Map.of("batch", List.of(map, map)),
                        track("A", "u"),
                        track("A", "u").getBytes(UTF_8),
                        "[" + track("A", "u") + "," + track("A", "u") + "]",
                        track("A", "u") + "\n" + track("A", "u"),
                        new ByteArrayInputStream(track("A", "u").getBytes(UTF_8)),
                        new StringReader(track("A", "u")),
                        file,
                        Json.toTree(track("A", "u").getBytes(UTF_8)),
                        Map.of("batch", List.of(Json.toTree(track("A", "u").getBytes(UTF_8)))));
        // When
        List<Receipt> receipts = bodies.stream().map(this::receipt).toList();
        // Then
        assertThat(receipts)
                .extracting(Receipt::accepted)
                .containsExactly(1L, 3L, 1L, 1L, 2L, 1L, 1L, 2L, 2L, 1L, 1L, 1L, 1L, 1L);
        assertThat(caravan.stored()).hasSize(19);
    }

    @Test
    void keepsTheValuesOfMapsAsTheyAre() throws Exception {
        // Given
        caravan.start();
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("exact", new BigDecimal("0.10000000000000000000000000001"));
        properties.put("huge", new BigInteger("123456789012345678901234567890"));
        properties.put("small", 1e-7);
        properties.put("none", null);
        properties.put("when", Timestamp.from(Instant.parse("2026-08-20T08:00:00.123Z")));
        properties.put("day", java.sql.Date.valueOf("2026-08-20"));
        properties.put("id", UUID.fromString("0197f2a0-5c1e-7d3a-9b1e-000000000001"));
        properties.put("unit", TimeUnit.DAYS);
        properties.put("half", "\ud83d");
        properties.put("whole", "\ud83d\ude00");
        properties.put("list", new int[] {1, 2});
        Map<String, Object> event =
                Map.of("type", "track", "event", "A", "userId", "u", "properties", properties);
        // When
        receipt(event);
        // Then
        assertThat(json(caravan.stored().get(0)))
                .contains(
                        "{\"exact\":0.10000000000000000000000000001,"
                                + "\"huge\":123456789012345678901234567890,"
                                + "\"small\":1.0E-7,\"none\":null,"
                                + "\"when\":\"2026-08-20T08:00:00.123Z\",\"day\":\"2026-08-20\","
                                + "\"id\":\"0197f2a0-5c1e-7d3a-9b1e-000000000001\","
                                + "\"unit\":\"DAYS\",\"half\":\"\\ud83d\","
                                + "\"whole\":\"\ud83d\ude00\",\"list\":[1,2]}");
    }

    @Test
    void setsAsideWhatIsNoEventAndTakesItsNeighbours() {
        // Given
        caravan.start();
        Map<String, Object> loop = new LinkedHashMap<>();
        loop.put("self", loop);
        List<Object> items =
                new ArrayList<>(
                        Arrays.asList(
                                track("A", "u"),
                                "no JSON",
                                Map.of("a", new Object()),
                                loop,
                                Map.of("a", Double.NaN),
                                null,
                                List.of(1),
                                track("B", "u")));
        // When
        Receipt receipt = receipt(items);
        // Then
        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(receipt.setAside()).isEqualTo(6);
        assertThat(receipt.examples())
                .extracting(item -> item.index() + " " + item.reason())
                .satisfiesExactly(
                        first -> assertThat(first).startsWith("1 not valid JSON"),
                        second ->
                                assertThat(second)
                                        .isEqualTo(
                                                "2 a value of java.lang.Object does not become JSON"),
                        third -> assertThat(third).startsWith("3 it is nested more than"),
                        fourth -> assertThat(fourth).isEqualTo("4 JSON has no number NaN"),
                        fifth -> assertThat(fifth).isEqualTo("5 it is not a JSON object"),
                        sixth -> assertThat(sixth).isEqualTo("6 it is not a JSON object"));
        assertThat(new String(caravan.deadLetterItem(3), UTF_8)).isEqualTo("{\"a\":\"NaN\"}");
    }

    @Test
    void setsAMessageAsideThatIsNoJson() {
        // Given
        caravan.start();
        // When
        List<Receipt> receipts =
                List.of(receipt("hello"), receipt("[" + track("A", "u")), receipt(new Object()));
        // Then
        assertThat(receipts).extracting(Receipt::setAside).containsOnly(1L);
        assertThat(caravan.deadLetters()).hasSize(3);
    }

    @Test
    void answersWhatBecameOfItWhereAnAnswerIsWanted() {
        // Given
        caravan.start();
        Object body = List.of(track("A", "u"), "5");
        // When
        Object answer =
                caravan.camel
                        .createProducerTemplate()
                        .requestBody("caravan:events?source=crm", body);
        // Then
        assertThat(answer)
                .isEqualTo(
                        Map.of(
                                "success",
                                true,
                                "accepted",
                                1L,
                                "duplicates",
                                0L,
                                "setAside",
                                List.of(Map.of("index", 1, "reason", "it is not a JSON object"))));
    }

    @Test
    void leavesTheBodyAloneWhereNoAnswerIsWanted() {
        // Given
        caravan.start();
        // When
        Exchange exchange = send(track("A", "u"));
        // Then
        assertThat(exchange.getMessage().getBody()).isEqualTo(track("A", "u"));
        assertThat(exchange.getProperty(CaravanConstants.RECEIPT, Receipt.class).accepted())
                .isEqualTo(1);
    }

    @Test
    void takesTheSourceThatTheExchangeSaysButNeverFromAHeader() {
        // Given
        caravan.start();
        // When
        Exchange byProperty =
                caravan.camel
                        .createProducerTemplate()
                        .send(
                                "caravan:events",
                                exchange -> {
                                    exchange.setProperty(CaravanConstants.SOURCE, "web");
                                    exchange.getMessage().setBody(track("A", "u"));
                                });
        Exchange byHeader =
                caravan.camel
                        .createProducerTemplate()
                        .send(
                                "caravan:events",
                                exchange -> {
                                    exchange.getMessage().setHeader(CaravanConstants.SOURCE, "web");
                                    exchange.getMessage().setBody(track("A", "u"));
                                });
        // Then
        assertThat(byProperty.getException()).isNull();
        assertThat(caravan.stored()).extracting(Entry::source).containsExactly("web");
        assertThat(byHeader.getException()).hasMessageContaining("source: <name>");
    }

    // --- files

    @Test
    void storesAFileOnceHoweverOftenItIsRead() throws Exception {
        // Given
        fileRoute("");
        drop("a.json", "[" + track("A", "u") + "," + track("A", "u") + ",7]");
        caravan.start();
        awaitMoved("done/a.json");
        // When
        drop("a.json", "[" + track("A", "u") + "," + track("A", "u") + ",7]");
        Awaitility.await().until(() -> !Files.exists(directory.resolve("inbox/a.json")));
        drop("b.json", "[" + track("A", "u") + "]");
        awaitMoved("done/b.json");
        // Then
        assertThat(caravan.stored())
                .extracting(entry -> entry.event().occurredAt())
                .containsExactly(MODIFIED, MODIFIED, MODIFIED);
        assertThat(caravan.deadLetters())
                .singleElement()
                .satisfies(dead -> assertThat(dead.place()).contains("a.json"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2_500})
    void storesNothingTwiceOfAFileThatGrowsWhileItIsRead(int events) throws Exception {
        // Given
        List<Integer> lengths = new CopyOnWriteArrayList<>();
        caravan.camel.getRegistry().bind("inbox-files", new InboxFiles(InstantSource.system()));
        caravan.camel.getRegistry().bind("writer", (Processor) exchange -> grow(lengths));
        caravan.yaml(
                """
                - from:
                    uri: file:%s?processStrategy=#inbox-files&initialDelay=0&delay=50
                    steps:
                      - process: {ref: writer}
                      - to: {uri: caravan:events, parameters: {source: files}}
                """
                        .formatted(directory.resolve("inbox")));
        drop("a.ndjson", (track("A", "u") + "\n").repeat(events));
        age(directory.resolve("inbox/a.ndjson"), Duration.ofDays(2));
        // When
        caravan.start();
        awaitMoved("inbox/done/a.ndjson");
        // Then
        assertThat(lengths).hasSize(2);
        assertThat(caravan.stored()).hasSize(events + 1);
        assertThat(caravan.deadLetters()).isEmpty();
        assertThat(caravan.journal.brokenFiles()).isEmpty();
    }

    /** Writes another line when it is called for the first time. */
    private void grow(List<Integer> lengths) throws Exception {
        Path file = directory.resolve("inbox/a.ndjson");
        lengths.add((int) Files.size(file));
        if (lengths.size() == 1) {
            Files.writeString(file, track("A", "u") + "\n", StandardOpenOption.APPEND);
            age(file, Duration.ofDays(1)); // else it would have to be still for a while
        }
    }

    private static void age(Path file, Duration age) throws Exception {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    @Test
    void goesByTheFilesNameAndCharset() throws Exception {
        // Given
        fileRoute("charset: iso-8859-1,");
        Files.createDirectories(directory.resolve("inbox"));
        Files.write(
                directory.resolve("inbox/a.ndjson"),
                (track("Grüße", "u") + "\nkaputt\n" + track("B", "u"))
                        .getBytes(StandardCharsets.ISO_8859_1));
        // When
        caravan.start();
        awaitMoved("done/a.ndjson");
        // Then
        assertThat(caravan.stored())
                .extracting(entry -> entry.event().name())
                .containsExactly("Grüße", "B");
        assertThat(caravan.deadLetters()).hasSize(1);
    }

    @Test
    void failsWhereAFileIsBrokenAndTellsThePlace() throws Exception {
        // Given
        fileRoute("");
        drop("a.json", "[" + track("A", "u") + "," + track("A", "u").substring(0, 30));
        // When
        caravan.start();
        awaitMoved("failed/a.json");
        // Then
        assertThat(caravan.stored()).hasSize(1);
    }

    @Test
    void namesFileRecordAndByteOfTheBreak() throws Exception {
        // Given
        caravan.start();
        Path file = Files.writeString(directory.resolve("a.json"), "[" + track("A", "u") + ",{]");
        // When
        Exchange exchange = send(file.toFile());
        // Then
        assertThat(exchange.getException())
                .isInstanceOf(UnreadableException.class)
                .hasCauseInstanceOf(NotJsonException.class)
                .hasMessage(
                        "a.json is broken at record 2: brackets do not match, at byte "
                                + (track("A", "u").length() + 3));
    }

    @Test
    void readsLongStreamsAndLongBatchesWithoutHoldingThem() throws Exception {
        // Given
        caravan.start();
        String events = (track("A", "u") + ",").repeat(30_000) + track("B", "u");
        String batch = "{\"batch\":[" + events + "],\"context\":{\"ip\":\"9.9.9.9\"}}";
        // When
        Receipt array = receipt(new ByteArrayInputStream(("[" + events + "]").getBytes(UTF_8)));
        Receipt long1 = receipt(new ByteArrayInputStream(batch.getBytes(UTF_8)));
        // Then
        assertThat(batch.length()).isGreaterThan(1 << 20);
        assertThat(array.accepted()).isEqualTo(30_001);
        assertThat(long1.accepted()).isEqualTo(30_001);
        assertThat(json(caravan.stored().get(30_001))).contains("9.9.9.9");
    }

    // --- messages

    @Test
    void takesARedeliveredMessageForTheSameEvents() throws Exception {
        // Given
        caravan.camel.addComponent("jms", new DirectComponent());
        var kafka =
                new DirectEndpoint(
                        "kafka:in", caravan.camel.getComponent("direct", DirectComponent.class));
        caravan.camel.addEndpoint("kafka:in", kafka);
        for (String uri : List.of("jms:in", "kafka:in", "direct:in")) {
            caravan.yaml(
                    """
                    - from:
                        uri: %s
                        steps:
                          - to: {uri: caravan:events, parameters: {source: queue}}
                    """
                            .formatted(uri));
        }
        caravan.start();
        long sent = MODIFIED.toEpochMilli();
        Map<String, Object> headers =
                Map.of(
                        "JMSMessageID",
                        "ID:1",
                        "JMSTimestamp",
                        sent,
                        "kafka.TOPIC",
                        "t",
                        "kafka.PARTITION",
                        1,
                        "kafka.OFFSET",
                        7L,
                        "kafka.TIMESTAMP",
                        sent);
        // When
        for (String uri : List.of("jms:in", "jms:in", "kafka:in", "kafka:in")) {
            caravan.camel
                    .createProducerTemplate()
                    .sendBodyAndHeaders(uri, track("A", "u"), headers);
        }
        caravan.camel
                .createProducerTemplate()
                .sendBodyAndHeaders("direct:in", track("A", "u"), headers);
        // Then
        List<Entry> stored = caravan.stored();
        assertThat(stored).hasSize(3);
        assertThat(stored.get(0).event().occurredAt()).isEqualTo(MODIFIED);
        assertThat(stored.get(1).event().occurredAt()).isEqualTo(MODIFIED);
        assertThat(stored.get(2).event().occurredAt()).isAfter(MODIFIED);
    }

    @Test
    void keepsTheTimeAndThePlaceOfRecordsThatARouteSplits() throws Exception {
        // Given
        caravan.yaml(
                """
                - from:
                    uri: direct:in
                    steps:
                      - split:
                          simple: "${body}"
                          steps:
                            - to: {uri: caravan:events, parameters: {source: topic}}
                """);
        caravan.start();
        var records =
                new Records(
                        List.of(track("A", "u").getBytes(UTF_8), "no json"),
                        List.of(
                                new Records.Mark("1", "offset 1", MODIFIED),
                                new Records.Mark("2", "offset 2", MODIFIED)));
        // When
        caravan.camel.createProducerTemplate().send("direct:in", records::giveTo);
        // Then
        assertThat(caravan.stored())
                .extracting(entry -> entry.event().occurredAt())
                .containsExactly(MODIFIED);
        assertThat(caravan.deadLetters()).extracting(DeadLetter::place).containsExactly("offset 2");
    }

    @Test
    void tellsThePartsApartThatARouteMakesOfOneMessage() throws Exception {
        // Given
        caravan.camel.addComponent("jms", new DirectComponent());
        caravan.yaml(
                """
                - from:
                    uri: jms:in
                    steps:
                      - split:
                          jsonpath: "$.rows"
                          steps:
                            - setBody:
                                simple: '{"type":"track","event":"Row","userId":"u"}'
                            - to: {uri: caravan:events, parameters: {source: queue}}
                      - setBody:
                          simple: '{"type":"track","event":"All","userId":"u"}'
                      - to: {uri: caravan:events, parameters: {source: queue}}
                """);
        caravan.start();
        // When
        for (int delivery = 1; delivery <= 2; delivery++) {
            caravan.camel
                    .createProducerTemplate()
                    .sendBodyAndHeader("jms:in", "{\"rows\":[1,2,3]}", "JMSMessageID", "ID:1");
        }
        // Then
        assertThat(caravan.stored())
                .extracting(entry -> entry.event().name())
                .containsExactly("Row", "Row", "Row", "All");
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void tellsEqualPartsApartThatNestedSplitsMakeOfOneMessage() throws Exception {
        // Given
        caravan.camel.addComponent("jms", new DirectComponent());
        caravan.camel.getCamelContextExtension().addInterceptStrategy(new SplitRecords());
        caravan.yaml(
                """
                - from:
                    uri: jms:in
                    steps:
                      - split:
                          jsonpath: "$.orders[*]"
                          steps:
                            - split:
                                jsonpath: "$.lines[*]"
                                steps:
                                  - to: {uri: caravan:events, parameters: {source: queue}}
                """);
        caravan.start();
        String order = "{\"lines\":[" + track("Line", "u") + "]}";
        String message = "{\"orders\":[" + order + "," + order + "]}";
        // When
        for (int delivery = 1; delivery <= 2; delivery++) {
            caravan.camel
                    .createProducerTemplate()
                    .sendBodyAndHeader("jms:in", message, "JMSMessageID", "ID:1");
        }
        // Then
        assertThat(caravan.stored()).hasSize(2);
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void warnsOnceOfAStepThatMakesANewListOfSeveralRecords() throws Exception {
        // Given
        Processor step =
                exchange ->
                        exchange.getMessage().setBody(List.of(track("A", "u"), track("B", "u")));
        caravan.camel.getRegistry().bind("step", step);
        caravan.yaml(
                """
                - from:
                    uri: direct:in
                    steps:
                      - process: {ref: step}
                      - to: {uri: caravan:events, parameters: {source: topic}}
                """);
        caravan.start();
        var marks = List.of(new Records.Mark("1", "offset 1"), new Records.Mark("2", "offset 2"));
        var records = new Records(List.of(track("A", "u"), track("B", "u")), marks);
        try (LogLines lines = LogLines.of(Origins.class)) {
            // When
            for (int page = 1; page <= 2; page++) {
                caravan.camel.createProducerTemplate().send("direct:in", records::giveTo);
            }
            // Then
            assertThat(lines.all)
                    .singleElement()
                    .asString()
                    .startsWith("WARN")
                    .contains("split them first, or give it a messageId", "source=topic");
        }
    }

    // --- what stops the start

    @Test
    void saysAtTheStartWhatIsWrongWithAnEndpoint() {
        assertThatThrownBy(() -> start("to", "caravan:event", "{source: a}"))
                .rootCause()
                .hasMessageContaining("not 'event'");
        assertThatThrownBy(() -> start("to", "caravan:events", "{source: a, format: cvs}"))
                .rootCause()
                .hasMessage("format must be json, ndjson, csv, fixed, xml, deletions but is 'cvs'");
        assertThatThrownBy(() -> start("to", "caravan:events", "{source: a, delimiter: ';'}"))
                .rootCause()
                .hasMessage("'delimiter' means nothing for 'format: json'; it is an option of csv");
        assertThatThrownBy(() -> start("to", "caravan:events", "{source: a, format: xml}"))
                .rootCause()
                .hasMessageContaining("add 'record: /orders/order'");
        assertThatThrownBy(() -> start("to", "caravan:events", "{source: a, mapping: crm}"))
                .rootCause()
                .hasMessageContaining("crm.yaml is not there");
        assertThatThrownBy(() -> start("to", "caravan:events", "{source: \"a b\"}"))
                .rootCause()
                .hasMessageContaining("a source's name has");
        assertThatThrownBy(() -> start("to", "caravan:skip", "{}"))
                .rootCause()
                .hasMessageContaining("reason: <words>");
        assertThatThrownBy(() -> start("to", "caravan:address", "{}"))
                .rootCause()
                .hasMessageContaining("template: /persons/{userId}");
        assertThatThrownBy(() -> start("to", "caravan:address", "{template: \"persons/{userId}\"}"))
                .rootCause()
                .hasMessageContaining("template must be a path");
        assertThatThrownBy(() -> start("from", "caravan:events", "{erase: route}"))
                .rootCause()
                .hasMessageContaining("destination: <name>");
        assertThatThrownBy(() -> start("from", "caravan:events", "{destination: crm}"))
                .rootCause()
                .hasMessageContaining("destination 'crm'")
                .hasMessageContaining("erase: route")
                .hasMessageContaining("erase: unsupported");
        assertThatThrownBy(
                        () -> start("from", "caravan:events", "{destination: crm, erase: maybe}"))
                .rootCause()
                .hasMessageContaining("erase must be route or unsupported");
        assertThatThrownBy(
                        () ->
                                start(
                                        "from",
                                        "caravan:events",
                                        "{destination: crm, erase: route, types: trick}"))
                .rootCause()
                .hasMessageContaining("'trick'");
        assertThatThrownBy(
                        () ->
                                start(
                                        "from",
                                        "caravan:events",
                                        "{destination: crm, erase: route, filter: \"$[?(\"}"))
                .rootCause()
                .hasMessageContaining("filter must be JSONPath");
        assertThatThrownBy(
                        () ->
                                start(
                                        "from",
                                        "caravan:events",
                                        "{destination: crm, erase: route, filter: \"$.concat($.a)\"}"))
                .rootCause()
                .hasMessageContaining("a function with arguments");
        assertThatThrownBy(
                        () ->
                                start(
                                        "from",
                                        "caravan:events",
                                        "{destination: crm, erase: route, bach: 7}"))
                .rootCause()
                .hasMessageContaining("bach");
    }

    private void start(String step, String uri, String parameters) throws Exception {
        try (Fixture fresh = new Fixture(Files.createTempDirectory(directory, "start"))) {
            fresh.yaml(
                            step.equals("to")
                                    ? """
                                      - from:
                                          uri: direct:in
                                          steps:
                                            - to: {uri: %s, parameters: %s}
                                      """
                                            .formatted(uri, parameters)
                                    : """
                                      - from:
                                          uri: %s
                                          parameters: %s
                                          steps:
                                            - to: log:out
                                      """
                                            .formatted(uri, parameters))
                    .start();
        }
    }

    private Receipt receipt(Object body) {
        Exchange exchange = send(body);
        if (exchange.getException() != null) {
            throw new CamelExecutionException("failed", exchange, exchange.getException());
        }
        return exchange.getProperty(CaravanConstants.RECEIPT, Receipt.class);
    }

    private Exchange send(Object body) {
        return caravan.camel
                .createProducerTemplate()
                .send("caravan:events?source=crm", exchange -> exchange.getMessage().setBody(body));
    }

    private void fileRoute(String parameters) throws Exception {
        caravan.yaml(
                """
                - from:
                    uri: file:%s
                    parameters: {%s initialDelay: 0, delay: 50, move: ../done, moveFailed: ../failed}
                    steps:
                      - to: {uri: caravan:events, parameters: {source: files}}
                """
                        .formatted(directory.resolve("inbox"), parameters));
    }

    private void drop(String name, String text) throws Exception {
        Path hidden = Files.writeString(directory.resolve(name + ".tmp"), text);
        Files.setLastModifiedTime(hidden, FileTime.from(MODIFIED));
        Files.createDirectories(directory.resolve("inbox"));
        Files.move(hidden, directory.resolve("inbox").resolve(name));
    }

    private void awaitMoved(String name) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.exists(directory.resolve(name)));
    }

    private static String json(Entry entry) {
        return new String(entry.event().json(), UTF_8);
    }
}
