package dev.caravan.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.crash.CrashAgent.Phase;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.ReceivedItem;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each shipped connector with its real counterpart, and a real {@code kill -9} of the packaged
 * process in the middle of reading: afterwards each record was stored once, and none is missing.
 * Three of them are run in each build, all with {@code -DexcludedGroups=none}.
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

    @TempDir Path home;
    @TempDir Path tools;
    private FakeCustomerIo fake;
    private CaravanProcess caravan;
    private Path marker;

    @BeforeEach
    void begin() throws IOException {
        fake = FakeCustomerIo.start(KEY);
        marker = tools.resolve("killed");
        caravan =
                new CaravanProcess(home)
                        .with("CARAVAN_CUSTOMERIO_API_KEY", KEY)
                        .with("CARAVAN_CUSTOMERIO_URL", fake.url().toString());
    }

    @AfterEach
    void end() throws Exception {
        caravan.close();
        fake.close();
    }

    @Test
    @Tag("soak")
    void storesEachRecordOfAFolderOnce() throws Exception {
        Path folder = Files.createDirectories(tools.resolve("drop"));
        Files.writeString(folder.resolve("events.ndjson"), lines(10_000));
        route("file-source", "directory: " + folder, "include: '.*\\.ndjson'");
        killTwice(2);
        assertEachOnce(10_000);
    }

    @Test
    void storesEachRecordOfAnSftpFileOnce() throws Exception {
        Path remote = Files.createDirectories(tools.resolve("remote"));
        Files.writeString(
                remote.resolve("orders.csv"),
                IntStream.range(0, 10_000)
                        .mapToObj(i -> i + ";" + i % 7 + "\n")
                        .collect(Collectors.joining("", "number;user\n", "")));
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider(tools.resolve("host.key")));
        server.setPasswordAuthenticator((user, password, session) -> password.equals("pw"));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(remote));
        server.start();
        try {
            mapped(
                    "sftp-source",
                    "format: csv, delimiter: \";\", ",
                    MAPPING,
                    "host: 127.0.0.1",
                    "port: " + server.getPort(),
                    "username: crm",
                    "password: pw",
                    "strictHostKeyChecking: \"no\"",
                    "include: '.*\\.csv'",
                    "still: 500",
                    "delay: 300");
            killTwice(2);
            assertEachOnce(10_000);
            await().atMost(ARRIVAL).until(() -> Files.exists(remote.resolve("done/orders.csv")));
        } finally {
            server.stop(true);
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
        try {
            try (var factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + port);
                    var context = factory.createContext()) {
                for (int i = 0; i < 300; i++) {
                    context.createProducer().send(context.createQueue("crm"), event(i));
                }
            }
            route("jms-source", "url: tcp://127.0.0.1:" + port, "queue: crm");
            killTwice(100);
            assertEachOnce(300);
        } finally {
            broker.stop();
        }
    }

    @Test
    @Tag("soak")
    void storesEachRecordOfATopicOnce() throws Exception {
        try (KafkaBroker broker = KafkaBroker.start(tools.resolve("kafka"))) {
            broker.createTopic("crm", 3);
            broker.send("crm", SENT, IntStream.range(0, 5_000).mapToObj(ConnectorsCrashIT::order));
            mapped(
                    "kafka-source",
                    "",
                    MAPPING,
                    "brokers: " + broker.address(),
                    "topic: crm",
                    "groupId: caravan",
                    "sessionTimeout: 6000");
            killTwice(2);
            assertEachOnce(5_000);
            assertThat(fake.received())
                    .extracting(item -> item.json().path("timestamp").asText())
                    .containsOnly(SENT.toString());
        }
    }

    @Test
    void storesEachRowOfATableOnce() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            sql(postgres, "CREATE TABLE orders(number bigint primary key, \"user\" int)");
            sql(postgres, "INSERT INTO orders SELECT n, n % 7 FROM generate_series(0, 4999) n");
            mapped(
                    "sql-table-source",
                    "",
                    MAPPING,
                    "name: orders",
                    "url: " + jdbc(postgres),
                    "username: postgres",
                    "table: orders",
                    "column: number",
                    "key: number",
                    "delay: 500");
            killTwice(2);
            assertEachOnce(5_000);
        }
    }

    @Test
    @Tag("soak")
    void storesEachRowOfAnOutboxOnce() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start()) {
            sql(postgres, "CREATE TABLE outbox(id bigint primary key, payload json)");
            sql(
                    postgres,
                    "INSERT INTO outbox SELECT n, json_build_object('type', 'track', 'event', 'Order',"
                            + " 'userId', 'u-' || n % 7, 'properties', json_build_object('number', n)) FROM generate_series(0, 4999) n");
            route(
                    "sql-outbox-source",
                    "name: outbox",
                    "url: " + jdbc(postgres),
                    "username: postgres",
                    "table: outbox",
                    "key: id",
                    "payload: payload",
                    "delay: 500");
            killTwice(2);
            assertEachOnce(5_000);
        }
    }

    @Test
    @Tag("soak")
    void storesEachRecordOfAnApiOnce() throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/orders",
                call -> {
                    String query = call.getRequestURI().getQuery();
                    int page = Integer.parseInt(query.replaceAll(".*page=(\\d+).*", "$1"));
                    byte[] body =
                            IntStream.range((page - 1) * 500, Math.min(page * 500, 5_000))
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
                    "delay: 500");
            killTwice(2);
            assertEachOnce(5_000);
        } finally {
            server.stop(0);
        }
    }

    @Test
    @Tag("soak")
    void storesEachCallOfAWebhookOnce() throws Exception {
        // Given
        route("webhook-source", "path: /hooks/crm", "secret: hush", "idHeader: X-Event-Id");
        killed(Phase.BEFORE_FSYNC, 30);
        // When: the sender sends each call until it is answered
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < 100; i++) {
            while (!isTaken(client, i)) {
                caravan.awaitEnd(Duration.ofSeconds(30));
                assertThat(marker).exists();
                if (i < 60) {
                    killed(Phase.AFTER_FSYNC, 40);
                } else {
                    caravan.withoutOptions().start();
                }
            }
        }
        // Then
        assertThat(Files.readString(marker)).isEqualTo("BEFORE_FSYNC\nAFTER_FSYNC\n");
        assertEachOnce(100);
    }

    private boolean isTaken(HttpClient client, int number) throws Exception {
        String body = event(number);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("hush".getBytes(UTF_8), "HmacSHA256"));
        HttpRequest call =
                HttpRequest.newBuilder(caravan.http("/hooks/crm"))
                        .timeout(Duration.ofSeconds(20))
                        .header("X-Event-Id", "call-" + number)
                        .header(
                                "X-Signature",
                                HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8))))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try {
            return client.send(call, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    // --- helpers

    /**
     * Kills the process at the n-th write of events, before and after the fsync; starts it again.
     */
    private void killTwice(int count) throws Exception {
        for (Phase phase : List.of(Phase.BEFORE_FSYNC, Phase.AFTER_FSYNC)) {
            killed(phase, count);
            caravan.awaitEnd(Duration.ofSeconds(60));
            assertThat(marker).as("the process ended by itself:\n%s", caravan.logText()).exists();
            assertThat(Files.readString(marker)).isEqualTo(phase + "\n");
            Files.delete(marker);
        }
        caravan.withoutOptions().start();
    }

    /** Starts a process that will kill itself. */
    private void killed(Phase phase, int count) throws Exception {
        caravan.withoutOptions().option(CrashAgent.option(tools, phase, count, marker)).start();
    }

    private void assertEachOnce(int count) throws Exception {
        await().atMost(ARRIVAL).untilAsserted(() -> assertThat(fake.messageIds()).hasSize(count));
        Thread.sleep(1_000); // time for what should not come
        assertThat(fake.messageIds()).hasSize(count);
        assertThat(
                        fake.received().stream()
                                .map(ReceivedItem::json)
                                .map(event -> event.path("properties").path("number").asInt(-1))
                                .collect(Collectors.toSet()))
                .hasSize(count)
                .doesNotContain(-1);
    }

    private void route(String kamelet, String... parameters) throws IOException {
        stored(kamelet, "{source: crm}", parameters);
    }

    /** The same for records that are no events yet. */
    private void mapped(String kamelet, String format, String mapping, String... parameters)
            throws IOException {
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/order.yaml"), mapping);
        stored(kamelet, "{source: crm, %smapping: order}".formatted(format), parameters);
    }

    private void stored(String kamelet, String store, String... parameters) throws IOException {
        String lines =
                List.of(parameters).stream()
                        .map(parameter -> "        " + parameter + "\n")
                        .collect(Collectors.joining());
        Path routes = Files.createDirectories(home.resolve("routes"));
        Files.writeString(
                routes.resolve("crm.camel.yaml"),
                """
                - route:
                    id: crm
                    routeConfigurationId: wait-for-the-journal
                    from:
                      uri: kamelet:%s
                      parameters:
                %s      steps:
                        - to:
                            uri: caravan:events
                            parameters: %s
                """
                        .formatted(kamelet, lines, store));
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

    private static String order(int number) {
        return "{\"user\":%d,\"number\":%d}".formatted(number % 7, number);
    }

    private static String jdbc(EmbeddedPostgres postgres) {
        return "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.getPort());
    }

    private static void sql(EmbeddedPostgres postgres, String sql) throws Exception {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
