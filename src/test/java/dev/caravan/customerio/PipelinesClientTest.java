package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.delivery.Destination;
import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Paused;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.delivery.Outcome.Skipped;
import dev.caravan.event.Call;
import dev.caravan.event.Limits;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PipelinesClientTest {
    private final ScriptedTransport transport = new ScriptedTransport();
    private final List<Runnable> waiting = new ArrayList<>();
    private final List<Duration> waits = new ArrayList<>();
    private final Timer timer =
            (wait, task) -> {
                waits.add(wait);
                waiting.add(task);
            };
    private final PipelinesClient client = client(null);

    @Test
    void postsASingleEventToItsOwnEndpoint() {
        // When
        Report report = client.send(new Body(List.of(item("{}")), false), 2).join();
        // Then
        assertThat(transport.posts)
                .containsExactly(new ScriptedTransport.Post("/v1/track", "{}", 2));
        assertThat(report.outcomes()).containsExactly(new Delivered(200));
        assertThat(report.requests()).isEqualTo(1);
        assertThat(report.status()).isEqualTo(200);
    }

    @Test
    void postsAListAsABatchEvenOfOne() {
        // When
        client.send(new Body(List.of(item("{}")), true), 0).join();
        client.send(new Body(List.of(item("{}"), item("[]")), true), 0).join();
        // Then
        assertThat(transport.posts)
                .extracting(ScriptedTransport.Post::json)
                .containsExactly("{\"batch\":[{}]}", "{\"batch\":[{},[]]}");
        assertThat(transport.posts.get(0).path()).isEqualTo("/v1/batch");
    }

    @Test
    void splitsAtAHundredItems() {
        // When
        Report report = client.send(list(101, "{}"), 0).join();
        // Then
        assertThat(report.requests()).isEqualTo(2);
        assertThat(transport.posts.get(1).json()).isEqualTo("{\"batch\":[{}]}");
        assertThat(client.send(list(100, "{}"), 0).join().requests()).isEqualTo(1);
    }

    @Test
    void splitsAtTheBytesOfABatchOnBothSides() {
        // Given: 14 events that fill a request to its last byte, and one byte more
        int envelope = "{\"batch\":[]}".length();
        int rest = Limits.BATCH_BYTES - envelope - 14 * (Limits.EVENT_BYTES + 1);
        List<Item> full = new ArrayList<>(Collections.nCopies(14, item("x".repeat(32_000))));
        List<Item> over = new ArrayList<>(full);
        full.add(item("x".repeat(rest)));
        over.add(item("x".repeat(rest + 1)));
        // When
        Report fits = client.send(new Body(full, true), 0).join();
        Report splits = client.send(new Body(over, true), 0).join();
        // Then
        assertThat(fits.requests()).isEqualTo(1);
        assertThat(transport.posts.get(0).json()).hasSize(Limits.BATCH_BYTES);
        assertThat(splits.requests()).isEqualTo(2);
    }

    @Test
    void sendsARunThatIsFullInOneRequest() {
        // Given
        List<Item> run = new ArrayList<>(Collections.nCopies(14, item("x".repeat(32_000))));
        int rest = Limits.RUN_BYTES - "[]".length() - 14 * (Limits.EVENT_BYTES + 1);
        run.add(item("x".repeat(rest)));
        // When
        Report report = client.send(new Body(run, true), 0).join();
        // Then
        assertThat(report.requests()).isEqualTo(1);
        assertThat(transport.posts.get(0).json()).hasSize(Limits.BATCH_BYTES);
        assertThat(Destination.of("crm", Destination.Erase.ROUTE).maxBytes())
                .isEqualTo(Limits.RUN_BYTES);
    }

    @Test
    void skipsWhatMustNotBeSentAnyLongerWhenItsTurnHasCome() {
        // Given: a deletion is acknowledged while the request waits for its place
        var erased = new AtomicBoolean();
        Item kept = item("{}");
        Item gone = item("[]").stoppedBy(() -> erased.get() ? Optional.of("rule 7") : NO_RULE);
        var nanos = new AtomicLong();
        PipelinesClient paced = client(new Pace(1, nanos::get));
        paced.send(new Body(List.of(item("{}")), true), 0).join();
        // When
        CompletableFuture<Report> report = paced.send(new Body(List.of(gone, kept, gone), true), 0);
        erased.set(true);
        nanos.addAndGet(Pace.WINDOW.toNanos());
        waiting.remove(0).run();
        nanos.addAndGet(Pace.WINDOW.toNanos());
        waiting.remove(0).run();
        // Then
        assertThat(report.join().outcomes())
                .containsExactly(new Skipped("rule 7"), new Delivered(200), new Skipped("rule 7"));
        assertThat(transport.posts.get(1).json()).isEqualTo("{\"batch\":[{}]}");
        assertThat(transport.posts).hasSize(2);
    }

    @Test
    void sendsNothingOfARequestThatWasOvertakenAsAWhole() {
        // Given
        var erased = new AtomicBoolean();
        Item gone = item("[]").stoppedBy(() -> erased.get() ? Optional.of("rule 7") : NO_RULE);
        transport.connecting = () -> erased.set(true);
        // When
        Report report = client.send(new Body(List.of(gone), true), 0).join();
        // Then
        assertThat(report.outcomes()).containsExactly(new Skipped("rule 7"));
        assertThat(report.requests()).isZero();
        assertThat(transport.posts).isEmpty();
    }

    private static final Optional<String> NO_RULE = Optional.empty();

    @Test
    void leavesRefusedItemsOutAndKeepsTheOrderOfOutcomes() {
        // Given
        var body = new Body(List.of(Item.refused("bad"), item("{}"), Item.refused("worse")), true);
        // When
        Report report = client.send(body, 0).join();
        // Then
        assertThat(report.outcomes())
                .containsExactly(
                        new Refused(0, "bad", false),
                        new Delivered(200),
                        new Refused(0, "worse", false));
        assertThat(report.requests()).isEqualTo(1);
    }

    @Test
    void makesNoRequestWhereNothingIsLeft() {
        // When
        Report empty = client.send(new Body(List.of(), true), 0).join();
        Report refused = client.send(new Body(List.of(Item.refused("bad")), false), 0).join();
        // Then
        assertThat(transport.posts).isEmpty();
        assertThat(empty.delivered()).isTrue();
        assertThat(refused.delivered()).isFalse();
    }

    @Test
    void sendsNothingPastARequestThatIsTriedAgain() {
        // Given
        transport.answer(200, "");
        transport.script.add(
                () ->
                        CompletableFuture.completedFuture(
                                new Answer(429, Optional.of(Duration.ofSeconds(9)), new byte[0])));
        List<Item> items = new ArrayList<>(list(250, "{}").items());
        items.set(220, Item.refused("bad"));
        // When
        Report report = client.send(new Body(items, true), 0).join();
        // Then
        assertThat(transport.posts).hasSize(2);
        assertThat(report.outcomes()).hasSize(250);
        assertThat(report.outcomes().subList(0, 100)).allMatch(Delivered.class::isInstance);
        assertThat(report.outcomes().subList(200, 220))
                .allMatch(
                        outcome ->
                                outcome instanceof Retry retry
                                        && retry.after()
                                                .equals(Optional.of(Duration.ofSeconds(9))));
        assertThat(report.outcomes().get(220)).isEqualTo(new Refused(0, "bad", false));
    }

    @Test
    void sendsNothingPastARequestThatIsRefusedAsAWhole() {
        // Given
        transport.answer(400, "");
        // When
        Report report = client.send(list(150, "{}"), 0).join();
        // Then
        assertThat(transport.posts).hasSize(1);
        assertThat(report.outcomes().subList(0, 100))
                .allMatch(outcome -> outcome instanceof Refused refused && refused.whole());
    }

    @Test
    void refusesTheRestWithARequestThatIsRefusedAsAWholeSoThatTheRunIsSplitAtOnce() {
        // Given
        transport.answer(400, "");
        // When
        Report report = client.send(list(150, "{}"), 0).join();
        // Then
        assertThat(report.outcomes().subList(100, 150))
                .allMatch(outcome -> outcome instanceof Refused refused && refused.whole());
    }

    @Test
    void sendsOnPastARefusedEventThatWasNamed() {
        // Given
        transport.answer(207, "{\"errors\":[{\"batch_index\":3}]}");
        // When
        Report report = client.send(list(150, "{}"), 0).join();
        // Then
        assertThat(transport.posts).hasSize(2);
        assertThat(report.outcomes()).filteredOn(Refused.class::isInstance).hasSize(1);
        assertThat(report.outcomes().get(3)).isInstanceOf(Refused.class);
    }

    @Test
    void pausesTheRestWithARequestThatNobodyCanDeliver() {
        // Given
        transport.answer(401, "");
        // When
        Report report = client.send(list(150, "{}"), 0).join();
        // Then
        assertThat(transport.posts).hasSize(1);
        assertThat(report.outcomes()).allMatch(Paused.class::isInstance);
    }

    @Test
    void triesAgainWhereNoAnswerCameAndSaysWhereAndWhy() {
        // Given
        transport.fail(new ConnectException());
        transport.fail(new HttpTimeoutException("x"));
        transport.fail(new IOException("jane@example.com"));
        transport.fail(new RejectedExecutionException());
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            // When
            Report report = client.send(list(1, "{}"), 0).join();
            // Then
            assertThat(report.outcomes().get(0)).isInstanceOf(Retry.class);
            assertThat(report.status()).isZero();
            reasons.add(((Retry) report.outcomes().get(0)).reason());
        }
        assertThat(reasons)
                .containsExactly(
                        "cdp.test: no connection (ConnectException)",
                        "cdp.test: no answer in time",
                        "cdp.test: the connection broke (IOException)",
                        "cdp.test: stopped while sending");
    }

    @Test
    void failsWhereItIsWrongItselfInsteadOfHanging() {
        // Given
        transport.fail(new IllegalStateException("a bug"));
        // When
        CompletableFuture<Report> report = client.send(list(1, "{}"), 0);
        // Then
        assertThatThrownBy(report::join).hasRootCauseMessage("a bug");
    }

    @Test
    void waitsForItsTurnWithoutHoldingTheThread() {
        // Given
        var paced = client(new Pace(1, new AtomicLong()::get));
        paced.send(list(1, "{}"), 0);
        // When
        CompletableFuture<Report> second = paced.send(list(1, "{}"), 0);
        // Then
        assertThat(second).isNotDone();
        assertThat(transport.posts).hasSize(1);
        assertThat(waits).containsExactly(Pace.WINDOW);
        waiting.get(0).run();
        assertThat(second.join().delivered()).isTrue();
        assertThat(transport.posts).hasSize(2);
    }

    @Test
    void goesOnWhenALateAnswerComes() {
        // Given
        CompletableFuture<Answer> late = new CompletableFuture<>();
        transport.script.add(() -> late);
        CompletableFuture<Report> report = client.send(list(150, "{}"), 0);
        assertThat(transport.posts).hasSize(1);
        // When
        late.complete(new Answer(200, new byte[0]));
        // Then
        assertThat(report.join().requests()).isEqualTo(2);
    }

    @Test
    void sendsAVeryLongListWithoutDeepRecursion() {
        // When
        Report report = client.send(list(1_000_000, "{}"), 0).join();
        // Then
        assertThat(report.requests()).isEqualTo(10_000);
    }

    private PipelinesClient client(Pace pace) {
        return new PipelinesClient(transport, "cdp.test", pace, timer, text -> text);
    }

    private static Body list(int size, String json) {
        return new Body(Collections.nCopies(size, item(json)), true);
    }

    private static Item item(String json) {
        return Item.ready(Call.TRACK, json.getBytes(StandardCharsets.UTF_8));
    }
}
