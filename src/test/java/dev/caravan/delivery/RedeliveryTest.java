package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.RedeliveryJob.State;
import dev.caravan.event.Event;
import dev.caravan.event.Reading;
import dev.caravan.journal.Appended;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.Submission;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class RedeliveryTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Sim sim = new Sim(11, 8, Sim.destination());
    private final List<Long> again = new ArrayList<>();
    private List<Outcome> answer = Sim.ok();
    private Function<Run, List<Outcome>> script = run -> answer;
    private Barrier barrier = Barrier.NONE;

    private Redelivery redelivery() {
        Sender sender =
                (run, done) -> {
                    run.entries().forEach(entry -> again.add(entry.sequence()));
                    done.accept(script.apply(run));
                };
        return new Redelivery(
                sim.destination,
                sim.journal,
                sender,
                (entry, destination) -> barrier.stops(entry, destination),
                sim.engine());
    }

    /** Events 1 to 4, of which 2 and 4 are dead, and 5, a dead deletion. */
    private void someDead() {
        sim.script =
                run ->
                        run.entries().stream()
                                .map(
                                        entry ->
                                                entry.sequence() % 2 == 0 || entry.sequence() == 5
                                                        ? new Outcome.Refused(400, "bad", false)
                                                        : new Delivered(200))
                                .map(Outcome.class::cast)
                                .toList();
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            items.add(Events.track("u" + i, "Order " + i));
        }
        items.add(Events.track("u0", "User Deleted"));
        sim.append(items);
        sim.start();
        sim.settleAll(MINUTE);
    }

    private <T> T soon(CompletableFuture<T> future) {
        sim.timer.advance(Duration.ofSeconds(1));
        return future.join();
    }

    @Test
    void removesADeadLetterThatIsTakenAtLast() {
        // Given
        someDead();
        LedgerState before = sim.state();
        // When
        Outcome outcome = soon(redelivery().retry(1));
        // Then
        assertThat(outcome).isInstanceOf(Delivered.class);
        assertThat(again).containsExactly(2L);
        assertThat(sim.journal.deadLetters().get(1)).isEmpty();
        assertThat(sim.state().cursors()).isEqualTo(before.cursors());
    }

    @Test
    void storesWhatCameOfAnAttemptThatFailed() {
        // Given
        someDead();
        answer = Sim.status(500);
        // When
        soon(redelivery().retry(1));
        // Then
        assertThat(sim.journal.deadLetters().get(1))
                .hasValueSatisfying(
                        letter -> {
                            assertThat(letter.status()).isEqualTo(500);
                            assertThat(letter.attempts()).isEqualTo(2);
                            assertThat(letter.reason()).isEqualTo("answer 500");
                        });
    }

    @Test
    void removesADeadLetterThatMayNotBeSentAnyLonger() {
        // Given
        someDead();
        barrier = (entry, destination) -> Optional.of("erased");
        // When
        Outcome outcome = soon(redelivery().retry(1));
        // Then
        assertThat(outcome).isEqualTo(new Outcome.Skipped("erased"));
        assertThat(again).isEmpty();
        assertThat(sim.journal.deadLetters().get(1)).isEmpty();
    }

    @Test
    void refusesToSendADestructiveOrAnUnknownOne() {
        // Given
        someDead();
        Redelivery redelivery = redelivery();
        // When
        CompletableFuture<Outcome> destructive = redelivery.retry(3);
        CompletableFuture<Outcome> unknown = redelivery.retry(99);
        // Then
        assertThatThrownBy(() -> soon(destructive))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("receipt");
        assertThatThrownBy(() -> soon(unknown)).hasCauseInstanceOf(NoSuchElementException.class);
        assertThat(again).isEmpty();
    }

    @Test
    void sendsAllDeadLettersThatFitAFilter() {
        // Given
        someDead();
        sim.timer.advance(MINUTE);
        // When
        RedeliveryJob job = redelivery().retryAll(Filter.ALL);
        sim.timer.advance(MINUTE);
        // Then
        assertThat(job.progress().state()).isEqualTo(State.DONE);
        assertThat(job.progress().delivered()).isEqualTo(2);
        assertThat(job.progress().leftOut()).isEqualTo(1);
        assertThat(again).containsExactly(2L, 4L);
        assertThat(sim.dead()).singleElement().satisfies(l -> assertThat(l.id()).isEqualTo(3));
    }

    @Test
    void goesOnToTheNextDeadLetterWhenOneKeepsFailing() {
        // Given
        someDead();
        sim.timer.advance(MINUTE);
        answer = Sim.status(503);
        // When
        RedeliveryJob job = redelivery().retryAll(Filter.ALL);
        sim.timer.advance(Duration.ofMinutes(5));
        // Then
        assertThat(job.progress().state()).isEqualTo(State.DONE);
        assertThat(job.progress().failed()).isEqualTo(2);
        assertThat(sim.journal.deadLetters().get(1).orElseThrow().attempts()).isEqualTo(6);
    }

    @Test
    void replaysARangeInOrderWithoutMovingACursor() {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            items.add(Events.track("u" + i % 7, i % 10 == 0 ? "User Deleted" : "Order"));
        }
        sim.append(items);
        sim.start();
        sim.settleAll(MINUTE);
        LedgerState before = sim.state();
        long end = sim.journal.end();
        // When
        RedeliveryJob job = redelivery().replay(all(null, null, 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(job.progress().state()).isEqualTo(State.DONE);
        assertThat(again).hasSize(450).isSorted();
        assertThat(job.progress().looked()).isEqualTo(500).isEqualTo(job.progress().total());
        assertThat(job.progress().leftOut()).isEqualTo(50);
        assertThat(sim.state().cursors()).isEqualTo(before.cursors());
        assertThat(sim.journal.end()).isEqualTo(end);
    }

    @Test
    void replaysOnePersonOrOneName() {
        // Given
        sim.append(
                Events.track("u", "Order"), Events.track("v", "Order"), Events.track("u", "Cart"));
        sim.start();
        sim.settleAll(MINUTE);
        // When
        redelivery().replay(all("u", null, 0));
        sim.timer.advance(MINUTE);
        redelivery().replay(all(null, "Order", 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(again).containsExactly(1L, 3L, 1L, 2L);
    }

    @Test
    void replaysWhatWasReceivedInTheTimeAndNothingElseWhileAFileWasRead() {
        // Given
        Instant began = VirtualTimer.START;
        List<CompletableFuture<Appended>> stored = new ArrayList<>();
        for (int minute : List.of(0, 10, 0, 0, 15, 0, 20, 15, 0, 30)) {
            Instant received = began.plus(Duration.ofMinutes(minute));
            List<Reading> one = List.of(Events.track("u" + minute, "Order"));
            stored.add(sim.journal.append(new Submission("shop", received, "", one)));
        }
        sim.start();
        sim.settleAll(MINUTE);
        Instant from = began.plus(Duration.ofMinutes(10));
        Instant to = began.plus(Duration.ofMinutes(20));
        // When
        redelivery().replay(new Replay(from, to, null, null, null, 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(stored).allMatch(CompletableFuture::isDone);
        assertThat(again).containsExactly(2L, 5L, 8L);
    }

    @Test
    void replaysWhatIsOlderThanTheDestinationButNotWhatComesAnyway() {
        // Given
        sim.destination = Destination.of(Sim.NAME, Destination.Erase.ROUTE);
        sim.append(Events.track("u", "Order"));
        sim.script = run -> Sim.status(503);
        sim.start();
        sim.timer.advance(MINUTE);
        sim.append(Events.track("u", "Order"));
        sim.timer.advance(MINUTE);
        // When
        redelivery().replay(all(null, null, 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(again).containsExactly(1L);
    }

    @Test
    void keepsToThePaceAndStopsWhenTold() {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            items.add(Events.track("u" + i, "Order"));
        }
        sim.append(items);
        sim.start();
        sim.settleAll(MINUTE);
        RedeliveryJob job = redelivery().replay(all(null, null, 100));
        sim.timer.advance(Duration.ofSeconds(10));
        int afterTenSeconds = again.size();
        // When
        job.stop();
        sim.timer.advance(MINUTE);
        // Then
        assertThat(afterTenSeconds).isBetween(1000, 1100);
        assertThat(job.progress().state()).isEqualTo(State.STOPPED);
        assertThat(again).hasSizeLessThanOrEqualTo(1200);
    }

    @Test
    void keepsToThePaceWhereHalfOfEachRunIsTriedAgain() {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            items.add(Events.track("u" + i, "Order"));
        }
        sim.destination = sim.destination.withBatch(2);
        sim.append(items);
        sim.start();
        sim.settleAll(MINUTE);
        script =
                run ->
                        run.size() == 1
                                ? Sim.ok()
                                : Sim.each(
                                        new Delivered(200), new Outcome.Refused(400, "bad", true));
        // When
        redelivery().replay(all(null, null, 10));
        sim.timer.advance(Duration.ofSeconds(10));
        // Then
        assertThat(again).hasSizeBetween(90, 110);
    }

    @Test
    void waitsWhileTheDestinationIsPausedAndStillCanBeStopped() {
        // Given
        sim.append(Events.track("u", "Order"));
        sim.start();
        sim.settleAll(MINUTE);
        answer = Sim.status(401);
        RedeliveryJob job = redelivery().replay(all(null, null, 0));
        sim.timer.advance(Duration.ofHours(1));
        RedeliveryJob.Progress waiting = job.progress();
        // When
        job.stop();
        sim.timer.advance(Duration.ofSeconds(1));
        // Then
        assertThat(waiting.state()).isEqualTo(State.WAITING);
        assertThat(waiting.reason()).contains("401");
        assertThat(job.progress().state()).isEqualTo(State.STOPPED);
    }

    @Test
    void stopsAndBeginsNothingWhileAnOperatorHasStoppedTheDestination() {
        // Given
        someDead();
        answer = Sim.status(503);
        Redelivery redelivery = redelivery();
        RedeliveryJob job = redelivery.replay(all(null, null, 0));
        sim.timer.advance(MINUTE);
        // When
        sim.dispatcher.pause();
        sim.timer.advance(MINUTE);
        redelivery.stop();
        sim.timer.advance(MINUTE);
        again.clear();
        CompletableFuture<Outcome> one = redelivery.retry(1);
        sim.timer.advance(MINUTE);
        // Then
        assertThat(job.progress().state()).isEqualTo(State.STOPPED);
        assertThatThrownBy(one::join).hasMessageContaining("is stopped: resume it");
        assertThatThrownBy(() -> redelivery.retryAll(Filter.ALL))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is stopped: resume it");
        assertThatThrownBy(() -> redelivery.replay(all(null, null, 0)))
                .isInstanceOf(IllegalStateException.class);
        assertThat(again).isEmpty();
    }

    @Test
    void canBeStoppedWhileItLooksThroughARangeOfWhichItWantsNothing() {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            items.add(Events.track("u" + i, "Order"));
        }
        sim.append(items);
        sim.journal.ledger(Sim.NAME, false);
        var job = new AtomicReference<RedeliveryJob>();
        Predicate<Event> stops =
                event -> {
                    job.get().stop();
                    return false;
                };
        sim.destination =
                sim.destination.withSelection(
                        Selection.parse(null, null, null, new Selection.Filter("", stops)));
        // When
        job.set(redelivery().replay(all(null, null, 0)));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(job.get().progress().state()).isEqualTo(State.STOPPED);
        assertThat(job.get().progress().looked()).isLessThan(5000);
    }

    private static Replay all(String userId, String name, int perSecond) {
        return new Replay(VirtualTimer.START, Instant.MAX, userId, null, name, perSecond);
    }

    @Test
    void keepsEveryJobThatRunsInItsListAndStopsAllWhenItIsClosed() {
        // Given
        someDead();
        answer = Sim.status(503);
        Redelivery redelivery = redelivery();
        RedeliveryJob first = redelivery.retryAll(Filter.ALL);
        for (int i = 0; i < 60; i++) {
            redelivery.retryAll(Filter.ALL).stop();
            sim.timer.advance(Duration.ofMillis(1));
        }
        List<RedeliveryJob> kept = redelivery.jobs();
        // When
        redelivery.close();
        sim.timer.advance(MINUTE);
        // Then
        assertThat(kept).hasSize(50).contains(first);
        assertThat(first.progress().state()).isEqualTo(State.STOPPED);
        assertThatThrownBy(() -> redelivery.retryAll(Filter.ALL))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void waitsUntilThereIsAThreadToSendWith() {
        // Given
        someDead();
        var left = new AtomicInteger(1);
        Engine engine = sim.engine();
        var scarce =
                new Engine(
                        engine.timer(),
                        engine.clock(),
                        engine.random(),
                        task -> {
                            if (left.getAndDecrement() <= 0 && left.get() > -4) {
                                throw new OutOfMemoryError("unable to create native thread");
                            }
                            engine.threads().execute(task);
                        });
        Sender sender =
                (run, done) -> {
                    run.entries().forEach(entry -> again.add(entry.sequence()));
                    done.accept(Sim.ok());
                };
        var redelivery = new Redelivery(sim.destination, sim.journal, sender, Barrier.NONE, scarce);
        // When
        RedeliveryJob job = redelivery.replay(all(null, null, 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(left.get()).isLessThan(-4);
        assertThat(job.progress().state()).isEqualTo(State.DONE);
        assertThat(again).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void leavesOutAnEventOnWhichTheFilterBreaksAndGoesOn() {
        // Given
        sim.append(
                Events.track("u", "Order"), Events.track("v", "Odd"), Events.track("w", "Order"));
        sim.start();
        sim.settleAll(MINUTE);
        sim.destination =
                sim.destination.withSelection(
                        Selection.parse(
                                null,
                                null,
                                null,
                                new Selection.Filter(
                                        "(a|b)*",
                                        event -> {
                                            if ("Odd".equals(event.name())) {
                                                throw new StackOverflowError();
                                            }
                                            return true;
                                        })));
        // When
        RedeliveryJob job = redelivery().replay(all(null, null, 0));
        sim.timer.advance(MINUTE);
        // Then
        assertThat(job.progress().state()).isEqualTo(State.DONE);
        assertThat(job.progress().leftOut()).isEqualTo(1);
        assertThat(again).containsExactly(1L, 3L);
    }

    @Test
    void sendsADeadLetterOnceThoughTwoOperatorsAskForIt() {
        // Given
        someDead();
        var looked = new AtomicBoolean();
        var second = new AtomicReference<Redelivery>();
        Runnable meanwhile =
                () -> {
                    if (!looked.getAndSet(true)) {
                        second.get().retry(1);
                        sim.timer.advance(Duration.ofSeconds(1));
                    }
                };
        DeadLetters letters =
                telling(DeadLetters.class, sim.journal.deadLetters(), "entry", meanwhile);
        Journal journal =
                (Journal)
                        Proxy.newProxyInstance(
                                Journal.class.getClassLoader(),
                                new Class<?>[] {Journal.class},
                                (proxy, method, arguments) ->
                                        method.getName().equals("deadLetters")
                                                ? letters
                                                : method.invoke(sim.journal, arguments));
        Sender sender =
                (run, done) -> {
                    run.entries().forEach(entry -> again.add(entry.sequence()));
                    done.accept(Sim.ok());
                };
        second.set(new Redelivery(sim.destination, journal, sender, Barrier.NONE, sim.engine()));
        // When
        second.get().retry(1);
        sim.timer.advance(MINUTE);
        // Then
        assertThat(looked).isTrue();
        assertThat(again).containsExactly(2L);
    }

    /** The same, but that something happens behind each call of a method. */
    private static <T> T telling(Class<T> type, T behind, String name, Runnable then) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            try {
                                Object answer = method.invoke(behind, arguments);
                                if (method.getName().equals(name)) {
                                    then.run();
                                }
                                return answer;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }
}
