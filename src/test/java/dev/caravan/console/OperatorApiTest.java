package dev.caravan.console;

import static dev.caravan.app.OneApplication.PUBLIC_KEY;
import static dev.caravan.app.OneApplication.SECRET_KEY;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.caravan.app.OneApplication;
import dev.caravan.app.Refusing;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Journal;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The operator API over HTTP. Among the destinations is {@code picky}, which refuses events named
 * "Refused" while it is told to.
 */
@QuarkusTest
@Tag("application")
@TestProfile(OneApplication.class)
class OperatorApiTest {
    @Inject Journal journal;
    @Inject Refusing refusing;

    @ConfigProperty(name = "caravan.home")
    Path home;

    // --- where is my event?

    @Test
    void tellsWhereAnEventIs() {
        // Given
        String id = id();
        door(SECRET_KEY).body(track(id, "Seen")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("delivered"));
        // When
        operator()
                .get("/api/events/" + id)
                // Then
                .then()
                .statusCode(200)
                .body("messageId", equalTo(id))
                .body("events", hasSize(1))
                .body("events[0].source", equalTo("shop"))
                .body("events[0].name", equalTo("Seen"))
                .body("events[0].acceptedAt", notNullValue())
                .body("deadLetters", empty());
    }

    @Test
    void tellsWhyAnEventIsDead() {
        // Given
        refusing.set(true);
        String id = id();
        door(SECRET_KEY).body(track(id, "Refused")).post("/v1/track").then().statusCode(200);
        // When, Then
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("dead"));
        operator()
                .get("/api/events/" + id)
                .then()
                .body(
                        "events[0].destinations.find { it.destination == 'picky' }.why",
                        containsString("not to my taste"))
                .body("deadLetters.destination", hasItem("picky"));
    }

    @Test
    void tellsThatADestinationDoesNotWantAnEvent() {
        // Given
        String id = id();
        String event = track(id, "Seen").replace("{", "{\"integrations\":{\"picky\":false},");
        door(SECRET_KEY).body(event).post("/v1/track").then().statusCode(200);
        // When, Then
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("skipped"));
    }

    @Test
    void findsAnItemThatTheDoorSetAside() {
        // Given
        String id = id();
        String event = "{\"userId\":\"u\",\"messageId\":\"" + id + "\"}";
        door(SECRET_KEY).body(event).post("/v1/track").then().statusCode(200);
        // When
        operator()
                .get("/api/events/" + id)
                // Then
                .then()
                .statusCode(200)
                .body("events", empty())
                .body("deadLetters[0].destination", equalTo("door"))
                .body("deadLetters[0].reason", equalTo("a track call needs 'event'"));
    }

    @Test
    void saysThatAnEventIsUnknown() {
        operator().get("/api/events/nobody").then().statusCode(404).body("error", notNullValue());
    }

    // --- dead letters

    @Test
    void listsDeadLettersByWhatTheyAre() {
        // Given
        String id = id();
        door(PUBLIC_KEY).body(track(id, "User Deleted")).post("/v1/track").then().statusCode(400);
        // When
        operator()
                .queryParam("messageId", id)
                .queryParam("destination", "door")
                .queryParam("source", "site")
                .queryParam("rule", "NEEDS_APPROVAL")
                .queryParam("reason", "approval")
                .queryParam("from", Instant.now().minusSeconds(60).toString())
                .queryParam("to", Instant.now().plusSeconds(60).toString())
                .get("/api/dead-letters")
                // Then
                .then()
                .statusCode(200)
                .body("count", equalTo(1))
                .body("deadLetters", hasSize(1))
                .body("deadLetters[0].place", equalTo("/v1/track"))
                .body("deadLetters[0].messageId", equalTo(id))
                .body("deadLetters[0].item", nullValue())
                .body("next", nullValue());
    }

    @Test
    void pagesThroughDeadLetters() {
        // Given
        for (int i = 0; i < 3; i++) {
            door(SECRET_KEY).body("{\"n\":" + i + "}").post("/v1/page").then().statusCode(200);
        }
        // When
        int next =
                operator()
                        .queryParam("limit", 2)
                        .get("/api/dead-letters")
                        .then()
                        .body("deadLetters", hasSize(2))
                        .body("count", greaterThanOrEqualTo(3))
                        .extract()
                        .path("next");
        // Then
        operator()
                .queryParam("limit", 1)
                .queryParam("after", next)
                .get("/api/dead-letters")
                .then()
                .body("deadLetters", hasSize(1))
                .body("deadLetters.id", not(hasItem(next)));
    }

    @Test
    void showsTheItemOfOneDeadLetterAndDiscardsIt() {
        // Given
        String id = id();
        String event = "{\"userId\":\"u\",\"messageId\":\"" + id + "\",\"n\":1.10}";
        door(SECRET_KEY).body(event).post("/v1/track").then().statusCode(200);
        long letter = letter(id).id();
        // When
        operator()
                .get("/api/dead-letters/" + letter)
                .then()
                .statusCode(200)
                .body("item.messageId", equalTo(id));
        operator().delete("/api/dead-letters/" + letter).then().statusCode(200);
        // Then
        operator().get("/api/dead-letters/" + letter).then().statusCode(404);
    }

    @Test
    void approvesADeletionBySendingItAgain() {
        // Given
        String id = id();
        String withoutType = track(id, "User Deleted").replace("\"type\":\"track\",", "");
        door(PUBLIC_KEY).body(withoutType).post("/v1/track").then().statusCode(400);
        // When
        operator()
                .post("/api/dead-letters/" + letter(id).id() + "/retry")
                .then()
                .statusCode(200)
                .body("sent", equalTo(true));
        // Then
        assertThat(journal.find(id)).hasSize(1);
        assertThat(journal.find(id).get(0).source()).isEqualTo("site");
        assertThat(letters(id)).isEqualTo(0);
    }

    @Test
    void saysWhyADeadLetterOfTheDoorIsStillOne() {
        // Given
        String id = id();
        String event = "{\"userId\":\"u\",\"messageId\":\"" + id + "\"}";
        door(SECRET_KEY).body(event).post("/v1/track").then().statusCode(200);
        // When
        operator()
                .post("/api/dead-letters/" + letter(id).id() + "/retry")
                .then()
                .statusCode(200)
                .body("sent", equalTo(false))
                .body("reason", equalTo("a track call needs 'event'"));
        // Then
        assertThat(letter(id).attempts()).isEqualTo(1);
    }

    @Test
    void sendsADeadLetterOfADestinationAgain() {
        // Given
        refusing.set(true);
        String id = id();
        door(SECRET_KEY).body(track(id, "Refused")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("dead"));
        operator()
                .post("/api/dead-letters/" + letter(id).id() + "/retry")
                .then()
                .body("sent", equalTo(false))
                .body("reason", containsString("not to my taste"));
        // When
        refusing.set(false);
        operator()
                .post("/api/dead-letters/" + letter(id).id() + "/retry")
                .then()
                .statusCode(200)
                .body("sent", equalTo(true));
        // Then
        assertThat(stateAt("picky", id)).isEqualTo("delivered");
    }

    @Test
    void sendsManyAgainByFilter() {
        // Given
        refusing.set(true);
        String first = id();
        String second = id();
        door(SECRET_KEY).body(track(first, "Refused")).post("/v1/track").then().statusCode(200);
        door(SECRET_KEY).body(track(second, "Refused")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("picky", first)).isEqualTo("dead"));
        await().untilAsserted(() -> assertThat(stateAt("picky", second)).isEqualTo("dead"));
        refusing.set(false);
        // When
        operator()
                .body("{\"destination\":\"picky\"}")
                .post("/api/dead-letters/retry")
                .then()
                .statusCode(200)
                .body("sent", greaterThanOrEqualTo(2))
                .body("refused", empty())
                .body("next", nullValue());
        // Then
        assertThat(stateAt("picky", first)).isEqualTo("delivered");
        assertThat(stateAt("picky", second)).isEqualTo("delivered");
    }

    // --- destinations

    @Test
    void listsDestinationsAndHowTheyAreDoing() {
        operator()
                .get("/api/destinations")
                .then()
                .statusCode(200)
                .body("destinations.name", hasItem("picky"))
                .body(
                        "destinations.find { it.name == 'picky' }.keySet()",
                        hasItems(
                                "state",
                                "lag",
                                "lagSeconds",
                                "perSecond",
                                "lastError",
                                "delivered"));
    }

    @Test
    void pausesADestinationAndLetsItGoOn() {
        // Given
        String id = id();
        operator()
                .post("/api/destinations/picky/pause")
                .then()
                .statusCode(200)
                .body("state", equalTo("STOPPED"));
        door(SECRET_KEY).body(track(id, "Seen")).post("/v1/track").then().statusCode(200);
        assertThat(stateAt("picky", id)).isEqualTo("pending");
        // When
        operator()
                .post("/api/destinations/picky/resume")
                .then()
                .statusCode(200)
                .body("state", equalTo("RUNNING"));
        // Then
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("delivered"));
    }

    @Test
    void sendsNothingAgainWhileADestinationIsStopped() {
        // Given
        String name = "Slow " + id();
        String last = "";
        for (int i = 0; i < 20; i++) {
            last = id();
            door(SECRET_KEY).body(track(last, name)).post("/v1/track").then().statusCode(200);
        }
        String id = last;
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("delivered"));
        String replay =
                "{\"from\":\"%s\",\"event\":\"%s\",\"perSecond\":1}"
                        .formatted(Instant.now().minusSeconds(3600), name);
        operator().body(replay).post("/api/destinations/picky/replay").then().statusCode(200);
        // When
        operator().post("/api/destinations/picky/pause").then().statusCode(200);
        // Then
        await().untilAsserted(
                        () ->
                                operator()
                                        .get("/api/destinations/picky/jobs")
                                        .then()
                                        .body("jobs[0].state", equalTo("STOPPED")));
        for (String call : List.of("replay", "retry")) {
            operator()
                    .body("replay".equals(call) ? replay : "{}")
                    .post("/api/destinations/picky/" + call)
                    .then()
                    .statusCode(409)
                    .body("error", containsString("resume it"));
        }
        operator().post("/api/destinations/picky/resume").then().statusCode(200);
    }

    @Test
    void replaysARange() {
        // Given
        String id = id();
        door(SECRET_KEY).body(track(id, "Seen")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("delivered"));
        long before = refusing.seen(id);
        // When
        operator()
                .body(
                        "{\"from\":\"%s\",\"userId\":\"u-%s\",\"event\":\"Seen\"}"
                                .formatted(Instant.now().minusSeconds(3600), id))
                .post("/api/destinations/picky/replay")
                .then()
                .statusCode(200)
                .body("id", notNullValue());
        // Then
        await().untilAsserted(() -> assertThat(refusing.seen(id)).isEqualTo(before + 1));
        await().untilAsserted(
                        () ->
                                operator()
                                        .get("/api/destinations/picky/jobs")
                                        .then()
                                        .statusCode(200)
                                        .body("jobs[0].state", equalTo("DONE"))
                                        .body("jobs[0].delivered", equalTo(1)));
    }

    @Test
    void forgetsNoDestinationThatHasARoute() {
        operator()
                .post("/api/destinations/picky/forget")
                .then()
                .statusCode(409)
                .body("error", containsString("remove the route"));
    }

    @Test
    void showsAndForgetsADestinationWithoutARoute() {
        // Given
        assertThat(journal.ledger("gone", true).destination()).isEqualTo("gone");
        operator()
                .get("/api/destinations/gone")
                .then()
                .statusCode(200)
                .body("state", equalTo("NO_ROUTE"));
        // When
        operator()
                .post("/api/destinations/gone/forget")
                .then()
                .statusCode(200)
                .body("forgotten", equalTo("gone"))
                .body("unsettled", equalTo((int) journal.end()))
                .body("deadLetters", equalTo(0));
        // Then
        operator().get("/api/destinations/gone").then().statusCode(404);
        assertThat(journal.destinations()).doesNotContain("gone");
    }

    // --- journal, health, metrics

    @Test
    void copiesTheJournalIntoItsOwnFolder() {
        // When
        operator()
                .queryParam("to", "copy-" + id() + ".db")
                .post("/api/backup")
                .then()
                .statusCode(200)
                .body("bytes", greaterThanOrEqualTo(1));
        // Then
        assertThat(home.resolve("backups")).isDirectoryContaining("glob:**.db");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil.db", "/tmp/evil.db", "..", ".", "a/b.db", "", "a\\b", ".x"})
    void writesNoCopyAnywhereElse(String to) {
        operator().queryParam("to", to).post("/api/backup").then().statusCode(400);
    }

    @Test
    void overwritesNoCopy() throws Exception {
        // Given
        Files.createDirectories(home.resolve("backups"));
        Path there = Files.writeString(home.resolve("backups/there.db"), "mine");
        // When
        operator().queryParam("to", "there.db").post("/api/backup").then().statusCode(409);
        // Then
        assertThat(there).hasContent("mine");
    }

    @Test
    void showsTheJournal() {
        operator()
                .get("/api/journal")
                .then()
                .statusCode(200)
                .body("writable", equalTo(true))
                .body("brokenFiles", everyItem(hasKey("reason")))
                .body("freeBytes", greaterThanOrEqualTo(1L));
    }

    @Test
    void showsWhatTheSandboxWasSentInPlaceOfCustomerIo() {
        // Given
        String id = id();
        String event = track(id, "Seen").replace("}", ",\"properties\":{\"n\":0.10}}");
        door(SECRET_KEY).body(event).post("/v1/track").then().statusCode(200);
        // When, Then
        await().untilAsserted(() -> assertThat(stateAt("customerio", id)).isEqualTo("delivered"));
        String requests =
                operator().queryParam("limit", 1_000).get("/api/sandbox/requests").asString();
        assertThat(requests)
                .contains(id)
                .contains("\"path\":\"/v1/batch\"")
                .contains("{\"n\":0.10}");
    }

    @Test
    void isAliveAndReadyAndSaysThatEventsGoToTheSandbox() {
        operator().get("/q/health/live").then().statusCode(200).body("status", equalTo("UP"));
        operator()
                .get("/q/health/ready")
                .then()
                .statusCode(200)
                .body("checks.name", hasItem("journal"))
                .body(
                        "checks.find { it.name == 'deliveries' }.data.warning",
                        containsString("sandbox"));
    }

    @Test
    void countsWhatComesInAndGoesOut() {
        // Given
        String id = id();
        door(SECRET_KEY).body(track(id, "Seen")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("picky", id)).isEqualTo("delivered"));
        // When, Then
        await().atMost(Duration.ofSeconds(20)).untilAsserted(this::metricsTellOfIt);
    }

    private void metricsTellOfIt() {
        assertThat(operator().get("/q/metrics").asString())
                .containsPattern("caravan_events_accepted_total\\{[^}]*source=\"shop\"[^}]*} [1-9]")
                .containsPattern(
                        "caravan_delivery_delivered_total\\{[^}]*destination=\"picky\"[^}]*} [1-9]")
                .containsPattern("caravan_delivery_lag\\{[^}]*destination=\"picky\"[^}]*} [0-9]")
                .containsPattern(
                        "caravan_delivery_latency_seconds_count\\{[^}]*destination=\"picky\"[^}]*} [1-9]");
    }

    // --- who may ask, and what

    @ParameterizedTest
    @CsvSource({
        "Origin, https://evil.example",
        "Origin, null",
        "Host, evil.example:9000",
        "Origin, http://127.0.0.1.evil.example"
    })
    void takesNoCallFromPagesOfOtherSites(String header, String value) {
        operator().header(header, value).get("/api/destinations").then().statusCode(403);
        operator().header(header, value).get("/q/health").then().statusCode(403);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/dead-letters?limit=0",
        "GET, /api/dead-letters?limit=x",
        "GET, /api/dead-letters?form=2026-01-01T00:00:00Z",
        "GET, /api/dead-letters?from=yesterday",
        "POST, /api/destinations/picky/replay",
        "POST, /api/destinations/picky/replay?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z"
    })
    void saysWhatIsWrongWithACall(String method, String path) {
        operator().request(method, path).then().statusCode(400).body("error", notNullValue());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/metrics", "/api", "/api/", "/api/destinations/picky/pauze"})
    void answersAWrongPathWithTheListOfWhatThereIs(String path) {
        operator()
                .get(path)
                .then()
                .statusCode(404)
                .contentType("application/json")
                .body("error", equalTo("there is nothing at this path"))
                .body("calls", hasItem("POST /api/destinations/{name}/pause"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/destinations/nobody",
        "POST, /api/destinations/nobody/pause",
        "POST, /api/destinations/nobody/forget",
        "POST, /api/dead-letters/999999/retry",
        "GET, /api/dead-letters/x"
    })
    void saysThatSomethingIsNotThere(String method, String path) {
        operator().request(method, path).then().statusCode(404).body("error", notNullValue());
    }

    // --- helpers

    // --- who was erased?

    @Test
    void keepsADocumentOfADeletionThatCameInAtADoor() {
        // Given
        String id = id();
        door(SECRET_KEY).body(track(id, "User Deleted")).post("/v1/track").then().statusCode(200);
        // When
        await().untilAsserted(
                        () ->
                                operator()
                                        .queryParam("userId", "u-" + id)
                                        .get("/api/erasures")
                                        .then()
                                        .statusCode(200)
                                        .body("erasures", hasSize(1))
                                        .body(
                                                "erasures[0].receipts.find { it.destination == 'customerio' }.state",
                                                equalTo("done")));
        // Then
        int erasure =
                operator()
                        .queryParam("userId", "u-" + id)
                        .get("/api/erasures")
                        .path("erasures[0].id");
        String document =
                operator()
                        .get("/api/erasures/" + erasure)
                        .then()
                        .statusCode(200)
                        .body("event", equalTo("User Deleted"))
                        .body("messageId", equalTo(id))
                        .body("source", equalTo("shop"))
                        .body("cutOff", notNullValue())
                        .body("identifiers", hasSize(1))
                        .body(
                                "receipts.find { it.destination == 'picky' }.state",
                                equalTo("unsupported"))
                        .extract()
                        .asString();
        assertThat(document).doesNotContain("u-" + id);
    }

    @Test
    void erasesByIdentifierWithoutAnEvent() {
        // Given
        String user = "../" + id() + "?x=%2e#&+@/";
        // When
        int erasure =
                operator()
                        .contentType("application/json")
                        .body("{\"userId\":\"" + user + "\"}")
                        .post("/api/erasures")
                        .then()
                        .statusCode(200)
                        .body("source", equalTo("operator"))
                        .extract()
                        .path("id");
        // Then
        await().untilAsserted(
                        () ->
                                operator()
                                        .get("/api/erasures/" + erasure)
                                        .then()
                                        .body("receipts.state", not(hasItem("waiting"))));
        String requests =
                operator().queryParam("limit", 1_000).get("/api/sandbox/requests").asString();
        assertThat(requests).contains(user);
    }

    @Test
    void countsErasuresAtEachDestination() {
        // Given
        String from = Instant.now().toString();
        String id = id();
        door(SECRET_KEY).body(track(id, "User Deleted")).post("/v1/track").then().statusCode(200);
        // When
        await().untilAsserted(
                        () ->
                                operator()
                                        .queryParam("source", "shop")
                                        .queryParam("userId", "u-" + id)
                                        .queryParam("from", from)
                                        .get("/api/erasures/summary")
                                        // Then
                                        .then()
                                        .statusCode(200)
                                        .body("erasures", equalTo(1))
                                        .body("firstAcceptedAt", notNullValue())
                                        .body(
                                                "destinations.find { it.destination == 'customerio' }.done",
                                                equalTo(1))
                                        .body(
                                                "destinations.find { it.destination == 'picky' }.unsupported",
                                                equalTo(1)));
        operator()
                .queryParam("to", from)
                .queryParam("userId", "u-" + id)
                .get("/api/erasures/summary")
                .then()
                .body("erasures", equalTo(0))
                .body("firstAcceptedAt", nullValue());
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"event\":\"Order Completed\",\"userId\":\"u\"}', must be a destructive",
        "{}, needs 'userId'",
        "'{\"event\":\"Device Deleted\",\"userId\":\"u\"}', needs 'context.device.token'",
        "'{\"user\":\"u\"}', unknown parameter"
    })
    void erasesNobodyForLessThanItNeeds(String body, String reason) {
        operator()
                .contentType("application/json")
                .body(body)
                .post("/api/erasures")
                .then()
                .statusCode(400)
                .body("error", containsString(reason));
    }

    @Test
    void triesOnlyARefusedErasureAgain() {
        // Given
        int erasure =
                operator()
                        .contentType("application/json")
                        .body("{\"userId\":\"" + id() + "\"}")
                        .post("/api/erasures")
                        .path("id");
        // When, Then
        operator()
                .queryParam("destination", "picky")
                .post("/api/erasures/" + erasure + "/retry")
                .then()
                .statusCode(409)
                .body("error", containsString("did not refuse"));
        operator().get("/api/erasures/999999999").then().statusCode(404);
        operator().queryParam("state", "lost").get("/api/erasures").then().statusCode(400);
        operator()
                .queryParam("state", "done")
                .queryParam("limit", 1)
                .get("/api/erasures")
                .then()
                .statusCode(200);
    }

    @Test
    void keepsNothingOfWhoeverWasDeletedNeitherInTheSandbox() throws Exception {
        // Given
        String id = id();
        String other = id();
        String seen =
                track(id, "Seen").replace("}", ",\"properties\":{\"s\":\"secret-" + id + "\"}}");
        door(SECRET_KEY).body(seen).post("/v1/track").then().statusCode(200);
        door(SECRET_KEY).body(track(other, "Seen")).post("/v1/track").then().statusCode(200);
        await().untilAsserted(() -> assertThat(stateAt("customerio", id)).isEqualTo("delivered"));
        await().untilAsserted(
                        () -> assertThat(stateAt("customerio", other)).isEqualTo("delivered"));
        // When
        int erasure =
                operator()
                        .contentType("application/json")
                        .body("{\"userId\":\"u-" + id + "\"}")
                        .post("/api/erasures")
                        .then()
                        .body("decisions.decision", contains("asked"))
                        .body("decisions.by", contains("operator@127.0.0.1"))
                        .extract()
                        .path("id");
        // Then
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () ->
                                operator()
                                        .get("/api/erasures/" + erasure)
                                        .then()
                                        .body("copies.state", equalTo("removed"))
                                        .body("copies.at", notNullValue())
                                        .body("copies.events", equalTo(1))
                                        .body("copies.request", equalTo("removed")));
        assertThat(sandbox()).doesNotContain("secret-" + id).contains("u-" + other);
        try (Stream<Path> files = Files.list(home.resolve("data"))) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain("u-" + id);
            }
        }
        operator()
                .get("/api/events/" + id)
                .then()
                .body("events[0].erasedBy", equalTo(erasure))
                .body(
                        "events[0].destinations.find { it.destination == 'customerio' }.state",
                        equalTo("erased"));
    }

    @Test
    void skipsWhoeverIsSuppressedAtTheDoorAndSaysSo() {
        // Given
        String id = id();
        door(SECRET_KEY)
                .body(track(id, "User Suppressed"))
                .post("/v1/track")
                .then()
                .statusCode(200);
        // When
        String later = id();
        String event = track(later, "Seen").replace("u-" + later, "u-" + id);
        door(SECRET_KEY)
                .body(event)
                .post("/v1/track")
                .then()
                .statusCode(200)
                .body("accepted", equalTo(1))
                .body("skipped", equalTo(1));
        // Then
        assertThat(stateAt("customerio", later)).isEqualTo("skipped");
        operator()
                .get("/api/events/" + later)
                .then()
                .body(
                        "events[0].destinations.find { it.destination == 'customerio' }.why",
                        startsWith("erased by erasure "));
        await().untilAsserted(
                        () ->
                                operator()
                                        .get("/q/metrics")
                                        .then()
                                        .body(
                                                matchesPattern(
                                                        "(?s).*caravan_events_skipped_total\\{source=\"shop\"\\} [1-9].*")));
    }

    @Test
    void keepsWhoApprovedAndWhoRejected() {
        // Given
        String approved = id();
        String rejected = id();
        for (String id : List.of(approved, rejected)) {
            String held = track(id, "User Deleted");
            door(PUBLIC_KEY).body(held).post("/v1/track").then().statusCode(400);
        }
        // When
        operator()
                .post("/api/dead-letters/" + letter(approved).id() + "/retry")
                .then()
                .body("sent", equalTo(true));
        operator()
                .queryParam("messageId", rejected)
                .post("/api/dead-letters/discard")
                .then()
                .body("discarded", equalTo(0)); // nobody rejects what was not looked at
        operator()
                .queryParam("messageId", rejected)
                .queryParam("rule", "NEEDS_APPROVAL")
                .post("/api/dead-letters/discard")
                .then()
                .body("discarded", equalTo(1));
        // Then
        assertThat(journal.find(rejected)).isEmpty();
        operator()
                .get("/api/events/" + rejected)
                .then()
                .statusCode(200)
                .body("decisions[0].decision", equalTo("rejected"))
                .body("decisions[0].by", equalTo("operator@127.0.0.1"))
                .body("decisions[0].rule", equalTo("NEEDS_APPROVAL"));
        operator()
                .get("/api/erasures/" + journal.find(approved).get(0).sequence())
                .then()
                .body("decisions.decision", contains("approved"));
        operator()
                .queryParam("limit", 1_000)
                .get("/api/decisions")
                .then()
                .body("decisions.decision", hasItems("approved", "rejected"));
        operator().post("/api/dead-letters/discard").then().statusCode(400);
    }

    private static String sandbox() {
        return operator().queryParam("limit", 1_000).get("/api/sandbox/requests").asString();
    }

    private static String id() {
        return "m-" + UUID.randomUUID();
    }

    private static String track(String id, String name) {
        return "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"u-%s\",\"messageId\":\"%s\"}"
                .formatted(name, id, id);
    }

    private static RequestSpecification door(String key) {
        return given().auth().preemptive().basic(key, "");
    }

    private static RequestSpecification operator() {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.port", Integer.class);
        return given().baseUri("http://127.0.0.1").port(port);
    }

    private static String stateAt(String destination, String messageId) {
        return operator()
                .get("/api/events/" + messageId)
                .then()
                .extract()
                .path(
                        "events[0].destinations.find { it.destination == '%s' }.state"
                                .formatted(destination));
    }

    private DeadLetter letter(String messageId) {
        return journal.deadLetters()
                .list(new Filter(null, null, null, null, messageId, null, null), 0, 1)
                .get(0);
    }

    private long letters(String messageId) {
        return journal.deadLetters()
                .count(new Filter(null, null, null, null, messageId, null, null));
    }
}
