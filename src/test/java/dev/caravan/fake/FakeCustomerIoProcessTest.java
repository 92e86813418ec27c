package dev.caravan.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The fake in a process of its own, seen through the control door. */
class FakeCustomerIoProcessTest {

    private static FakeCustomerIoProcess process;
    private static FakeControl fake;
    private static Calls calls;

    @BeforeAll
    static void start() throws Exception {
        process = FakeCustomerIoProcess.start(0, "the-key");
        fake = process.client();
        calls = new Calls(fake.url(), "the-key");
    }

    @AfterAll
    static void stop() {
        process.close();
    }

    @BeforeEach
    void reset() {
        fake.reset();
        fake.configure(Map.of("anonymousMerging", true));
    }

    @Test
    void showsWhatCameIn() throws Exception {
        // Given
        String person = "{'userId':'ü 1','traits':{'email':'mara@example.com'},'messageId':'m-0'}";
        // When
        calls.accepted("/v1/identify", person);
        calls.accepted("/v1/track", "{'userId':'ü 1','event':'A','messageId':'m-1'}");
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'B','messageId':'m-2'}");
        calls.accepted("/v1/group", "{'userId':'ü 1','groupId':'acme'}");
        // Then
        fake.awaitMessageIds(Set.of("m-1", "m-2"), Duration.ofSeconds(1));
        assertThat(fake.requests()).hasSize(4).allMatch(LoggedRequest::fullyWritten);
        assertThat(fake.requests(4).get(0).items().get(0).path("groupId").asText())
                .isEqualTo("acme");
        assertThat(fake.requestCount()).isEqualTo(4);
        assertThat(fake.received(3)).hasSize(1);
        assertThat(fake.received().get(1).json().path("event").asText()).isEqualTo("A");
        assertThat(fake.messageIds()).containsOnlyKeys("m-0", "m-1", "m-2");
        assertThat(fake.orderOf("ü 1")).containsExactly("m-0", "m-1", "");
        assertThat(fake.eventsOf("ü 1")).extracting(StoredEvent::name).containsExactly("A");
        assertThat(fake.anonymousEventsOf("a-1")).hasSize(1);
        assertThat(fake.events()).hasSize(2);
        assertThat(fake.person("MARA@example.com").orElseThrow().id()).isEqualTo("ü 1");
        assertThat(fake.persons()).hasSize(1);
        assertThat(fake.objects())
                .extracting(StoredObject::key)
                .containsExactly(new ObjectKey("1", "acme"));
        assertThat(fake.relationships()).hasSize(1);
        assertThat(fake.suppressed()).isEmpty();
        assertThat(fake.metrics()).isEmpty();
        assertThat(fake.ignored()).isEmpty();
    }

    @Test
    void takesOrders() throws Exception {
        // Given
        fake.enqueue(Behaviour.tooManyRequests(Duration.ofSeconds(1)));
        fake.rule(Match.any().event("Bad"), Behaviour.answer(500).applied(), 1);
        String json = "{'userId':'u-1','event':'Bad'}";
        // When
        int first = calls.strict("/v1/track", json).statusCode();
        int second = calls.strict("/v1/track", json).statusCode();
        int third = calls.strict("/v1/track", json).statusCode();
        // Then
        assertThat(new int[] {first, second, third}).containsExactly(429, 500, 200);
        assertThat(fake.eventsOf("u-1")).hasSize(2);
    }

    @Test
    void obeysTheClockAndTheSwitches() throws Exception {
        // Given
        fake.setClock(Instant.parse("2030-01-01T00:00:00Z"));
        calls.accepted("/v1/track", "{'anonymousId':'a-1','event':'Viewed'}");
        fake.advanceClock(Duration.ofDays(31));
        // When
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-1'}");
        fake.configure(Map.of("anonymousMerging", false));
        calls.accepted("/v1/track", "{'anonymousId':'a-2','event':'Viewed'}");
        calls.accepted("/v1/identify", "{'userId':'u-1','anonymousId':'a-2'}");
        // Then
        assertThat(fake.eventsOf("u-1")).isEmpty();
        assertThat(fake.anonymousEventsOf("a-2")).hasSize(1);
    }

    @Test
    void namesAnOrderItDoesNotUnderstand() {
        // When
        assertThatThrownBy(() -> fake.configure(Map.of("anonymousMerge", true)))
                // Then
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("anonymousMerge");
    }

    @Test
    void goesDownAndComesBack() throws Exception {
        // Given
        calls.accepted("/v1/track", "{'userId':'u-1','event':'A','messageId':'m-1'}");
        // When
        fake.goDown(Duration.ofMillis(300));
        // Then
        assertThatThrownBy(() -> new FakeCustomerIoClient(fake.url()).events())
                .isInstanceOf(UncheckedIOException.class);
        awaitListening();
        calls.accepted("/v1/track", "{'userId':'u-1','event':'B','messageId':'m-2'}");
        assertThat(fake.messageIds()).containsOnlyKeys("m-1", "m-2");
    }

    private static void awaitListening() throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (true) {
            try {
                new Socket(fake.url().getHost(), fake.url().getPort()).close();
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(20);
            }
        }
    }
}
