package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.crash.KafkaBroker;
import dev.caravan.ingest.KafkaBatch;
import dev.caravan.journal.DeadLetter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** The kamelet that reads Kafka, against a broker. */
class KafkaSourceTest {
    private static final Instant SENT = Instant.parse("2026-03-01T10:00:00.123Z");
    private static final Duration ARRIVAL = Duration.ofSeconds(40);

    @TempDir static Path folder;
    private static KafkaBroker broker;

    @TempDir Path home;
    private Fixture caravan;
    private String topic;

    @BeforeAll
    static void startBroker() throws Exception {
        broker = KafkaBroker.start(folder);
    }

    @AfterAll
    static void stopBroker() throws InterruptedException {
        broker.close();
    }

    @BeforeEach
    void begin(TestInfo test) throws Exception {
        topic = test.getTestMethod().orElseThrow().getName();
        broker.createTopic(topic, 4);
        caravan = new Fixture(home);
        caravan.camel.getRegistry().bind("kafka-records", KafkaBatch.records());
        caravan.camel.getRegistry().bind("kafka-commit", KafkaBatch.commit());
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/order.yaml"),
                """
                type: track
                event: Order
                userId: {template: "u-{n}"}
                properties: {n: {path: $.n, type: number}}
                """);
    }

    @AfterEach
    void end() {
        caravan.close();
    }

    @Test
    void makesEventsByAMappingAtTheTimeOfTheRecords() throws Exception {
        // Given
        send(IntStream.range(0, 10).mapToObj(KafkaSourceTest::record));
        send(Stream.of("{\"m\":1}", "no json"));
        // When
        caravan.routes(home, route("reader", "", "")).start();
        // Then
        awaitNumbers(10);
        await().atMost(ARRIVAL).until(() -> caravan.deadLetters().size() == 2);
        assertThat(caravan.stored()).allMatch(entry -> entry.event().occurredAt().equals(SENT));
        assertThat(caravan.deadLetters())
                .extracting(DeadLetter::place)
                .allMatch(place -> place.matches(topic + ", partition \\d, offset \\d+"));
    }

    @Test
    void readsValuesOfOtherFormats() throws Exception {
        // Given
        send(Stream.of("<o><i><n>1</n></i><i><n>2</n></i></o>", "<o><i><n>3</n></i></o>"));
        // When
        caravan.routes(home, route("reader", "", "format: xml, record: /o/i, ")).start();
        // Then
        awaitNumbers(3);
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void fetchesABatchAgainThatTheRouteCouldNotStore() throws Exception {
        // Given
        AtomicInteger left = new AtomicInteger(2);
        Processor fault =
                exchange -> {
                    if (left.getAndDecrement() > 0) {
                        throw new IllegalStateException("not now");
                    }
                };
        caravan.camel.getRegistry().bind("fault", fault);
        send(IntStream.range(0, 1_200).mapToObj(KafkaSourceTest::record));
        // When
        caravan.routes(home, route("reader", "        - process: {ref: fault}\n", "")).start();
        // Then
        awaitNumbers(1_200);
        assertThat(left.get()).isNegative();
        assertThat(caravan.stored()).hasSize(1_200);
    }

    @Test
    void storesEachRecordOnceWhilePartitionsMove() throws Exception {
        // Given
        caravan.routes(home, route("first", "", "")).start();
        String reader = kafkaRoute();
        send(IntStream.range(0, 3_000).mapToObj(KafkaSourceTest::record));
        await().atMost(ARRIVAL).until(() -> !caravan.stored().isEmpty());
        // When
        caravan.yaml(route("second", "", ""));
        send(IntStream.range(3_000, 6_000).mapToObj(KafkaSourceTest::record));
        await().atMost(ARRIVAL).until(() -> caravan.stored().size() > 4_000);
        caravan.camel.getRouteController().stopRoute(reader);
        send(IntStream.range(6_000, 7_000).mapToObj(KafkaSourceTest::record));
        // Then
        awaitNumbers(7_000);
        assertThat(caravan.stored()).hasSize(7_000);
    }

    /** The route of the kamelet itself, which reads. */
    private String kafkaRoute() {
        return caravan.camel.getRoutes().stream()
                .map(Route::getId)
                .filter(id -> !id.equals("first"))
                .findFirst()
                .orElseThrow();
    }

    private void send(Stream<String> values) throws Exception {
        broker.send(topic, SENT, values);
    }

    private static String record(int number) {
        return "{\"n\":" + number + "}";
    }

    private String route(String id, String step, String format) {
        return """
               - route:
                   id: %s
                   from:
                     uri: kamelet:kafka-source
                     parameters:
                       brokers: "%s"
                       topic: %s
                       groupId: caravan-%s
                       sessionTimeout: %d
                     steps:
               %s        - to:
                           uri: caravan:events
                           parameters: {source: orders, %smapping: order}
               """
                .formatted(id, broker.address(), topic, topic, 10_000 + id.length(), step, format);
    }

    private void awaitNumbers(int count) {
        await().atMost(ARRIVAL)
                .untilAsserted(
                        () ->
                                assertThat(
                                                caravan.stored().stream()
                                                        .map(entry -> entry.event().json())
                                                        .map(json -> new String(json, UTF_8))
                                                        .map(
                                                                json ->
                                                                        json.replaceAll(
                                                                                ".*\"n\":(\\d+).*",
                                                                                "$1")))
                                        .doesNotHaveDuplicates()
                                        .hasSize(count));
    }
}
