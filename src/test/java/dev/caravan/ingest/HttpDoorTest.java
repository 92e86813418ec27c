package dev.caravan.ingest;

import static dev.caravan.app.OneApplication.PUBLIC_KEY;
import static dev.caravan.app.OneApplication.SECRET_KEY;
import static dev.caravan.app.OneApplication.TRUSTED_KEY;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.app.OneApplication;
import dev.caravan.event.Json;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.config.EncoderConfig;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@Tag("application")
@TestProfile(OneApplication.class)
class HttpDoorTest {
    @Inject Journal journal;

    // --- what is taken

    @ParameterizedTest
    @CsvSource({
        "track, track",
        "t, track",
        "identify, identify",
        "i, identify",
        "page, page",
        "p, page",
        "screen, screen",
        "s, screen",
        "group, group",
        "g, group",
        "alias, alias",
        "a, alias",
        "track/, track",
        "t/, track"
    })
    void takesEachCallAtItsEndpointsAndAnswersWhenItIsStored(String path, String type) {
        // Given
        String id = id();
        String event =
                """
                {"messageId":"%s","userId":"u-1","event":"Seen","groupId":"g-1","previousId":"u-0"}"""
                        .formatted(id);
        // When
        secret().body(event).post("/v1/" + path).then().statusCode(200);
        // Then
        assertThat(stored(id).at("/type").textValue()).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/batch", "/v1/b", "/v1/b/", "/v1/import", "/v1/import/"})
    void takesBatches(String path) {
        // Given
        String first = id();
        String second = id();
        String batch = batch(track(first), track(second));
        // When
        secret().body(batch)
                .post(path)
                .then()
                .statusCode(200)
                .contentType("application/json")
                .body("success", equalTo(true))
                .body("accepted", equalTo(2))
                .body("duplicates", equalTo(0))
                .body("setAside", empty());
        // Then
        assertThat(journal.find(first)).hasSize(1);
        assertThat(journal.find(second)).hasSize(1);
    }

    @Test
    void storesTheSameEventOnceAndCallsTheSecondADuplicate() {
        // Given
        String event = track(id());
        secret().body(event).post("/v1/track").then().body("accepted", equalTo(1));
        // When
        secret().body(event)
                .post("/v1/track")
                // Then
                .then()
                .statusCode(200)
                .body("accepted", equalTo(0))
                .body("duplicates", equalTo(1));
    }

    @Test
    void setsAsideWhatIsNoEventAndTakesItsNeighbours() {
        // Given
        String good = id();
        String batch = batch("{\"type\":\"track\",\"userId\":\"u-1\"}", track(good), "7");
        // When
        secret().body(batch)
                .post("/v1/batch")
                .then()
                .statusCode(200)
                .body("accepted", equalTo(1))
                .body("setAside.index", equalTo(List.of(0, 2)))
                .body("setAside[0].reason", equalTo("a track call needs 'event'"));
        // Then
        assertThat(journal.find(good)).hasSize(1);
    }

    @Test
    void letsTheBatchsContextStandBehindThatOfTheItem() {
        // Given
        String id = id();
        String batch =
                """
                {"context":{"locale":"de","app":{"name":"Shop","version":"1"}},"integrations":{"X":false},
                 "batch":[{"type":"track","event":"E","userId":"u","messageId":"%s","context":{"app":{"version":"2"}}}]}"""
                        .formatted(id);
        // When
        secret().body(batch).post("/v1/batch").then().body("accepted", equalTo(1));
        // Then
        assertThat(stored(id).at("/context").toString())
                .isEqualTo("{\"locale\":\"de\",\"app\":{\"name\":\"Shop\",\"version\":\"2\"}}");
        assertThat(stored(id).at("/integrations/X").booleanValue()).isFalse();
        assertThat(stored(id).at("/integrations/X").isBoolean()).isTrue();
    }

    @Test
    void takesExplicitNullsForAbsentAsPythonSendsThem() {
        // Given
        String id = id();
        String event =
                """
                {"type":"track","event":"E","userId":"u","anonymousId":null,"context":null,"integrations":null,
                 "timestamp":null,"messageId":"%s","properties":{"kept":null}}"""
                        .formatted(id);
        // When
        secret().body(event).post("/v1/track").then().body("accepted", equalTo(1));
        // Then
        assertThat(stored(id).has("anonymousId")).isFalse();
        assertThat(stored(id).at("/properties").has("kept")).isTrue();
    }

    @ParameterizedTest
    @MethodSource("sdkBodies")
    void takesWhatOfficialSdksSend(String path, String body, int items) {
        // When
        secret().body(body)
                .post(path)
                // Then
                .then()
                .statusCode(200)
                .body("setAside", empty())
                .body("accepted", equalTo(items));
    }

    static List<Object[]> sdkBodies() throws IOException {
        List<Object[]> bodies = new ArrayList<>();
        for (JsonNode vector : vectors("sdk-batches-cdp-analytics-go.json")) {
            JsonNode body = vector.at("/request/body");
            body.at("/batch").forEach(HttpDoorTest::withNewId);
            bodies.add(
                    new Object[] {
                        vector.at("/request/path").textValue(),
                        body.toString(),
                        body.at("/batch").size()
                    });
        }
        for (JsonNode vector : vectors("customerio-pipelines-openapi-example-events.json")) {
            JsonNode event = vector.get("event");
            if (event.isEmpty() || event.path("timestamp").asText().endsWith(",")) {
                continue; // an empty example, and two whose times have a comma in them
            }
            String name = vector.get("name").textValue();
            String path = "/v1" + name.substring(name.lastIndexOf('/')).replace("schemas/", "");
            int items = event.has("batch") ? event.get("batch").size() : 1;
            event.path("batch").forEach(HttpDoorTest::withNewId);
            withNewId(event);
            bodies.add(new Object[] {path, event.toString(), items});
        }
        return bodies;
    }

    private static void withNewId(JsonNode event) {
        ((ObjectNode) event).put("messageId", id());
    }

    private static JsonNode vectors(String name) throws IOException {
        try (var file = HttpDoorTest.class.getResourceAsStream("/vectors/" + name)) {
            return Json.toTree(file.readAllBytes());
        }
    }

    // --- how it is sent

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/plain",
                "text/plain;charset=UTF-8",
                "application/json; charset=utf-8",
                "application/x-www-form-urlencoded",
                "multipart/form-data",
                "application/octet-stream",
                "nonsense"
            })
    void readsJsonWhateverTheContentTypeSays(String contentType) throws IOException {
        // Given
        String id = id();
        byte[] body = RawHttp.bytes(track(id).replace("Seen", "a=b&c=d %41 + end"));
        // When
        String answer = post("/v1/track", "Content-Type: " + contentType + "\r\n", body);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("\"success\":true");
        assertThat(stored(id).at("/event").textValue()).isEqualTo("a=b&c=d %41 + end");
    }

    @Test
    void readsABodyWithoutAContentType() throws IOException {
        // Given
        String id = id();
        // When
        String answer = post("/v1/track", "", RawHttp.bytes(track(id)));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(journal.find(id)).hasSize(1);
    }

    @Test
    void readsPackedBodies() throws IOException {
        // Given
        String id = id();
        // When
        String answer =
                post("/v1/track", "Content-Encoding: gzip\r\n", gzip(RawHttp.bytes(track(id))));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(journal.find(id)).hasSize(1);
    }

    @Test
    void readsPackedBodiesThatComeInChunksAsAndroidSendsThem() throws IOException {
        // Given
        String id = id();
        byte[] packed = gzip(RawHttp.bytes(batch(track(id)).replace("{\"batch", keyed())));
        int half = packed.length / 2;
        // When
        String answer =
                RawHttp.exchange(
                        port(),
                        RawHttp.bytes(
                                "POST /v1/b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                        + "Content-Type: text/plain\r\nContent-Encoding: gzip\r\n"
                                        + "Transfer-Encoding: chunked\r\n\r\n"),
                        chunk(Arrays.copyOf(packed, half)),
                        chunk(Arrays.copyOfRange(packed, half, packed.length)),
                        chunk(new byte[0]));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(journal.find(id)).hasSize(1);
    }

    @Test
    void tellsACarefulCallerToGoOn() throws IOException {
        // Given
        String id = id();
        byte[] body = RawHttp.bytes(track(id));
        // When
        String answer =
                RawHttp.exchange(
                        port(),
                        RawHttp.post("/v1/track", basic() + "Expect: 100-continue\r\n", body));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 100 ").contains("HTTP/1.1 200 ");
        assertThat(journal.find(id)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 30})
    void refusesPackedBodiesThatAreCutOff(int missing) throws IOException {
        // Given
        String id = id();
        byte[] packed = gzip(RawHttp.bytes(track(id)));
        byte[] cut = Arrays.copyOf(packed, packed.length - missing);
        // When
        String answer = post("/v1/track", "Content-Encoding: gzip\r\n", cut);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("cut off");
        assertThat(journal.find(id)).isEmpty();
    }

    @Test
    void refusesPackedBodiesThatWereDamaged() throws IOException {
        // Given
        String id = id();
        byte[] packed = gzip(RawHttp.bytes(track(id)));
        packed[packed.length - 6] ^= 1;
        // When
        String answer = post("/v1/track", "Content-Encoding: gzip\r\n", packed);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 400 ");
        assertThat(journal.find(id)).isEmpty();
    }

    @Test
    void refusesAnEncodingThatItCannotRead() throws IOException {
        // When
        String answer = post("/v1/track", "Content-Encoding: br\r\n", RawHttp.bytes(track(id())));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("Content-Encoding");
    }

    @Test
    void unpacksNoMoreThanABatchMayHave() throws IOException {
        // Given
        byte[] bomb = gzip(new byte[100_000_000]);
        // When
        String answer = post("/v1/batch", "Content-Encoding: gzip\r\n", bomb);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("512,000");
    }

    @ParameterizedTest
    @CsvSource({"499000, 200", "520000, 400", "6000000, 400", "20000000, 400"})
    void takesBatchesUpToTheLimit(int bytes, int status) {
        // Given
        String event = track(id());
        String padding = " ".repeat(bytes - batch(event).length());
        // When
        secret().body(batch(event) + padding)
                .post("/v1/batch")
                // Then
                .then()
                .statusCode(status);
    }

    @ParameterizedTest
    @CsvSource({"31900, 200, 1", "33000, 400, 0"})
    void takesSingleCallsUpToTheLimit(int bytes, int status, int found) {
        // Given
        String id = id();
        String event = track(id).replace("Seen", "Seen\",\"fill\":\"%s");
        // When
        secret().body(event.formatted("x".repeat(bytes - event.length() + 2)))
                .post("/v1/track")
                .then()
                .statusCode(status);
        // Then
        assertThat(journal.find(id)).hasSize(found);
    }

    // --- what is no JSON

    @ParameterizedTest
    @MethodSource("noJson")
    void refusesWhatIsNoJsonAndStoresNothing(byte[] body) throws IOException {
        // Given
        long end = journal.end();
        long letters = journal.deadLetters().count(Filter.ALL);
        // When
        String answer = post("/v1/track", "Content-Type: application/json\r\n", body);
        // Then
        assertThat(answer)
                .startsWith("HTTP/1.1 400 ")
                .contains("\"code\":\"invalid_request\"")
                .contains("\"meta\":{\"errors\":[")
                .contains("\"success\":false");
        assertThat(journal.end()).isEqualTo(end);
        assertThat(journal.deadLetters().count(Filter.ALL)).isEqualTo(letters);
    }

    static List<byte[]> noJson() {
        String event = "{\"userId\":\"u\",\"event\":\"E\"}";
        List<byte[]> bodies = new ArrayList<>();
        for (String text :
                List.of(
                        "",
                        " ",
                        "null",
                        "7",
                        "\"text\"",
                        "[]",
                        "[1]",
                        "{",
                        "{\"userId\":\"u\",\"event\":\"E\"",
                        event + event,
                        event + "x",
                        "{'userId':'u','event':'E'}",
                        "{\"a\":NaN}",
                        "{\"a\":01}",
                        "{\"a\":1e}",
                        "{\"a\":\"\u0001\"}",
                        "userId=u&event=E",
                        "<event/>",
                        "[".repeat(15_000),
                        "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000),
                        "{\"a\":" + "9".repeat(5_000) + "}")) {
            bodies.add(RawHttp.bytes(text));
        }
        for (String charset : List.of("UTF-16", "UTF-16LE", "UTF-32BE")) {
            bodies.add(event.getBytes(Charset.forName(charset)));
        }
        bodies.add("{\"userId\":\"ü\",\"event\":\"E\"}".getBytes(StandardCharsets.ISO_8859_1));
        bodies.add(new byte[] {'{', '"', 'a', '"', ':', '"', (byte) 0xc0, (byte) 0x80, '"', '}'});
        return bodies;
    }

    @Test
    void keepsNumbersTextsAndUnknownFieldsAsTheyCame() {
        // Given
        String id = id();
        String properties =
                "{\"big\":123456789012345678901234567890,\"fine\":0.1000000000000000055511151231257827,"
                        + "\"huge\":1e400,\"plain\":1.0,\"esc\":\"\\u00fc\\/\\ud83d\\ude00\",\"half\":\"\\ud800\",\"\":[]}";
        String event =
                "{\"messageId\":\"%s\",\"userId\":\"u\",\"event\":\"E\",\"properties\":%s}"
                        .formatted(id, properties);
        // When
        secret().body(event).post("/v1/track").then().body("accepted", equalTo(1));
        // Then
        assertThat(new String(journal.find(id).get(0).event().json(), StandardCharsets.UTF_8))
                .contains("\"properties\":" + properties);
    }

    // --- all or nothing

    @Test
    void storesNothingOfAStrictBatchWithABadItem() {
        // Given
        String good = id();
        String batch = batch(track(good), "{\"type\":\"page\"}");
        // When
        secret().header("X-Strict-Mode", "1")
                .body(batch)
                .post("/v1/batch")
                .then()
                .statusCode(400)
                .body("success", equalTo(false))
                .body("code", equalTo("invalid_request"))
                .body("message", startsWith("batch[1]: a page call needs"))
                .body("meta.errors", hasSize(1));
        // Then
        assertThat(journal.find(good)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"1, 400", "0, 200", "true, 200"})
    void isStrictOnlyIfTheHeaderIsExactlyOne(String header, int status) {
        // When
        secret().header("X-Strict-Mode", header)
                .body("{\"userId\":\"u\"}")
                .post("/v1/track")
                // Then
                .then()
                .statusCode(status);
    }

    // --- who calls

    @Test
    void refusesAnUnknownKey() {
        // Given
        String id = id();
        // When
        given().auth()
                .preemptive()
                .basic("wrong", "")
                .body(track(id))
                .post("/v1/track")
                .then()
                .statusCode(401)
                .body("success", equalTo(false));
        // Then
        assertThat(journal.find(id)).isEmpty();
    }

    @Test
    void refusesACallWithoutAKey() {
        given().body(track(id())).post("/v1/track").then().statusCode(401);
    }

    @Test
    void takesTheKeyFromTheBodyAndDoesNotKeepIt() {
        // Given
        String id = id();
        String event = track(id).replace("{", "{\"writeKey\":\"" + SECRET_KEY + "\",");
        // When
        given().body(event).post("/v1/t").then().statusCode(200);
        // Then
        Entry entry = journal.find(id).get(0);
        assertThat(entry.source()).isEqualTo("shop");
        assertThat(new String(entry.event().json(), StandardCharsets.UTF_8))
                .doesNotContain(SECRET_KEY);
    }

    @Test
    void prefersTheKeyOfTheHeader() {
        // Given
        String id = id();
        String event = track(id).replace("{", "{\"writeKey\":\"" + PUBLIC_KEY + "\",");
        // When
        secret().body(event).post("/v1/t").then().statusCode(200);
        // Then
        assertThat(journal.find(id).get(0).source()).isEqualTo("shop");
    }

    @Test
    void takesThePasswordForNothing() {
        given().auth()
                .preemptive()
                .basic(SECRET_KEY, "whatever")
                .body(track(id()))
                .post("/v1/track")
                .then()
                .statusCode(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic ", "Basic !!!", "Basic Og==", "Bearer x", "x"})
    void looksIntoTheBodyIfTheHeaderSaysNothing(String authorization) throws IOException {
        // Given
        String id = id();
        String event = track(id).replace("{", "{\"writeKey\":\"" + SECRET_KEY + "\",");
        byte[] request =
                RawHttp.post(
                        "/v1/track",
                        "Authorization: " + authorization + "\r\n",
                        RawHttp.bytes(event));
        // When
        String answer = RawHttp.exchange(port(), request);
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ");
        assertThat(journal.find(id)).hasSize(1);
    }

    @Test
    void fillsInTheAddressOfAPublicCallerOnly() {
        // Given
        String secret = id();
        String open = id();
        String trusted = id();
        // When
        secret().body(track(secret)).post("/v1/track").then().statusCode(200);
        open(PUBLIC_KEY)
                .header("X-Forwarded-For", "203.0.113.9")
                .body(track(open))
                .post("/v1/track")
                .then()
                .statusCode(200);
        open(TRUSTED_KEY).body(track(trusted)).post("/v1/track").then().statusCode(200);
        // Then
        assertThat(stored(secret).at("/context/ip").isMissingNode()).isTrue();
        assertThat(stored(trusted).at("/context/ip").textValue()).isEqualTo("127.0.0.1");
        assertThat(stored(open).at("/context/ip").textValue()).isEqualTo("127.0.0.1");
    }

    @Test
    void holdsADeletionOfAPublicCallerAndSaysThatItIsKept() {
        // Given
        String id = id();
        // When
        open(PUBLIC_KEY)
                .body(track(id).replace("Seen", "User Deleted"))
                .post("/v1/track")
                .then()
                .statusCode(400)
                .body("success", equalTo(false))
                .body(
                        "message",
                        equalTo(
                                "'User Deleted' of the public source 'site' needs approval"
                                        + " (it is a dead letter now)"))
                .body("accepted", equalTo(0))
                .body("duplicates", equalTo(0))
                .body("setAside.index", equalTo(List.of(0)))
                .body(
                        "setAside.reason",
                        equalTo(
                                List.of(
                                        "'User Deleted' of the public source 'site' needs approval")));
        // Then
        assertThat(journal.find(id)).isEmpty();
        assertThat(letters(id)).singleElement().returns("NEEDS_APPROVAL", DeadLetter::rule);
    }

    @Test
    void holdsADeletionInABatchOfAPublicCallerAndTakesTheRest() {
        // Given
        String good = id();
        String deletion = track(id()).replace("Seen", "User Deleted");
        // When
        open(PUBLIC_KEY)
                .body(batch(deletion, track(good)))
                .post("/v1/batch")
                // Then
                .then()
                .statusCode(200)
                .body("accepted", equalTo(1))
                .body("setAside.index", equalTo(List.of(0)));
    }

    @Test
    void takesADeletionOfAPublicCallerWhoMayErase() {
        // Given
        String id = id();
        // When
        open(TRUSTED_KEY)
                .body(track(id).replace("Seen", "User Deleted"))
                .post("/v1/track")
                .then()
                .statusCode(200);
        // Then
        assertThat(journal.find(id)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"user deleted", "User Deleted ", "User_Deleted"})
    void refusesANearlyDestructiveCallAndKeepsItForAPerson(String name) {
        // Given
        String id = id();
        // When
        secret().body(track(id).replace("Seen", name)).post("/v1/track").then().statusCode(400);
        // Then
        assertThat(letters(id)).singleElement().returns("NEAR_MISS", DeadLetter::rule);
    }

    @Test
    void refusesABatchWhoseContextWouldFillTheMemory() {
        // Given
        String context = "{\"x\":\"" + "y".repeat(31_000) + "\"}";
        String items = String.join(",", java.util.Collections.nCopies(2_000, "{}"));
        String body = "{\"context\":" + context + ",\"batch\":[" + items + "]}";
        // When
        secret().body(body)
                .post("/v1/batch")
                // Then
                .then()
                .statusCode(400)
                .body("message", startsWith("'context' and 'integrations' of the batch"));
    }

    // --- what a caller cannot do

    @Test
    void isNotSteeredByHeadersAndTellsNoneBack() throws IOException {
        // Given
        String id = id();
        String headers =
                "CamelHttpUri: http://127.0.0.1:1/\r\nCamelFileName: ../../evil\r\n"
                        + "CamelBeanMethodName: toString\r\nCamelHttpResponseCode: 299\r\n"
                        + "Exchange.HTTP_URI: x\r\nX-Mine: mine\r\nRetry-After: 77\r\n"
                        + "call: alias\r\nkey: other\r\nCaravanHttpCall: x\r\n";
        // When
        String answer = post("/v1/track", headers, RawHttp.bytes(track(id)));
        // Then
        assertThat(answer)
                .startsWith("HTTP/1.1 200 ")
                .doesNotContainIgnoringCase("camel")
                .doesNotContain("mine", "77", "alias", "other");
        assertThat(stored(id).at("/type").textValue()).isEqualTo("track");
    }

    @Test
    void isNotSteeredByTheQuery() throws IOException {
        // Given
        String id = id();
        String path = "/v1/track?CamelHttpResponseCode=299&call=alias&X-Mine=mine&key=k";
        // When
        String answer = post(path, "", RawHttp.bytes(track(id)));
        // Then
        assertThat(answer).startsWith("HTTP/1.1 200 ").doesNotContain("mine", "299");
        assertThat(stored(id).at("/type").textValue()).isEqualTo("track");
    }

    @Test
    void answersWithNoMoreHeadersThanItNeeds() {
        // When
        var answer = secret().body(track(id())).post("/v1/track");
        // Then
        assertThat(answer.headers().asList())
                .extracting(header -> header.getName().toLowerCase(java.util.Locale.ROOT))
                .containsExactlyInAnyOrder(
                        "content-type", "content-length", "access-control-allow-origin");
    }

    @Test
    void storesNothingOfACallerWhoHangsUpInTheMiddle() throws Exception {
        // Given
        String id = id();
        byte[] request = RawHttp.post("/v1/track", basic(), RawHttp.bytes(track(id)));
        // When
        try (var socket = new java.net.Socket("127.0.0.1", port())) {
            socket.getOutputStream().write(request, 0, request.length - 2);
        }
        secret().body(track(id())).post("/v1/track").then().statusCode(200);
        // Then
        assertThat(journal.find(id)).isEmpty();
    }

    // --- browsers and apps

    @ParameterizedTest
    @CsvSource({
        "/v1/track, {}, 401",
        "/v1/batch, {\"batch\":[]}, 401",
        "/v1/batch, {}, 400",
        "/v1/unknown, {}, 404",
        "/v1/m, {}, 200",
        "/v1/projects/k/settings, {}, 404"
    })
    void letsBrowsersSeeEveryAnswer(String path, String body, int status) {
        given().header("Origin", "https://shop.example")
                .body(body)
                .post(path)
                .then()
                .statusCode(status)
                .header("Access-Control-Allow-Origin", "*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/track", "/v1/b", "/v1/projects/k/settings", "/v1/m"})
    void answersPreflights(String path) {
        given().header("Origin", "https://shop.example")
                .header("Access-Control-Request-Method", "POST")
                .options(path)
                .then()
                .statusCode(204)
                .header("Access-Control-Allow-Origin", "*")
                .header("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
                .header(
                        "Access-Control-Allow-Headers",
                        "Content-Type, Authorization, X-Strict-Mode, X-Retry-Count, AnonymousId")
                .header("Access-Control-Max-Age", "86400");
    }

    @Test
    void tellsSdksToSendHereWithTheKeyTheyAskedFor() {
        given().header("Host", "caravan.example:8443")
                .get("/v1/projects/some-key/settings")
                .then()
                .statusCode(200)
                .contentType("application/json")
                .header("Access-Control-Allow-Origin", "*")
                .body("integrations.'Customer.io Data Pipelines'.apiKey", equalTo("some-key"))
                .body(
                        "integrations.'Customer.io Data Pipelines'.apiHost",
                        equalTo("caravan.example:8443/v1"));
    }

    @Test
    void echoesAStrangeKeyAsJsonAndNothingElse() throws IOException {
        // When
        String answer =
                RawHttp.exchange(
                        port(),
                        RawHttp.bytes(
                                "GET /v1/projects/a%22%7D%3Cscript%3E/settings HTTP/1.1\r\n"
                                        + "Host: x\r\nConnection: close\r\n\r\n"));
        // Then
        JsonNode settings =
                Json.toTree(RawHttp.bytes(answer.substring(answer.indexOf("\r\n\r\n") + 4)));
        assertThat(
                        settings.path("integrations")
                                .path("Customer.io Data Pipelines")
                                .path("apiKey")
                                .textValue())
                .isEqualTo("a\"}<script>");
    }

    @Test
    void takesPushReceiptsAsMobileSdksSendThem() {
        // Given
        String receipt =
                """
                {"anonymousId":"dlv-%1$s","event":"Report Delivery Event",
                 "properties":{"recipient":"tok","metric":"delivered","deliveryId":"dlv-%1$s"}}"""
                        .formatted(id());
        // When
        open(PUBLIC_KEY)
                .body(receipt)
                .post("/v1/track")
                // Then
                .then()
                .statusCode(200)
                .body("accepted", equalTo(1))
                .body("setAside", not(hasItem(0)));
    }

    // --- helpers

    private static RequestSpecification secret() {
        return open(SECRET_KEY);
    }

    private static RequestSpecification open(String key) {
        return given().config(
                        RestAssured.config()
                                .encoderConfig(
                                        EncoderConfig.encoderConfig()
                                                .defaultContentCharset("UTF-8")))
                .auth()
                .preemptive()
                .basic(key, "");
    }

    private static String basic() {
        String pair = java.util.Base64.getEncoder().encodeToString(RawHttp.bytes(SECRET_KEY + ":"));
        return "Authorization: Basic " + pair + "\r\n";
    }

    private static String keyed() {
        return "{\"writeKey\":\"" + SECRET_KEY + "\",\"batch";
    }

    private static String post(String path, String headers, byte[] body) throws IOException {
        return RawHttp.exchange(port(), RawHttp.post(path, basic() + headers, body));
    }

    private static int port() {
        return RestAssured.port;
    }

    private static String id() {
        return "m-" + UUID.randomUUID();
    }

    private static String track(String id) {
        return "{\"type\":\"track\",\"event\":\"Seen\",\"userId\":\"u-1\",\"messageId\":\"%s\"}"
                .formatted(id);
    }

    private static String batch(String... items) {
        return "{\"batch\":[" + String.join(",", items) + "]}";
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(packed)) {
            out.write(plain);
        }
        return packed.toByteArray();
    }

    private static byte[] chunk(byte[] data) {
        var chunk = new ByteArrayOutputStream();
        chunk.writeBytes(RawHttp.bytes(Integer.toHexString(data.length) + "\r\n"));
        chunk.writeBytes(data);
        chunk.writeBytes(RawHttp.bytes("\r\n"));
        return chunk.toByteArray();
    }

    private JsonNode stored(String id) {
        List<Entry> found = journal.find(id);
        assertThat(found).hasSize(1);
        try {
            return Json.toTree(found.get(0).event().json());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private List<DeadLetter> letters(String id) {
        return journal.deadLetters()
                .list(new Filter(null, null, null, null, id, null, null), 0, 10);
    }
}
