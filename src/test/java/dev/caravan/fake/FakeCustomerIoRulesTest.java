package dev.caravan.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the strict judge refuses, and what semantic events do. */
class FakeCustomerIoRulesTest {

    private FakeCustomerIo fake;
    private Calls calls;

    @BeforeEach
    void start() throws Exception {
        fake = FakeCustomerIo.start("the-key");
        calls = new Calls(fake.url(), "the-key");
    }

    @AfterEach
    void stop() throws Exception {
        fake.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{'userId':'u-1'",
                "{'userId':'u-1','event':'A'} x",
                "{'userId':'u-1','userId':'u-1','event':'A'}",
                "{'userId':1,'event':'A'}",
                "{'anonymousId':{},'event':'A'}",
                "{'userId':'u-1','event':7}",
                "{'userId':'u-1','event':'A','messageId':5}",
                "{'userId':'u-1','event':'A','messageId':' '}",
                "{'type':'page','userId':'u-1','event':'A'}",
                "{'userId':'u-1','event':'A','timestamp':1787307330123}",
                "{'userId':'u-1','event':'A','timestamp':'1787307330'}",
                "{'userId':'u-1','event':'A','timestamp':'2026-08-21'}",
                "{'userId':'u-1','event':'A','timestamp':'2026-08-21T10:15:30.123'}",
                "{'userId':'u-1','event':'A','timestamp':'2026-02-30T10:15:30.123Z'}",
                "{'userId':'u-1','event':'A','sentAt':'yesterday'}",
                "{'userId':'u-1','event':'A','properties':[]}",
                "{'userId':'u-1','event':'A','context':'web'}",
                "{'userId':'u-1','event':'A','integrations':true}"
            })
    void refusesWhatIsNoTrackCall(String json) throws Exception {
        // When
        HttpResponse<String> answer = calls.strict("/v1/track", json);
        // Then
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(fake.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'userId':'u-1','traits':'pro'}",
                "{'userId':'u-1','traits':{'email':5}}",
                "{'userId':'u-1','traits':{'unsubscribed':'no'}}",
                "{'userId':'u-1','traits':{'objectId':'acme','objectTypeId':'company'}}",
                "{'userId':'u-1','traits':{'relationshipAttributes':[]}}"
            })
    void refusesWhatIsNoIdentifyCall(String json) throws Exception {
        // When
        HttpResponse<String> answer = calls.strict("/v1/identify", json);
        // Then
        assertThat(answer.statusCode()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'batch':{}}",
                "{'batch':[]}",
                "{'batch':[5]}",
                "{'batch':[{'type':'identify','userId':'u-1'}],'batch':[]}",
                "{'batch':[{'type':'identify','userId':'u-1'}],'sentAt':1787307330123}"
            })
    void refusesWhatIsNoBatch(String json) throws Exception {
        // When
        HttpResponse<String> answer = calls.strict("/v1/batch", json);
        // Then
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(calls.permissive("/v1/batch", json).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "track  | event      | 100 | {'userId':'u-1','event':'?'}",
                "screen | name       | 100 | {'userId':'u-1','name':'?'}",
                "track  | userId     | 150 | {'event':'A','userId':'?'}",
                "alias  | previousId | 150 | {'userId':'u-1','previousId':'?'}",
                "group  | groupId    | 150 | {'groupId':'?'}"
            })
    void measuresNamesAndIdsInBytes(String path, String field, int bytes, String json)
            throws Exception {
        // Given
        String fitting = "é".repeat(bytes / 2);
        // When
        int fits = calls.strict("/v1/" + path, json.replace("?", fitting)).statusCode();
        HttpResponse<String> exceeds =
                calls.strict("/v1/" + path, json.replace("?", fitting + "e"));
        // Then
        assertThat(fits).isEqualTo(200);
        assertThat(exceeds.statusCode()).isEqualTo(400);
        assertThat(exceeds.body()).contains(field);
    }

    @Test
    void limitsAttributesOnlyWhenSwitchedOn() throws Exception {
        // Given
        String json = "{'userId':'u-1','traits':{'bio':'" + "x".repeat(1001) + "'}}";
        // When
        int off = calls.strict("/v1/identify", json).statusCode();
        fake.configure(Map.of("attributeLimits", true));
        int on = calls.strict("/v1/identify", json).statusCode();
        // Then
        assertThat(off).isEqualTo(200);
        assertThat(on).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'anonymousId':'a-1','event':'User Deleted'}",
                "{'userId':'u-1','event':'Device Created or Updated'}",
                "{'userId':'u-1','event':'Device Deleted','properties':{'device':{'token':'t'}}}",
                "{'userId':'u-1','event':'Relationship Deleted','properties':{'objectId':7}}",
                "{'anonymousId':'a-1','event':'Object Deleted'}",
                "{'anonymousId':'a-1','event':'Report Delivery Event',"
                        + "'properties':{'deliveryId':'d','metric':'seen'}}",
                "{'anonymousId':'a-1','event':'Report Content Event',"
                        + "'properties':{'activityType':'viewed_content'}}"
            })
    void refusesASemanticEventWithoutItsFieldsUnlessSwitchedOff(String json) throws Exception {
        // When
        int on = calls.strict("/v1/track", json).statusCode();
        fake.switches().semanticRequirements(false);
        int off = calls.strict("/v1/track", json).statusCode();
        // Then
        assertThat(on).isEqualTo(400);
        assertThat(off).isEqualTo(200);
        assertThat(fake.events()).isEmpty();
        assertThat(fake.ignored()).hasSize(1);
    }

    @Test
    void keepsDevicesByToken() throws Exception {
        // Given
        String device =
                "'context':{'device':{'token':'tok-9','type':'android'},'app':{'version':'3.2'}}";
        calls.accepted(
                "/v1/track",
                "{'userId':'u-1','event':'Device Created or Updated',"
                        + "'properties':{'push_enabled':true},"
                        + device
                        + "}");
        StoredPerson before = fake.person("u-1").orElseThrow();
        // When
        calls.accepted("/v1/track", "{'userId':'u-1','event':'Device Deleted'," + device + "}");
        // Then
        assertThat(before.devices())
                .extracting(StoredDevice::token, StoredDevice::platform, StoredDevice::appVersion)
                .containsExactly(tuple("tok-9", "android", "3.2"));
        assertThat(fake.person("u-1").orElseThrow().devices()).isEmpty();
        assertThat(fake.events()).isEmpty();
    }

    @Test
    void readsTheDeviceFromTheContextOfTheBatch() throws Exception {
        // When
        calls.accepted(
                "/v1/batch",
                "{'context':{'device':{'token':'tok-9','type':'ios'}},'batch':["
                        + "{'type':'track','userId':'u-1','event':'Application Opened'}]}");
        // Then
        assertThat(fake.person("u-1").orElseThrow().devices()).hasSize(1);
        assertThat(fake.eventsOf("u-1")).hasSize(1);
    }

    @Test
    void relatesAndUnrelatesPersonsAndObjects() throws Exception {
        // Given
        calls.accepted(
                "/v1/group",
                "{'userId':'u-1','groupId':'acme','traits':{'objectTypeId':'2','name':'Acme',"
                        + "'relationshipAttributes':{'role':'owner'}}}");
        calls.accepted(
                "/v1/group",
                "{'anonymousId':'a-2','groupId':'acme','traits':{'object_type_id':2}}");
        calls.accepted("/v1/identify", "{'userId':'u-2','anonymousId':'a-2'}");
        var related = fake.relationships();
        // When
        calls.accepted(
                "/v1/track",
                "{'userId':'u-1','event':'Relationship Deleted',"
                        + "'properties':{'objectId':'acme','objectTypeId':2}}");
        // Then
        assertThat(related).extracting(StoredRelationship::person).containsExactly("u-1", "u-2");
        assertThat(related.get(0).attributes().get("role").asText()).isEqualTo("owner");
        assertThat(fake.relationships())
                .extracting(StoredRelationship::person)
                .containsExactly("u-2");
        assertThat(fake.objects().get(0).attributes()).containsOnlyKeys("name");
    }

    @Test
    void deletesAnObjectWithItsRelationships() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'objectId':'acme'}}");
        // When
        calls.accepted(
                "/v1/track",
                "{'anonymousId':'x','event':'Object Deleted',"
                        + "'properties':{'objectId':'acme','objectTypeId':1}}");
        // Then
        assertThat(fake.objects()).isEmpty();
        assertThat(fake.relationships()).isEmpty();
        assertThat(fake.person("u-1")).isPresent();
    }

    @Test
    void recordsMetricsThatBelongToNobody() throws Exception {
        // When
        calls.accepted(
                "/v1/track",
                "{'event':'Report Delivery Event',"
                        + "'properties':{'deliveryId':'d-1','metric':'opened'}}");
        // Then
        assertThat(fake.metrics()).extracting(StoredMetric::deliveryId).containsExactly("d-1");
    }

    @Test
    void removesAttributesAndPatchesPreferences() throws Exception {
        // Given
        calls.accepted(
                "/v1/identify",
                "{'userId':'u-1','traits':{'plan':'pro','age':7,'createdAt':'2026-01-05T08:00:00Z',"
                        + "'cio_subscription_preferences':{'topics':{'topic_1':true}}}}");
        // When
        calls.accepted(
                "/v1/identify",
                "{'userId':'u-1','traits':{'plan':null,'age':'',"
                        + "'cio_subscription_preferences.topics.topic_3':false}}");
        // Then
        var attributes = fake.person("u-1").orElseThrow().attributes();
        assertThat(attributes).containsOnlyKeys("created_at", "cio_subscription_preferences");
        assertThat(attributes.get("created_at").asLong()).isEqualTo(1_767_600_000L);
        assertThat(attributes.get("cio_subscription_preferences"))
                .hasToString("{\"topics\":{\"topic_1\":true,\"topic_3\":false}}");
    }

    @Test
    void renamesThePersonWhenANewIdComesWithAKnownEmail() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'traits':{'email':'mara@example.com','plan':'pro'}}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'email':'MARA@example.com'}}");
        // Then
        assertThat(fake.persons()).hasSize(1);
        assertThat(fake.person("u-1").orElseThrow().attributes()).containsKey("plan");
    }

    @Test
    void updatesNobodyWhenIdAndEmailBelongToTwoPersons() throws Exception {
        // Given
        calls.accepted("/v1/identify", "{'userId':'u-1','traits':{'email':'mara@example.com'}}");
        calls.accepted("/v1/identify", "{'userId':'u-2'}");
        // When
        calls.accepted("/v1/identify", "{'userId':'u-2','traits':{'email':'mara@example.com'}}");
        // Then
        assertThat(fake.person("mara@example.com").orElseThrow().id()).isEqualTo("u-1");
        assertThat(fake.ignored()).hasSize(1);
    }
}
