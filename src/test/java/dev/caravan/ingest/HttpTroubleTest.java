package dev.caravan.ingest;

import static dev.caravan.ingest.RawHttp.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.JournalUnavailableException;
import dev.caravan.journal.SqliteJournal;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import io.vertx.ext.web.Router;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Processor;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP door while the journal, the callers or the memory are in trouble. */
class HttpTroubleTest {
    private static final String EVENT = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}";

    private static final Duration SLOWEST_BODY = Duration.ofSeconds(2);

    @TempDir Path folder;

    private Vertx vertx;
    private HttpServer server;
    private HttpRoom room;
    private DefaultCamelContext camel;
    private Journal real;
    private LooseJournal journal;

    @BeforeEach
    void open() throws Exception {
        open(1_000_000);
    }

    private void open(long roomBytes) throws Exception {
        real = SqliteJournal.open(JournalSettings.in(folder), InstantSource.system());
        journal = new LooseJournal(real);
        vertx = Vertx.vertx();
        Router router = Router.router(vertx);
        server =
                vertx.createHttpServer()
                        .requestHandler(router)
                        .listen(0, "127.0.0.1")
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get();
        var intake =
                new Intake(
                        journal.journal(),
                        new EventReader(new SemanticNames(false, Set.of())),
                        InstantSource.system(),
                        () -> ThreadLocalRandom.current().nextLong());
        camel = new DefaultCamelContext();
        room = new HttpRoom(roomBytes);
        camel.getRegistry().bind("caravan-http", new HttpEngine(router, room, SLOWEST_BODY));
        var keys = Keys.builder().add("k", new Source("shop", true)).build();
        camel.getRegistry().bind("http-store", new HttpStore(keys, intake));
        camel.getRegistry()
                .bind("http-store-without-keys", new HttpStore(Keys.builder().build(), intake));
        camel.getRegistry().bind("http-settings", new HttpSettings());
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(
                        ResourceHelper.resolveMandatoryResource(
                                camel, "classpath:routes/sources/http.camel.yaml"));
        camel.start();
    }

    @AfterEach
    void close() {
        camel.stop();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        real.close();
    }

    @Test
    void waitsForAJournalThatIsBackInTime() throws IOException {
        // Given
        var attempts = new AtomicInteger();
        journal.onAppend(
                (real, submission) ->
                        attempts.incrementAndGet() < 4 ? unavailable() : real.append(submission));
        // When
        String answer = post("", EVENT);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(real.end()).isEqualTo(1);
    }

    @Test
    void asksToComeAgainAfterFiveSecondsWithoutAJournal() throws IOException {
        // Given
        journal.onAppend((real, submission) -> unavailable());
        Instant start = Instant.now();
        // When
        String answer = post("", EVENT);
        // Then
        assertThat(answer)
                .startsWith("HTTP/1.1 503 ")
                .containsIgnoringCase("\r\nretry-after: 5\r\n")
                .contains("\"success\":false");
        assertThat(Duration.between(start, Instant.now()))
                .isBetween(Duration.ofMillis(4_900), Duration.ofSeconds(7));
    }

    @Test
    void asksToComeAgainIfTheDiskHangs() throws IOException {
        // Given
        journal.onAppend((real, submission) -> new CompletableFuture<>());
        // When
        String answer = post("", EVENT);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void hangsUpOnABrowserThatWouldTakeAnyAnswerForASuccess() {
        // Given
        journal.onAppend((real, submission) -> unavailable());
        String event = EVENT.replace("{", "{\"writeKey\":\"k\",");
        byte[] request = RawHttp.post("/v1/t", "Origin: https://shop.example\r\n", bytes(event));
        // When, Then
        assertThat(answerOrNothing(request)).isEmpty();
    }

    @Test
    void answersAServerWithAnOriginWhoseKeyIsInTheHeader() throws IOException {
        // Given
        journal.onAppend((real, submission) -> unavailable());
        // When
        String answer = post("Origin: https://shop.example\r\n", EVENT);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 503 ");
    }

    @Test
    void tellsNothingOfWhatFailedInside() throws IOException {
        // Given
        journal.onAppend(
                (real, submission) ->
                        CompletableFuture.failedFuture(new IllegalStateException("inner secret")));
        // When
        String answer = post("", EVENT);
        // Then
        assertThat(answer)
                .startsWith("HTTP/1.1 500 ")
                .contains("\"success\":false")
                .doesNotContain("inner secret", "Exception");
    }

    @Test
    void logsNothingOfABodyThatAStepCannotRead() throws Exception {
        // Given
        camel.getRegistry()
                .bind(
                        "reader",
                        (Processor)
                                exchange -> {
                                    throw new IOException(
                                            "bad: " + exchange.getMessage().getBody(String.class));
                                });
        route("/mine", "reader");
        var lines = new ConcurrentLinkedQueue<String>();
        var handler =
                new Handler() {
                    @Override
                    public void publish(LogRecord line) {
                        if (line.getLevel().intValue() >= Level.INFO.intValue()) {
                            lines.add(new SimpleFormatter().format(line));
                        }
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                };
        Logger.getLogger("").addHandler(handler);
        // When
        String answer =
                RawHttp.exchange(
                        server.actualPort(),
                        RawHttp.post("/mine", "", bytes("ann@example.com, 42")));
        Logger.getLogger("").removeHandler(handler);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 500 ").doesNotContain("ann@");
        assertThat(lines)
                .noneMatch(line -> line.contains("ann@"))
                .anyMatch(line -> line.contains("A call failed: route=mine error=java.io.IOExc"));
    }

    @Test
    void holdsNoThreadWhileTheDiskIsSlow() throws Exception {
        // Given
        var stored = new CompletableFuture<Void>();
        var waiting = new CountDownLatch(500);
        journal.onAppend(
                (real, submission) -> {
                    waiting.countDown();
                    return stored.thenCompose(nothing -> real.append(submission));
                });
        List<Socket> callers = new ArrayList<>();
        int before = Thread.getAllStackTraces().size(); // other tests leave some behind
        for (int i = 0; i < 500; i++) {
            Socket caller = new Socket("127.0.0.1", server.actualPort());
            caller.setSoTimeout(10_000);
            caller.getOutputStream().write(request("", EVENT));
            callers.add(caller);
        }
        assertThat(waiting.await(10, TimeUnit.SECONDS)).isTrue();
        int threads = Thread.getAllStackTraces().size();
        // When
        stored.complete(null);
        // Then
        for (Socket caller : callers) {
            assertThat(new String(caller.getInputStream().readNBytes(12), StandardCharsets.UTF_8))
                    .isEqualTo("HTTP/1.1 200");
            caller.close();
        }
        assertThat(real.end()).isEqualTo(500);
        assertThat(threads - before).isLessThan(100);
    }

    @Test
    void servesOneAfterAnotherOnOneConnection() throws IOException {
        // Given
        String keepAlive = "Connection: keep-alive\r\n";
        byte[] one =
                bytes(
                        new String(request("", EVENT), StandardCharsets.UTF_8)
                                .replace("Connection: close\r\n", keepAlive));
        // When
        String answers = RawHttp.exchange(server.actualPort(), one, one, request("", EVENT));
        // Then
        assertThat(answers.split("HTTP/1.1 200 ", -1)).hasSize(4);
        assertThat(real.end()).isEqualTo(3);
    }

    @Test
    void letsLargeBodiesWaitForMemoryAndTakesThemAll() throws Exception {
        // Given
        String item = EVENT + "," + " ".repeat(2_000);
        String body = "{\"batch\":[" + item.repeat(200) + EVENT + "]}";
        var answers = new ConcurrentLinkedQueue<String>();
        // When
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Thread caller =
                    new Thread(
                            () -> {
                                try {
                                    answers.add(
                                            RawHttp.exchange(
                                                    server.actualPort(),
                                                    RawHttp.post("/v1/b", basic(), bytes(body))));
                                } catch (IOException e) {
                                    answers.add(e.toString());
                                }
                            });
            caller.start();
            callers.add(caller);
        }
        for (Thread caller : callers) {
            caller.join();
        }
        // Then
        assertThat(answers).hasSize(12).allMatch(answer -> answer.startsWith("HTTP/1.1 200 "));
        assertThat(real.end()).isEqualTo(12 * 201);
    }

    @Test
    void listensToNobodyWhoNeverStops() throws IOException {
        // Given
        byte[] flood = bytes("10000\r\n" + "x".repeat(0x10000) + "\r\n");
        String answer = "";
        // When
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.setSoTimeout(10_000);
            caller.getOutputStream()
                    .write(
                            bytes(
                                    "POST /v1/b HTTP/1.1\r\nHost: x\r\n"
                                            + "Transfer-Encoding: chunked\r\n\r\n"));
            for (int i = 0; i < 10_000; i++) {
                caller.getOutputStream().write(flood);
            }
            answer = new String(caller.getInputStream().readNBytes(12), StandardCharsets.UTF_8);
        } catch (SocketException e) {
            answer = "hung up";
        }
        // Then
        assertThat(answer).isIn("HTTP/1.1 400", "hung up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100", "Transfer-Encoding: chunked"})
    void hangsUpOnACallerWhoSendsAShortBodyTooSlowly(String length) throws IOException {
        // Given
        String head = "POST /v1/track HTTP/1.1\r\nHost: x\r\n" + length + "\r\n\r\n";
        String piece = length.startsWith("Content") ? " " : "1\r\n \r\n";
        Instant start = Instant.now();
        // When
        int end;
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.setSoTimeout(10_000);
            caller.getOutputStream().write(bytes(head + piece));
            end = caller.getInputStream().read();
        }
        // Then
        assertThat(end).isEqualTo(-1);
        assertThat(Duration.between(start, Instant.now()))
                .isBetween(SLOWEST_BODY.minusMillis(100), SLOWEST_BODY.plusSeconds(5));
    }

    @Test
    void finishesWhatIsUnderWayBeforeItCloses() throws Exception {
        // Given
        var stored = new CompletableFuture<Void>();
        var asked = new CountDownLatch(1);
        journal.onAppend(
                (real, submission) -> {
                    asked.countDown();
                    return stored.thenCompose(nothing -> real.append(submission));
                });
        var answer = CompletableFuture.supplyAsync(() -> answerOrNothing(request("", EVENT)));
        asked.await();
        // When
        var stopping = CompletableFuture.runAsync(camel::stop);
        await().until(() -> camel.isStopping());
        stored.complete(null);
        // Then
        assertThat(answer.get(10, TimeUnit.SECONDS)).startsWith("HTTP/1.1 200 ");
        stopping.get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({
        ", 200",
        "http://localhost:3000, 200",
        "https://shop.localhost, 200",
        "http://127.0.0.1:8080, 200",
        "http://[::1]:8080, 200",
        "https://evil.example, 400",
        "null, 400",
        "http://127.0.0.1.evil.example, 400",
        "http://localhost.evil.example, 400",
        "chrome-extension://localhost, 400"
    })
    void letsNoPageOfAnotherSiteDeleteAnybodyWhereNoKeysAreSet(@Nullable String origin, int status)
            throws Exception {
        // Given
        route("/keyless/{call}", "http-store-without-keys");
        String header = origin == null ? "" : "Origin: " + origin + "\r\n";
        byte[] deletion = bytes(EVENT.replace("\"E\"", "\"User Deleted\""));
        // When
        String answer =
                RawHttp.exchange(
                        server.actualPort(), RawHttp.post("/keyless/track", header, deletion));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        assertThat(answer.contains("needs approval")).isEqualTo(status == 400);
        assertThat(real.end()).isEqualTo(status == 200 ? 1 : 0);
    }

    /** Adds a route of the user's own behind the door. */
    private void route(String path, String step) throws Exception {
        camel.addRoutes(
                new org.apache.camel.builder.RouteBuilder() {
                    @Override
                    public void configure() {
                        from("platform-http:"
                                        + path
                                        + "?httpMethodRestrict=POST&platformHttpEngine=#caravan-http")
                                .routeId("mine")
                                .errorHandler(noErrorHandler())
                                .process(step);
                    }
                });
    }

    @ParameterizedTest
    @CsvSource({"CamelHttpResponseCode, many", "X-Mine, 'a\r\nb: c'"})
    void answersWhereARouteSaysWhatIsNoHttp(String header, String value) throws Exception {
        // Given
        camel.getRegistry()
                .bind(
                        "odd",
                        (Processor) exchange -> exchange.getMessage().setHeader(header, value));
        route("/mine", "odd");
        // When
        String answer =
                RawHttp.exchange(server.actualPort(), RawHttp.post("/mine", "", bytes("{}")));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 500 ").contains("\"success\":false");
    }

    @Test
    void runsARouteThatIsNoCallOfTheApiOnAWorker() throws Exception {
        // Given
        var threads = new ConcurrentLinkedQueue<String>();
        camel.getRegistry()
                .bind(
                        "blocking",
                        (Processor) exchange -> threads.add(Thread.currentThread().getName()));
        route("/mine", "blocking");
        // When
        String answer =
                RawHttp.exchange(server.actualPort(), RawHttp.post("/mine", "", bytes("{}")));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(threads).singleElement().asString().startsWith("vert.x-worker-thread");
    }

    @Test
    void resetsOneCallOfAConnectionOfHttp2ThatIsTooSlow() throws Exception {
        // Given
        var client =
                vertx.createHttpClient(
                        new HttpClientOptions()
                                .setProtocolVersion(HttpVersion.HTTP_2)
                                .setHttp2ClearTextUpgrade(false));
        var stored = new CompletableFuture<Void>();
        var reset = new CompletableFuture<Throwable>();
        journal.onAppend(
                (real, submission) -> stored.thenCompose(nothing -> real.append(submission)));
        HttpClientRequest slow = http2(client);
        slow.exceptionHandler(reset::complete).setChunked(true).write("{");
        HttpClientRequest other = http2(client);
        var answer = other.send(EVENT).toCompletionStage().toCompletableFuture();
        // When
        Throwable end = reset.get(10, TimeUnit.SECONDS);
        stored.complete(null);
        // Then
        assertThat(end).isInstanceOf(StreamResetException.class);
        assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(other.connection()).isSameAs(slow.connection());
    }

    private HttpClientRequest http2(HttpClient client) throws Exception {
        return client.request(HttpMethod.POST, server.actualPort(), "127.0.0.1", "/v1/track")
                .toCompletionStage()
                .toCompletableFuture()
                .get()
                .putHeader("Authorization", "Basic azo=");
    }

    @Test
    void refusesAStepThatIsUsedElsewhere() throws Exception {
        // When, Then
        try (var template = camel.createProducerTemplate()) {
            camel.addRoutes(
                    new org.apache.camel.builder.RouteBuilder() {
                        @Override
                        public void configure() {
                            from("direct:elsewhere").process("http-store");
                        }
                    });
            assertThatThrownBy(() -> template.requestBody("direct:elsewhere", "x"))
                    .hasRootCauseMessage(
                            "this step works behind 'platform-http:/v1/{call}' with"
                                    + " 'platformHttpEngine: \"#caravan-http\"' only");
        }
    }

    private static <T> CompletableFuture<T> unavailable() {
        return CompletableFuture.failedFuture(new JournalUnavailableException("the disk is full"));
    }

    private static String basic() {
        return "Authorization: Basic azo=\r\n";
    }

    private static byte[] request(String headers, String body) {
        return RawHttp.post("/v1/track", basic() + headers, bytes(body));
    }

    private String post(String headers, String body) throws IOException {
        return RawHttp.exchange(server.actualPort(), request(headers, body));
    }

    /** What comes back, empty if the server hangs up. */
    private String answerOrNothing(byte[] request) {
        var answer = new ByteArrayOutputStream();
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.setSoTimeout(10_000);
            caller.getOutputStream().write(request);
            caller.getInputStream().transferTo(answer);
        } catch (SocketException e) {
            return answer.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    @Test
    void takesNoRoomForACallerWhoGivesUpWhileItWaitsForRoom() throws Exception {
        // Given
        room.take(1_000_000);
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.getOutputStream().write(halfOfALargeBody());
            Thread.sleep(300);
        }
        Thread.sleep(300);
        // When
        room.giveBack(1_000_000);
        Thread.sleep(300);
        // Then
        assertThat(room.taken()).isZero();
    }

    @Test
    void givesRoomBackWhereACallerGivesUpHalfWay() throws Exception {
        // Given
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.getOutputStream().write(halfOfALargeBody());
            // When
            await().until(() -> room.taken() > 0);
        }
        // Then
        await().until(() -> room.taken() == 0);
    }

    @Test
    void keepsTheRoomOfACallerWhoGivesUpUntilItsEventsAreStored() throws Exception {
        // Given
        var stored = new CompletableFuture<Void>();
        var asked = new CountDownLatch(1);
        journal.onAppend(
                (real, submission) -> {
                    asked.countDown();
                    return stored.thenCompose(nothing -> real.append(submission));
                });
        byte[] body = bytes("{\"batch\":[" + EVENT + " ".repeat(100_000) + "]}");
        // When
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.getOutputStream().write(RawHttp.post("/v1/b", basic(), body));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        }
        Thread.sleep(300);
        // Then
        assertThat(room.taken()).isEqualTo(body.length);
        stored.complete(null);
        await().until(() -> room.taken() == 0);
    }

    @Test
    void takesRoomForTheItemsOfAShortBody() throws Exception {
        // Given
        var stored = new CompletableFuture<Void>();
        var asked = new CountDownLatch(1);
        journal.onAppend(
                (real, submission) -> {
                    asked.countDown();
                    return stored.thenCompose(nothing -> real.append(submission));
                });
        byte[] many = bytes("[" + "{},".repeat(4_999) + "{}]");
        // When
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.getOutputStream().write(RawHttp.post("/v1/b", basic(), many));
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            // Then
            assertThat(room.taken()).isEqualTo(5_000_000);
            assertThat(RawHttp.exchange(server.actualPort(), RawHttp.post("/v1/b", basic(), many)))
                    .startsWith("HTTP/1.1 503 ");
        }
        stored.complete(null);
        await().until(() -> room.taken() == 0);
    }

    @Test
    void takesRoomForWhatAPackedBodyUnpacksTo() throws Exception {
        // Given
        var stored = new CompletableFuture<Void>();
        var asked = new CountDownLatch(1);
        journal.onAppend(
                (real, submission) -> {
                    asked.countDown();
                    return stored.thenCompose(nothing -> real.append(submission));
                });
        byte[] body = bytes("{\"batch\":[" + EVENT + " ".repeat(500_000) + "]}");
        byte[] bomb = RawHttp.post("/v1/b", basic() + "Content-Encoding: gzip\r\n", gzip(body));
        // When
        try (Socket caller = new Socket("127.0.0.1", server.actualPort())) {
            caller.getOutputStream().write(bomb);
            assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
            // Then
            assertThat(room.taken()).isEqualTo(body.length);
            assertThat(RawHttp.exchange(server.actualPort(), bomb)).startsWith("HTTP/1.1 503 ");
        }
        stored.complete(null);
        await().until(() -> room.taken() == 0);
        assertThat(RawHttp.exchange(server.actualPort(), bomb)).startsWith("HTTP/1.1 200 ");
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] halfOfALargeBody() {
        String whole =
                new String(
                        RawHttp.post("/v1/b", basic(), new byte[400_000]), StandardCharsets.UTF_8);
        return bytes(whole.substring(0, 200_000));
    }
}
