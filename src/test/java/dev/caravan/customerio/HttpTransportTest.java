package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpTransportTest {
    private static final byte[] JSON = "{\"userId\":\"jäne\"}".getBytes(StandardCharsets.UTF_8);
    private final Executor threads = Timer.threads("test");
    private final Connections connections = new Connections(null, threads);
    private LoopbackServer server;

    @BeforeEach
    void start() throws IOException {
        server = new LoopbackServer();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        connections.close();
    }

    @Test
    void sendsWhatThePipelinesApiAsksFor() {
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).asString().isEqualTo("{\"success\":true}");
        LoopbackServer.Request request = server.requests.get(0);
        assertThat(request.line()).isEqualTo("POST /v1/track HTTP/1.1");
        assertThat(request.body()).isEqualTo(JSON);
        assertThat(request.headers())
                .containsEntry("authorization", "Basic c2VzYW1lOg==")
                .containsEntry("content-type", "application/json")
                .containsEntry("x-strict-mode", "1")
                .containsEntry("user-agent", "caravan/" + Version.TEXT)
                .doesNotContainKeys(
                        "x-retry-count", "content-encoding", "upgrade", "http2-settings");
    }

    @ParameterizedTest
    @CsvSource({
        "HTTPS://CDP.customer.io, https://CDP.customer.io, false",
        "Https://cdp.customer.io/x/, https://cdp.customer.io/x, false",
        "HTTP://cdp.customer.io, http://cdp.customer.io, true",
        "http://127.0.0.1:9, http://127.0.0.1:9, false"
    })
    void encryptsWhereTheUrlSaysSoInCapitals(String url, String base, boolean exposed) {
        // When
        var account = new Account("sesame", Account.baseOf(url));
        // Then
        assertThat(account.base()).hasToString(base); // of any other scheme it would be plain text
        assertThat(account.exposed()).isEqualTo(exposed);
    }

    @Test
    void tellsHowOftenTheSameWasSentBefore() {
        // When
        transport(false).post("/v1/batch", JSON, 3).join();
        // Then
        assertThat(server.requests.get(0).headers()).containsEntry("x-retry-count", "3");
    }

    @Test
    void compressesWhereAskedTo() throws IOException {
        // When
        transport(true).post("/v1/batch", JSON, 0).join();
        // Then
        LoopbackServer.Request request = server.requests.get(0);
        assertThat(request.headers()).containsEntry("content-encoding", "gzip");
        var plain = new GZIPInputStream(new ByteArrayInputStream(request.body()));
        assertThat(plain.readAllBytes()).isEqualTo(JSON);
    }

    @Test
    void appendsThePathToThatOfTheAddress() {
        // When
        transport(server.url() + "/proxy/", false, 5_000).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(server.requests.get(0).line()).isEqualTo("POST /proxy/v1/track HTTP/1.1");
    }

    @Test
    void keepsItsConnections() {
        // Given
        HttpTransport transport = transport(false);
        // When
        IntStream.range(0, 20).forEach(i -> transport.post("/v1/track", JSON, 0).join());
        // Then
        assertThat(server.connections).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void followsNoRedirect(int status) {
        // Given
        server.handler =
                (request, out) ->
                        LoopbackServer.write(
                                out, status, "Location: " + server.url() + "/other\r\n", "");
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(status);
        assertThat(server.requests).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "401,''",
        "401,'WWW-Authenticate: Basic realm=x'",
        "401,'WWW-Authenticate: Basic'",
        "407,''",
        "407,'Proxy-Authenticate: Basic realm=x'",
        "204,''",
        "304,''",
        "599,''"
    })
    void tellsAnyStatusAsItIs(int status, String header) {
        // Given
        server.handler =
                (request, out) ->
                        LoopbackServer.write(
                                out, status, header.isEmpty() ? "" : header + "\r\n", "");
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(status);
        assertThat(server.requests).hasSize(1);
    }

    @Test
    void waitsForTheAnswerBehindAnInterimOne() {
        // Given
        server.handler =
                (request, out) -> {
                    LoopbackServer.raw(out, "HTTP/1.1 100 Continue\r\n\r\n");
                    LoopbackServer.write(out, 200, "", "{}");
                };
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void readsRetryAfter() {
        // Given
        server.handler =
                (request, out) -> LoopbackServer.write(out, 429, "Retry-After: 7\r\n", "slow");
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.retryAfter()).contains(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 20",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"succ",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"s",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
                "nonsense\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"
            })
    void takesAHalfWrittenAnswerForNone(String bytes) {
        // Given
        server.handler =
                (request, out) -> {
                    LoopbackServer.raw(out, bytes);
                    throw new IOException("hang up");
                };
        // When
        CompletableFuture<Answer> answer = transport(false).post("/v1/track", JSON, 0);
        // Then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void leavesAnAnswerThatIsNoHttpToWhoSentTheRequest() {
        // Given
        var logged = new CopyOnWriteArrayList<String>();
        var log =
                new Handler() {
                    @Override
                    public void publish(LogRecord line) {
                        logged.add(line.getLevel() + " " + line.getMessage());
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        Logger vertx = Logger.getLogger("io.vertx");
        server.handler = (request, out) -> LoopbackServer.raw(out, "nonsense\r\n\r\n");
        vertx.addHandler(log);
        // When
        CompletableFuture<Answer> answer = transport(false).post("/v1/track", JSON, 0);
        // Then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IOException.class);
        vertx.removeHandler(log);
        assertThat(logged).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"succ",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"s"
            })
    void givesUpAnAnswerThatStopsHalfway(String bytes) {
        // Given
        server.handler =
                (request, out) -> {
                    LoopbackServer.raw(out, bytes);
                    Thread.sleep(30_000);
                };
        // When
        CompletableFuture<Answer> answer =
                transport(server.url(), false, 300).post("/v1/track", JSON, 0);
        // Then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void givesUpAnAnswerThatTricklesForEver() {
        // Given
        server.handler =
                (request, out) -> {
                    LoopbackServer.raw(out, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
                    while (true) {
                        LoopbackServer.raw(out, "x");
                        Thread.sleep(20);
                    }
                };
        // When
        CompletableFuture<Answer> answer =
                transport(server.url(), false, 300).post("/v1/track", JSON, 0);
        // Then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void readsOnlySoMuchOfAnAnswerThatDoesNotEnd() {
        // Given
        server.handler =
                (request, out) -> {
                    LoopbackServer.raw(out, "HTTP/1.1 400 X\r\nTransfer-Encoding: chunked\r\n\r\n");
                    while (true) {
                        LoopbackServer.raw(out, "3e8\r\n" + "x".repeat(1_000) + "\r\n");
                    }
                };
        // When
        Answer answer = transport(false).post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).hasSize(HttpTransport.ANSWER_BYTES);
    }

    @Test
    void goesOnAfterAnAnswerItGaveUp() {
        // Given
        HttpTransport transport = transport(server.url(), false, 1_000);
        LoopbackServer.Handler good = server.handler;
        server.handler = (request, out) -> Thread.sleep(30_000);
        assertThatThrownBy(transport.post("/v1/track", JSON, 0)::join).isNotNull();
        server.handler = good;
        // When
        Answer answer = transport.post("/v1/track", JSON, 0).join();
        // Then
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void saysThatNobodyListens() throws IOException {
        // Given
        server.close();
        // When
        CompletableFuture<Answer> answer = transport(false).post("/v1/track", JSON, 0);
        // Then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void handsAnswersToThreadsThatMayBlock() {
        // When
        List<String> names =
                IntStream.range(0, 5)
                        .mapToObj(
                                i ->
                                        transport(false)
                                                .post("/v1/track", JSON, 0)
                                                .thenApply(a -> Thread.currentThread().getName())
                                                .join())
                        .toList();
        // Then
        assertThat(names).allMatch(name -> name.startsWith("test-") || name.equals("main"));
    }

    @Test
    void answersAndWaitsAlsoWhereNoThreadCanBeStarted() throws Exception {
        // Given
        Executor none =
                task -> {
                    throw new OutOfMemoryError("unable to create native thread");
                };
        var over = new CountDownLatch(1);
        // When
        CompletableFuture<Answer> answer =
                transport(server.url(), false, 5_000, none).post("/v1/track", JSON, 0);
        Answer answered = answer.get(20, TimeUnit.SECONDS);
        server.close();
        CompletableFuture<Answer> failed =
                transport(server.url(), false, 5_000, none).post("/v1/track", JSON, 0);
        try (var timer = new Timer.Scheduled(none)) {
            timer.after(Duration.ofMillis(1), over::countDown);
        }
        // Then
        assertThat(answered.status()).isEqualTo(200);
        assertThatThrownBy(() -> failed.get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(IOException.class);
        assertThat(over.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private HttpTransport transport(boolean gzip) {
        return transport(server.url(), gzip, 5_000);
    }

    private HttpTransport transport(String url, boolean gzip, long timeoutMillis) {
        return transport(url, gzip, timeoutMillis, threads);
    }

    private HttpTransport transport(
            String url, boolean gzip, long timeoutMillis, Executor executor) {
        return new HttpTransport(
                connections,
                new Account("sesame", Account.baseOf(url)),
                Duration.ofSeconds(5),
                Duration.ofMillis(timeoutMillis),
                gzip,
                InstantSource.system(),
                executor);
    }
}
