package dev.caravan.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.fake.FakeCustomerIo;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user does with the packaged application: folders of their own, without a rebuild. */
class PackagedIT {
    private static final String KEY = "cio-key";

    @TempDir Path home;
    private FakeCustomerIo fake;
    private HttpServer billing;
    private final List<String> billed = new CopyOnWriteArrayList<>();
    private CaravanProcess caravan;

    @BeforeEach
    void start() throws IOException {
        fake = FakeCustomerIo.start(KEY);
        billing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        billing.createContext(
                "/events",
                exchange -> {
                    billed.add(
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        billing.start();
        caravan =
                new CaravanProcess(home)
                        .with("CARAVAN_CUSTOMERIO_API_KEY", KEY)
                        .with("CARAVAN_CUSTOMERIO_URL", fake.url().toString());
    }

    @AfterEach
    void stop() throws Exception {
        caravan.close();
        billing.stop(0);
        fake.close();
    }

    @Test
    void takesRoutesKameletsAndReplacementsFromTheUsersFolders() throws Exception {
        // Given
        write(
                "routes/destinations/billing.camel.yaml",
                """
                - route:
                    id: billing
                    from:
                      uri: caravan:events
                      parameters:
                        destination: billing
                        batch: 1
                        types: track
                        events: "Order *"
                        erase: unsupported
                      steps:
                        - to: kamelet:billing-sink
                """);
        write(
                "kamelets/billing-sink.kamelet.yaml",
                """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata:
                  name: billing-sink
                spec:
                  definition:
                    title: Billing
                    type: object
                  template:
                    from:
                      uri: kamelet:source
                      steps:
                        - to: http://127.0.0.1:%d/events
                """
                        .formatted(billing.getAddress().getPort()));
        write(
                "routes/destinations/customerio.camel.yaml",
                """
                - route:
                    id: only-pages
                    from:
                      uri: caravan:events
                      parameters: {destination: customerio, types: page, from: beginning, erase: unsupported}
                      steps:
                        - to: customerio:pipelines
                """);
        caravan.start();
        // When
        post("{\"userId\":\"u\",\"event\":\"Order Completed\",\"messageId\":\"m-1\"}", "track");
        post("{\"userId\":\"u\",\"event\":\"Basket Seen\",\"messageId\":\"m-2\"}", "track");
        post("{\"userId\":\"u\",\"name\":\"Home\",\"messageId\":\"m-3\"}", "page");
        // Then
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(billed).hasSize(1));
        assertThat(billed.get(0)).contains("\"messageId\":\"m-1\"");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(fake.messageIds()).containsOnlyKeys("m-3"));
        assertThat(get("/api/events/m-2")).contains("skipped").doesNotContain("pending");
    }

    @Test
    void needsNoFolders() throws Exception {
        // When
        caravan.start();
        // Then
        assertThat(post("{\"userId\":\"u\",\"event\":\"X\",\"messageId\":\"m\"}", "track"))
                .isEqualTo("{\"success\":true,\"accepted\":1,\"duplicates\":0,\"setAside\":[]}");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(fake.messageIds()).containsOnlyKeys("m"));
    }

    @Test
    void makesNoFolderForUploads() throws Exception {
        // Given
        caravan.start();
        // When
        for (URI uri :
                List.of(caravan.http("/v1/track"), caravan.management("/api/dead-letters/retry"))) {
            send(
                    HttpRequest.newBuilder(uri) // as of curl -d
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build());
        }
        // Then
        assertThat(home.resolve("file-uploads")).doesNotExist();
    }

    @Test
    void doesNotStartWithARouteThatForgetsToSayWhetherItErases() throws Exception {
        // Given
        write(
                "routes/billing.camel.yaml",
                """
                - route:
                    id: billing
                    from:
                      uri: caravan:events
                      parameters: {destination: billing}
                      steps:
                        - to: log:billing
                """);
        // When
        caravan.start();
        // Then
        assertThat(caravan.isAlive()).isFalse();
        assertThat(caravan.awaitEnd(Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(caravan.logText())
                .contains("Caravan did not start: ")
                .contains("billing.camel.yaml:4")
                .contains("add 'erase: route'")
                .doesNotContain("\tat ");
    }

    @Test
    void namesTheOtherSourceWhereTwoHaveOneKey() throws Exception {
        // Given
        caravan.with("CARAVAN_KEYS_SHOP", "same-key").with("CARAVAN_KEYS_CRM", "same-key");
        // When
        caravan.start();
        // Then
        assertThat(caravan.awaitEnd(Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(caravan.logText())
                .contains("caravan.keys.shop: source 'shop' has the same key as source 'crm'")
                .doesNotContain("\tat ")
                .doesNotContain("same-key");
    }

    @Test
    void endsInTimeThoughADestinationHangs() throws Exception {
        // Given
        var asked = new CountDownLatch(1);
        var over = new CountDownLatch(1);
        billing.createContext(
                "/hang",
                exchange -> {
                    asked.countDown();
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    exchange.close();
                });
        write(
                "routes/billing.camel.yaml",
                """
                - route:
                    id: billing
                    from:
                      uri: caravan:events
                      parameters: {destination: billing, erase: unsupported}
                      steps:
                        - to: http://127.0.0.1:%d/hang
                """
                        .formatted(billing.getAddress().getPort()));
        caravan.with("CARAVAN_DELIVERY_SHUTDOWN_TIMEOUT", "1s").start();
        post("{\"userId\":\"u\",\"event\":\"X\",\"messageId\":\"m\"}", "track");
        assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
        // When
        caravan.terminate();
        // Then
        caravan.awaitEnd(Duration.ofSeconds(15)); // the answer has twice as long to come
        over.countDown();
        assertThat(caravan.logText()).contains("attempts did not end in time");
    }

    @Test
    void readsTheUsersSettingsAndStopsAtAMisspeltOne() throws Exception {
        // Given
        write("application.properties", "caravan.keys.shop=shop-key\n");
        write("config/application.properties", "caravan.journal.partitons=8\n");
        // When
        caravan.start();
        // Then
        assertThat(caravan.isAlive()).isFalse();
        assertThat(caravan.logText())
                .contains("did you mean 'caravan.journal.partitions'")
                .doesNotContain("shop-key");
    }

    @Test
    void refusesASecondProcessOnTheSameJournal() throws Exception {
        // Given
        caravan.start();
        // When
        try (CaravanProcess second = new CaravanProcess(home)) {
            second.start();
            // Then
            assertThat(second.isAlive()).isFalse();
            assertThat(second.logText()).contains("in use by another process");
        }
        assertThat(post("{\"userId\":\"u\",\"event\":\"X\",\"messageId\":\"m\"}", "track"))
                .contains("\"accepted\":1");
    }

    @Test
    void namesBothRoutesOfOneDestinationOnce() throws Exception {
        // Given
        write(
                "routes/again.camel.yaml",
                """
                - route:
                    id: again
                    from:
                      uri: caravan:events
                      parameters: {destination: customerio, erase: unsupported}
                      steps:
                        - to: log:again
                """);
        // When
        caravan.start();
        // Then
        assertThat(caravan.awaitEnd(Duration.ofSeconds(10))).isEqualTo(1);
        assertThat(caravan.logText())
                .containsOnlyOnce("destination 'customerio' has two routes")
                .contains("again (again.camel.yaml")
                .contains("customerio (customerio.camel.yaml")
                .doesNotContain("\tat ");
    }

    private void write(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String post(String body, String call) throws Exception {
        return send(
                HttpRequest.newBuilder(caravan.http("/v1/" + call))
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build());
    }

    private String get(String path) throws Exception {
        URI uri = caravan.management(path);
        return send(HttpRequest.newBuilder(uri).build());
    }

    private static String send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
