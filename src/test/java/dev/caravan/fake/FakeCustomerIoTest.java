package dev.caravan.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of section 7 of the fact sheet, row by row, over real HTTP. */
class FakeCustomerIoTest {

    private static final Instant NOW = Instant.parse("2026-08-21T10:00:00Z");
    private static final String TRACK = "{'userId':'u-1','event':'Plan Changed'}";

    private FakeCustomerIo fake;
    private Calls calls;

    @BeforeEach
    void start() throws Exception {
        FakeClock clock = new FakeClock(Clock.fixed(NOW, ZoneOffset.UTC));
        fake = new FakeCustomerIo(0, clock, new Switches().keys(Set.of("the-key")));
        calls = new Calls(fake.url(), "the-key");
    }

    @AfterEach
    void stop() throws Exception {
        fake.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "identify | {'userId':'u-1','traits':{'plan':'pro'}}",
                "i        | {'anonymousId':'a-1'}",
                "identify | {'userId':'','traits':{'email':'mara@example.com'}}",
                "track    | {'userId':'u-1','event':'A','timestamp':'2026-08-21T12:00:00+02:00'}",
                "t        | {'type':'track','anonymousId':'a-1','event':'A','properties':null}",
                "track    | {'groupId':'acme','event':'Plan Changed'}",
                "page     | {'userId':'u-1','properties':{'url':'https://shop.example/'}}",
                "p        | {'anonymousId':'a-1'}",
                "screen   | {'userId':'u-1','name':'Basket'}",
                "s        | {'anonymousId':'a-1','name':'Basket'}",
                "group    | {'userId':'u-1','groupId':'acme','traits':{'object_type_id':2}}",
                "g        | {'groupId':'acme'}",
                "alias    | {'userId':'u-1','previousId':'u-0'}",
                "a        | {'type':'alias','userId':'u-1','previousId':'u-0'}",
                "batch    | {'batch':[{'type':'track','userId':'u-1','event':'Plan Changed'}]}",
                "b        | {'batch':[{'type':'alias','userId':'u-1','previousId':'u-0'}]}"
            })
    void acceptsEveryCallOnItsLongAndItsShortPath(String path, String json) throws Exception {
        // When
        HttpResponse<String> strict = calls.strict("/v1/" + path, json);
        HttpResponse<String> permissive = calls.permissive("/v1/" + path, json);
        // Then
        assertThat(strict.statusCode()).as(strict.body()).isEqualTo(200);
        assertThat(strict.body()).isEqualTo("{\"success\":true}");
        assertThat(permissive.statusCode()).isEqualTo(200);
        assertThat(fake.received()).hasSize(2);
    }

    @Test
    void storesARepeatedMessageIdOnce() throws Exception {
        // Given
        String json = "{'userId':'u-1','event':'Plan Changed','messageId':'m-1'}";
        // When
        calls.accepted("/v1/track", json);
        calls.accepted("/v1/track", json);
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(1);
        assertThat(fake.messageIds()).containsEntry("m-1", 2);
        assertThat(fake.duplicates()).containsOnlyKeys("m-1");
        assertThat(fake.orderOf("u-1")).containsExactly("m-1");
    }

    @Test
    void forgetsAMessageIdWhenItsWindowHasPassed() throws Exception {
        // Given
        fake.switches().dedupeWindow(Duration.ofHours(24));
        String json = "{'userId':'u-1','event':'Plan Changed','messageId':'m-1'}";
        calls.accepted("/v1/track", json);
        fake.advanceClock(Duration.ofHours(24).plusMillis(1));
        // When
        calls.accepted("/v1/track", json);
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"other-key:", "the-key:password", "the-key", ":"})
    void tellsABadKeyToStrictCallersOnly(String credentials) throws Exception {
        // Given
        String authorization = Calls.basic(credentials);
        // When
        var permissive =
                calls.send(
                        calls.request("/v1/track", TRACK)
                                .setHeader("Authorization", authorization));
        var strict =
                calls.send(
                        calls.request("/v1/track", TRACK)
                                .setHeader("Authorization", authorization)
                                .header("X-Strict-Mode", "1"));
        // Then
        assertThat(permissive.statusCode()).isEqualTo(200);
        assertThat(strict.statusCode()).isEqualTo(401);
        assertThat(fake.received()).isEmpty();
    }

    @Test
    void takesTheKeyFromTheBodyWhenNoHeaderBringsOne() throws Exception {
        // Given
        String json =
                "{\"batch\":[{\"type\":\"identify\",\"userId\":\"u-1\"}],\"writeKey\":\"the-key\"}";
        // When
        var answer =
                calls.send(
                        calls.to("/v1/b")
                                .header("Content-Type", "text/plain")
                                .header("X-Strict-Mode", "1")
                                .POST(BodyPublishers.ofString(json)));
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(fake.person("u-1")).isPresent();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "identify | {'traits':{'plan':'pro'}}",
                "track    | {'event':'Plan Changed'}",
                "track    | {'userId':null,'anonymousId':' ','event':'Plan Changed'}",
                "page     | {'name':'Tents'}",
                "screen   | {'name':'Basket'}",
                "track    | {'userId':'u-1'}",
                "track    | {'userId':'u-1','event':''}",
                "track    | {'userId':'u-1','name':'Plan Changed'}",
                "alias    | {'userId':'u-1'}",
                "alias    | {'previousId':'u-1'}",
                "group    | {'userId':'u-1','traits':{'name':'Acme'}}",
                "batch    | {'batch':[{'type':'notice','userId':'u-1'}]}",
                "batch    | {'batch':[{'userId':'u-1','event':'Plan Changed'}]}"
            })
    void tellsABrokenRuleToStrictCallersOnly(String path, String json) throws Exception {
        // When
        HttpResponse<String> permissive = calls.permissive("/v1/" + path, json);
        HttpResponse<String> strict = calls.strict("/v1/" + path, json);
        // Then
        assertThat(permissive.statusCode()).isEqualTo(200);
        assertThat(strict.statusCode()).isEqualTo(400);
        assertThat(new ObjectMapper().readTree(strict.body()).at("/meta/errors")).isNotEmpty();
        assertThat(fake.received()).isEmpty();
        assertThat(fake.events()).isEmpty();
        assertThat(fake.ignored()).hasSize(1);
    }

    @Test
    void refusesABodyOverItsLimit() throws Exception {
        // Given
        String fits = sized(TRACK, 32_768);
        String exceeds = sized(TRACK, 32_769);
        // When
        int within = calls.strict("/v1/track", fits).statusCode();
        int beyond = calls.strict("/v1/track", exceeds).statusCode();
        int permissive = calls.permissive("/v1/track", exceeds).statusCode();
        // Then
        assertThat(List.of(within, beyond, permissive)).containsExactly(200, 400, 200);
        assertThat(fake.received()).hasSize(1);
    }

    @Test
    void refusesABatchOverItsLimit() throws Exception {
        // Given
        fake.switches().oversizeStatus(413);
        String item = "{\"type\":\"track\",\"userId\":\"u-1\",\"event\":\"Plan Changed\"}";
        String batch = "{\"batch\":[" + item + "]}";
        // When
        int within = calls.strict("/v1/batch", sized(batch, 512_000)).statusCode();
        int beyond = calls.strict("/v1/batch", sized(batch, 512_001)).statusCode();
        int permissive = calls.permissive("/v1/batch", sized(batch, 512_001)).statusCode();
        // Then
        assertThat(List.of(within, beyond, permissive)).containsExactly(200, 413, 200);
        assertThat(fake.received()).hasSize(1);
    }

    @Test
    void dropsOnlyTheLargeItemOfAPermissiveBatch() throws Exception {
        // Given
        String item = "{\"type\":\"track\",\"userId\":\"u-1\",\"event\":\"Plan Changed\"}";
        String fits = item.replace("}", " ".repeat(32_768 - item.length()) + "}");
        String exceeds = fits.replace("}", " }");
        String batch = "{\"batch\":[" + exceeds + "," + fits + "]}";
        // When
        int strict = calls.strict("/v1/batch", batch).statusCode();
        int permissive = calls.permissive("/v1/batch", batch).statusCode();
        // Then
        assertThat(List.of(strict, permissive)).containsExactly(400, 200);
        assertThat(fake.received()).extracting(ReceivedItem::index).containsExactly(1);
    }

    @ParameterizedTest
    @CsvSource({
        "REJECT_ALL, 400, 0",
        "STORE_GOOD_ANSWER_400, 400, 2",
        "STORE_GOOD_ANSWER_200, 200, 2"
    })
    void treatsABadItemInAStrictBatchAsSwitched(Switches.BadItems policy, int status, int stored)
            throws Exception {
        // Given
        fake.switches().strictBadItems(policy);
        String batch =
                "{'batch':[{'type':'track','userId':'u-1','event':'A'},"
                        + "{'type':'track','userId':'u-1'},"
                        + "{'type':'track','userId':'u-1','event':'B'}]}";
        // When
        HttpResponse<String> answer = calls.strict("/v1/batch", batch);
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(fake.eventsOf("u-1")).hasSize(stored);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "0", "11", "yes"})
    void isPermissiveUnlessTheHeaderIsExactlyOne(String header) throws Exception {
        // When
        var answer = calls.send(calls.request("/v1/track", "{}").header("X-Strict-Mode", header));
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @Test
    void throttlesOnlyWhenForced() throws Exception {
        // Given
        fake.enqueue(Behaviour.tooManyRequests(Duration.ofSeconds(7)));
        // When
        HttpResponse<String> throttled = calls.strict("/v1/track", TRACK);
        HttpResponse<String> after = calls.strict("/v1/track", TRACK);
        // Then
        assertThat(throttled.statusCode()).isEqualTo(429);
        assertThat(throttled.headers().firstValue("Retry-After")).contains("7");
        assertThat(after.statusCode()).isEqualTo(200);
        assertThat(fake.eventsOf("u-1")).hasSize(1);
    }

    @Test
    void makesAFreshPersonAfterADeletion() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'plan':'pro'}}");
        calls.accepted("/v1/track", TRACK);
        calls.accepted("/v1/group", "{'userId':'u-1','groupId':'acme'}");
        String before = fake.person("u-1").orElseThrow().cioId();
        calls.accepted("/v1/track", "{'userId':'u-1','event':'User Deleted'}");
        boolean gone = fake.person("u-1").isEmpty() && fake.relationships().isEmpty();
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'name':'Mara'}}");
        // Then
        assertThat(gone).isTrue();
        StoredPerson person = fake.person("u-1").orElseThrow();
        assertThat(person.cioId()).isNotEqualTo(before);
        assertThat(person.attributes()).containsOnlyKeys("name");
        assertThat(fake.eventsOf("u-1")).isEmpty();
    }

    @Test
    void ignoresASuppressedPersonByIdAndByEmail() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'email':'Mara@Example.com'}}");
        calls.accepted("/v1/track", "{'userId':'u-1','event':'User Suppressed'}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1'}");
        calls.accepted("/v1/track", TRACK);
        calls.accepted("/v1/identify", "{'userId':'u-2','traits':{'email':'mara@example.COM'}}");
        // Then
        assertThat(fake.persons()).isEmpty();
        assertThat(fake.suppressed()).containsExactly("mara@example.com", "u-1");
        assertThat(fake.ignored()).hasSize(3);
    }

    @Test
    void startsAfreshOnceUnsuppressed() throws Exception {
        // Given
        calls.accepted(
                "/v1/identify",
                "{'userId':'u-1','traits':{'email':'mara@example.com','plan':'pro'}}");
        calls.accepted("/v1/track", TRACK);
        calls.accepted("/v1/track", "{'userId':'u-1','event':'User Suppressed'}");
        calls.accepted("/v1/track", "{'userId':'u-1','event':'User Unsuppressed'}");
        boolean restored = fake.person("u-1").isPresent();
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'email':'mara@example.com'}}");
        // Then
        assertThat(restored).isFalse();
        assertThat(fake.person("u-1").orElseThrow().attributes()).containsOnlyKeys("email");
        assertThat(fake.eventsOf("u-1")).isEmpty();
    }

    @Test
    void deletesNobodyIfTheUserIsUnknown() throws Exception {
        // When
        calls.accepted("/v1/track", "{'userId':'u-1','event':'User Deleted'}");
        // Then
        assertThat(fake.persons()).isEmpty();
        assertThat(fake.ignored()).extracting(Ignored::reason).containsExactly("no such person");
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, true, true",
        "PT72H, true, true",
        "PT72H0.001S, true, false",
        "P30D, true, false",
        "P30DT0.001S, false, false"
    })
    void movesAnonymousEventsOfThirtyDaysAndLetsThoseOfThreeTriggerCampaigns(
            Duration age, boolean moves, boolean eligible) throws Exception {
        // Given
        String happened = NOW.minus(age).toString();
        calls.accepted(
                "/v1/track",
                "{'anonymousId':'a-1','event':'Viewed','timestamp':'" + happened + "'}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        // Then
        assertThat(fake.eventsOf("u-1"))
                .extracting(StoredEvent::moved, StoredEvent::campaignEligible)
                .isEqualTo(moves ? List.of(tuple(true, eligible)) : List.of());
        assertThat(fake.anonymousEventsOf("a-1")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"PT5M, true", "PT5M0.001S, false"})
    void movesALateAnonymousEventWithinFiveMinutes(Duration late, boolean moves) throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        fake.advanceClock(late);
        // When
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(moves ? 1 : 0);
        assertThat(fake.anonymousEventsOf("a-1")).hasSize(moves ? 0 : 1);
    }

    @Test
    void doesNotOpenTheFiveMinutesAgainForASecondIdentify() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        fake.advanceClock(Duration.ofMinutes(6));
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        // Then
        assertThat(fake.eventsOf("u-1")).isEmpty();
    }

    @Test
    void givesAnAnonymousIdToOnePersonOnly() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-2','anonymousId':'a-1'}");
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(1);
        assertThat(fake.person("u-2").orElseThrow().attributes()).doesNotContainKey("anonymous_id");
    }

    @ParameterizedTest
    @CsvSource({"true, {'userId':'u-1'}", "false, '{''userId'':''u-1'',''anonymousId'':''a-1''}'"})
    void leavesAnonymousEventsAloneWithoutAReconcilingIdentify(boolean merging, String identify)
            throws Exception {
        // Given
        fake.switches().anonymousMerging(merging);
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // When
        calls.accepted("/v1/identify", identify);
        // Then
        assertThat(fake.eventsOf("u-1")).isEmpty();
        assertThat(fake.anonymousEventsOf("a-1")).hasSize(1);
    }

    @Test
    void attributesATrackWithBothIdsToTheUserAndReconcilesNothing() throws Exception {
        // Given
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // When
        calls.accepted("/v1/track", "{'userId':'u-1','anonymousId':'a-1','event':'Bought'}");
        // Then
        assertThat(fake.eventsOf("u-1")).extracting(StoredEvent::name).containsExactly("Bought");
        assertThat(fake.anonymousEventsOf("a-1")).hasSize(1);
    }

    @Test
    void mergesTwoKnownPersons() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'plan':'pro'}}");
        calls.accepted(
                "/v1/identify",
                "{'userId':'u-0','traits':{'plan':'free','email':'m@example.com'}}");
        calls.accepted("/v1/track", event("u-0", "Recent", NOW.minus(Duration.ofDays(30))));
        calls.accepted(
                "/v1/track", event("u-0", "Old", NOW.minus(Duration.ofDays(30)).minusMillis(1)));
        // When
        calls.accepted("/v1/alias", "{'userId':'u-1','previousId':'u-0'}");
        // Then
        assertThat(fake.person("u-0")).isEmpty();
        StoredPerson person = fake.person("m@example.com").orElseThrow();
        assertThat(person.id()).isEqualTo("u-1");
        assertThat(person.attributes().get("plan").asText()).isEqualTo("pro");
        assertThat(fake.eventsOf("u-1"))
                .extracting(StoredEvent::name, StoredEvent::campaignEligible)
                .containsExactly(tuple("Recent", false));
    }

    @ParameterizedTest
    @CsvSource({"u-9, u-1", "u-1, a-1", "u-1, u-1"})
    void mergesNothingUnlessBothPersonsExist(String userId, String previousId) throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'plan':'pro'}}");
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        // When
        calls.accepted(
                "/v1/alias", "{'userId':'" + userId + "','previousId':'" + previousId + "'}");
        // Then
        assertThat(fake.persons()).extracting(StoredPerson::id).containsExactly("u-1");
        assertThat(fake.anonymousEventsOf("a-1")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user deleted",
                "Delete Person",
                "User Deleted ",
                "Group Deleted",
                "Account Deleted"
            })
    void storesANearMissOfASemanticNameAsAPlainEvent(String name) throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'plan':'pro'}}");
        // When
        calls.accepted("/v1/track", "{'userId':'u-1','event':'" + name + "'}");
        // Then
        assertThat(fake.person("u-1").orElseThrow().attributes()).containsKey("plan");
        assertThat(fake.eventsOf("u-1"))
                .extracting(StoredEvent::name)
                .containsExactly(name.strip());
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/track, 405",
        "DELETE, /v1/identify, 405",
        "PUT, /v1/batch, 405",
        "HEAD, /v1/batch, 405",
        "GET, /v1/people, 404",
        "DELETE, /v1/people, 404",
        "POST, /v1/track/, 404"
    })
    void hasNothingButPostsToItsDataPaths(String method, String path, int status) throws Exception {
        // When
        var answer = calls.send(calls.to(path).method(method, BodyPublishers.noBody()));
        // Then
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    @Test
    void storesNothingInTheWrongRegion() throws Exception {
        // Given
        fake.switches().wrongRegion(true);
        // When
        HttpResponse<String> answer = calls.strict("/v1/track", TRACK);
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(fake.received()).isEmpty();
    }

    @Test
    void readsGzippedBodiesAndLimitsThemUnpacked() throws Exception {
        // Given
        byte[] packed = gzipped(TRACK.replace('\'', '"'));
        byte[] bomb = gzipped(sized(TRACK, 32_769));
        // When
        var answer = calls.send(gzip("/v1/track", packed));
        var refused = calls.send(gzip("/v1/track", bomb));
        var broken = calls.send(gzip("/v1/track", "no gzip".getBytes(StandardCharsets.UTF_8)));
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(fake.requests().get(0).body()).isEqualTo(TRACK.replace('\'', '"'));
    }

    @Test
    void readsChunkedBodies() throws Exception {
        // Given
        byte[] body = TRACK.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        var stream = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
        // When
        var answer = calls.send(calls.request("/v1/track", "").POST(stream));
        // Then
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(fake.eventsOf("u-1")).hasSize(1);
    }

    @Test
    void keepsWhatCameInOrder() throws Exception {
        // When
        calls.accepted("/v1/track", "{'userId':'u-1','event':'A','messageId':'m-1'}");
        calls.strict("/v1/track", "{'userId':'u-1'}");
        calls.accepted(
                "/v1/batch",
                "{'batch':[{'type':'track','userId':'u-1','event':'B','messageId':'m-2'},"
                        + "{'type':'page','userId':'u-2','messageId':'m-3'}]}");
        // Then
        assertThat(fake.received())
                .extracting(ReceivedItem::request, ReceivedItem::index, ReceivedItem::messageId)
                .containsExactly(tuple(1L, 0, "m-1"), tuple(3L, 0, "m-2"), tuple(3L, 1, "m-3"));
        assertThat(fake.requests())
                .extracting(LoggedRequest::status)
                .containsExactly(200, 400, 200);
        assertThat(fake.requests().get(2).items()).hasSize(2);
        assertThat(fake.requests(3)).hasSize(1);
        fake.awaitMessageIds(Set.of("m-1", "m-2", "m-3"), Duration.ofSeconds(1));
    }

    private static String event(String userId, String name, Instant at) {
        return "{'userId':'" + userId + "','event':'" + name + "','timestamp':'" + at + "'}";
    }

    private HttpRequest.Builder gzip(String path, byte[] body) {
        return calls.request(path, "")
                .header("Content-Encoding", "gzip")
                .header("X-Strict-Mode", "1")
                .POST(BodyPublishers.ofByteArray(body));
    }

    private static byte[] gzipped(String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /** Blanks before the last brace fill the JSON up to the size wanted. */
    private static String sized(String json, int bytes) {
        String plain = json.replace('\'', '"');
        int end = plain.length() - 1;
        return plain.substring(0, end) + " ".repeat(bytes - plain.length()) + plain.substring(end);
    }
}
