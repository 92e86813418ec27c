package dev.caravan.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the fake does when it is told to misbehave. */
class FakeCustomerIoScriptTest {

    private static final String TRACK = "{'userId':'u-1','event':'Plan Changed','messageId':'m-1'}";

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

    static Stream<Behaviour> answers() {
        return Stream.of(
                Behaviour.answer(500),
                Behaviour.answer(503).header("Retry-After", "1").body("<html>busy</html>"),
                Behaviour.answer(401),
                Behaviour.answer(404),
                Behaviour.answer(413),
                Behaviour.answer(204),
                Behaviour.redirect(307, "http://127.0.0.1:1/v1/track"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answersWhatItIsToldAndAppliesNothing(Behaviour behaviour) throws Exception {
        // Given
        fake.enqueue(behaviour);
        // When
        HttpResponse<String> answer = calls.strict("/v1/track", TRACK);
        // Then
        assertThat(answer.statusCode()).isEqualTo(behaviour.status());
        assertThat(answer.body()).isEqualTo(behaviour.body());
        assertThat(fake.received()).isEmpty();
        assertThat(fake.requests().get(0).behaviour()).isEqualTo(behaviour);
    }

    @Test
    void appliesARequestItAnswersWithAnErrorIfToldSo() throws Exception {
        // Given
        fake.enqueue(Behaviour.answer(500).applied());
        // When
        int status = calls.strict("/v1/track", TRACK).statusCode();
        // Then
        assertThat(status).isEqualTo(500);
        assertThat(fake.eventsOf("u-1")).hasSize(1);
    }

    @Test
    void leavesOutTheItemsOfAPartialAnswer() throws Exception {
        // Given
        fake.enqueue(Behaviour.partial(1));
        String batch =
                "{'batch':[{'type':'track','userId':'u-1','event':'A'},"
                        + "{'type':'track','userId':'u-1','event':'B'}]}";
        // When
        HttpResponse<String> answer = calls.strict("/v1/batch", batch);
        // Then
        assertThat(answer.statusCode()).isEqualTo(207);
        assertThat(answer.body()).contains("\"batch_index\":1");
        assertThat(fake.eventsOf("u-1")).extracting(StoredEvent::name).containsExactly("A");
    }

    static Stream<Behaviour> losses() {
        return Stream.of(
                Behaviour.closeBeforeProcessing(),
                Behaviour.closeAfterProcessing(),
                Behaviour.halfAnswer(),
                Behaviour.halfAnswer().unapplied(),
                Behaviour.reset(),
                Behaviour.resetAfterProcessing());
    }

    @ParameterizedTest
    @MethodSource("losses")
    void losesTheAnswerAndAppliesTheRequestOrNot(Behaviour behaviour) throws Exception {
        // Given: the JDK's client repeats a request that an old connection loses, so each try meets
        // the same fate
        fake.rule(Match.any(), behaviour, 0);
        // When
        assertThatThrownBy(() -> calls.strict("/v1/track", TRACK)).isInstanceOf(IOException.class);
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(behaviour.processed() ? 1 : 0);
        assertThat(fake.requests()).noneMatch(LoggedRequest::fullyWritten);
    }

    static Stream<Behaviour> silences() {
        return Stream.of(
                Behaviour.hang(),
                Behaviour.hangAfterProcessing(),
                Behaviour.normal().answeredAfter(Duration.ofSeconds(5)));
    }

    @ParameterizedTest
    @MethodSource("silences")
    void keepsSilentUntilTheClientGivesUp(Behaviour behaviour) {
        // Given
        fake.enqueue(behaviour);
        var request = calls.request("/v1/track", TRACK).timeout(Duration.ofMillis(300));
        // When
        assertThatThrownBy(() -> calls.send(request)).isInstanceOf(HttpTimeoutException.class);
        // Then
        assertThat(fake.eventsOf("u-1")).hasSize(behaviour.processed() ? 1 : 0);
        assertThat(fake.requests().get(0).status()).isZero();
    }

    @Test
    void waitsBeforeItProcesses() throws Exception {
        // Given
        fake.enqueue(Behaviour.normal().delayed(Duration.ofMillis(200)));
        // When
        calls.accepted("/v1/track", TRACK);
        // Then
        LoggedRequest request = fake.requests().get(0);
        assertThat(Duration.ofNanos(request.endNanos() - request.beginNanos()))
                .isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void followsRulesByWhatARequestHolds() throws Exception {
        // Given
        fake.rule(Match.any().userId("u-1").event("Bad"), Behaviour.answer(500), 0);
        fake.rule(Match.any().messageId("m-7"), Behaviour.answer(503), 1);
        fake.rule(Match.any().request(5), Behaviour.answer(502), 0);
        fake.script().rule(facts -> facts.path().equals("/v1/page"), Behaviour.answer(504), 0);
        String other = "{'userId':'u-2','event':'Bad','messageId':'m-7'}";
        // When
        List<Integer> statuses =
                List.of(
                        calls.strict("/v1/track", "{'userId':'u-1','event':'Bad'}").statusCode(),
                        calls.strict("/v1/track", "{'userId':'u-1','event':'Good'}").statusCode(),
                        calls.strict("/v1/track", other).statusCode(),
                        calls.strict("/v1/track", other).statusCode(),
                        calls.strict("/v1/track", other).statusCode(),
                        calls.strict("/v1/page", "{'userId':'u-1'}").statusCode());
        // Then
        assertThat(statuses).containsExactly(500, 200, 503, 200, 502, 504);
    }

    @Test
    void drawsTheSameLotsForTheSameSeed() throws Exception {
        // Given
        List<List<Integer>> runs = new ArrayList<>();
        // When
        for (int run = 0; run < 2; run++) {
            fake.reset();
            fake.rule(Match.any().chance(0.3, 42), Behaviour.answer(500), 0);
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                statuses.add(calls.strict("/v1/track", TRACK).statusCode());
            }
            runs.add(statuses);
        }
        // Then
        assertThat(runs.get(0)).isEqualTo(runs.get(1));
        assertThat(runs.get(0).stream().filter(status -> status == 500).count())
                .isBetween(15L, 45L);
    }

    @Test
    void forgetsTheOldestRequestsWhenTheLogIsFull() throws Exception {
        // Given
        fake.switches().requestLogBytes(2_500);
        // When
        for (int i = 0; i < 5; i++) {
            calls.accepted("/v1/track", TRACK);
        }
        // Then
        assertThat(fake.requests()).extracting(LoggedRequest::number).containsExactly(4L, 5L);
        assertThat(fake.requestCount()).isEqualTo(5);
        assertThat(fake.received()).hasSize(5);
    }

    @Test
    void refusesConnectionsWhileItIsDown() throws Exception {
        // Given
        calls.accepted("/v1/track", TRACK);
        fake.goDown();
        // When
        assertThatThrownBy(() -> calls.strict("/v1/track", TRACK)).isInstanceOf(IOException.class);
        fake.comeBack();
        // Then
        calls.accepted("/v1/track", TRACK);
        assertThat(fake.messageIds()).containsEntry("m-1", 2);
    }
}
