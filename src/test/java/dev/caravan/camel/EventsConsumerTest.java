package dev.caravan.camel;

import static dev.caravan.camel.Fixture.track;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Pace;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.LedgerState.Totals;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsConsumerTest {
    @TempDir Path directory;

    private Fixture caravan;
    private HttpServer server;
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<String> contentTypes = new CopyOnWriteArrayList<>();
    private final Deque<Integer> answers = new ConcurrentLinkedDeque<>();
    private final CountDownLatch slow = new CountDownLatch(1);

    @BeforeEach
    void begin() throws IOException {
        caravan = new Fixture(directory);
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
                    bodies.add(body);
                    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    if (body.contains("\"Slow\"")) {
                        awaitSlow();
                    }
                    contentTypes.add(exchange.getRequestHeaders().getFirst("Content-Type"));
                    Integer status = answers.poll();
                    exchange.sendResponseHeaders(status == null ? 200 : status, -1);
                    exchange.close();
                });
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    @AfterEach
    void end() {
        caravan.close();
        server.stop(0);
    }

    @Test
    void postsEachEventAsItsJsonWhereARunHasOne() throws Exception {
        // Given
        destination("batch: 1, parallel: 1", "- to: " + http());
        // When
        caravan.accept(track("Gekauft ü", "u1"), track("B", "u1"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(2, 0, 0));
        assertThat(bodies).hasSize(2).allMatch(body -> body.startsWith("{\"type\":\"track\""));
        assertThat(bodies.get(0)).contains("\"event\":\"Gekauft ü\"");
        assertThat(contentTypes).containsOnly("application/json");
    }

    @Test
    void postsARunAsOneArray() throws Exception {
        // Given
        destination("batch: 50, from: beginning", "- to: " + http());
        caravan.accept(track("A", "u1"), track("B", "u2"), track("C", "u1"));
        // When
        caravan.start();
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals.delivered()).isEqualTo(3);
        assertThat(bodies).singleElement().asString().startsWith("[{").endsWith("}]");
    }

    @Test
    void countsSendsOfCopiesThatTheRouteWaitsFor() throws Exception {
        // Given
        destination(
                "batch: 10",
                """
                - to: direct:inner
                """,
                """
                - route:
                    from:
                      uri: direct:inner
                      steps:
                        - split:
                            simple: "${body}"
                            steps:
                              - multicast:
                                  steps:
                                    - to: %s
                """
                        .formatted(http()));
        // When
        caravan.accept(track("A", "u1"), track("B", "u2"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals.delivered()).isEqualTo(2);
        assertThat(bodies).hasSize(2).allMatch(body -> body.startsWith("{\"type\""));
    }

    @Test
    void findsTheRefusedOneOfARunThatTheRouteSplits() throws Exception {
        // Given
        Processor crm =
                exchange -> {
                    if ("Bad".equals(exchange.getMessage().getBody(Map.class).get("event"))) {
                        throw new DeliveryException(
                                "no", List.of(new Outcome.Refused(0, "too long", false)));
                    }
                };
        caravan.camel.getRegistry().bind("crm", crm);
        destination(
                "batch: 10, from: beginning",
                """
                - split:
                    simple: "${body}"
                    steps:
                      - process: {ref: crm}
                      - to: caravan:delivered
                """);
        caravan.accept(track("A", "u1"), track("Bad", "u2"), track("B", "u3"), track("C", "u1"));
        // When
        caravan.start();
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(3, 0, 1));
        assertThat(caravan.deadLetters()).extracting(DeadLetter::name).containsExactly("Bad");
    }

    @Test
    void countsNoSendOfAWireTap() throws Exception {
        // Given
        destination("batch: 1", "- wireTap: {uri: \"%s\"}\n- to: log:tapped".formatted(http()));
        // When
        caravan.accept(track("A", "u1"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals.dead()).isEqualTo(1);
    }

    @Test
    void makesADeadLetterOfWhatARouteDoesNotSend() throws Exception {
        // Given
        destination(
                "batch: 10, from: beginning",
                """
                - choice:
                    when:
                      - jsonpath: "$[0][?(@.event == 'A')]"
                        steps:
                          - to: %s
                """
                        .formatted(http()));
        caravan.accept(track("B", "u1"), track("A", "u2"), track("A", "u3"));
        // When
        caravan.start();
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(2, 0, 1));
        assertThat(caravan.deadLetters())
                .singleElement()
                .satisfies(
                        dead -> {
                            assertThat(dead.name()).isEqualTo("B");
                            assertThat(dead.reason()).contains("route ended without a send");
                        });
    }

    @Test
    void givesAnAddressToTheNextHttpStepAndToNoOther() throws Exception {
        // Given
        destination(
                "batch: 1",
                """
                - to: {uri: caravan:address, parameters: {template: "/old/{userId}?by={userId}"}}
                - to: %s?httpMethod=DELETE
                - to: %s
                """
                        .formatted(http(), http()));
        answers.add(404);
        // When
        caravan.accept(track("User Deleted", "u1"));
        caravan.settled("shop");
        // Then
        assertThat(requests).containsExactly("DELETE /events/old/u1?by=u1", "POST /events");
    }

    @Test
    void keepsNoQueryOfAnAddressBefore() throws Exception {
        // Given
        destination(
                "batch: 1",
                """
                - to: {uri: caravan:address, parameters: {template: "/old?by={userId}"}}
                - to: {uri: caravan:address, parameters: {template: "/new/{userId}"}}
                - to: %s
                """
                        .formatted(http()));
        // When
        caravan.accept(track("A", "u1"));
        caravan.settled("shop");
        // Then
        assertThat(requests).containsExactly("POST /events/new/u1");
    }

    @Test
    void takesARoutesWordThatItSkipsOrDelivered() throws Exception {
        // Given
        destination(
                "batch: 1",
                """
                - choice:
                    when:
                      - jsonpath: "$[0][?(@.event == 'A')]"
                        steps:
                          - to: {uri: caravan:skip, parameters: {reason: "no A & no B: 100% sure"}}
                    otherwise:
                      steps:
                        - to: caravan:delivered
                """);
        // When
        caravan.accept(track("A", "u1"), track("B", "u2"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(1, 1, 0));
        assertThat(caravan.journal.skipRule("shop", 1)).contains("no A & no B: 100% sure");
    }

    @Test
    void triesAgainWhereTheAnswerSaysSoAndGivesUpWhereItSaysSo() throws Exception {
        // Given
        destination("batch: 1, parallel: 1", "- to: " + http());
        answers.addAll(List.of(503, 429, 200, 400));
        // When
        caravan.accept(track("A", "u1"), track("B", "u1"), track("C", "u1"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(2, 0, 1));
        assertThat(bodies).hasSize(5);
        assertThat(caravan.deadLetters())
                .extracting(DeadLetter::name, DeadLetter::status)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("B", 400));
    }

    @Test
    void triesAgainWhereARouteSwallowsTheErrorOfASend() throws Exception {
        // Given
        destination(
                "batch: 1",
                """
                - doTry:
                    steps:
                      - to: %s
                    doCatch:
                      - exception: [java.lang.Exception]
                        steps:
                          - log: "so what"
                """
                        .formatted(http()));
        answers.addAll(List.of(500, 200));
        // When
        caravan.accept(track("A", "u1"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals.delivered()).isEqualTo(1);
        assertThat(bodies).hasSize(2);
    }

    @Test
    void chooseByTypesNamesAndSourcesAndFilterButNeverWithholdADestructiveEvent() throws Exception {
        // Given
        destination(
                "batch: 1, types: track, events: \"Order *,R&D 5%\", filter: \"$[?(@.properties.total > 5 && (@.properties.land == 'Côte d\\\\'Ivoire' || @.properties.land == \\\"x + y\\\"))]\"",
                "- to: " + http());
        // When
        caravan.accept(
                event(
                        "track",
                        "Order Paid",
                        ",\"properties\":{\"total\":6,\"land\":\"Côte d'Ivoire\"}"),
                event("track", "R&D 5%", ",\"properties\":{\"total\":9,\"land\":\"x + y\"}"),
                event("track", "Order Paid", ",\"properties\":{\"total\":5,\"land\":\"x + y\"}"),
                event("track", "Order Paid", ",\"properties\":{\"total\":6,\"land\":\"y\"}"),
                event("track", "Order Paid", ""),
                event("track", "Other", ",\"properties\":{\"total\":6,\"land\":\"x + y\"}"),
                event("page", "Order Paid", ",\"properties\":{\"total\":6,\"land\":\"x + y\"}"),
                event("track", "User Deleted", "").replace("\"u\"", "\"gone\""));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(3, 5, 0));
        assertThat(bodies)
                .extracting(body -> body.replaceAll(".*\"(event|name)\":\"([^\"]*)\".*", "$2"))
                .containsExactlyInAnyOrder("Order Paid", "R&D 5%", "User Deleted");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(@.properties.total == 6)&&(@.properties.land == 'y')",
                "(@.properties.total == 6)&& (@.properties.land == 'y')",
                "@.properties.total == 6&&@.properties.land=='y'",
                "$[?((@.properties.total==6)&&(@.properties.land=='y')&&(@.userId))]",
                "(@.properties.total == 6)&&(@.properties.land != '&&')&&(@.properties.land == 'y')"
            })
    void takesAFilterWithoutSpacesAroundItsAnds(String filter) throws Exception {
        // Given
        destination("batch: 1, filter: \"" + filter + "\"", "- to: " + http());
        // When
        caravan.accept(
                event("track", "A", ",\"properties\":{\"total\":6,\"land\":\"y\"}"),
                event("track", "B", ",\"properties\":{\"total\":6,\"land\":\"z\"}"),
                event("track", "C", ",\"properties\":{\"total\":5,\"land\":\"y\"}"));
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals).isEqualTo(new Totals(1, 2, 0));
    }

    @Test
    void stopsOnlyWhenWhatIsInFlightHasEndedAndGoesOnBehindIt() throws Exception {
        // Given
        destination("batch: 1, parallel: 4", "- delay: {constant: 200}\n- to: " + http());
        caravan.accept(track("A", "u1"), track("B", "u2"), track("C", "u3"), track("D", "u4"));
        await().until(
                        () ->
                                caravan.destinations.find("shop").orElseThrow().status().inFlight()
                                        > 0);
        // When
        caravan.camel.getRouteController().stopRoute("shop");
        int sentAtStop = bodies.size();
        long settledAtStop = caravan.totals("shop").settled();
        boolean known = caravan.destinations.find("shop").isPresent();
        caravan.camel.getRouteController().startRoute("shop");
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(settledAtStop).isEqualTo(sentAtStop).isPositive();
        assertThat(known).isFalse();
        assertThat(totals.delivered()).isEqualTo(4);
        assertThat(bodies).hasSize(4).doesNotHaveDuplicates();
    }

    @Test
    void sendsADeletionBehindAnAttemptOfBeforeTheRouteWasStopped() throws Exception {
        // Given
        caravan.close();
        caravan = new Fixture(directory, Pace.DEFAULT.withShutdownTimeout(Duration.ofMillis(10)));
        destination("batch: 1", "- to: " + http());
        caravan.accept(track("Slow", "u1"));
        await().until(() -> bodies.size() == 1);
        var routes = caravan.camel.getRouteController();
        routes.stopRoute("shop", 1, TimeUnit.SECONDS);
        // When
        caravan.accept(track("User Deleted", "u1"));
        routes.startRoute("shop");
        await().until(
                        () ->
                                caravan.destinations.find("shop").orElseThrow().status().inFlight()
                                        > 0);
        List<String> before = List.copyOf(bodies);
        slow.countDown();
        caravan.settled("shop");
        // Then
        assertThat(before).hasSize(1);
        assertThat(bodies).hasSize(2);
        assertThat(bodies.get(1)).contains("User Deleted");
    }

    @ParameterizedTest
    @ValueSource(strings = {"the route", "the context"})
    void goesOnInOrderAfterItWasSuspendedWhileAnAttemptHangs(String what) throws Exception {
        // Given
        caravan.close();
        caravan = new Fixture(directory, Pace.DEFAULT.withShutdownTimeout(Duration.ofMillis(100)));
        caravan.camel.getShutdownStrategy().setTimeout(1);
        destination("batch: 1", "- to: " + http());
        caravan.accept(track("Slow", "u1"));
        await().until(() -> bodies.size() == 1);
        if (what.equals("the route")) {
            caravan.camel.getRouteController().suspendRoute("shop", 1, TimeUnit.SECONDS);
        } else {
            caravan.camel.suspend();
        }
        caravan.accept(track("Next", "u1"));
        slow.countDown();
        // When
        if (what.equals("the route")) {
            caravan.camel.getRouteController().resumeRoute("shop");
        } else {
            caravan.camel.resume();
        }
        Totals totals = caravan.settled("shop");
        // Then
        assertThat(totals.delivered()).isEqualTo(2);
        assertThat(bodies).hasSize(3);
        assertThat(bodies.get(1)).contains("\"Slow\"");
        assertThat(bodies.get(2)).contains("\"Next\"");
    }

    private void awaitSlow() {
        try {
            slow.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void sendsADeadLetterOnceMoreThroughTheSameRoute() throws Exception {
        // Given
        destination("batch: 1", "- to: " + http());
        answers.addAll(List.of(400, 200));
        caravan.accept(track("A", "u1"));
        caravan.settled("shop");
        // When
        caravan.destinations
                .redelivery("shop")
                .orElseThrow()
                .retry(caravan.deadLetters().get(0).id())
                .join();
        // Then
        assertThat(bodies).hasSize(2);
        assertThat(bodies.get(0)).isEqualTo(bodies.get(1));
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void isNoDestinationWhereItsStartFailed() throws Exception {
        // Given
        destination("batch: 1", "- to: " + http());
        var routes = caravan.camel.getRouteController();
        routes.stopRoute("shop");
        caravan.journal.close();
        // When / Then
        assertThatThrownBy(() -> routes.startRoute("shop")).isInstanceOf(Exception.class);
        assertThat(caravan.destinations.all()).isEmpty();
    }

    @Test
    void stopsTheStartWhereTwoRoutesServeOneDestination() throws Exception {
        // Given
        destination("batch: 1, from: beginning", "- to: " + http());
        caravan.yaml(
                """
                - from:
                    uri: caravan:events
                    parameters: {destination: shop, erase: unsupported}
                    steps:
                      - to: log:out
                """);
        // When / Then
        org.assertj.core.api.Assertions.assertThatThrownBy(caravan::start)
                .hasStackTraceContaining("destination 'shop' has two routes");
    }

    private static String event(String type, String name, String more) {
        return "{\"type\":\"%s\",\"%s\":\"%s\",\"userId\":\"u\"%s}"
                .formatted(type, type.equals("track") ? "event" : "name", name, more);
    }

    private String http() {
        return "http:127.0.0.1:" + server.getAddress().getPort() + "/events";
    }

    /** Makes the destination 'shop', which begins with what comes once it is started. */
    private void destination(String parameters, String steps, String... more) throws Exception {
        caravan.yaml(
                """
                - route:
                    id: shop
                    from:
                      uri: caravan:events
                      parameters: {destination: shop, erase: route, %s}
                      steps:
                %s
                """
                        .formatted(parameters, steps.indent(8)));
        for (String routes : more) {
            caravan.yaml(routes);
        }
        if (!parameters.contains("beginning")) {
            caravan.start();
        }
    }
}
