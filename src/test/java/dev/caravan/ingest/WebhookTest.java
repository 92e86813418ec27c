package dev.caravan.ingest;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.app.OneApplication;
import dev.caravan.event.Json;
import dev.caravan.event.Timestamps;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kamelets of doors in the application: signed webhooks, a queue, two folders. */
@QuarkusTest
@Tag("application")
@TestProfile(OneApplication.class)
class WebhookTest {
    private static final String SECRET = "s3cr+t&x%20";

    @Inject Journal journal;

    @ConfigProperty(name = "caravan.home")
    Path home;

    @ConfigProperty(name = "test.broker")
    String broker;

    // --- signatures

    @Test
    void storesASignedCall() {
        // Given
        String id = UUID.randomUUID().toString();
        String body = track(id);
        // When
        ValidatableResponse answer = billing(body, "sha256=" + hmac(SECRET, body), id);
        // Then
        answer.statusCode(200).body("success", org.hamcrest.Matchers.is(true));
        assertThat(journal.find(id)).hasSize(1);
        assertThat(journal.find(id).get(0).source()).isEqualTo("billing");
    }

    @Test
    void refusesAWrongSignatureAMissingOneAndAChangedBody() {
        // Given
        String id = UUID.randomUUID().toString();
        String body = track(id);
        // When / Then
        billing(body, "sha256=" + hmac("other", body), id).statusCode(401);
        billing(body, hmac(SECRET, body), id).statusCode(401);
        billing(body, "sha256=", id).statusCode(401);
        billing(body.replace("Paid", "Free"), "sha256=" + hmac(SECRET, body), id).statusCode(401);
        given().body(body).post("/hooks/billing").then().statusCode(401);
        assertThat(journal.find(id)).isEmpty();
    }

    @Test
    void storesACallOnceThatIsSentAgain() {
        // Given
        String user = UUID.randomUUID().toString();
        String body = "{\"type\":\"track\",\"event\":\"Paid\",\"userId\":\"%s\"}".formatted(user);
        long before = journal.end();
        // When
        billing(body, "sha256=" + hmac(SECRET, body), "call-" + user).statusCode(200);
        billing(body, "sha256=" + hmac(SECRET, body), "call-" + user).statusCode(200);
        // Then
        assertThat(of(user, before)).hasSize(1);
    }

    @Test
    void refusesAnOldCallAndOneFromTheFuture() {
        // Given
        String id = UUID.randomUUID().toString();
        long now = Instant.now().getEpochSecond();
        // When / Then
        report(id, now - 320, "delivered", "email").statusCode(401);
        report(id, now + 320, "delivered", "email").statusCode(401);
        report(id, now - 280, "delivered", "email").statusCode(200);
        assertThat(journal.find(id)).hasSize(1);
    }

    // --- Customer.io's reports

    @Test
    void makesAnEventOfAReport() throws IOException {
        // Given
        String id = UUID.randomUUID().toString();
        // When
        report(id, Instant.now().getEpochSecond(), "clicked", "email").statusCode(200);
        // Then
        Entry stored = journal.find(id).get(0);
        JsonNode event = Json.toTree(stored.event().json());
        assertThat(event.path("event").asText()).isEqualTo("Email Link Clicked");
        assertThat(event.path("userId").asText()).isEqualTo("u-7");
        assertThat(event.path("timestamp").asText()).isEqualTo("2021-02-11T17:11:29.000Z");
        assertThat(event.path("properties").path("delivery_id").asText()).isEqualTo("d-1");
        assertThat(event.path("properties").has("identifiers")).isFalse();
        assertThat(event.path("integrations").path("customerio").asBoolean(true)).isFalse();
    }

    @Test
    void namesReportsOfAllChannelsAsCustomerIoDoes() {
        // Given
        String[][] names = {
            {"in_app", "clicked", "In-App Clicked"},
            {"sms", "bounced", "SMS Bounced"},
            {"push", "sent", "Push Sent"},
            {"email", "spammed", "Email Marked as Spam"},
            {"customer", "subscribed", "Subscribed"},
            {"customer", "cio_subscription_preferences_changed", "Subscription Preferences Changed"}
        };
        for (String[] name : names) {
            String id = UUID.randomUUID().toString();
            // When
            report(id, Instant.now().getEpochSecond(), name[1], name[0]).statusCode(200);
            // Then
            assertThat(journal.find(id).get(0).event().name()).isEqualTo(name[2]);
        }
    }

    // --- the other doors

    @Test
    void takesMessagesThroughTheKamelet() throws Exception {
        // Given
        String id = UUID.randomUUID().toString();
        // When
        try (var factory = new ActiveMQConnectionFactory(broker);
                var context = factory.createContext()) {
            context.createProducer().send(context.createQueue("crm"), track(id));
        }
        // Then
        await().until(() -> journal.find(id).size() == 1);
        assertThat(journal.find(id).get(0).source()).isEqualTo("crm");
    }

    @Test
    void knowsAMessageByItsIdBehindTheKamelet() throws Exception {
        // Given
        String user = UUID.randomUUID().toString();
        long before = journal.end();
        String sent;
        // When
        try (var factory = new ActiveMQConnectionFactory(broker);
                var context = factory.createContext()) {
            var message =
                    context.createTextMessage(
                            "{\"type\":\"track\",\"event\":\"Paid\",\"userId\":\"%s\"}"
                                    .formatted(user));
            context.createProducer().send(context.createQueue("crm"), message);
            sent = Timestamps.format(Instant.ofEpochMilli(message.getJMSTimestamp()));
        }
        await().until(() -> of(user, before).size() == 1);
        // Then
        JsonNode event = Json.toTree(of(user, before).get(0).event().json());
        assertThat(event.path("messageId").asText()).hasSize(32).doesNotContain("-");
        assertThat(event.path("timestamp").asText()).isEqualTo(sent);
    }

    @Test
    void takesTwoFoldersThroughTheSameKamelet() throws IOException {
        // Given
        String first = UUID.randomUUID().toString();
        String second = UUID.randomUUID().toString();
        // When
        drop("first", first);
        drop("second", second);
        // Then
        await().until(() -> Files.exists(home.resolve("first/done/a.ndjson")));
        await().until(() -> Files.exists(home.resolve("second/done/a.ndjson")));
        assertThat(journal.find(first).get(0).source()).isEqualTo("first");
        assertThat(journal.find(second).get(0).source()).isEqualTo("second");
    }

    private void drop(String folder, String id) throws IOException {
        Files.createDirectories(home.resolve(folder));
        Path draft = Files.writeString(home.resolve(folder + ".draft"), track(id));
        Files.move(draft, home.resolve(folder).resolve("a.ndjson"));
    }

    private List<Entry> of(String user, long after) {
        return journal
                .read(after, journal.end(), 1_000, Long.MAX_VALUE, person -> true)
                .entries()
                .stream()
                .filter(entry -> user.equals(entry.event().userId()))
                .toList();
    }

    private static ValidatableResponse billing(String body, String signature, String id) {
        return given().header("X-Hub-Signature-256", signature)
                .header("X-Event-Id", id)
                .body(body)
                .post("/hooks/billing")
                .then();
    }

    private static ValidatableResponse report(String id, long sent, String metric, String type) {
        String body =
                """
                {"event_id":"%s","object_type":"%s","metric":"%s","timestamp":1613063489,
                 "data":{"customer_id":"u-7","identifiers":{"id":"u-7","email":"a@example.com","cio_id":"d9c1"},
                 "delivery_id":"d-1","campaign_id":23,"recipient":"a@example.com"}}"""
                        .formatted(id, type, metric);
        return given().header("X-CIO-Timestamp", String.valueOf(sent))
                .header("X-CIO-Signature", hmac("reporting-key", "v0:" + sent + ":" + body))
                .contentType("application/json")
                .body(body)
                .post("/hooks/customerio")
                .then();
    }

    private static String track(String id) {
        return "{\"type\":\"track\",\"event\":\"Paid\",\"userId\":\"u\",\"messageId\":\"%s\"}"
                .formatted(id);
    }

    private static String hmac(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
