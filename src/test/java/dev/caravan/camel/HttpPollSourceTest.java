package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kamelet that reads a JSON API, over real HTTP. */
class HttpPollSourceTest {
    private static final String TOKEN = "a+b%2F&c=1(x)";

    @TempDir Path home;
    private Fixture caravan;
    private HttpServer server;
    private final Map<String, String> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();

    @BeforeEach
    void begin() throws IOException {
        System.setProperty("sun.net.httpserver.nodelay", "true");
        caravan = new Fixture(home);
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void end() {
        caravan.close();
        server.stop(0);
    }

    private void answer(HttpExchange call) throws IOException {
        String address = call.getRequestURI().toString();
        String answer = answers.get(address);
        boolean known =
                ("Bearer " + TOKEN).equals(call.getRequestHeaders().getFirst("Authorization"));
        asked.add(
                known
                        ? address
                        : "not authorized: " + call.getRequestHeaders().getFirst("Authorization"));
        byte[] body = (answer == null ? "{}" : answer).getBytes(UTF_8);
        call.sendResponseHeaders(!known ? 401 : answer == null ? 500 : 200, body.length);
        call.getResponseBody().write(body);
        call.close();
    }

    @Test
    void followsThePagesAndThenAsksForWhatIsNewOnly() throws Exception {
        // Given
        answers.put(
                "/tickets?n=2",
                page("/tickets?n=2&page=2", ticket(1, "10:00"), ticket(2, "10:05")));
        answers.put("/tickets?n=2&page=2", page(null, ticket(3, "10:02")));
        answers.put(
                "/tickets?n=2&since=2026-08-01T10%3A05%3A00Z",
                page(null, ticket(2, "10:05"), ticket(4, "10:06")));
        answers.put("/tickets?n=2&since=2026-08-01T10%3A06%3A00Z", page(null, ticket(4, "10:06")));
        // When
        start(
                "next: /next",
                "since: since",
                "sinceItem: /timestamp",
                "overlap: PT0S",
                "id: \"/properties/id,/timestamp\"");
        // Then
        awaitStored(4);
        await().until(
                        () ->
                                caravan.journal
                                        .progress("tickets")
                                        .filter(
                                                progress ->
                                                        progress.startsWith(
                                                                "since:2026-08-01T10:06:00Z\n"))
                                        .isPresent());
        assertThat(ids()).containsExactly("1", "2", "3", "4");
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void beginsTheRoundAnewWhenAPageFailsAndStoresNothingTwice() throws Exception {
        // Given
        answers.put(
                "/tickets?n=2",
                page("/tickets?n=2&page=2", ticket(1, "10:00"), ticket(2, "10:05")));
        start("next: /next", "since: since", "sinceItem: /timestamp", "overlap: PT0S");
        awaitStored(2);
        await().until(() -> asked.stream().filter("/tickets?n=2&page=2"::equals).count() > 1);
        assertThat(caravan.journal.progress("tickets")).isEmpty();
        // When
        answers.put("/tickets?n=2&page=2", page(null, ticket(3, "10:02")));
        answers.put("/tickets?n=2&since=2026-08-01T10%3A05%3A00Z", page(null));
        // Then
        awaitStored(3);
        assertThat(ids()).containsExactly("1", "2", "3");
    }

    @Test
    void goesOnFromTheLastTokenAfterARestart() throws Exception {
        // Given
        answers.put("/tickets?n=2", cursor("a/1", ticket(1, "10:00")));
        answers.put("/tickets?n=2&after=a%2F1", cursor("a/2", ticket(2, "10:01")));
        answers.put("/tickets?n=2&after=a%2F2", cursor("a/2"));
        start("cursor: /cursor", "cursorParameter: after", "keepCursor: true");
        awaitStored(2);
        await().until(
                        () ->
                                caravan.journal
                                        .progress("tickets")
                                        .equals(java.util.Optional.of("cursor:a/2")));
        caravan.close();
        asked.clear();
        // When
        answers.put("/tickets?n=2&after=a%2F2", cursor("a/3", ticket(3, "10:02")));
        answers.put("/tickets?n=2&after=a%2F3", cursor("a/3"));
        caravan = new Fixture(home);
        start("cursor: /cursor", "cursorParameter: after", "keepCursor: true");
        // Then
        awaitStored(3);
        assertThat(asked.get(0)).isEqualTo("/tickets?n=2&after=a%2F2");
        assertThat(ids()).containsExactly("1", "2", "3");
    }

    @Test
    void countsPagesUntilOneIsEmpty() throws Exception {
        // Given
        answers.put("/tickets?n=2&page=1", page(null, ticket(1, "10:00"), ticket(2, "10:01")));
        answers.put("/tickets?n=2&page=2", page(null, ticket(3, "10:02")));
        answers.put("/tickets?n=2&page=3", page(null));
        // When
        start("pageParameter: page");
        // Then
        awaitStored(3);
        await().until(() -> asked.contains("/tickets?n=2&page=3"));
        assertThat(asked).doesNotContain("/tickets?n=2&page=4");
    }

    @Test
    void doesNotTakeItsCredentialsToAnotherHost() throws Exception {
        // Given
        HttpServer stranger = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        List<String> heard = new CopyOnWriteArrayList<>();
        stranger.createContext("/", call -> heard.add(call.getRequestURI().toString()));
        stranger.start();
        String elsewhere = "http://127.0.0.1:%d/steal".formatted(stranger.getAddress().getPort());
        answers.put("/tickets?n=2", page(elsewhere, ticket(1, "10:00")));
        // When
        start("next: /next");
        await().until(() -> asked.size() > 2);
        stranger.stop(0);
        // Then
        assertThat(heard).isEmpty();
        assertThat(caravan.stored()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void tellsThePartsOfRecordsApartThatARouteSplitsTwice() throws Exception {
        // Given
        answers.put("/tickets?n=2", page(null, order(1, 2), order(3, 4)));
        // When
        startWith(
                """
                        - split:
                            simple: "${body}"
                            steps:
                              - split:
                                  jsonpath: "$.lines[*]"
                                  steps:
                                    - to:
                                        uri: caravan:events
                                        parameters: {source: helpdesk}
                """);
        awaitStored(4);
        // Then: also when they are read again, with others before them
        caravan.close();
        answers.put("/tickets?n=2", page(null, order(5, 6), order(1, 2), order(3, 4)));
        caravan = new Fixture(home);
        startWith(
                """
                        - split:
                            simple: "${body}"
                            steps:
                              - split:
                                  jsonpath: "$.lines[*]"
                                  steps:
                                    - to:
                                        uri: caravan:events
                                        parameters: {source: helpdesk}
                """);
        awaitStored(6);
        assertThat(ids()).containsExactly("1", "2", "3", "4", "5", "6");
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void keepsTheKeysOfRecordsThatARouteFilteredBeforeItSplitsThem() throws Exception {
        // Given
        answers.put("/tickets?n=2", page(null, ticket(1, "10:00"), ticket(2, "10:01")));
        Processor filter =
                exchange ->
                        exchange.getMessage()
                                .setBody(
                                        exchange.getMessage().getBody(List.class).stream()
                                                .skip(1)
                                                .toList());
        caravan.camel.getRegistry().bind("filter", filter);
        String steps =
                """
                        - process: {ref: filter}
                        - split:
                            simple: "${body}"
                            steps:
                              - to:
                                  uri: caravan:events
                                  parameters: {source: helpdesk}
                """;
        startWith(steps, "id: /properties/id");
        awaitStored(1);
        caravan.close();
        // When
        answers.put(
                "/tickets?n=2",
                page(null, ticket(3, "10:02"), ticket(2, "10:01"), ticket(4, "10:03")));
        caravan = new Fixture(home);
        caravan.camel.getRegistry().bind("filter", filter);
        startWith(steps, "id: /properties/id");
        // Then
        awaitStored(2);
        assertThat(ids()).containsExactly("2", "4");
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void makesADeadLetterOfARecordThatChangedUnderItsId() throws Exception {
        // Given
        answers.put("/tickets?n=2", page(null, ticket(1, "10:00")));
        start("id: /properties/id");
        awaitStored(1);
        // When
        answers.put("/tickets?n=2", page(null, ticket(1, "10:07")));
        // Then
        await().until(() -> caravan.deadLetters().size() == 1);
        asked.clear();
        await().until(() -> asked.size() > 3);
        assertThat(caravan.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).contains("messageId"));
    }

    @Test
    void doesNotStartTwoRoutesThatKeepTheirProgressUnderOneName() throws Exception {
        // Given
        String route =
                """
                - route:
                    from:
                      uri: kamelet:http-poll-source
                      parameters: {name: tickets, url: "http://127.0.0.1:1/%s"}
                      steps:
                        - to: log:none
                """;
        caravan.routes(home, route.formatted("a") + route.formatted("b"));
        // When, Then
        assertThatThrownBy(() -> caravan.start()).hasStackTraceContaining("'name: tickets'");
    }

    private static String order(int... ids) {
        return Arrays.stream(ids)
                .mapToObj(id -> ticket(id, "10:00"))
                .collect(Collectors.joining(",", "{\"lines\":[", "]}"));
    }

    private static String ticket(int id, String time) {
        return """
               {"type":"track","event":"Ticket","userId":"u","timestamp":"2026-08-01T%s:00Z","properties":{"id":%d,"price":1.10}}"""
                .formatted(time, id);
    }

    private static String page(String next, String... items) {
        return "{\"items\":[%s],\"next\":%s}"
                .formatted(String.join(",", items), next == null ? "null" : "\"" + next + "\"");
    }

    private static String cursor(String cursor, String... items) {
        return page(null, items).replace("\"next\":null", "\"cursor\":\"" + cursor + "\"");
    }

    private void start(String... parameters) throws Exception {
        startWith(
                """
                        - to:
                            uri: caravan:events
                            parameters: {source: helpdesk}
                """,
                parameters);
    }

    private void startWith(String steps, String... parameters) throws Exception {
        String lines = "";
        for (String parameter : parameters) {
            lines += "        " + parameter + "\n";
        }
        caravan.camel.getPropertiesComponent().addInitialProperty("helpdesk.token", TOKEN);
        caravan.routes(
                        home,
                        """
                        - route:
                            from:
                              uri: kamelet:http-poll-source
                              parameters:
                                name: tickets
                                url: "http://127.0.0.1:%d/tickets?n=2"
                                token: "RAW({{helpdesk.token}})"
                                items: /items
                                delay: 100
                        %s      steps:
                        %s"""
                                .formatted(server.getAddress().getPort(), lines, steps))
                .start();
    }

    private void awaitStored(int count) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(caravan.stored()).as("%s", asked).hasSize(count));
    }

    private List<String> ids() {
        return caravan.stored().stream()
                .map(entry -> new String(entry.event().json(), UTF_8))
                .map(json -> json.replaceAll(".*\"id\":(\\d+).*", "$1"))
                .toList();
    }
}
