package dev.caravan.poll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a feed asks an API, round by round. */
@Timeout(30)
class ApiFeedTest {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch end = new CountDownLatch(1);
    private HttpServer server;
    private Instant now = Instant.parse("2026-08-01T12:00:30.5Z");
    private @Nullable String progress;

    private UnaryOperator<String> answers = address -> "[]";

    @BeforeEach
    void begin() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setExecutor(threads);
        server.createContext(
                "/",
                call -> {
                    String address = call.getRequestURI().toString();
                    asked.add(address);
                    String answer = answers.apply(address);
                    if (answer.equals("busy")) {
                        call.getResponseHeaders().set("Retry-After", "0");
                        call.sendResponseHeaders(429, -1);
                    } else if (answer.equals("stall")) {
                        call.sendResponseHeaders(200, 1_000);
                        call.getResponseBody().write('[');
                        call.getResponseBody().flush();
                        await(end);
                    } else {
                        call.sendResponseHeaders(200, answer.getBytes(UTF_8).length);
                        call.getResponseBody().write(answer.getBytes(UTF_8));
                    }
                    call.close();
                });
        server.start();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @AfterEach
    void end() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void givesUpOnAnAnswerThatStopsInTheMiddle() {
        // Given
        answers = address -> "stall";
        // When, Then
        assertThatThrownBy(() -> round(feed(plan("tok"))))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("did not answer to the end");
    }

    @Test
    void doesNotShowATokenThatNoHeaderCanCarry() {
        // When
        Throwable failure = catchThrowable(() -> round(feed(plan("S3CRET\u200bTOKEN"))));
        // Then
        assertThat(failure).isInstanceOf(FeedException.class).hasNoCause();
        assertThat(failure.getMessage()).contains("'token'").doesNotContain("S3CRET");
    }

    @Test
    void endsARoundWhereAFeedThatNeverEndsHasNothingNew() throws Exception {
        // Given
        answers =
                address ->
                        "{\"items\":%s,\"cursor\":\"c%d\"}"
                                .formatted(asked.size() == 1 ? "[1]" : "[]", asked.size());
        // When
        round(feed(keepCursor()));
        // Then
        assertThat(asked).hasSize(2);
        assertThat(progress).isEqualTo("cursor:c2");
    }

    @Test
    void asksAgainForThePageAtWhichTheApiWasBusy() throws Exception {
        // Given
        answers = address -> asked.size() == 1 ? "busy" : "[1]";
        // When
        List<Object> records = round(feed(plan("tok")));
        // Then
        assertThat(records).hasSize(1);
        assertThat(asked).hasSize(2);
    }

    @Test
    void asksAgainForWhatChangedWhileTheRoundWentOn() throws Exception {
        // Given
        answers = address -> items("2026-08-01T12:07:00Z");
        round(feed(since()));
        // When
        round(feed(since()));
        // Then
        assertThat(asked.get(1)).endsWith("since=2026-08-01T11%3A55%3A30.500Z");
    }

    @Test
    void doesNotEndAtARecordFromTheFuture() throws Exception {
        // Given
        answers = address -> items("2099-01-01T00:00:00Z", "2026-08-01T11:00:00Z");
        round(feed(since()));
        // When
        round(feed(since()));
        // Then
        assertThat(asked.get(1)).endsWith("since=2026-08-01T11%3A55%3A30.500Z");
    }

    @Test
    void readsWhatIsSettledNoMore() throws Exception {
        // Given
        answers = address -> items("2026-08-01T12:00:29.123Z");
        round(feed(since()));
        assertThat(round(feed(since()))).hasSize(1);
        // When
        now = now.plus(Duration.ofMinutes(6));
        assertThat(round(feed(since()))).hasSize(1);
        // Then
        assertThat(round(feed(since()))).isEmpty();
        assertThat(asked.get(3)).endsWith("since=2026-08-01T12%3A00%3A29.123Z");
        answers = address -> items("2026-08-01T12:00:29.123Z", "2026-08-01T12:06:01Z");
        assertThat(round(feed(since()))).hasSize(1);
    }

    private static String items(String... times) {
        List<String> items = new ArrayList<>();
        for (String time : times) {
            items.add("{\"at\":\"" + time + "\"}");
        }
        return items.toString();
    }

    private List<Object> round(Feed feed) throws Exception {
        List<Object> records = new ArrayList<>();
        feed.begin(progress);
        Page page;
        do {
            page = feed.next();
            records.addAll(page.records());
            progress = page.progress() == null ? progress : page.progress();
        } while (!page.last());
        return records;
    }

    private ApiFeed feed(ApiFeed.Plan plan) {
        return new ApiFeed(plan, () -> now, Duration.ofSeconds(2));
    }

    private ApiFeed.Plan plan(String token) {
        return plan(token, "", null, null);
    }

    private ApiFeed.Plan since() {
        return plan("tok", "", "since", null);
    }

    private ApiFeed.Plan keepCursor() {
        return plan("tok", "/items", null, "/cursor");
    }

    private ApiFeed.Plan plan(
            String token, String items, @Nullable String since, @Nullable String cursor) {
        return new ApiFeed.Plan(
                "tickets",
                "http://127.0.0.1:%d/t".formatted(server.getAddress().getPort()),
                "Authorization",
                "Bearer",
                token,
                items,
                List.of(),
                null,
                cursor,
                cursor == null ? null : "after",
                cursor != null,
                null,
                since,
                since == null ? null : "/at",
                null,
                new Overlap(null));
    }
}
