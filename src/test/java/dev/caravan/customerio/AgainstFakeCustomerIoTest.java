package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import dev.caravan.fake.Behaviour;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.Match;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.camel.CamelExecutionException;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The component against a Customer.io that another hand wrote from the documentation. */
class AgainstFakeCustomerIoTest {
    private static final String KEY = "key-1";

    private FakeCustomerIo fake;
    private DefaultCamelContext camel;

    @BeforeEach
    void start() throws Exception {
        fake = FakeCustomerIo.start(KEY);
        camel = new DefaultCamelContext();
        camel.start();
    }

    @AfterEach
    void stop() throws Exception {
        camel.stop();
        fake.close();
    }

    @Test
    void deliversEachCallAndEachMeaning() {
        // Given
        send(
                "{\"type\":\"identify\",\"userId\":\"u-1\",\"messageId\":\"m-1\",\"traits\":{\"plan\":\"pro\"}}");
        send("{\"type\":\"identify\",\"userId\":\"u-2\",\"messageId\":\"m-2\",\"traits\":{}}");
        // When
        send(
                List.of(
                        Map.of(
                                "type",
                                "track",
                                "userId",
                                "u-1",
                                "event",
                                "Order Completed",
                                "messageId",
                                "m-3"),
                        Map.of(
                                "type",
                                "group",
                                "userId",
                                "u-1",
                                "groupId",
                                "acme",
                                "messageId",
                                "m-4"),
                        Map.of(
                                "type",
                                "track",
                                "userId",
                                "u-2",
                                "event",
                                "User Suppressed",
                                "messageId",
                                "m-5")));
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(1);
        assertThat(fake.objects()).hasSize(1);
        assertThat(fake.suppressed()).contains("u-2");
        assertThat(fake.person("u-2")).isEmpty();
    }

    @Test
    void deletesThePersonAndNobodyElse() {
        // Given
        for (String id : List.of("a/b", "a", "a#b?c=d&e", "ünï ✓")) {
            send(Map.of("type", "identify", "userId", id, "messageId", "i-" + id));
        }
        // When
        send(Map.of("type", "track", "userId", "a/b", "event", "User Deleted", "messageId", "d"));
        // Then
        assertThat(fake.person("a/b")).isEmpty();
        assertThat(fake.person("a")).isPresent();
        assertThat(fake.person("a#b?c=d&e")).isPresent();
        assertThat(fake.person("ünï ✓")).isPresent();
    }

    @Test
    void sendsTwoHundredAndFiftyEventsInThreeRequestsInOrder() {
        // Given
        List<Map<String, Object>> events = new ArrayList<>();
        for (int i = 0; i < 250; i++) {
            events.add(Map.of("type", "track", "userId", "u", "event", "X", "messageId", "m-" + i));
        }
        // When
        send(events);
        // Then
        assertThat(fake.requestCount()).isEqualTo(3);
        assertThat(fake.orderOf("u"))
                .isEqualTo(events.stream().map(event -> event.get("messageId")).toList());
    }

    @Test
    void sendsPackedWhenAsked() {
        // When
        camel.createProducerTemplate()
                .sendBody(
                        uri(KEY) + "&gzip=true",
                        "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"messageId\":\"m\"}");
        // Then
        assertThat(fake.messageIds()).containsKey("m");
    }

    @Test
    void pausesOnAWrongKey() {
        // When
        DeliveryException failure = failure(uri("wrong"), event("m-1"));
        // Then
        assertThat(failure.outcomes()).hasOnlyElementsOfType(Outcome.Paused.class);
        assertThat(failure).hasMessageNotContaining("wrong");
        assertThat(fake.messageIds()).isEmpty();
    }

    @Test
    void settlesNobodyOfABatchThatWasRefusedButTheGuilty() {
        // Given
        Map<String, Object> guilty =
                Map.of(
                        "type", "identify",
                        "userId", "u",
                        "messageId", "m-2",
                        "traits", Map.of("unsubscribed", "yes"));
        // When
        DeliveryException failure = failure(uri(KEY), List.of(event("m-1"), guilty));
        // Then
        assertThat(fake.messageIds()).isEmpty();
        Outcome innocent = failure.outcomes().get(0);
        assertThat(innocent.settled() && !(innocent instanceof Outcome.Refused r && r.whole()))
                .isFalse();
        assertThat(failure.outcomes()).anyMatch(Outcome.Refused.class::isInstance);
    }

    @Test
    void refusesOnlyTheItemsThatTheAnswerNames() {
        // Given
        fake.enqueue(Behaviour.partial(1));
        // When
        DeliveryException failure =
                failure(uri(KEY), List.of(event("m-1"), event("m-2"), event("m-3")));
        // Then
        assertThat(failure.outcomes().get(0)).isInstanceOf(Outcome.Delivered.class);
        assertThat(failure.outcomes().get(1))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, refused -> assertThat(refused.whole()).isFalse());
        assertThat(failure.outcomes().get(2)).isInstanceOf(Outcome.Delivered.class);
        assertThat(fake.messageIds()).containsOnlyKeys("m-1", "m-3");
    }

    @ParameterizedTest
    @CsvSource({"408", "500", "502", "503", "504", "522"})
    void triesAgainLaterOn(int status) {
        // Given
        fake.rule(Match.any(), Behaviour.answer(status), 0);
        // When / Then
        assertThat(failure(uri(KEY), event("m")).outcomes())
                .hasOnlyElementsOfType(Outcome.Retry.class);
    }

    @Test
    void passesOnHowLongToWait() {
        // Given
        fake.rule(Match.any(), Behaviour.tooManyRequests(Duration.ofSeconds(7)), 0);
        // When
        Outcome outcome = failure(uri(KEY), event("m")).outcomes().get(0);
        // Then
        assertThat(((Outcome.Retry) outcome).after()).contains(Duration.ofSeconds(7));
    }

    @Test
    void triesAgainAfterHalfAnAnswerNoAnswerAndABrokenConnection() {
        for (Behaviour behaviour :
                List.of(
                        Behaviour.halfAnswer(),
                        Behaviour.closeBeforeProcessing(),
                        Behaviour.closeAfterProcessing(),
                        Behaviour.reset(),
                        Behaviour.hang())) {
            // Given
            fake.clearScript();
            fake.rule(Match.any(), behaviour, 0);
            // When
            DeliveryException failure = failure(uri(KEY) + "&requestTimeout=500", event("m"));
            // Then
            assertThat(failure.outcomes()).hasOnlyElementsOfType(Outcome.Retry.class);
        }
    }

    @Test
    void followsNoRedirect() throws Exception {
        // Given
        try (FakeCustomerIo elsewhere = FakeCustomerIo.start(KEY)) {
            fake.rule(Match.any(), Behaviour.redirect(307, elsewhere.url() + "/v1/track"), 0);
            // When
            DeliveryException failure = failure(uri(KEY), event("m"));
            // Then
            assertThat(failure.outcomes()).hasOnlyElementsOfType(Outcome.Paused.class);
            assertThat(elsewhere.requestCount()).isZero();
        }
    }

    @Test
    void carriesTheDocumentedExampleEvents() throws Exception {
        // Given
        Path vectors =
                Path.of(
                        "src/test/resources/vectors/customerio-pipelines-openapi-example-events.json");
        var examples =
                new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(Files.readString(vectors, StandardCharsets.UTF_8));
        // When
        int sent = 0;
        for (var example : examples) {
            var event = (com.fasterxml.jackson.databind.node.ObjectNode) example.path("event");
            String timestamp = event.path("timestamp").asText("");
            if (event.has("type") && (timestamp.isEmpty() || timestamp.endsWith("Z"))) {
                event.remove("receivedAt");
                event.put("messageId", "example-" + sent++);
                send(event.toString());
            }
        }
        // Then
        assertThat(sent).isGreaterThanOrEqualTo(6);
        assertThat(fake.messageIds()).hasSize(sent);
    }

    private static Map<String, Object> event(String messageId) {
        return Map.of("type", "track", "userId", "u", "event", "X", "messageId", messageId);
    }

    private String uri(String key) {
        return "customerio:pipelines?apiKey=" + key + "&url=" + fake.url();
    }

    private void send(Object body) {
        camel.createProducerTemplate().sendBody(uri(KEY), body);
    }

    private DeliveryException failure(String uri, Object body) {
        CamelExecutionException thrown =
                catchThrowableOfType(
                        CamelExecutionException.class,
                        () -> camel.createProducerTemplate().sendBody(uri, body));
        assertThat(thrown.getCause()).isInstanceOf(DeliveryException.class);
        return (DeliveryException) thrown.getCause();
    }
}
