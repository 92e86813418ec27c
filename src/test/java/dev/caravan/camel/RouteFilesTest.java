package dev.caravan.camel;

import static dev.caravan.camel.Fixture.track;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Settlement.Receipt.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.apache.camel.Route;
import org.apache.camel.component.mock.MockEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RouteFilesTest {
    private static final Path RESOURCES = Path.of("src/main/resources/routes");

    @TempDir Path home;

    private Fixture caravan;

    @BeforeEach
    void begin() throws IOException {
        caravan = new Fixture(home);
        for (String shipped :
                List.of("destinations/customerio", "sources/http", "sources/file", "sources/jms")) {
            write("routes/%s.camel.yaml".formatted(shipped), "# not in these tests");
        }
    }

    @AfterEach
    void end() {
        caravan.close();
    }

    // --- files

    @Test
    void knowsEveryShippedFile() throws Exception {
        // Given
        List<String> inFolder;
        try (Stream<Path> files = Files.walk(RESOURCES)) {
            inFolder =
                    files.filter(file -> file.toString().endsWith(".camel.yaml"))
                            .map(file -> RESOURCES.relativize(file).toString().replace('\\', '/'))
                            .toList();
        }
        // When
        List<String> listed =
                RouteFiles.index(Files.newInputStream(RESOURCES.resolve("index.txt")));
        // Then
        assertThat(listed).containsExactlyInAnyOrderElementsOf(inFolder);
    }

    @Test
    void loadsTheUsersFoldersToAnyDepthAndOnlyRouteFiles() throws Exception {
        // Given
        write("routes/a.camel.yaml", route("a"));
        write("routes/deep/er/b.camel.yaml", route("b"));
        write("routes/c.yaml", route("c"));
        write("routes/d.camel.yaml.bak", route("d"));
        write("routes/.e.camel.yaml", route("e"));
        write("routes/.git/f.camel.yaml", route("f"));
        // When
        start();
        // Then
        assertThat(ids()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void followsSymbolicLinks() throws Exception {
        // Given
        write("elsewhere/a.camel.yaml", route("a"));
        Files.createSymbolicLink(home.resolve("routes/linked"), home.resolve("elsewhere"));
        // When
        start();
        // Then
        assertThat(ids()).containsExactly("a");
    }

    @Test
    void startsWithTheShippedRoutesAloneWhereThereAreNoFolders() throws Exception {
        // Given
        Files.move(home.resolve("routes"), home.resolve("not-routes"));
        caravan.openDoors(home);
        caravan.camel.addComponent("customerio", new ShippedRoutesTest.Pipelines());
        // When
        start();
        // Then
        assertThat(ids()).contains("customerio", "customerio-person-deleted");
    }

    @Test
    void letsAUsersFileReplaceTheShippedOneOfTheSameName() throws Exception {
        // Given
        write("routes/destinations/customerio.camel.yaml", route("mine"));
        // When
        start();
        // Then
        assertThat(ids()).containsExactly("mine");
    }

    @Test
    void takesKameletsOfTheUser() throws Exception {
        // Given
        write(
                "kamelets/shout-action.kamelet.yaml",
                """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata: {name: shout-action}
                spec:
                  definition: {title: Shout}
                  template:
                    from:
                      uri: kamelet:source
                      steps:
                        - setBody: {simple: "${body}!"}
                """);
        write(
                "routes/a.camel.yaml",
                """
                - from:
                    uri: direct:in
                    steps:
                      - to: kamelet:shout-action
                """);
        start();
        // When
        Object answer = caravan.camel.createProducerTemplate().requestBody("direct:in", "hey");
        // Then
        assertThat(answer).isEqualTo("hey!");
    }

    // --- mistakes

    @Test
    void stopsTheStartAtAFileThatIsNoYamlAndTellsTheLine() throws Exception {
        // Given
        write("routes/sub/bad.camel.yaml", "- from:\n    uri: [direct:in\n    steps: []\n");
        // When / Then
        assertThatThrownBy(this::start)
                .hasStackTraceContaining("routes/sub/bad.camel.yaml cannot be loaded")
                .hasStackTraceContaining("line 3");
    }

    @Test
    void stopsTheStartAtAStepThatThereIsNotAndTellsTheLine() throws Exception {
        // Given
        write(
                "routes/bad.camel.yaml",
                "- from:\n    uri: direct:in\n    steps:\n      - too: log:out\n");
        // When / Then
        assertThatThrownBy(this::start)
                .hasStackTraceContaining("routes/bad.camel.yaml cannot be loaded")
                .hasStackTraceContaining("line 4");
    }

    @Test
    void stopsTheStartWhereNoRouteTakesWhatARouteHandsOn() throws Exception {
        // Given
        write(
                "routes/crm.camel.yaml",
                """
                - templatedRoute:
                    routeTemplateRef: destination
                    routeId: crm
                    parameters:
                      - {name: destination, value: crm}
                - from:
                    uri: direct:crm-deliver
                    steps:
                      - to: log:out
                """);
        // When / Then
        assertThatThrownBy(this::start)
                .hasStackTraceContaining("no route takes direct://crm-person-deleted")
                .hasStackTraceContaining("'from: direct:crm-person-deleted'");
    }

    // --- the template

    @Test
    void branchesByMeaningForADestinationOfOneShortFile() throws Exception {
        // Given
        write(
                "routes/destinations/crm.camel.yaml",
                """
                - templatedRoute:
                    routeTemplateRef: destination
                    routeId: crm
                    parameters:
                      - {name: destination, value: crm}
                      - {name: batch, value: "1"}
                      - {name: events, value: "Order *,Search & Browse"}
                      - {name: filter, value: "$[?(@.properties.total > 5 && @.userId != 'x y')]"}
                - from:
                    uri: direct:crm-deliver
                    steps:
                      - to: mock:deliver
                      - to: caravan:delivered
                - from:
                    uri: direct:crm-person-deleted
                    steps:
                      - to: mock:deleted
                      - to: caravan:delivered
                """);
        start();
        // When
        caravan.accept(
                order("u1", 6),
                order("u1", 4),
                order("x y", 6),
                order("u1", 6).replace("Order Paid", "Search & Browse"),
                track("Other", "u1"),
                track("User Deleted", "u3"),
                track("User Suppressed", "u2"),
                track("User Unsuppressed", "u2"),
                track("Device Deleted", "u1")
                        .replace("}", ",\"context\":{\"device\":{\"token\":\"t\"}}}"),
                track("Object Deleted", "u1").replace("}", ",\"properties\":{\"objectId\":\"o\"}}"),
                track("Relationship Deleted", "u1")
                        .replace("}", ",\"properties\":{\"objectId\":\"o\"}}"));
        Totals totals = caravan.settled("crm");
        // Then
        assertThat(names("mock:deliver")).containsExactly("Order Paid", "Search & Browse");
        assertThat(names("mock:deleted"))
                .containsExactlyInAnyOrder("User Deleted", "User Suppressed");
        assertThat(totals).isEqualTo(new Totals(4, 7, 0));
        assertThat(caravan.journal.skipRule("crm", 9)).contains("keeps no devices");
    }

    // --- logs

    @Test
    void logsNoBodyWhereARouteFails() throws Exception {
        // Given
        List<String> logged = new java.util.concurrent.CopyOnWriteArrayList<>();
        Handler handler = handler(logged);
        Logger.getLogger("").addHandler(handler);
        write(
                "routes/crm.camel.yaml",
                """
                - from:
                    uri: caravan:events
                    parameters: {destination: crm, batch: 1, erase: unsupported}
                    steps:
                      - split:
                          simple: "${body}"
                          steps:
                            - convertBodyTo: {type: java.util.Calendar, mandatory: true}
                      - to: mock:out
                """);
        start();
        // When
        caravan.accept(track("Secret Name", "secret-user"));
        Totals totals = caravan.settled("crm");
        Logger.getLogger("").removeHandler(handler);
        // Then
        assertThat(totals.dead()).isEqualTo(1);
        assertThat(caravan.deadLetters().get(0).reason()).contains("java.util.Calendar");
        assertThat(logged)
                .isNotEmpty()
                .noneMatch(line -> line.contains("ecret"))
                .noneMatch(line -> line.contains("Failed delivery"));
    }

    private static Handler handler(List<String> logged) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                if (line.getLevel().intValue() >= java.util.logging.Level.INFO.intValue()) {
                    logged.add(
                            line.getMessage()
                                    + " "
                                    + java.util.Arrays.toString(line.getParameters())
                                    + " "
                                    + line.getThrown());
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void asksTheOthersInARouteWhereOneDoesNotKnowAPersonToDelete() throws Exception {
        // Given: a destination in two parts, the first of which knows nobody
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                request -> {
                    String path = request.getRequestURI().getPath();
                    asked.add(path);
                    int status = path.startsWith("/old") ? 404 : path.endsWith("bad") ? 400 : 200;
                    request.sendResponseHeaders(status, -1);
                    request.close();
                });
        server.start();
        write(
                "routes/destinations/crm.camel.yaml",
                """
                - route:
                    from:
                      uri: caravan:events
                      parameters: {destination: crm, batch: 1, erase: route}
                      steps:
                        - to: caravan:address?template=/old/{userId}
                        - to: http://127.0.0.1:%1$d?httpMethod=DELETE
                        - to: caravan:address?template=/new/{userId}
                        - to: http://127.0.0.1:%1$d?httpMethod=DELETE
                """
                        .formatted(server.getAddress().getPort()));
        start();
        // When
        caravan.accept(track("User Deleted", "good"), track("User Deleted", "bad"));
        caravan.settled("crm");
        server.stop(0);
        // Then
        assertThat(asked)
                .containsExactlyInAnyOrder("/old/good", "/new/good", "/old/bad", "/new/bad")
                .containsSubsequence("/old/good", "/new/good");
        assertThat(caravan.journal.erasures().list(Erasures.Filter.ALL, 0, 10))
                .extracting(erasure -> erasure.receipts().get(0).state())
                .containsExactly(State.DONE, State.REFUSED);
    }

    @Test
    void saysWhatIsWrongWithTheYamlOfAFile() throws Exception {
        // Given
        write("routes/b.camel.yaml", "- route:\n    id: b\n   from: direct:b\n");
        // When, then
        assertThatThrownBy(this::start)
                .hasStackTraceContaining("routes/b.camel.yaml cannot be loaded: line 3: ")
                .hasStackTraceContaining("('lint' shows where)");
    }

    @Test
    void doesNotStartWithAFileThatIsNoList() throws Exception {
        // Given
        write("routes/b.camel.yaml", "# mine\n---\nroute:\n  from: direct:b\n");
        // When, then
        assertThatThrownBy(this::start)
                .hasStackTraceContaining(
                        "routes/b.camel.yaml cannot be loaded: it begins with 'route:' but must be a"
                                + " list: '- route:'");
    }

    private List<String> names(String mock) {
        return caravan.camel.getEndpoint(mock, MockEndpoint.class).getExchanges().stream()
                .map(exchange -> exchange.getMessage().getBody(String.class))
                .map(body -> body.replaceAll(".*\"event\":\"([^\"]*)\".*", "$1"))
                .toList();
    }

    private static String order(String userId, int total) {
        return track("Order Paid", userId)
                .replace("}", ",\"properties\":{\"total\":%d}}".formatted(total));
    }

    private static String route(String id) {
        return """
               - route:
                   id: %s
                   from:
                     uri: direct:%s
                     steps:
                       - to: log:out
               """
                .formatted(id, id);
    }

    private void write(String name, String text) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(UTF_8));
    }

    private void start() throws Exception {
        caravan.camel.addRoutes(new RouteFiles(home, Duration.ofSeconds(10)));
        caravan.start();
    }

    private List<String> ids() {
        return caravan.camel.getRoutes().stream().map(Route::getId).toList();
    }
}
