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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"items\":null,\"page\":2}",
                "{}",
                "{\"page\":2,\"note\":\"\",\"errors\":[]}",
                "{\"page\":2,\"items\":[]}",
            })
    void endsARoundAtAPageThatHasNoRecords(String behind) throws Exception {
        // Given
        answers =
                address ->
                        address.contains("page=1")
                                ? "{\"page\":1,\"items\":%s}"
                                        .formatted(items("2026-08-01T11:00:00Z"))
                                : behind;
        // When
        List<Object> records = round(feed(pages("/items")));
        // Then
        assertThat(records).hasSize(1);
        assertThat(asked).hasSize(2);
        assertThat(progress).contains("2026-08-01T11:00:00Z");
    }

    @Test
    void endsARoundThatHasNoRecordsAtAll() throws Exception {
        // Given
        answers = address -> "{\"data\":{\"items\":null}}";
        // Then
        assertThat(round(feed(pages("/data/items")))).isEmpty();
    }

    @Test
    void takesNoErrorOfStatus200ForTheEndOfARound() {
        for (String trouble :
                List.of(
                        "{\"error\":\"busy\"}",
                        "{\"items\":null,\"page\":2,\"error\":\"busy\"}",
                        "{\"page\":2,\"items\":\"none\"}",
                        "[{}]",
                        "null",
                        "\"busy\"")) {
            // Given
            answers =
                    address ->
                            address.contains("page=1")
                                    ? "{\"page\":1,\"error\":null,\"items\":[{}]}"
                                    : trouble;
            // When, Then
            assertThatThrownBy(() -> round(feed(pages("/items"))))
                    .as(trouble)
                    .isInstanceOf(FeedException.class)
                    .hasMessageContaining("no array at '/items'");
            assertThat(progress).isNull();
        }
    }

    @Test
    void takesNoErrorBesideWhereRecordsWouldBeForTheEndOfARound() {
        // Given
        answers =
                address ->
                        address.contains("page=1")
                                ? "{\"data\":{\"items\":[{}]}}"
                                : "{\"data\":{\"fault\":\"busy\"}}";
        // When, Then
        assertThatThrownBy(() -> round(feed(pages("/data/items"))))
                .isInstanceOf(FeedException.class);
    }

    @Test
    void endsARoundAtNullInPlaceOfAPage() throws Exception {
        // Given
        answers = address -> address.contains("page=1") ? "[{}]" : "null";
        // Then
        assertThat(round(feed(pages("")))).hasSize(1);
    }

    @Test
    void tellsAtTheFirstPageOfEachRoundWhereRecordsAreNot() throws Exception {
        // Given
        Feed feed = feed(pages("/items"));
        answers = address -> address.contains("page=1") ? "{\"items\":[{}]}" : "{}";
        round(feed);
        // When
        answers = address -> "{}";
        // Then
        assertThatThrownBy(() -> round(feed))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("say where the records are with 'items'");
    }

    @Test
    void followsALinkThatWritesTheSamePlaceOtherwise() throws Exception {
        // Given
        int port = server.getAddress().getPort();
        answers =
                address ->
                        address.endsWith("2")
                                ? "{\"items\":[2]}"
                                : "{\"items\":[1],\"next\":\"HTTP://LOCALHOST:%d/t?2\"}"
                                        .formatted(port);
        // When
        List<Object> records = round(feed(links("http://localhost:%d/t".formatted(port))));
        // Then
        assertThat(records).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/t, https://api.example.com:443/t?2",
        "https://API.example.com:443/t, https://api.example.com/t?2",
        "http://api.example.com/t, http://api.example.com:80/t?2",
        "https://api.example.com:8443/t, //api.EXAMPLE.com:8443/t?2",
        "https://api.example.com/t, ?2",
    })
    void knowsALinkToItsOwnPlace(String url, String next) throws Exception {
        assertThat(feed(links(url)).samePlace(next).getRawQuery()).isEqualTo("2");
    }

    @ParameterizedTest
    @CsvSource({
        "https://api.example.com/t, http://api.example.com/t?2, http://api.example.com:80",
        "https://api.example.com/t, https://api.example.com:8443/t?2, https://api.example.com:8443",
        "https://api.example.com/t, http://api.example.com:443/t?2, http://api.example.com:443",
        "https://api.example.com/t, https://k:s@evil.example/t?2, https://evil.example:443",
        "https://api.example.com/t, mailto:a@example.com, an address without a host",
    })
    void tellsOfALinkToAnotherPlaceAndDoesNotFollowIt(String url, String next, String place) {
        assertThatThrownBy(() -> feed(links(url)).samePlace(next))
                .isInstanceOf(FeedException.class)
                .hasMessageStartingWith(
                        "the next page is at %s, the first at https://api.example.com:443;"
                                .formatted(place));
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

    private ApiFeed.Plan pages(String items) {
        return plan(url(), "tok", items, null, "since", null, "page");
    }

    private ApiFeed.Plan links(String url) {
        return plan(url, "tok", "/items", "/next", null, null, null);
    }

    private ApiFeed.Plan plan(
            String token, String items, @Nullable String since, @Nullable String cursor) {
        return plan(url(), token, items, null, since, cursor, null);
    }

    private String url() {
        return "http://127.0.0.1:%d/t".formatted(server.getAddress().getPort());
    }

    private static ApiFeed.Plan plan(
            String url,
            String token,
            String items,
            @Nullable String next,
            @Nullable String since,
            @Nullable String cursor,
            @Nullable String pageParameter) {
        return new ApiFeed.Plan(
                "tickets",
                url,
                "Authorization",
                "Bearer",
                token,
                items,
                List.of(),
                next,
                cursor,
                cursor == null ? null : "after",
                cursor != null,
                pageParameter,
                since,
                since == null ? null : "/at",
                null,
                new Overlap(null));
    }
}
