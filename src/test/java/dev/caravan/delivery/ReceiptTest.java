package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.Settlement.Receipt.State;
import dev.caravan.journal.SqliteJournal;
import dev.caravan.journal.Submission;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an erasure comes to at each destination, with a real journal. */
class ReceiptTest {
    @TempDir Path directory;
    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timerThread = Engine.newTimerThread();
    private SqliteJournal journal;
    private Destination destination =
            Destination.of("crm", Destination.Erase.ROUTE)
                    .fromTheBeginning()
                    .withPace(Pace.DEFAULT.withWaits(Duration.ofMillis(1), Duration.ofMillis(20)));
    private volatile Function<Run, List<Outcome>> script = run -> Sim.ok();
    private Dispatcher dispatcher;
    private Redelivery redelivery;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(directory), InstantSource.system());
    }

    @AfterEach
    void shutDown() {
        if (dispatcher != null) {
            dispatcher.close();
        }
        journal.close();
        threads.shutdownNow();
        timerThread.shutdownNow();
    }

    private void start() {
        var engine =
                new Engine(Timer.of(timerThread), InstantSource.system(), new Random(), threads);
        Sender sender = (run, done) -> done.accept(script.apply(run));
        Barrier barrier = Barrier.of(journal.erasures());
        var underway = new Underway();
        dispatcher =
                new Dispatcher(
                        destination,
                        journal,
                        sender,
                        barrier,
                        underway,
                        DeliveryListener.NONE,
                        engine);
        redelivery =
                new Redelivery(
                        destination,
                        journal,
                        sender,
                        Barrier.ofSentAgain(journal.erasures()),
                        underway,
                        engine);
        dispatcher.start();
    }

    private void append(Reading... items) {
        journal.append(new Submission("shop", Instant.now(), "", List.of(items))).join();
    }

    private Erasure.Receipt settled(long erasure) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> receipt(erasure).state() != State.WAITING);
        return receipt(erasure);
    }

    private Erasure.Receipt receipt(long erasure) {
        List<Erasure.Receipt> all = journal.erasures().get(erasure).orElseThrow().receipts();
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static boolean isErasure(Run run) {
        return run.meaning().destructive();
    }

    @Test
    void isDoneWithStatusTimeAndAttempts() {
        // Given
        AtomicInteger attempts = new AtomicInteger();
        script =
                run ->
                        isErasure(run) && attempts.incrementAndGet() < 3
                                ? Sim.status(503)
                                : Sim.ok();
        Instant before = Instant.now().minusMillis(1);
        append(Events.track("u", "Order"), Events.track("u", "User Deleted"));
        // When
        start();
        Erasure.Receipt receipt = settled(2);
        // Then
        assertThat(receipt.destination()).isEqualTo("crm");
        assertThat(receipt.state()).isEqualTo(State.DONE);
        assertThat(receipt.status()).isEqualTo(200);
        assertThat(receipt.attempts()).isEqualTo(3);
        assertThat(receipt.at()).isBetween(before, Instant.now());
        assertThat(receipt.reason()).isEmpty();
        assertThat(journal.skipRule("crm", 1)).contains("erased by erasure 2");
    }

    @Test
    void isDoneWhereNobodyIsThere() {
        // Given
        script = run -> List.of(new Outcome.Delivered(404));
        append(Events.track("nobody", "User Deleted"));
        // When
        start();
        // Then
        assertThat(settled(1).state()).isEqualTo(State.DONE);
        assertThat(settled(1).status()).isEqualTo(404);
    }

    @Test
    void waitsWhileTheDestinationIsDown() {
        // Given
        script = run -> Sim.status(503);
        append(Events.track("u", "User Deleted"));
        // When
        start();
        await().until(() -> dispatcher.status().lastError() != null);
        // Then
        assertThat(receipt(1).state()).isEqualTo(State.WAITING);
        assertThat(receipt(1).at()).isNull();
        assertThat(ids(State.WAITING)).containsExactly(1L);
        script = run -> Sim.ok();
        assertThat(settled(1).state()).isEqualTo(State.DONE);
        assertThat(ids(State.WAITING)).isEmpty();
        assertThat(ids(State.DONE)).containsExactly(1L);
    }

    @Test
    void saysThatTheDestinationCannot() {
        // Given
        destination =
                new Destination(
                        "crm",
                        100,
                        destination.maxBytes(),
                        true,
                        Destination.Erase.UNSUPPORTED,
                        Selection.ALL,
                        List.of(),
                        Pace.DEFAULT);
        append(Events.track("u", "User Deleted"));
        // When
        start();
        // Then
        assertThat(settled(1).state()).isEqualTo(State.UNSUPPORTED);
        assertThat(settled(1).reason()).isEqualTo("erase: unsupported");
        assertThat(settled(1).attempts()).isZero();
        assertThat(ids(State.UNSUPPORTED)).containsExactly(1L);
    }

    @Test
    void isRefusedUntilAnOperatorSendsItAgain() {
        // Given
        script =
                run ->
                        isErasure(run)
                                ? List.of(new Outcome.Refused(422, "not so", false))
                                : Sim.ok();
        append(Events.track("u", "User Deleted"), Events.track("v", "Order"));
        start();
        Erasure.Receipt refused = settled(1);
        // When
        Erasure erasure = journal.erasures().get(1).orElseThrow();
        redelivery.retryErasure(erasure).join();
        Erasure.Receipt again = receipt(1);
        script = run -> Sim.ok();
        Outcome outcome = redelivery.retryErasure(erasure).join();
        // Then
        assertThat(refused.state()).isEqualTo(State.REFUSED);
        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.reason()).isEqualTo("not so");
        assertThat(again.state()).isEqualTo(State.REFUSED);
        assertThat(again.attempts()).isEqualTo(2);
        assertThat(outcome).isInstanceOf(Outcome.Delivered.class);
        assertThat(receipt(1).state()).isEqualTo(State.DONE);
        assertThat(receipt(1).attempts()).isEqualTo(3);
        assertThat(journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10)).isEmpty();
        assertThatThrownBy(() -> redelivery.retryErasure(erasure).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(NoSuchElementException.class);
    }

    @Test
    void namesAnAttemptWhoseAnswerWasLost() {
        // Given
        script = run -> isErasure(run) ? Sim.ok() : List.of(Outcome.Retry.of(0, "timed out"));
        append(Events.track("u", "Order"));
        start();
        await().until(() -> dispatcher.status().lastError() != null);
        // When
        append(Events.track("u", "User Deleted"));
        // Then
        assertThat(settled(2).state()).isEqualTo(State.DONE);
        assertThat(settled(2).unanswered()).containsExactly(1L);
    }

    @Test
    void namesNoAttemptThatWasAnswered() {
        // Given
        script = run -> isErasure(run) ? Sim.ok() : Sim.status(503);
        append(Events.track("u", "Order"));
        start();
        await().until(() -> dispatcher.status().lastError() != null);
        // When
        append(Events.track("u", "User Deleted"));
        // Then
        assertThat(settled(2).unanswered()).isEmpty();
    }

    @Test
    void isOfEachDestinationThatWasThere() {
        // Given
        journal.ledger("later forgotten", true);
        journal.ledger("other", true);
        append(Events.track("u", "User Deleted"));
        journal.ledger("behind it", false);
        // When
        start();
        await().until(() -> journal.erasures().get(1).orElseThrow().receipts().size() == 3);
        journal.forget("later forgotten").join();
        // Then
        await().untilAsserted(
                        () ->
                                assertThat(journal.erasures().get(1).orElseThrow().receipts())
                                        .extracting(Erasure.Receipt::destination)
                                        .containsExactly("crm", "other"));
        assertThat(ids(State.WAITING)).containsExactly(1L); // at the other
    }

    @Test
    void repeatsNothingThatTheDestinationSaidOfThePerson() {
        // Given
        Outcome refused = new Outcome.Refused(400, "answered 400", false, "no u@x.org here");
        script = run -> List.of(refused);
        append(Events.track("u", "User Deleted"));
        // When
        start();
        Erasure.Receipt receipt = settled(1);
        // Then
        assertThat(receipt.reason()).isEqualTo("answered 400");
        assertThat(dispatcher.status().lastError()).isEqualTo("400 answered 400");
        assertThat(journal.deadLetters().get(1).orElseThrow().reason())
                .isEqualTo("answered 400: no u@x.org here");
    }

    @Test
    void isFoundByWhoWasErased() {
        // Given
        append(Events.track("u", "User Deleted"), Events.track("v", "User Deleted"));
        // When
        List<Erasure> found =
                journal.erasures().list(new Erasures.Filter(null, PersonKey.user("v")), 0, 10);
        // Then
        assertThat(found).extracting(Erasure::id).containsExactly(2L);
    }

    @Test
    void tellsTheFateOfADeadLetterThatIsErasedMeanwhile() {
        // Given
        script = run -> List.of(new Outcome.Refused(400, "no", false));
        append(Events.track("u", "Order"));
        start();
        await().until(() -> journal.deadLetters().get(1).isPresent());
        script = run -> Sim.ok();
        append(Events.track("u", "User Deleted"));
        // When
        Outcome outcome = redelivery.retry(1).join();
        // Then
        assertThat(outcome).isEqualTo(new Outcome.Skipped("erased by erasure 2"));
        assertThat(journal.skipRule("crm", 1)).contains("erased by erasure 2");
        assertThat(journal.deadLetters().get(1)).isEmpty();
    }

    @Test
    void namesADeadLetterWhoseLastAttemptGotNoAnswer() {
        // Given: refused, tried again without an answer, deleted, tried again
        script = run -> List.of(new Outcome.Refused(400, "no", false));
        append(Events.track("u", "Order"));
        start();
        await().until(() -> journal.deadLetters().get(1).isPresent());
        script = run -> List.of(Outcome.Retry.of(0, "timed out"));
        redelivery.retry(1).join();
        script = run -> Sim.ok();
        append(Events.track("u", "User Deleted"));
        settled(2);
        // When: by the operator, if the journal has not removed it by itself
        redelivery.retry(1).exceptionally(removed -> null).join();
        // Then
        await().atMost(Duration.ofSeconds(20)).until(() -> journal.deadLetters().get(1).isEmpty());
        assertThat(receipt(2).unanswered()).containsExactly(1L);
    }

    @Test
    void liftsNoSuppressionAgainThatCameBackMeanwhile() {
        // Given: a second destination keeps what the first has got long ago
        journal.ledger("down", true);
        List<String> sent = new CopyOnWriteArrayList<>();
        script =
                run -> {
                    run.entries().forEach(entry -> sent.add(entry.event().userId()));
                    return Sim.ok();
                };
        append(Events.track("u", "User Unsuppressed"), Events.track("v", "User Unsuppressed"));
        append(Events.track("u", "User Suppressed"));
        start();
        await().until(() -> sent.size() == 3);
        // When
        Instant now = Instant.now();
        RedeliveryJob job =
                redelivery.replay(
                        new Replay(now.minusSeconds(60), now.plusSeconds(60), null, null, null, 0));
        await().until(job::ended);
        // Then
        assertThat(sent.subList(3, sent.size())).containsExactly("v");
    }

    private List<Long> ids(State state) {
        return journal.erasures().list(new Erasures.Filter(state, null), 0, 100).stream()
                .map(Erasure::id)
                .toList();
    }
}
