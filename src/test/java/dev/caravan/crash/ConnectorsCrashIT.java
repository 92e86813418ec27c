package dev.caravan.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.crash.CrashAgent.Phase;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.ReceivedItem;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.jms.Queue;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each shipped connector with its real counterpart, and a real {@code kill -9} of the packaged
 * process in the middle of reading: afterwards each record was stored once, and none is missing.
 *
 * <p>In each build that is before an fsync or behind one, with the profile {@code crash} both. Two
 * that are read as the table is are left out, but with {@code -DexcludedGroups=none}.
 */
class ConnectorsCrashIT {
    private static final String KEY = "cio-key";
    private static final String MAPPING =
            """
            type: track
            event: Order
            userId: {template: "u-{user}"}
            properties: {number: {path: $.number, type: number}}
            """;
    private static final Instant SENT = Instant.parse("2026-03-01T10:00:00.123Z");
    private static final Duration ARRIVAL = Duration.ofSeconds(60);
    private static final boolean BOTH = Integer.getInteger("crash.rounds", 1) > 1;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path servers;
    private static FutureTask<KafkaBroker> kafka;
    private static FutureTask<EmbeddedPostgres> postgres;

    @RegisterExtension final TestExecutionExceptionHandler teller = this::tell;

    @TempDir Path home;
    @TempDir Path tools;
    private FakeCustomerIo fake;
    private CaravanProcess caravan;
    private Path marker;
    private Callable<String> counterpart = () -> "";

    /** They start while the first tests run. */
    @BeforeAll
    static void beginServers() {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        kafka = started(() -> KafkaBroker.start(servers.resolve("kafka")));
        postgres = started(EmbeddedPostgres::start);
    }

    private static <T> FutureTask<T> started(Callable<T> server) {
        var starting = new FutureTask<>(server);
        new Thread(starting).start();
        return starting;
    }

    @AfterAll
    static void endServers() throws Exception {
        kafka.get().close();
        postgres.get().close();
    }

    @BeforeEach
    void begin() throws IOException {
        fake = FakeCustomerIo.start(KEY);
        marker = tools.resolve("killed");
        caravan =
                new CaravanProcess(home)
                        .with(
                                "JAVA_TOOL_OPTIONS",
                                "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC") // starts sooner
                        .with("CARAVAN_CUSTOMERIO_API_KEY", KEY)
                        .with("CARAVAN_CUSTOMERIO_URL", fake.url().toString());
    }

    @AfterEach
    void end() throws Exception {
        if (caravan.isAlive()) {
            caravan.kill(); // sooner than it would end by itself
        }
        fake.close();
    }

    @Test
    void storesEachRecordOfAFolderOnce() throws Exception {
        Path folder = Files.createDirectories(tools.resolve("drop"));
        Files.writeString(folder.resolve("events.ndjson"), lines(3_000));
        route("file-source", "directory: " + folder, "include: '.*\\.ndjson'", "delay: 100");
        kill(Phase.BEFORE_FSYNC, 2);
        killAlso(Phase.AFTER_FSYNC, 1);
        caravan.start();
        awaitFile(folder.resolve("done/events.ndjson"));
        assertEachOnce(3_000);
    }

    @Test
    void storesEachRecordOfAnSftpFileOnce() throws Exception {
        Path remote = Files.createDirectories(tools.resolve("remote"));
        Files.writeString(
                remote.resolve("orders.csv"),
                IntStream.range(0, 3_000)
                        .mapToObj(i -> "%d;%d;%0200d\n".formatted(i, i % 7, i))
                        .collect(Collectors.joining("", "number;user;rest\n", "")));
        long half = Files.size(remote.resolve("orders.csv")) / 2;
        try (SftpDrop server = SftpDrop.start(remote, tools)) {
            mapped(
                    "sftp-source",
                    "format: csv, delimiter: \";\", ",
                    MAPPING,
                    "host: 127.0.0.1",
                    "port: " + server.port(),
                    "username: crm",
                    "password: pw",
                    "strictHostKeyChecking: \"no\"",
                    "include: '.*\\.csv'",
                    "still: 100",
                    "delay: 100");
            // in the middle of fetching
            server.onceReadTo(
                    half,
                    () -> {
                        await().atMost(ARRIVAL).until(() -> fetched() > 0);
                        caravan.kill();
                    });
            caravan.start();
            caravan.awaitEnd(ARRIVAL);
            assertThat(fetched()).isBetween(1L, half * 2 - 1);
            // in the middle of storing
            kill(Phase.AFTER_FSYNC, 1);
            killAlso(Phase.BEFORE_FSYNC, 2);
            caravan.start();
            awaitFile(remote.resolve("done/orders.csv"));
            assertEachOnce(3_000);
            assertThat(fetched()).isZero();
        }
    }

    /** How many bytes of the file are here. */
    private long fetched() throws IOException {
        try (Stream<Path> copies = Files.walk(home.resolve("data/incoming"))) {
            return copies.filter(Files::isRegularFile)
                    .mapToLong(copy -> copy.toFile().length())
                    .sum();
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    @Test
    void storesEachMessageOfAQueueOnce() throws Exception {
        int port = CaravanProcess.freePort();
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
        broker.setConfiguration(
                new ConfigurationImpl()
                        .setPersistenceEnabled(false)
                        .setSecurityEnabled(false)
                        .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port)
                        .addAddressSetting("#", new AddressSettings().setMaxDeliveryAttempts(-1)));
        broker.start();
        try (var factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
                var context = factory.createContext()) {
            Queue queue = context.createQueue("crm");
            for (int i = 0; i < 300; i++) {
                context.createProducer().send(queue, event(i));
            }
            route("jms-source", "url: tcp://127.0.0.1:" + port, "queue: crm");
            kill(Phase.AFTER_FSYNC, 100);
            killAlso(Phase.BEFORE_FSYNC, 100);
            caravan.start();
            awaitEach(300);
            context.createProducer().send(queue, event(300));
            assertEachOnce(301);
        } finally {
            broker.stop();
        }
    }

    @Test
    void storesEachRecordOfATopicOnce() throws Exception {
        KafkaBroker broker = kafka.get();
        counterpart = () -> broker.describe("caravan");
        broker.createTopic("crm", 3);
        broker.send("crm", SENT, orders(0, 1_500));
        Files.writeString(
                home.resolve("application.properties"),
                "camel.component.kafka.heartbeat-interval-ms=200\n");
        mapped(
                "kafka-source",
                "",
                MAPPING,
                "brokers: " + broker.address(),
                "topic: crm",
                "groupId: caravan",
                "sessionTimeout: 6000");
        kill(Phase.BEFORE_FSYNC, 2);
        broker.forgetMembers("caravan"); // sooner than they would be missed
        killAlso(Phase.AFTER_FSYNC, 1);
        broker.forgetMembers("caravan");
        // in the middle of a rebalance, as another takes a part of the partitions
        caravan.start();
        broker.send("crm", SENT, orders(1_500, 2_000));
        try (KafkaMember other = KafkaMember.join(broker, "crm", "caravan")) {
            other.awaitPartitions();
            caravan.kill();
            broker.forgetMembers("caravan");
            broker.send("crm", SENT, orders(2_000, 2_500));
            caravan.start();
        }
        // which has left again, and stored nothing
        awaitEach(2_500);
        broker.send("crm", SENT, orders(2_500, 2_501));
        assertEachOnce(2_501);
        assertThat(fake.received())
                .extracting(item -> item.json().path("timestamp").asText())
                .containsOnly(SENT.toString());
    }

    @Test
    @Tag("soak")
    void saysThatTheBrokerRemovedRecordsBeforeTheyWereTaken() throws Exception {
        // Given
        KafkaBroker broker = kafka.get();
        counterpart = () -> broker.describe("late");
        broker.createTopic("late", 1);
        broker.send("late", SENT, orders(0, 10));
        mapped(
                "kafka-source",
                "",
                MAPPING,
                "brokers: " + broker.address(),
                "topic: late",
                "groupId: late");
        caravan.start();
        awaitEach(10);
        caravan.stop();
        // When
        broker.send("late", SENT, orders(10, 30));
        broker.removeBefore("late", 20);
        caravan.start();
        // Then
        awaitEach(20);
        assertThat(caravan.logText()).containsPattern("offset=10.* is out of range .*late-0");
    }

    @Test
    void storesEachRowOfATableOnce() throws Exception {
        sql("CREATE TABLE orders(number bigint primary key, \"user\" int)");
        sql("INSERT INTO orders SELECT n, n % 7 FROM generate_series(0, 2999) n");
        mapped(
                "sql-table-source",
                "",
                MAPPING,
                "name: orders",
                "url: " + jdbc(),
                "username: postgres",
                "table: orders",
                "column: number",
                "key: number",
                "delay: 100");
        kill(Phase.AFTER_FSYNC, 1);
        killAlso(Phase.BEFORE_FSYNC, 2);
        caravan.start();
        awaitEach(3_000);
        sql("INSERT INTO orders VALUES (3000, 0)");
        assertEachOnce(3_001);
    }

    @Test
    @Tag("soak")
    void storesEachRowOfAnOutboxOnce() throws Exception {
        sql("CREATE TABLE outbox(id bigint primary key, payload json)");
        insertIntoOutbox(0, 2_999);
        route(
                "sql-outbox-source",
                "name: outbox",
                "url: " + jdbc(),
                "username: postgres",
                "table: outbox",
                "key: id",
                "payload: payload",
                "delay: 100");
        kill(Phase.AFTER_FSYNC, 1);
        killAlso(Phase.BEFORE_FSYNC, 2);
        caravan.start();
        awaitEach(3_000);
        insertIntoOutbox(3_000, 3_000);
        assertEachOnce(3_001);
    }

    private static void insertIntoOutbox(int first, int last) throws Exception {
        sql(
                ("INSERT INTO outbox SELECT n, json_build_object('type', 'track', 'event', 'Order',"
                                + " 'userId', 'u-' || n %% 7, 'properties', json_build_object('number', n))"
                                + " FROM generate_series(%d, %d) n")
                        .formatted(first, last));
    }

    @Test
    @Tag("soak")
    void storesEachRecordOfAnApiOnce() throws Exception {
        var count = new AtomicInteger(3_000);
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/orders",
                call -> {
                    String query = call.getRequestURI().getQuery();
                    int page = Integer.parseInt(query.replaceAll(".*page=(\\d+).*", "$1"));
                    byte[] body =
                            IntStream.range((page - 1) * 500, Math.min(page * 500, count.get()))
                                    .mapToObj(ConnectorsCrashIT::event)
                                    .collect(Collectors.joining(",", "[", "]"))
                                    .getBytes(UTF_8);
                    call.sendResponseHeaders(200, body.length);
                    call.getResponseBody().write(body);
                    call.close();
                });
        server.start();
        try {
            route(
                    "http-poll-source",
                    "name: orders",
                    "url: http://127.0.0.1:%d/orders".formatted(server.getAddress().getPort()),
                    "pageParameter: page",
                    "id: /properties/number",
                    "delay: 100");
            kill(Phase.BEFORE_FSYNC, 2);
            killAlso(Phase.AFTER_FSYNC, 1);
            caravan.start();
            awaitEach(3_000);
            count.incrementAndGet();
            assertEachOnce(3_001);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void storesEachCallOfTheWebhooksOnce() throws Exception {
        // Given
        write("reports", "customerio-webhook-source", "{source: reports}", "secret: hush");
        route("webhook-source", "path: /hooks/crm", "secret: hush", "idHeader: X-Event-Id");
        Deque<Phase> phases = new ArrayDeque<>(List.of(Phase.AFTER_FSYNC));
        if (BOTH) {
            phases.add(Phase.BEFORE_FSYNC);
        }
        killed(phases.remove(), 41);
        // When: the senders send each call until it is answered
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < 100; i++) {
            int number = i;
            sendUntilTaken(client, () -> call(number), phases);
            sendUntilTaken(client, () -> report(number), phases);
        }
        // Then
        assertThat(phases).isEmpty();
        assertEachOnce(100);
        assertThat(sources().path("reports").path("accepted").asInt()).isEqualTo(100);
        assertThat(sources().path("reports").path("setAside").asInt()).isZero();
        for (int i = 0; i < 100; i++) {
            assertThat(get("/api/events/report-" + i).path("events")).hasSize(1);
        }
    }

    private void sendUntilTaken(HttpClient client, Callable<HttpRequest> call, Deque<Phase> phases)
            throws Exception {
        while (!isTaken(client, call.call())) {
            caravan.awaitEnd(ARRIVAL);
            assertThat(Files.readString(marker)).endsWith("_FSYNC\n");
            if (phases.isEmpty()) {
                caravan.withoutOptions().start();
            } else {
                killed(phases.remove(), 41);
            }
        }
    }

    private static boolean isTaken(HttpClient client, HttpRequest call) throws Exception {
        try {
            return client.send(call, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private HttpRequest call(int number) throws Exception {
        return to("/hooks/crm", event(number))
                .header("X-Event-Id", "call-" + number)
                .header("X-Signature", signature(event(number)))
                .build();
    }

    /** As Customer.io sends it. */
    private HttpRequest report(int number) throws Exception {
        String body =
                """
                {"event_id":"report-%d","object_type":"email","metric":"delivered","timestamp":%d,\
                "data":{"identifiers":{"id":"u-%d"},"delivery_id":"d-%d"}}"""
                        .formatted(number, SENT.getEpochSecond(), number % 7, number);
        String now = String.valueOf(Instant.now().getEpochSecond());
        return to("/hooks/customerio", body)
                .header("X-CIO-Timestamp", now)
                .header("X-CIO-Signature", signature("v0:" + now + ":" + body))
                .build();
    }

    private HttpRequest.Builder to(String path, String body) {
        return HttpRequest.newBuilder(caravan.http(path))
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private static String signature(String signed) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("hush".getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(UTF_8)));
    }

    // --- helpers

    /** Says of a failed test also what the two processes last said. */
    private void tell(ExtensionContext test, Throwable failure) throws Throwable {
        try {
            failure =
                    new AssertionError(
                            "%s%n%s%nCaravan's log:%n%s"
                                    .formatted(
                                            failure.getMessage(),
                                            counterpart.call(),
                                            CaravanProcess.tail(caravan.log())),
                            failure);
        } catch (Exception e) {
            failure.addSuppressed(e);
        }
        throw failure;
    }

    /**
     * Kills the process at the n-th write of records before its fsync, or behind the n-th fsync.
     */
    private void kill(Phase phase, int count) throws Exception {
        killed(phase, count);
        caravan.awaitEnd(ARRIVAL);
        assertThat(marker).as("the process ended by itself:\n%s", caravan.logText()).exists();
        assertThat(Files.readString(marker)).isEqualTo(phase + "\n");
        Files.delete(marker);
        caravan.withoutOptions();
    }

    private void killAlso(Phase phase, int count) throws Exception {
        if (BOTH) {
            kill(phase, count);
        }
    }

    /** Starts a process that will kill itself. */
    private void killed(Phase phase, int count) throws Exception {
        caravan.withoutOptions().option(CrashAgent.option(tools, phase, count, marker)).start();
    }

    private static void awaitFile(Path file) {
        await().atMost(ARRIVAL).until(() -> Files.exists(file));
    }

    private void awaitEach(int count) {
        await().atMost(ARRIVAL)
                .untilAsserted(() -> assertThat(fake.messageIds().size()).isEqualTo(count));
    }

    /** Of a connector that has come to its end, or brought one more behind all others. */
    private void assertEachOnce(int count) throws Exception {
        awaitEach(count);
        assertThat(sources().path("crm").path("accepted").asInt()).isEqualTo(count);
        assertThat(sources().path("crm").path("setAside").asInt()).isZero();
        assertThat(
                        fake.received().stream()
                                .map(ReceivedItem::json)
                                .map(event -> event.path("properties").path("number").asInt(-1))
                                .collect(Collectors.toSet()))
                .hasSize(count)
                .doesNotContain(-1);
    }

    private JsonNode sources() throws Exception {
        return get("/api/journal").path("sources");
    }

    private JsonNode get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(caravan.management(path)).build();
        return JSON.readTree(
                HttpClient.newHttpClient()
                        .send(request, HttpResponse.BodyHandlers.ofString())
                        .body());
    }

    private void route(String kamelet, String... parameters) throws IOException {
        write("crm", kamelet, "{source: crm}", parameters);
    }

    /** The same for records that are no events yet. */
    private void mapped(String kamelet, String format, String mapping, String... parameters)
            throws IOException {
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/order.yaml"), mapping);
        write("crm", kamelet, "{source: crm, %smapping: order}".formatted(format), parameters);
    }

    private void write(String id, String kamelet, String store, String... parameters)
            throws IOException {
        String lines =
                List.of(parameters).stream()
                        .map(parameter -> "        " + parameter + "\n")
                        .collect(Collectors.joining());
        Path routes = Files.createDirectories(home.resolve("routes"));
        Files.writeString(
                routes.resolve(id + ".camel.yaml"),
                """
                - route:
                    id: %s
                    routeConfigurationId: wait-for-the-journal
                    from:
                      uri: kamelet:%s
                      parameters:
                %s      steps:
                        - to:
                            uri: caravan:events
                            parameters: %s
                """
                        .formatted(id, kamelet, lines, store));
    }

    private static String lines(int count) {
        return IntStream.range(0, count)
                .mapToObj(ConnectorsCrashIT::event)
                .collect(Collectors.joining("\n"));
    }

    private static String event(int number) {
        return """
               {"type":"track","userId":"u-%d","event":"Order","properties":{"number":%d}}"""
                .formatted(number % 7, number);
    }

    private static Stream<String> orders(int first, int end) {
        return IntStream.range(first, end)
                .mapToObj(i -> "{\"user\":%d,\"number\":%d}".formatted(i % 7, i));
    }

    private static String jdbc() throws Exception {
        return "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.get().getPort());
    }

    private static void sql(String sql) throws Exception {
        try (Connection connection = postgres.get().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
