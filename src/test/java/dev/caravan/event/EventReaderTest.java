package dev.caravan.event;

import static dev.caravan.event.Events.NOW;
import static dev.caravan.event.Events.accepted;
import static dev.caravan.event.Events.origin;
import static dev.caravan.event.Events.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Reading.Rule;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {

    @Test
    void leavesAnEventThatLacksNothingAsItCame() {
        // Given
        String item =
                """
                {"type":"track", "userId":"u-1","event":"Order Completed","messageId":"m-1",
                 "timestamp":"2026-08-21T10:15:30.123Z","properties":{"total":1.10,"huge":1e400,"big":123456789012345678901234567890,"none":null},"later":[1,{"a":null}]}""";
        // When / Then
        assertThat(json(accepted(item)))
                .isEqualTo(
                        item.replace(", \"userId\"", ",\"userId\"")
                                .replace(",\n \"timestamp\"", ",\"timestamp\""));
    }

    @Test
    void fillsInWhatIsMissing() {
        // Given
        Origin track = origin().with(Call.TRACK, null, null, null, null);
        // When
        Event event =
                ((Reading.Accepted) read("{\"userId\":\"u-1\",\"event\":\"X\"}", track)).event();
        // Then
        assertThat(event.call()).isEqualTo(Call.TRACK);
        assertThat(event.occurredAt()).isEqualTo(NOW);
        assertThat(event.messageId()).hasSize(36);
        assertThat(new String(event.json(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"userId\":\"u-1\",\"event\":\"X\",\"type\":\"track\",\"messageId\":\"%s\",\"timestamp\":\"2026-08-21T10:15:30.000Z\"}"
                                .formatted(event.messageId()));
    }

    @Test
    void countsNullAndEmptyReservedFieldsAsAbsentAndKeepsNullsInside() {
        // When
        String json =
                json(
                        accepted(
                                """
                                {"type":"identify","userId":"u-1","anonymousId":null,"groupId":"","context":null,"integrations":null,\
                                "messageId":"m-1","timestamp":"2026-08-21T10:15:30Z","traits":{"plan":null},"custom":null}"""));
        // Then
        assertThat(json)
                .isEqualTo(
                        """
                        {"type":"identify","userId":"u-1","messageId":"m-1","timestamp":"2026-08-21T10:15:30Z","traits":{"plan":null},"custom":null}""");
    }

    @Test
    void takesNameForEventOnTrackOnly() {
        // When
        Event track =
                accepted(
                                "{\"type\":\"track\",\"userId\":\"u\",\"name\":\"add-to-cart\",\"messageId\":\"m\"}")
                        .event();
        Event page =
                accepted(
                                "{\"type\":\"page\",\"userId\":\"u\",\"name\":\"Home\",\"messageId\":\"m\"}")
                        .event();
        // Then
        assertThat(track.name()).isEqualTo("add-to-cart");
        assertThat(track.asMap()).containsEntry("event", "add-to-cart").doesNotContainKey("name");
        assertThat(page.asMap()).containsEntry("name", "Home");
    }

    @Test
    void doesNotKeepKeysAndClocksOfTheSender() {
        // When
        Event event =
                accepted(
                                """
                                {"type":"track","userId":"u","event":"X","writeKey":"secret","sentAt":"2026-08-21T10:15:30Z","receivedAt":"2026-08-21T10:15:30Z"}""")
                        .event();
        // Then
        assertThat(event.asMap()).doesNotContainKeys("writeKey", "sentAt", "receivedAt");
    }

    @Test
    void correctsAWrongClockOnceAndKeepsWhatItSaid() {
        // Given a sender whose clock is an hour ahead
        String item =
                """
                {"type":"track","userId":"u","event":"X","timestamp":"2026-08-21T11:15:00.000Z","sentAt":"2026-08-21T11:15:30Z"}""";
        // When
        Event event = accepted(item).event();
        // Then
        assertThat(event.occurredAt()).isEqualTo(NOW.minusSeconds(30));
        assertThat(event.asMap())
                .containsEntry("timestamp", "2026-08-21T10:15:00.000Z")
                .containsEntry("originalTimestamp", "2026-08-21T11:15:00.000Z");
    }

    @Test
    void doesNotTakeTheNetworksDelayForAWrongClock() {
        // Given
        String at =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"timestamp\":\"2026-08-21T10:00:00Z\",\"sentAt\":\"%s\"}";
        // When
        Event within = accepted(at.formatted("2026-08-21T10:15:25.000Z")).event();
        Event beyond = accepted(at.formatted("2026-08-21T10:15:24.999Z")).event();
        // Then
        assertThat(within.asMap()).containsEntry("timestamp", "2026-08-21T10:00:00Z");
        assertThat(beyond.asMap()).containsEntry("timestamp", "2026-08-21T10:00:05.001Z");
    }

    @Test
    void letsABatchThatWasLongOnItsWayHappenWhenItSays() {
        // Given a phone that closed its batch at nine and found a network at a quarter past ten
        String item =
                """
                {"type":"track","userId":"u","event":"%s","timestamp":"2026-08-21T08:59:30.000Z","sentAt":"2026-08-21T09:00:00Z"}""";
        String timeless =
                """
                {"type":"track","userId":"u","event":"X","sentAt":"2026-08-21T09:00:00Z"}""";
        // When
        Event late = accepted(item.formatted("X")).event();
        Event lateAndTimeless = accepted(timeless).event();
        Event deletion = accepted(item.formatted("User Deleted")).event();
        // Then its clock may as well be behind: what is sent on is corrected, what a deletion asks
        // for is not, and the deletion itself takes the later time
        assertThat(late.asMap()).containsEntry("timestamp", "2026-08-21T10:15:00.000Z");
        assertThat(late.occurredAt()).isEqualTo(Instant.parse("2026-08-21T08:59:30Z"));
        assertThat(lateAndTimeless.occurredAt()).isEqualTo(Instant.parse("2026-08-21T09:00:00Z"));
        assertThat(deletion.occurredAt()).isEqualTo(NOW.minusSeconds(30));
    }

    @Test
    void leavesTheTimesOfAnArchiveAsTheyAre() {
        // Given
        String item =
                """
                {"type":"track","userId":"u","event":"X","messageId":"m","timestamp":"2026-03-01T10:00:00.000Z","sentAt":"2026-03-01T10:00:01Z"%s}""";
        Origin file = Events.origin().at(Instant.parse("2026-08-21T09:00:00Z"));
        // When
        Event inAFile = ((Reading.Accepted) Events.read(item.formatted(""), file)).event();
        Event posted = accepted(item.formatted(",\"receivedAt\":\"2026-03-01T10:00:02Z\"")).event();
        // Then
        for (Event event : List.of(inAFile, posted)) {
            assertThat(event.occurredAt()).isEqualTo(Instant.parse("2026-03-01T10:00:00Z"));
            assertThat(event.asMap())
                    .containsEntry("timestamp", "2026-03-01T10:00:00.000Z")
                    .doesNotContainKey("originalTimestamp");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0000-12-31T23:59:59.999Z, false",
        "0001-01-01T00:00:00.000Z, true",
        "0001-01-01T00:59:59.999+01:00, false",
        "0001-01-01T01:00:00.000+01:00, true",
        "9999-12-31T23:59:59.999Z, true",
        "9999-12-31T22:59:59.999-01:00, true",
        "9999-12-31T23:00:00.000-01:00, false"
    })
    void refusesATimeOutsideOfTheYearsThatHaveFourDigits(String time, boolean taken) {
        for (String field : List.of("timestamp", "originalTimestamp", "sentAt")) {
            // When
            Reading reading =
                    read(
                            "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"%s\":\"%s\"}"
                                    .formatted(field, time));
            // Then
            assertThat(reading instanceof Reading.Accepted).isEqualTo(taken);
            if (reading instanceof Reading.SetAside aside) {
                assertThat(aside.reason()).contains("'" + field + "'", "0001 to 9999");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2026-08-21T10:15:30Z, 2026-08-21T10:15:30Z",
        "2026-08-21T12:15:30.5+02:00, 2026-08-21T10:15:30.500Z",
        "2026-08-21T10:15:30.123456+00:00, 2026-08-21T10:15:30.123Z",
        "2026-08-21 10:15:30.1239Z, 2026-08-21T10:15:30.123Z",
        "2026-08-21T04:45:30-0530, 2026-08-21T10:15:30Z",
        "2024-02-29T23:59:60Z, 2024-02-29T23:59:59Z",
        "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999Z",
    })
    void readsTimestampsWithAZone(String text, String time) {
        assertThat(Timestamps.parse(text)).contains(Instant.parse(time));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-08-21T10:15:30", "2026-08-21", "1787307330", "2026-02-30T10:00:00Z",
                "2026-08-21T24:00:00Z", "2026-08-21T10:15:30.Z", "2026-08-21T10:15:30Zx",
                        "yesterday",
                "2026-08-21T10:15:30+19:00", "٢٠٢٦-08-21T10:15:30Z", ""
            })
    void refusesWhatIsNoDateTimeWithAZone(String text) {
        assertThat(Timestamps.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"userId\":\"u\",\"event\":\"X\"} | field 'type' is missing",
                "{\"type\":\"dance\",\"userId\":\"u\"} | field 'type' must be identify",
                "{\"type\":\"track\",\"userId\":\"u\"} | a track call needs 'event'",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"\"} | a track call needs 'event'",
                "{\"type\":\"track\",\"event\":\"X\"} | needs 'userId' or 'anonymousId' or 'groupId'",
                "{\"type\":\"page\"} | a page call needs 'userId' or 'anonymousId'",
                "{\"type\":\"identify\",\"traits\":{}} | or 'traits.email'",
                "{\"type\":\"group\",\"userId\":\"u\"} | a group call needs 'groupId'",
                "{\"type\":\"alias\",\"userId\":\"u\"} | an alias call needs 'userId' and 'previousId'",
                "{\"type\":\"track\",\"userId\":7,\"event\":\"X\"} | field 'userId' must be a text but is a number",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":[]} | field 'event' must be a text but is an array",
                "{\"type\":\"identify\",\"userId\":\"u\",\"traits\":[]} | field 'traits' must be an object but is an array",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"timestamp\":1787307330} | field 'timestamp' must be a text but is a number",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"timestamp\":\"2026-08-21\"} | field 'timestamp' must be an ISO-8601 date-time with a zone",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"userId\":\"v\"} | field 'userId' stands twice",
                "{\"type\":\"track\",\"userId\":\"\\ud800\",\"event\":\"X\"} | field 'userId' has half a surrogate pair",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\" | not valid JSON at column 41",
                "[1] | it is not a JSON object",
                "{} {} | something follows the JSON object",
            })
    void saysWhatIsWrongWithAnItem(String item, String reason) {
        // When
        Reading reading = read(item);
        // Then
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        aside -> {
                            assertThat(aside.rule()).isEqualTo(Rule.INVALID);
                            assertThat(aside.reason()).contains(reason);
                            assertThat(aside.item())
                                    .asString(StandardCharsets.UTF_8)
                                    .isEqualTo(item);
                        });
    }

    @Test
    void limitsIdsNamesAndSizesInBytes() {
        // Given
        String id150 = "é".repeat(75);
        String name100 = "é".repeat(50);
        String track =
                "{\"type\":\"track\",\"userId\":\"%s\",\"event\":\"%s\",\"messageId\":\"m\",\"properties\":{\"p\":\"%s\"}}";
        int rest =
                track.formatted("u", "X", "").length()
                        + ",\"timestamp\":\"2026-08-21T10:15:30.000Z\"".length();
        // When / Then
        accepted(track.formatted(id150, name100, ""));
        assertThat(reason(track.formatted(id150 + "x", "X", "")))
                .isEqualTo("field 'userId' has 151 bytes, the limit is 150");
        assertThat(reason(track.formatted("u", name100 + "x", "")))
                .isEqualTo("field 'event' has 101 bytes, the limit is 100");
        accepted(track.formatted("u", "X", "x".repeat(32_000 - rest)));
        assertThat(reason(track.formatted("u", "X", "x".repeat(32_001 - rest))))
                .isEqualTo("the event has 32,001 bytes, the limit is 32,000");
    }

    @Test
    void survivesDepthAndLongNumbers() {
        // When / Then
        String deep = "[".repeat(100_000);
        assertThat(reason("{\"type\":\"track\",\"properties\":{\"p\":" + deep))
                .contains("nested too deep");
        assertThat(reason("{\"type\":\"track\",\"properties\":{\"p\":" + "9".repeat(5_000) + "}}"))
                .contains("too long a name, number or text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e99999999999", "-1E+2147483647", "1e10000", "1.5e-9999", "0e-10000"})
    void refusesNumbersThatNobodyCanReadLater(String number) {
        for (String value : List.of("%s", "{\"a\":[1,{\"b\":%s}]}", "[\"\\u0041\",%s]")) {
            // Given
            String item =
                    "{\"type\":\"alias\",\"userId\":\"u\",\"previousId\":\"v\",\"odd\":%s}"
                            .formatted(value.formatted(number));
            // When / Then
            assertThat(reason(item))
                    .isEqualTo(
                            "field 'odd' has a number with an exponent, or decimals, beyond 9,999");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e9999", "1E-9999", "1.5e-9998", "-1e+0000000000400", "0.00e5"})
    void takesNumbersThatCanBeReadLater(String number) {
        // When
        String event =
                json(
                        accepted(
                                "{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"properties\":{\"n\":%s}}"
                                        .formatted(number)));
        // Then
        assertThat(event).contains("{\"n\":" + number + "}");
        Object properties = Json.toMap(event.getBytes(StandardCharsets.UTF_8)).get("properties");
        assertThat(Json.toBytes(properties)).isNotEmpty();
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        // Given
        byte[] latin1 =
                "{\"type\":\"track\",\"userId\":\"ü\",\"event\":\"X\"}"
                        .getBytes(StandardCharsets.ISO_8859_1);
        // When
        Reading reading =
                new EventReader(new SemanticNames(false, Set.of()))
                        .read(latin1, 0, latin1.length, origin(), 0);
        // Then
        assertThat(reading).isInstanceOf(Reading.SetAside.class);
    }

    @Test
    void refusesSurrogatesThatAreEncodedAsUtf8() {
        // Given the CESU form of half a surrogate pair, which Java's own decoder refuses
        byte[] item =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"properties\":{\"p\":\"???\"}}"
                        .getBytes(StandardCharsets.UTF_8);
        int at = new String(item, StandardCharsets.UTF_8).indexOf("???");
        item[at] = (byte) 0xed;
        item[at + 1] = (byte) 0xa0;
        item[at + 2] = (byte) 0x80;
        // When
        Reading reading =
                new EventReader(new SemanticNames(false, Set.of()))
                        .read(item, 0, item.length, origin(), 0);
        // Then
        assertThat(reading).isInstanceOf(Reading.SetAside.class);
    }

    @Test
    void putsTheBatchsContextUnderTheItems() throws Exception {
        // Given
        Origin batch =
                origin().with(
                                null,
                                null,
                                object(
                                        "{\"library\":{\"name\":\"go\",\"version\":\"1\"},\"ip\":\"10.0.0.1\"}"),
                                object("{\"All\":true,\"crm\":false}"),
                                "203.0.113.7");
        String item =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"messageId\":\"m\",\"timestamp\":\"2026-08-21T10:15:30Z\",\"context\":{\"library\":{\"version\":\"2\"},\"n\":1.0},\"integrations\":{\"crm\":true}}";
        // When
        Event event = ((Reading.Accepted) read(item, batch)).event();
        // Then
        assertThat(new String(event.json(), StandardCharsets.UTF_8))
                .contains(
                        "\"context\":{\"ip\":\"10.0.0.1\",\"library\":{\"name\":\"go\",\"version\":\"2\"},\"n\":1.0}")
                .contains("\"integrations\":{\"All\":true,\"crm\":true}");
    }

    @Test
    void fillsInTheCallersAddress() {
        // Given
        Origin browser = origin().with(null, null, null, null, "203.0.113.7");
        // When
        String item = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"X\",\"context\":%s}";
        Event without = ((Reading.Accepted) read(item.formatted("{}"), browser)).event();
        Event with =
                ((Reading.Accepted) read(item.formatted("{\"ip\":\"10.0.0.1\"}"), browser)).event();
        // Then
        assertThat(without.asMap().get("context")).asString().isEqualTo("{ip=203.0.113.7}");
        assertThat(with.asMap().get("context")).asString().isEqualTo("{ip=10.0.0.1}");
    }

    @Test
    void seesTheSameContentWhateverTheWhiteSpaceAndTheTimeOfSending() {
        // Given
        String one =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"A B\",\"sentAt\":\"2026-08-21T10:15:30Z\"}";
        String same =
                "{ \"type\" : \"track\",\n\"userId\":\"u\",\"event\":\"A B\",\"sentAt\":\"2026-08-21T10:15:31Z\",\"_metadata\":{\"retry\":1}}";
        String other = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"AB\"}";
        // When / Then
        assertThat(accepted(same).fingerprint()).isEqualTo(accepted(one).fingerprint());
        assertThat(accepted(other).fingerprint()).isNotEqualTo(accepted(one).fingerprint());
    }

    @Test
    void derivesTheSameIdForTheSameRecord() {
        // Given
        MessageIds file = MessageIds.derived("files", "orders.json 1 2");
        // When / Then
        assertThat(file.idOf(3)).isEqualTo(MessageIds.derived("files", "orders.json 1 2").idOf(3));
        assertThat(file.idOf(3)).isNotEqualTo(file.idOf(4)).hasSize(32);
        assertThat(file.idOf(3))
                .isNotEqualTo(MessageIds.derived("files", "orders.json 1 3").idOf(3));
    }

    @Test
    void mintsIdsThatSortByTime() {
        // Given
        Random random = new Random(1);
        String early = MessageIds.timeOrdered(InstantSource.fixed(NOW), random).idOf(0);
        String late =
                MessageIds.timeOrdered(InstantSource.fixed(NOW.plusMillis(1)), random).idOf(0);
        // When / Then
        assertThat(early)
                .isLessThan(late)
                .matches("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    }

    // --- meanings

    @ParameterizedTest
    @CsvSource({
        "User Deleted, USER_DELETED",
        "User Suppressed, USER_SUPPRESSED",
        "User Unsuppressed, USER_UNSUPPRESSED",
        "Device Created or Updated, DEVICE_UPDATED",
        "Report Delivery Event, DELIVERY_REPORTED",
        "Account Deleted, ORDINARY",
        "Delete Person, ORDINARY",
        "Order Deleted, ORDINARY",
    })
    void knowsMeaningsByTheExactName(String name, Meaning meaning) {
        assertThat(accepted(track(name, "{}")).event().meaning()).isEqualTo(meaning);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user deleted",
                "User Deleted ",
                "user_deleted",
                "USER-DELETED",
                "UserDeleted",
                "User\\u00a0Deleted",
                "Ｕser Deleted",
                "object deleted",
                "DeviceDeleted",
                "relationship.deleted",
                "User  Suppressed"
            })
    void setsANearMissOnADestructiveNameAside(String name) {
        // When
        Reading reading = read(track(name, "{}"));
        // Then
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        aside -> assertThat(aside.rule()).isEqualTo(Rule.NEAR_MISS));
    }

    @Test
    void letsANearMissPassThatTheUserAllows() {
        // Given
        EventReader reader = new EventReader(new SemanticNames(false, Set.of("user_deleted")));
        byte[] item = track("user_deleted", "{}").getBytes(StandardCharsets.UTF_8);
        // When
        Reading reading = reader.read(item, 0, item.length, origin(), 0);
        // Then
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.Accepted.class,
                        event -> assertThat(event.event().meaning()).isEqualTo(Meaning.ORDINARY));
    }

    @Test
    void rewritesSynonymsWhereTheyAreOptedIn() {
        // Given
        EventReader reader = new EventReader(new SemanticNames(true, Set.of()));
        byte[] item = track(" delete person ", "{}").getBytes(StandardCharsets.UTF_8);
        // When
        Reading.Accepted event = (Reading.Accepted) reader.read(item, 0, item.length, origin(), 0);
        // Then
        assertThat(event.event().meaning()).isEqualTo(Meaning.USER_DELETED);
        assertThat(event.event().asMap()).containsEntry("event", "User Deleted");
        assertThat(new String(event.event().json(), StandardCharsets.UTF_8))
                .contains("\"event\":\"User Deleted\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"type\":\"track\",\"anonymousId\":\"a\",\"event\":\"User Deleted\"} | 'User Deleted' needs 'userId'",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Device Deleted\"} | needs 'context.device.token'",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Device Deleted\",\"context\":{\"device\":{\"token\":7}}} | needs 'context.device.token' as a text",
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Relationship Deleted\"} | needs 'properties.objectId'",
                "{\"type\":\"track\",\"event\":\"Object Deleted\",\"properties\":{\"objectId\":\"\"}} | needs 'properties.objectId'",
            })
    void setsAnIncompleteDeletionAside(String item, String reason) {
        assertThat(read(item))
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        aside -> {
                            assertThat(aside.rule()).isEqualTo(Rule.INCOMPLETE);
                            assertThat(aside.reason()).contains(reason);
                        });
    }

    @Test
    void refusesADeletionThatCouldMeanTwoThings() {
        // Given
        String item =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Relationship Deleted\",\"properties\":{\"objectId\":\"a\",\"objectId\":\"b\"}}";
        // When / Then
        assertThat(reason(item)).isEqualTo("a field in 'properties' stands twice");
    }

    @Test
    void givesAnObjectDeletionTheAnonymousIdThatTheApiAsksFor() {
        // When
        Reading.Accepted event =
                accepted(
                        "{\"type\":\"track\",\"event\":\"Object Deleted\",\"properties\":{\"objectId\":\"acme\"}}");
        // Then
        assertThat(event.event().asMap()).containsEntry("anonymousId", "caravan-object-delete");
        assertThat(event.person()).isEqualTo(PersonKey.object("acme"));
    }

    @Test
    void setsADestructiveNameOnAnotherCallAside() {
        assertThat(read("{\"type\":\"identify\",\"userId\":\"u\",\"event\":\"User Deleted\"}"))
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        aside -> assertThat(aside.rule()).isEqualTo(Rule.NEAR_MISS));
    }

    @Test
    void holdsDestructiveEventsOfAPublicSource() {
        // Given
        Origin browser =
                Origin.of(
                        new Source("web", false),
                        NOW,
                        MessageIds.timeOrdered(InstantSource.fixed(NOW), new Random(1)),
                        NOW);
        // When / Then
        for (String name : new String[] {"User Deleted", "User Suppressed", "User Unsuppressed"}) {
            assertThat(read(track(name, "{}"), browser))
                    .isInstanceOfSatisfying(
                            Reading.SetAside.class,
                            aside -> assertThat(aside.rule()).isEqualTo(Rule.NEEDS_APPROVAL));
        }
        String logout =
                "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"Device Deleted\",\"context\":{\"device\":{\"token\":\"t\"}}}";
        assertThat(read(logout, browser)).isInstanceOf(Reading.Accepted.class);
        assertThat(read(track("Order Completed", "{}"), browser))
                .isInstanceOf(Reading.Accepted.class);
    }

    // --- whose event it is

    @Test
    void keepsTheOrderOfPersonsVisitorsAddressesAndObjects() {
        assertThat(accepted(track("X", "{}")).person()).isEqualTo(PersonKey.user("u"));
        assertThat(Events.visit("a", "m").person()).isEqualTo(PersonKey.visitor("a"));
        assertThat(
                        accepted(
                                        "{\"type\":\"identify\",\"traits\":{\"email\":\"Mara@Example.com\"}}")
                                .person())
                .isEqualTo(PersonKey.email("mara@example.com"));
        assertThat(accepted("{\"type\":\"group\",\"groupId\":\"acme\"}").person())
                .isEqualTo(PersonKey.object("acme"));
        assertThat(accepted("{\"type\":\"track\",\"groupId\":\"acme\",\"event\":\"X\"}").person())
                .isEqualTo(PersonKey.object("acme"));
    }

    @Test
    void joinsOnIdentifyWithTwoNamesAndOnAliasOnly() {
        assertThat(Events.identify("u", "a", "m").joins()).containsExactly(PersonKey.visitor("a"));
        assertThat(
                        accepted(
                                        "{\"type\":\"identify\",\"anonymousId\":\"a\",\"traits\":{\"email\":\"X@y.z\"}}")
                                .joins())
                .containsExactly(PersonKey.email("x@y.z"));
        assertThat(accepted("{\"type\":\"alias\",\"userId\":\"u\",\"previousId\":\"v\"}").joins())
                .containsExactly(PersonKey.user("v"), PersonKey.visitor("v"));
        assertThat(
                        accepted(
                                        "{\"type\":\"track\",\"userId\":\"u\",\"anonymousId\":\"a\",\"event\":\"X\"}")
                                .joins())
                .isEmpty();
    }

    private static String track(String name, String properties) {
        return "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"%s\",\"properties\":%s}"
                .formatted(name, properties);
    }

    private static String json(Reading.Accepted reading) {
        return new String(reading.event().json(), StandardCharsets.UTF_8);
    }

    private static String reason(String item) {
        Reading reading = read(item);
        assertThat(reading).isInstanceOf(Reading.SetAside.class);
        return ((Reading.SetAside) reading).reason();
    }

    private static RawObject object(String json) throws Exception {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return RawObject.parse(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @CsvSource({
        "0001-01-01T00:00:00.000Z, 2026-08-21T11:15:30Z", // would be the year before
        "9999-12-31T23:59:59.000Z, 2026-08-21T09:15:30Z", // would have five digits
        "2020-01-01T00:00:00.000Z, 1970-01-01T00:00:00Z", // a clock that was never set
        "2020-01-01T00:00:00.000Z, 2036-01-01T00:00:00Z"
    })
    void leavesATimeAsSaidThatNoCorrectionMendsBySentAt(String said, String sentAt) {
        // When
        Event event =
                accepted(
                                """
                                {"type":"track","userId":"u","event":"A","messageId":"m","timestamp":"%s","sentAt":"%s"}"""
                                        .formatted(said, sentAt))
                        .event();
        // Then: and nothing is received before it happens
        Instant time = Instant.parse(said);
        assertThat(event.occurredAt()).isEqualTo(time.isAfter(NOW) ? NOW : time);
        assertThat(new String(event.json(), StandardCharsets.UTF_8))
                .contains("\"timestamp\":\"" + said + "\"")
                .doesNotContain("originalTimestamp");
    }

    @Test
    void rewritesALeapSecond() {
        // When
        Event event =
                accepted(
                                """
                                {"type":"track","userId":"u","event":"A","messageId":"m","timestamp":"2016-12-31T23:59:60Z"}""")
                        .event();
        // Then
        assertThat(new String(event.json(), StandardCharsets.UTF_8))
                .contains("\"timestamp\":\"2016-12-31T23:59:59.000Z\"");
    }

    @ParameterizedTest
    @CsvSource({
        "messageId, track, event",
        "event, track, messageId",
        "name, screen, messageId",
        "name, page, messageId"
    })
    void setsHalfASurrogatePairAsideInMessageIdEventAndName(String field, String type, String ok) {
        // Given
        String item =
                "{\"type\":\"%s\",\"userId\":\"u\",\"%s\":\"fine \\ud83d\\ude00\",\"%s\":\"half \\ud83d\"}"
                        .formatted(type, ok, field);
        // When
        Reading reading = read(item, origin());
        // Then
        assertThat(reading)
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        aside ->
                                assertThat(aside.reason())
                                        .isEqualTo(
                                                "field '%s' has half a surrogate pair"
                                                        .formatted(field)));
    }

    @Test
    void keepsNoKeyWithWhatItSetsAside() {
        // When
        Reading reading =
                read(
                        "{\"writeKey\":\"secret\",\"userId\":\"u\", \"total\":4.50,\"type\":\"nonsense\"}");
        // Then
        assertThat(reading).isInstanceOf(Reading.SetAside.class);
        assertThat(new String(((Reading.SetAside) reading).item(), StandardCharsets.UTF_8))
                .isEqualTo("{\"userId\":\"u\",\"total\":4.50,\"type\":\"nonsense\"}");
    }
}
