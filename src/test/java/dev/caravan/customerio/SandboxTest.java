package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxTest {
    private static final String GOOD = "{\"type\":\"track\",\"userId\":\"u\",\"event\":\"e\"}";
    private final Instant now = Instant.parse("2026-08-21T10:15:30Z");
    private final Sandbox sandbox = new Sandbox(InstantSource.fixed(now), 3, 10_000);

    @Test
    void takesAndKeepsWhatCustomerIoWouldTake() {
        // When
        Answer batch = post("/v1/batch", "{\"batch\":[" + GOOD + "," + GOOD + "]}");
        Answer single = post("/v1/track", "{\"userId\":\"u\",\"event\":\"e\"}");
        // Then
        assertThat(batch.status()).isEqualTo(200);
        assertThat(new String(batch.body(), StandardCharsets.UTF_8))
                .isEqualTo("{\"success\":true}");
        assertThat(single.status()).isEqualTo(200);
        SandboxRequest kept = sandbox.requests(0, 10).get(0);
        assertThat(kept.path()).isEqualTo("/v1/batch");
        assertThat(kept.items()).isEqualTo(2);
        assertThat(kept.at()).isEqualTo(now);
        assertThat(kept.errors()).isEmpty();
        assertThat(kept.json()).startsWith("{\"batch\":[{\"type\"");
        assertThat(kept.toString()).doesNotContain("userId");
    }

    @Test
    void forgetsEventsThatAreTakenOutAndRequestsThatHaveNoneLeft() {
        // Given
        String other = GOOD.replace("\"u\"", "\"other\"");
        post("/v1/batch", "{\"batch\":[" + GOOD + "," + other + "]}");
        post("/v1/track", GOOD);
        post("/v1/batch", "{\"batch\":[" + other + "]}");
        // When
        sandbox.remove((request, event) -> event.path("userId").asText().equals("u"));
        // Then
        assertThat(sandbox.requests(0, 10))
                .extracting(SandboxRequest::number)
                .containsExactly(1L, 3L);
        assertThat(sandbox.requests(0, 1).get(0).json()).isEqualTo("{\"batch\":[" + other + "]}");
        assertThat(sandbox.count()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/track|{'event':'e'}|400",
                "/v1/track|{'userId':'u'}|400",
                "/v1/track|{'type':'page','userId':'u','event':'e'}|400",
                "/v1/alias|{'userId':'u'}|400",
                "/v1/group|{'userId':'u'}|400",
                "/v1/identify|{'traits':{'email':'e'}}|200",
                "/v1/identify|{'traits':{'name':'e'}}|400",
                "/v1/batch|{'batch':[]}|400",
                "/v1/batch|{}|400",
                "/v1/batch|[]|400",
                "/v1/batch|{'batch':[{'userId':'u','event':'e'}]}|400",
                "/v1/batch|{'batch':[7]}|400",
                "/v1/track|nonsense|400",
                "/v1/track|{'userId':'u','event':'e'} x|400",
                "/v1/import|{}|404",
                "/track|{}|404"
            })
    void answersAsStrictModeDoes(String path, String json, int status) {
        // When
        Answer answer = post(path, json.replace('\'', '"'));
        // Then
        assertThat(answer.status()).isEqualTo(status);
        assertThat(sandbox.requests(0, 1).get(0).errors().isEmpty()).isEqualTo(status == 200);
    }

    @Test
    void showsTheNewestRequestsWhereFewAreAskedFor() {
        // When
        post("/v1/track", GOOD);
        post("/v1/track", GOOD);
        post("/v1/track", GOOD);
        // Then
        assertThat(sandbox.newest(2)).extracting(SandboxRequest::number).containsExactly(2L, 3L);
        assertThat(sandbox.newest(9)).hasSize(3);
        assertThat(sandbox.requests(1, 1)).extracting(SandboxRequest::number).containsExactly(2L);
    }

    @Test
    void rejectsWhatIsTooLarge() {
        // Given
        String large = GOOD.replace("\"e\"}", "\"e\",\"x\":\"" + "y".repeat(33_000) + "\"}");
        // When
        Answer single = post("/v1/track", large);
        Answer batch = post("/v1/batch", "{\"batch\":[" + GOOD + "," + large + "]}");
        Answer many = post("/v1/batch", "{\"batch\":[" + (GOOD + ",").repeat(13_000) + GOOD + "]}");
        // Then
        assertThat(single.status()).isEqualTo(400);
        assertThat(batch.status()).isEqualTo(400);
        assertThat(many.status()).isEqualTo(400);
    }

    @Test
    void namesTheEventThatIsBadSoThatItsNeighboursPass() {
        // Given
        String bad = "{\"type\":\"track\",\"userId\":\"jane\"}";
        // When
        Answer answer = post("/v1/batch", "{\"batch\":[" + GOOD + "," + bad + "]}");
        // Then
        List<Outcome> outcomes = AnswerReader.outcomes(answer, 2, text -> text);
        assertThat(outcomes.get(0)).isInstanceOf(Outcome.Retry.class);
        assertThat(outcomes.get(1)).isInstanceOf(Outcome.Refused.class);
        assertThat(sandbox.requests(0, 1).get(0).errors())
                .containsExactly("batch[1]: a track call needs 'event'");
    }

    @Test
    void keepsTheLastRequestsByNumberAndByBytes() {
        // When
        IntStream.range(0, 5).forEach(i -> post("/v1/track", GOOD));
        List<Long> byNumber = numbers();
        post("/v1/track", "x".repeat(9_990));
        List<Long> byBytes = numbers();
        post("/v1/track", "x".repeat(20_000));
        // Then
        assertThat(byNumber).containsExactly(3L, 4L, 5L);
        assertThat(byBytes).containsExactly(6L);
        assertThat(numbers()).containsExactly(7L);
        assertThat(sandbox.count()).isEqualTo(7);
    }

    @Test
    void pagesAndForgets() {
        // Given
        IntStream.range(0, 3).forEach(i -> post("/v1/track", GOOD));
        // When
        List<SandboxRequest> page = sandbox.requests(1, 1);
        sandbox.clear();
        post("/v1/track", GOOD);
        // Then
        assertThat(page).extracting(SandboxRequest::number).containsExactly(2L);
        assertThat(numbers()).containsExactly(4L);
    }

    @Test
    void standsManyAtOnce() {
        // When
        var all =
                IntStream.range(0, 200)
                        .mapToObj(i -> CompletableFuture.supplyAsync(() -> post("/v1/track", GOOD)))
                        .toList();
        all.forEach(CompletableFuture::join);
        // Then
        assertThat(sandbox.count()).isEqualTo(200);
        assertThat(numbers()).containsExactly(198L, 199L, 200L);
    }

    private Answer post(String path, String json) {
        return sandbox.post(path, json.getBytes(StandardCharsets.UTF_8), 0).join();
    }

    private List<Long> numbers() {
        return sandbox.requests(0, 100).stream().map(SandboxRequest::number).toList();
    }
}
