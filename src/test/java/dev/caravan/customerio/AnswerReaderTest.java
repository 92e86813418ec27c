package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Paused;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerReaderTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"success\":true}",
                "OK",
                "{\"errors\":[]}",
                "[1]",
                "null",
                "{\"errors\":null}",
                "{\"meta\":{\"errors\":[]}}",
                "{\"message\":\"queued\"}"
            })
    void believesASuccessWhateverItsBody(String body) {
        // When
        List<Outcome> outcomes = read(200, body, 2);
        // Then
        assertThat(outcomes).containsExactly(new Delivered(200), new Delivered(200));
    }

    @Test
    void believesASuccessThatIsTooLongToBeReadWhole() {
        // Given
        String start = "{\"echo\":\"";
        String cut = start + "x".repeat(HttpTransport.ANSWER_BYTES - start.length());
        // When
        List<Outcome> success = read(200, cut, 2);
        List<Outcome> mixed = read(207, cut, 2);
        // Then
        assertThat(success).containsExactly(new Delivered(200), new Delivered(200));
        assertThat(mixed).allMatch(Retry.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 207})
    void takesOnlyTheNamedEventsAsRefusedAndTheOthersAsDelivered(int status) {
        // Given
        String body =
                "{\"errors\":[{\"batch_index\":1,\"reason\":\"invalid\",\"field\":\"traits.plan\",\"message\":\"too long\"},"
                        + "{\"batch_index\":1,\"reason\":\"required\"}]}";
        // When
        List<Outcome> outcomes = read(status, body, 3);
        // Then
        assertThat(outcomes)
                .containsExactly(
                        new Delivered(status),
                        new Refused(
                                status,
                                "Customer.io answered " + status + ": invalid: traits; required",
                                false,
                                "invalid: traits.plan: too long; required"),
                        new Delivered(status));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "batch[1].userId is required",
                "batch.1.userId is required",
                "/batch/1/userId is required",
                "batch[1]: a track call needs 'event'",
                "$.batch[1] is bad"
            })
    void refusesTheEventThatAStrictRefusalNamesAndSendsTheOthersAgainAtOnce(String error) {
        // When
        List<Outcome> outcomes = read(400, "{\"meta\":{\"errors\":[\"" + error + "\"]}}", 2);
        // Then
        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(
                        Retry.class, retry -> assertThat(retry.after()).contains(Duration.ZERO));
        assertThat(outcomes.get(1))
                .isInstanceOfSatisfying(
                        Refused.class,
                        refused -> {
                            assertThat(refused.whole()).isFalse();
                            assertThat(refused.words()).contains(error);
                        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"meta\":{\"errors\":[\"something is wrong\"]}}",
                "{\"meta\":{\"error\":\"something is wrong\"}}",
                "{\"code\":\"invalid_request\",\"message\":\"something is wrong\"}",
                "{\"errors\":\"something is wrong\"}",
                "{\"errors\":[\"something is wrong\"]}",
                "{\"errors\":[{\"batch_index\":2,\"message\":\"something is wrong\"}]}",
                "{\"errors\":[{\"batch_index\":-1,\"message\":\"something is wrong\"}]}",
                "{\"errors\":[{\"batch_index\":\"0\",\"message\":\"something is wrong\"}]}",
                "{\"meta\":{\"errors\":[\"batch[12345678901]: something is wrong\"]}}",
                "{\"meta\":{\"errors\":[\"event 'batch[0]' - something is wrong\"]}}"
            })
    void refusesAllAsAWholeWhereNoEventIsNamed(String body) {
        // When
        List<Outcome> outcomes = read(400, body, 2);
        // Then
        assertThat(outcomes)
                .hasSize(2)
                .allSatisfy(
                        outcome ->
                                assertThat(outcome)
                                        .isInstanceOfSatisfying(
                                                Refused.class,
                                                refused -> {
                                                    assertThat(refused.whole()).isTrue();
                                                    assertThat(refused.words())
                                                            .contains("something is wrong");
                                                }));
    }

    @Test
    void knowsThatARefusalOfOneEventMeansThatOne() {
        // When
        List<Outcome> outcomes = read(400, "{\"message\":\"no\"}", 1);
        // Then
        assertThat(outcomes)
                .containsExactly(new Refused(400, "Customer.io answered 400", false, "no"));
    }

    @Test
    void keepsWhatMayRepeatAPersonsDataOutOfTheReason() {
        // Given
        String body =
                "{\"errors\":[{\"reason\":\"invalid\",\"field\":\"traits.ada@x.org\",\"message\":\"ada@x.org is taken\"},"
                        + "{\"reason\":\"Ada Lovelace\",\"field\":\"ada@x.org\"},"
                        + "{\"reason\":\"required\",\"field\":\"userId\"}]}";
        // When
        Refused refused = (Refused) read(400, body, 1).get(0);
        // Then
        assertThat(refused.reason())
                .isEqualTo("Customer.io answered 400: invalid: traits; required: userId");
        assertThat(refused.words()).contains("ada@x.org is taken");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"success\":false}",
                "{\"errors\":[{\"reason\":\"invalid\"}]}",
                "{\"meta\":{\"errors\":[\"no\"]}}"
            })
    void doesNotTakeASuccessThatTellsOfErrorsForOne(String body) {
        // When
        List<Outcome> outcomes = read(200, body, 2);
        // Then
        assertThat(outcomes)
                .allSatisfy(
                        outcome ->
                                assertThat(outcome)
                                        .isInstanceOfSatisfying(
                                                Refused.class,
                                                refused -> assertThat(refused.whole()).isTrue()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "partial"})
    void doesNotTakeAPartialSuccessForAWholeOne(String body) {
        // When
        List<Outcome> outcomes = read(207, body, 2);
        // Then
        assertThat(outcomes).allMatch(outcome -> outcome instanceof Refused r && r.whole());
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 207})
    void triesAgainWhereASuccessBreaksOffHalfway(int status) {
        // When
        List<Outcome> outcomes = read(status, " {\"errors\":[{\"batch_index\":1,\"reas", 2);
        // Then
        assertThat(outcomes).hasSize(2).allMatch(Retry.class::isInstance);
    }

    @Test
    void waitsAsLongAsTheAnswerAsks() {
        // Given
        var answer = new Answer(429, Optional.of(Duration.ofSeconds(7)), new byte[0]);
        // When
        List<Outcome> outcomes = AnswerReader.outcomes(answer, 1, text -> text);
        // Then
        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(
                        Retry.class,
                        retry -> assertThat(retry.after()).contains(Duration.ofSeconds(7)));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504, 522, 524, 599})
    void triesAgainWhatMayPass(int status) {
        // When
        List<Outcome> outcomes = read(status, "{\"errors\":[{\"batch_index\":0}]}", 2);
        // Then
        assertThat(outcomes).allMatch(Retry.class::isInstance);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 307, 308, 401, 403, 404, 405})
    void pausesWhereNobodyCanDeliver(int status) {
        // When
        List<Outcome> outcomes = read(status, "<html>", 2);
        // Then
        assertThat(outcomes).allMatch(Paused.class::isInstance);
        assertThat(((Paused) outcomes.get(0)).reason()).contains("right?");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 413, 422})
    void refusesTheRest(int status) {
        // When
        List<Outcome> outcomes = read(status, "", 2);
        // Then
        assertThat(outcomes).allMatch(outcome -> outcome instanceof Refused r && r.whole());
    }

    @Test
    void cutsWhatTheAnswerSaysAndItsControlCharacters() {
        // Given
        String body = "{\"message\":\"a\\n\\u0000\\u2028b" + "😀".repeat(1_000) + "\"}";
        // When
        Refused refused = (Refused) read(400, body, 1).get(0);
        // Then
        assertThat(refused.words()).startsWith("Customer.io answered 400: a b😀").endsWith("😀...");
        assertThat(refused.words().length()).isLessThan(AnswerReader.LONGEST_REASON + 50);
    }

    @Test
    void doesNotRepeatTheKey() {
        // Given
        var account = new Account("sesame", Region.EU.base());
        String pair = account.authorization().substring("Basic ".length());
        String body = "{\"message\":\"key sesame, header Basic %s\"}".formatted(pair);
        // When
        var answer = new Answer(400, body.getBytes(StandardCharsets.UTF_8));
        Refused refused = (Refused) AnswerReader.outcomes(answer, 1, account::redacted).get(0);
        // Then
        assertThat(refused.words())
                .isEqualTo("Customer.io answered 400: key [key], header Basic [key]");
    }

    private static List<Outcome> read(int status, String body, int items) {
        var answer = new Answer(status, body.getBytes(StandardCharsets.UTF_8));
        return AnswerReader.outcomes(answer, items, text -> text);
    }
}
