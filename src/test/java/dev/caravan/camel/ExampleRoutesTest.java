package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.app.Broker;
import dev.caravan.crash.KafkaBroker;
import dev.caravan.ingest.HttpEngine;
import dev.caravan.ingest.HttpRoom;
import dev.caravan.ingest.JmsMessage;
import dev.caravan.ingest.KafkaBatch;
import dev.caravan.journal.Erasures;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import jakarta.jms.Connection;
import jakarta.jms.Session;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The routes of the examples against servers of their kind: what is stored is what their pages say
 * that becomes of the sample.
 */
class ExampleRoutesTest {
    private static final Path EXAMPLES = Path.of("examples");
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir Path home;
    @TempDir Path elsewhere;
    private Fixture caravan;

    @AfterEach
    void end() {
        caravan.close();
    }

    @Test
    void takesContactsFromAnSftpServer() throws Exception {
        // Given
        SshServer server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        var keys = new SimpleGeneratorHostKeyProvider(home.resolve("host.key"));
        keys.setAlgorithm("RSA");
        server.setKeyPairProvider(keys);
        server.setPasswordAuthenticator(
                (user, password, session) -> user.equals("caravan") && password.equals("s3cr&t"));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(elsewhere));
        server.start();
        try {
            Path outgoing = Files.createDirectories(elsewhere.resolve("outgoing"));
            Path known = home.resolve("known_hosts");
            Files.writeString(
                    known,
                    "[127.0.0.1]:%d %s\n"
                            .formatted(
                                    server.getPort(),
                                    PublicKeyEntry.toString(
                                            keys.loadKeys(null).iterator().next().getPublic())));
            // When
            run(
                    "crm-csv-sftp",
                    Map.of(
                            "crm.sftp.host",
                            "127.0.0.1",
                            "crm.sftp.port",
                            String.valueOf(server.getPort()),
                            "crm.sftp.password",
                            "s3cr&t",
                            "crm.sftp.known-hosts",
                            known.toString()));
            copySample("crm-csv-sftp", "contacts-2026-08-21.csv", outgoing);
            // Then
            assertStoredIsWhatThePageSays("crm-csv-sftp");
            await().atMost(LONG)
                    .until(() -> Files.exists(outgoing.resolve("done/contacts-2026-08-21.csv")));
        } finally {
            server.stop(true);
        }
    }

    @Test
    void takesOrdersFromAQueue() throws Exception {
        // Given
        var broker = new Broker();
        String url = broker.start().get("test.broker");
        try {
            caravan = new Fixture(home);
            caravan.camel.getRegistry().bind("jms-message", new JmsMessage());
            run("orders-xml-jms", Map.of("erp.jms.url", url, "erp.jms.password", ""));
            // When
            try (var factory = new ActiveMQConnectionFactory(url);
                    Connection connection = factory.createConnection();
                    Session session = connection.createSession()) {
                session.createProducer(session.createQueue("erp.orders"))
                        .send(
                                session.createTextMessage(
                                        Files.readString(
                                                EXAMPLES.resolve(
                                                        "orders-xml-jms/sample/orders.xml"))));
            }
            // Then
            assertStoredIsWhatThePageSays("orders-xml-jms");
        } finally {
            caravan.camel.stop();
            broker.stop();
        }
    }

    @Test
    void takesCustomersFromAFileOfTheMainframe() throws Exception {
        // Given
        run("mainframe-fixed-width", Map.of("mainframe.drop", elsewhere.toString()));
        // When
        copySample("mainframe-fixed-width", "CUST0821.DAT", elsewhere);
        // Then
        assertStoredIsWhatThePageSays("mainframe-fixed-width");
        assertThat(caravan.journal.erasures().list(Erasures.Filter.ALL, 0, 10)).hasSize(1);
        await().atMost(LONG).until(() -> Files.exists(elsewhere.resolve("done/CUST0821.DAT")));
    }

    @Test
    void hasTheSameMainframeSampleToReadAndToRun() throws IOException {
        // Given
        caravan = new Fixture(home);
        Path sample = EXAMPLES.resolve("mainframe-fixed-width/sample");
        // Then
        assertThat(new String(Files.readAllBytes(sample.resolve("CUST0821.DAT")), "IBM037"))
                .isEqualTo(Files.readString(sample.resolve("customers.txt")).replace("\n", ""));
    }

    @Test
    void takesChangesFromAnOutbox() throws Exception {
        // Given
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start();
                java.sql.Connection database = postgres.getPostgresDatabase().getConnection();
                Statement statement = database.createStatement()) {
            statement.execute(
                    Files.readString(EXAMPLES.resolve("shop-sql-outbox/sample/outbox.sql")));
            // When
            run(
                    "shop-sql-outbox",
                    Map.of(
                            "shop.db.url", postgres.getJdbcUrl("postgres", "postgres"),
                            "shop.db.username", "postgres",
                            "shop.db.password", "postgres"));
            // Then
            assertStoredIsWhatThePageSays("shop-sql-outbox");
            await().atMost(LONG).until(() -> rows(statement) == 0);
            caravan.camel.stop();
        }
    }

    private static int rows(Statement statement) throws SQLException {
        try (var result = statement.executeQuery("SELECT count(*) FROM shop_outbox")) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    void takesSubscriptionsFromATopic() throws Exception {
        // Given
        try (KafkaBroker broker = KafkaBroker.start(elsewhere.resolve("kafka"))) {
            broker.createTopic("subscriptions", 1);
            caravan = new Fixture(home);
            caravan.camel.getRegistry().bind("kafka-records", KafkaBatch.records());
            caravan.camel.getRegistry().bind("kafka-commit", KafkaBatch.commit());
            run("subscriptions-kafka", Map.of("subscriptions.brokers", broker.address()));
            // When
            try (Stream<String> lines =
                    Files.lines(
                            EXAMPLES.resolve("subscriptions-kafka/sample/subscriptions.ndjson"))) {
                broker.send("subscriptions", Instant.now(), lines);
            }
            // Then
            assertStoredIsWhatThePageSays("subscriptions-kafka");
            caravan.camel.stop();
        }
    }

    @Test
    void takesPaymentsThatAreSigned() throws Exception {
        // Given
        Vertx vertx = Vertx.vertx();
        try {
            Router router = Router.router(vertx);
            caravan = new Fixture(home);
            caravan.camel
                    .getRegistry()
                    .bind("caravan-http", new HttpEngine(router, new HttpRoom(1_000_000)));
            run("payments-webhook", Map.of("payments.secret", "k&y"));
            int port =
                    vertx.createHttpServer()
                            .requestHandler(router)
                            .listen(0, "127.0.0.1")
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join()
                            .actualPort();
            String body = Files.readString(EXAMPLES.resolve("payments-webhook/sample/paid.json"));
            // When
            int forged = post(port, body, hmac("wrong", body));
            int signed = post(port, body, hmac("k&y", body));
            // Then
            assertThat(List.of(forged, signed)).containsExactly(401, 200);
            assertStoredIsWhatThePageSays("payments-webhook");
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static int post(int port, String body, String signature) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + port + "/hooks/payments"))
                                .header("X-Signature", "sha256=" + signature)
                                .header("X-Event-Id", "evt-1")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static String hmac(String key, String body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
    }

    // --- helpers

    /** Starts Caravan in a copy of the example, with settings of its own and these. */
    private void run(String example, Map<String, String> settings) throws Exception {
        copy(EXAMPLES.resolve(example));
        if (caravan == null) {
            caravan = new Fixture(home);
        }
        var properties = new Properties();
        try (Reader file = Files.newBufferedReader(home.resolve("application.properties"))) {
            properties.load(file);
        }
        properties.putAll(settings);
        properties.put("caravan.home", home.toString());
        caravan.camel.getPropertiesComponent().setInitialProperties(properties);
        caravan.routes(home, "# the example's own routes are beside this").start();
    }

    private void copy(Path example) throws IOException {
        try (Stream<Path> files = Files.walk(example)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = home.resolve(example.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
    }

    /** Under another name at first, as the page asks for, and with the time of its writing. */
    private static void copySample(String example, String name, Path folder) throws IOException {
        Path part = folder.resolve(name + ".part");
        Files.copy(EXAMPLES.resolve(example).resolve("sample").resolve(name), part);
        Files.setLastModifiedTime(part, FileTime.from(Instant.parse("2026-08-21T23:00:00Z")));
        Files.move(part, folder.resolve(name));
    }

    private void assertStoredIsWhatThePageSays(String example) throws IOException {
        List<String> said =
                Files.readAllLines(EXAMPLES.resolve(example).resolve("README.md")).stream()
                        .filter(line -> line.startsWith("{\"type\""))
                        .toList();
        await().atMost(LONG)
                .untilAsserted(
                        () -> {
                            assertThat(caravan.deadLetters()).isEmpty();
                            assertThat(caravan.stored()).hasSameSizeAs(said);
                        });
        assertThat(caravan.stored())
                .extracting(entry -> new String(entry.event().json(), UTF_8))
                .containsExactlyElementsOf(said);
    }
}
