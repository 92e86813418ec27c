package dev.caravan.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.crash.CrashAgent.Phase;
import dev.caravan.fake.Behaviour;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.ReceivedItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The packaged process and a real {@code kill -9} at a chosen point under load. Whatever was
 * acknowledged arrives, in the order of each person, and what comes twice carries the same id.
 *
 * <p>{@code -Dcrash.rounds=n} repeats each phase; the profile {@code crash} sets 5.
 */
class CrashIT {
    private static final String KEY = "cio-key";
    private static final String WRITE_KEY = "shop-key";
    private static final Duration ARRIVAL = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 1);

    @TempDir Path home;
    @TempDir Path tools;
    private FakeCustomerIo fake;
    private CaravanProcess caravan;
    private Path marker;

    static Stream<Arguments> phases() {
        return IntStream.range(0, ROUNDS)
                .boxed()
                .flatMap(
                        round ->
                                Stream.of(Phase.values()).map(phase -> Arguments.of(phase, round)));
    }

    static Stream<Arguments> writes() {
        return phases().filter(
                        arguments ->
                                arguments.get()[0] == Phase.BEFORE_FSYNC
                                        || arguments.get()[0] == Phase.AFTER_FSYNC);
    }

    static IntStream rounds() {
        return IntStream.range(0, ROUNDS);
    }

    @BeforeEach
    void start() throws IOException {
        fake = FakeCustomerIo.start(KEY);
        marker = tools.resolve("killed");
        caravan =
                new CaravanProcess(home)
                        .with("CARAVAN_CUSTOMERIO_API_KEY", KEY)
                        .with("CARAVAN_CUSTOMERIO_URL", fake.url().toString())
                        .with("CARAVAN_KEYS_SHOP", WRITE_KEY);
    }

    @AfterEach
    void stop() throws Exception {
        caravan.close();
        fake.close();
    }

    @ParameterizedTest(name = "{0}, round {1}")
    @MethodSource("phases")
    void losesNothingThatWasAcknowledgedOverHttp(Phase phase, int round) throws Exception {
        // Given
        killAt(phase, 3 + new Random(round).nextInt(60));
        caravan.start();
        try (Load load = new Load(caravan.http("/"), WRITE_KEY, 8, 150)) {
            // When
            caravan.awaitEnd(Duration.ofSeconds(60));
            caravan.withoutOptions().start();
            Map<String, List<String>> acknowledged = load.await();
            // Then
            assertKilled(phase);
            assertArrivedInOrder(acknowledged);
        }
    }

    @ParameterizedTest(name = "round {0}")
    @MethodSource("rounds")
    void losesNothingWithRequestsInFlight(int round) throws Exception {
        // Given
        int number = 3 + new Random(round).nextInt(20);
        fake.script()
                .rule(request -> request.number() == number && kill(), Behaviour.halfAnswer(), 1);
        caravan.start();
        try (Load load = new Load(caravan.http("/"), WRITE_KEY, 8, 150)) {
            // When
            caravan.awaitEnd(Duration.ofSeconds(60));
            caravan.start();
            // Then
            assertArrivedInOrder(load.await());
        }
    }

    @ParameterizedTest(name = "{0}, round {1}")
    @MethodSource("writes")
    void storesEachRecordOfAFileOnce(Phase phase, int round) throws Exception {
        // Given
        killAt(phase, 2 + new Random(round).nextInt(4));
        caravan.start();
        Map<String, List<String>> records = new LinkedHashMap<>();
        drop("orders.ndjson", 20_000, records);
        // When
        caravan.awaitEnd(Duration.ofSeconds(60));
        caravan.withoutOptions().start();
        // Then
        assertKilled(phase);
        awaitRecords(20_000);
        assertRecordsInOrder(records);
    }

    @ParameterizedTest(name = "{0}, round {1}")
    @MethodSource("writes")
    void storesEachRowOfATableOnce(Phase phase, int round) throws Exception {
        // Given
        csvRoute();
        killAt(phase, 2 + new Random(round).nextInt(4));
        caravan.start();
        Map<String, List<String>> records = new LinkedHashMap<>();
        dropCsv("orders.csv", 20_000, records);
        // When
        caravan.awaitEnd(Duration.ofSeconds(60));
        caravan.withoutOptions().start();
        // Then
        assertKilled(phase);
        awaitRecords(20_000);
        assertRecordsInOrder(records);
        org.awaitility.Awaitility.await()
                .atMost(ARRIVAL)
                .until(() -> Files.exists(home.resolve("inbox/orders/.camel/orders.csv")));
    }

    @ParameterizedTest(name = "{0}, round {1}")
    @MethodSource("writes")
    void storesEachMessageOfAQueueOnce(Phase phase, int round) throws Exception {
        // Given
        EmbeddedActiveMQ broker = broker();
        try {
            caravan.with("CARAVAN_JMS_URL", "tcp://127.0.0.1:" + BROKER_PORT);
            killAt(phase, 10 + new Random(round).nextInt(100));
            caravan.start();
            Set<String> sent = sendMessages(500);
            // When
            caravan.awaitEnd(Duration.ofSeconds(60));
            caravan.withoutOptions().start();
            // Then
            assertKilled(phase);
            fake.awaitMessageIds(sent, ARRIVAL);
        } finally {
            broker.stop();
        }
    }

    @Test
    void stopsInOrderWithoutLossOrRepetition() throws Exception {
        // Given
        caravan.start();
        Map<String, List<String>> acknowledged;
        try (Load load = new Load(caravan.http("/"), WRITE_KEY, 4, 100)) {
            acknowledged = load.await();
        }
        // When
        caravan.stop();
        caravan.start();
        // Then
        assertArrivedInOrder(acknowledged);
        assertThat(fake.duplicates()).isEmpty();
    }

    private void killAt(Phase phase, int count) throws IOException {
        caravan.option(CrashAgent.option(tools, phase, count, marker));
    }

    private boolean kill() {
        try {
            caravan.kill();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return true;
    }

    private void assertKilled(Phase phase) throws IOException {
        assertThat(marker).exists();
        assertThat(Files.readString(marker)).isEqualTo(phase + "\n");
    }

    private void assertArrivedInOrder(Map<String, List<String>> acknowledged)
            throws InterruptedException {
        Set<String> all = new HashSet<>();
        acknowledged.values().forEach(all::addAll);
        fake.awaitMessageIds(all, ARRIVAL);
        Map<String, Set<String>> arrived = new LinkedHashMap<>();
        for (ReceivedItem item : fake.received()) {
            arrived.computeIfAbsent(
                            item.json().path("userId").asText(), person -> new LinkedHashSet<>())
                    .add(item.json().path("messageId").asText());
        }
        acknowledged.forEach(
                (person, ids) ->
                        assertThat(arrived.get(person)).as(person).containsExactlyElementsOf(ids));
    }

    // --- files

    private void drop(String name, int records, Map<String, List<String>> byPerson)
            throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < records; i++) {
            String person = "person-" + i % 97;
            byPerson.computeIfAbsent(person, key -> new ArrayList<>()).add(String.valueOf(i));
            lines.append(
                    """
                    {"type":"track","userId":"%s","event":"Order Completed","properties":{"number":"%d"}}
                    """
                            .formatted(person, i));
        }
        Path draft = tools.resolve(name);
        Files.writeString(draft, lines);
        Files.createDirectories(home.resolve("inbox"));
        Files.move(draft, home.resolve("inbox").resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void csvRoute() throws IOException {
        Files.createDirectories(home.resolve("routes"));
        Files.createDirectories(home.resolve("mappings"));
        Files.createDirectories(home.resolve("inbox/orders"));
        Files.writeString(
                home.resolve("routes/orders.camel.yaml"),
                """
                - route:
                    id: orders
                    from:
                      uri: file:{{caravan.inbox}}/orders
                      parameters: {include: ".*[.]csv"}
                      steps:
                        - to:
                            uri: caravan:events
                            parameters: {source: orders, format: csv, mapping: orders}
                """);
        Files.writeString(
                home.resolve("mappings/orders.yaml"),
                """
                type: track
                event: Order Completed
                userId: $.person
                properties:
                  number: $.number
                """);
    }

    private void dropCsv(String name, int rows, Map<String, List<String>> byPerson)
            throws IOException {
        StringBuilder lines = new StringBuilder("number,person\n");
        for (int i = 0; i < rows; i++) {
            String person = "person-" + i % 97;
            byPerson.computeIfAbsent(person, key -> new ArrayList<>()).add(String.valueOf(i));
            lines.append(i).append(",\"").append(person).append("\"\n");
        }
        Path draft = Files.writeString(tools.resolve(name), lines);
        Files.move(
                draft, home.resolve("inbox/orders").resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void awaitRecords(int count) {
        org.awaitility.Awaitility.await()
                .atMost(ARRIVAL)
                .untilAsserted(() -> assertThat(fake.messageIds()).hasSize(count));
    }

    private void assertRecordsInOrder(Map<String, List<String>> records) {
        Map<String, Set<String>> arrived = new LinkedHashMap<>();
        for (ReceivedItem item : fake.received()) {
            arrived.computeIfAbsent(
                            item.json().path("userId").asText(), person -> new LinkedHashSet<>())
                    .add(item.json().path("properties").path("number").asText());
        }
        records.forEach(
                (person, numbers) ->
                        assertThat(arrived.get(person))
                                .as(person)
                                .containsExactlyElementsOf(numbers));
        assertThat(fake.messageIds()).hasSize(records.values().stream().mapToInt(List::size).sum());
    }

    // --- queue

    private static final int BROKER_PORT = 61_999;

    private EmbeddedActiveMQ broker() throws Exception {
        var configuration =
                new ConfigurationImpl()
                        .setPersistenceEnabled(false)
                        .setSecurityEnabled(false)
                        .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + BROKER_PORT);
        configuration.addAddressSetting(
                "#",
                new org.apache.activemq.artemis.core.settings.impl.AddressSettings()
                        .setMaxDeliveryAttempts(-1));
        var broker = new EmbeddedActiveMQ();
        broker.setConfiguration(configuration);
        broker.start();
        return broker;
    }

    private static Set<String> sendMessages(int count) throws Exception {
        Set<String> ids = new HashSet<>();
        try (var factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + BROKER_PORT);
                var context = factory.createContext()) {
            var producer = context.createProducer();
            var queue = context.createQueue("caravan");
            for (int i = 0; i < count; i++) {
                ids.add("jms-" + i);
                producer.send(
                        queue,
                        """
                        {"type":"track","userId":"u-%d","event":"Order Completed","messageId":"jms-%d"}"""
                                .formatted(i % 7, i));
            }
        }
        return ids;
    }
}
