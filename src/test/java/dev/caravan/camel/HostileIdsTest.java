package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.event.Json;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Settlement.Receipt.State;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ids that mean something else where they do not belong: in a URL, in a route, in a file's name.
 * All of them, and others that a wrong decoding would make of them, are persons at Customer.io and
 * at an HTTP destination with the id in its path; each deletion takes the right one and no other.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileIdsTest {
    private static final String LONG = "long/" + "x".repeat(145);

    /** What the hostile ones would be if somebody encoded or decoded them once too often. */
    private static final List<String> BYSTANDERS =
            List.of(
                    "a",
                    "b",
                    "x",
                    "e",
                    "%2E",
                    "a%2Fb",
                    "two+words",
                    "two%20words",
                    "p 1@example.org",
                    "p%2B1@example.org",
                    "a\\\\b",
                    "u",
                    "LONG/" + "X".repeat(145));

    private final FakeCustomerIo customerIo = fake();
    private final Set<String> atCrm = ConcurrentHashMap.newKeySet();
    private final List<String> strayed = new CopyOnWriteArrayList<>();
    private HttpServer crm;
    private Fixture caravan;

    static Stream<String> hostile() {
        return Stream.of(
                "a/b",
                "a#b?c=d&e",
                "../x",
                "..%2Fx",
                "%2e",
                "%",
                "p+1@example.org",
                "a b@x y",
                LONG,
                "\uD83D\uDE00",
                "two words",
                " u ",
                "a;b",
                "a\\b",
                "a\"b",
                "a\tb",
                "a\nb",
                "ä",
                "{userId}",
                "{{caravan.home}}",
                "${body}",
                "RAW(u)",
                "*",
                "...",
                "cio",
                "-",
                "0");
    }

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        crm = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        crm.createContext("/", this::answer);
        crm.start();
        caravan = new Fixture(home);
        caravan.openDoors(home);
        var component = new CustomerIoComponent();
        component.getConfiguration().setApiKey("key");
        component.getConfiguration().setUrl(customerIo.url().toString());
        caravan.camel.addComponent("customerio", component);
        caravan.camel.addRoutes(new RouteFiles(home, Duration.ofSeconds(10)));
        caravan.yaml(
                """
                - templatedRoute:
                    routeTemplateRef: destination
                    routeId: crm
                    parameters:
                      - {name: destination, value: crm}
                      - {name: deliver, value: "caravan:skip?reason=keeps no events"}
                - route:
                    from:
                      uri: direct:crm-person-deleted
                      steps:
                        - to: caravan:address?template=/persons/{userId}
                        - to: http://127.0.0.1:%d?httpMethod=DELETE
                """
                        .formatted(crm.getAddress().getPort()));
        caravan.start();
        List<String> all = new ArrayList<>(BYSTANDERS);
        hostile().forEach(all::add);
        all.addAll(List.of(".", ".."));
        for (String id : all) {
            accept(Map.of("type", "identify", "userId", id, "traits", Map.of("plan", "pro")));
            atCrm.add(id);
        }
        caravan.settled("customerio");
        assertThat(atCustomerIo()).containsExactlyInAnyOrderElementsOf(all);
    }

    @AfterAll
    void end() throws IOException {
        caravan.close();
        customerIo.close();
        crm.stop(0);
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void deletesThePersonOfThatIdAndNobodyElse(String id) {
        // Given
        Set<String> beforeAtCrm = Set.copyOf(atCrm);
        Set<String> beforeAtCustomerIo = atCustomerIo();
        // When
        Erasure erasure = delete(id);
        // Then
        assertThat(gone(beforeAtCrm, atCrm)).containsExactly(id);
        assertThat(gone(beforeAtCustomerIo, atCustomerIo())).containsExactly(id);
        assertThat(strayed).isEmpty();
        assertThat(erasure.receipts()).extracting(Erasure.Receipt::state).containsOnly(State.DONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void refusesWhereTheIdWouldBeAnotherPath(String id) {
        // Given
        Set<String> before = atCustomerIo();
        Set<String> beforeAtCrm = Set.copyOf(atCrm);
        // When
        Erasure erasure = delete(id);
        // Then
        assertThat(gone(before, atCustomerIo())).containsExactly(id);
        assertThat(atCrm).isEqualTo(beforeAtCrm);
        assertThat(strayed).isEmpty();
        assertThat(erasure.receipts().get(0).destination()).isEqualTo("crm");
        assertThat(erasure.receipts().get(0).state()).isEqualTo(State.REFUSED);
        assertThat(erasure.receipts().get(0).reason()).contains("means another one");
    }

    private Erasure delete(String id) {
        accept(Map.of("type", "track", "event", "User Deleted", "userId", id));
        caravan.settled("customerio");
        caravan.settled("crm");
        List<Erasure> all = caravan.journal.erasures().list(Erasures.Filter.ALL, 0, 1000);
        return all.get(all.size() - 1);
    }

    private void accept(Map<String, Object> event) {
        caravan.accept(new String(Json.toBytes(event), UTF_8));
    }

    private static List<String> gone(Set<String> before, Set<String> now) {
        return before.stream().filter(id -> !now.contains(id)).toList();
    }

    private Set<String> atCustomerIo() {
        return customerIo.persons().stream()
                .map(person -> person.id().isEmpty() ? person.email() : person.id())
                .collect(Collectors.toSet());
    }

    private static final Pattern PERSON = Pattern.compile("/persons/([^/?;]+)");

    /** Takes the id out of the path as a strict server does: split first, then decoded once. */
    private void answer(HttpExchange exchange) throws IOException {
        Matcher path = PERSON.matcher(exchange.getRequestURI().toString());
        boolean right = path.matches() && exchange.getRequestMethod().equals("DELETE");
        if (right) {
            right = atCrm.remove(decoded(path.group(1)));
        }
        if (!right) {
            strayed.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        }
        exchange.sendResponseHeaders(right ? 204 : 500, -1);
        exchange.close();
    }

    private static String decoded(String text) {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    private static FakeCustomerIo fake() {
        try {
            return FakeCustomerIo.start("key");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
