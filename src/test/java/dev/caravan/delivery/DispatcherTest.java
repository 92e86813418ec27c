package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.DestinationStatus.State;
import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.event.Event;
import dev.caravan.event.Reading;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.LedgerState.Totals;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DispatcherTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Sim sim = new Sim(7, 64, Sim.destination());

    private static List<Reading> persons(int count) {
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            items.add(Events.track("u" + i, "Order Completed"));
        }
        return items;
    }

    private static boolean any(Run run, Predicate<Event> condition) {
        return run.entries().stream().map(Entry::event).anyMatch(condition);
    }

    private static Predicate<Event> named(String name) {
        return event -> name.equals(event.name());
    }

    private static Predicate<Event> of(String userId) {
        return event -> userId.equals(event.userId());
    }

    private DestinationStatus status() {
        CompletableFuture<Dispatcher.Glance> look = sim.dispatcher.look();
        sim.timer.advance(Duration.ZERO);
        return look.join().status();
    }

    @Test
    void sendsFullRunsInOrderAndStoresHowFarItCame() {
        // Given
        sim.append(persons(1000));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.sent).hasSizeLessThanOrEqualTo(12).allMatch(Sim.Sent::array);
        assertThat(sim.state().totals()).isEqualTo(new Totals(1000, 0, 0));
    }

    @Test
    void sendsSingleObjectsToADestinationThatTakesOneAtATime() {
        // Given
        sim.destination = Sim.destination().withBatch(1);
        sim.append(persons(20));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.sent).hasSize(20).noneMatch(Sim.Sent::array);
    }

    @Test
    void beginsBehindTheNewestEventUnlessToldOtherwise() {
        // Given
        sim.destination = Destination.of(Sim.NAME, Destination.Erase.ROUTE);
        sim.append(persons(10));
        sim.start();
        // When
        sim.append(Events.track("late", "Order Completed"));
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.sent).singleElement().satisfies(s -> assertThat(s.entries()).hasSize(1));
        assertThat(sim.sent.get(0).sequences()).containsExactly(11L);
    }

    @Test
    void keepsARunWithinItsBytes() {
        // Given
        sim.destination = Sim.destination().withMaxBytes(100_000);
        List<Reading> large = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            large.add(Events.padded("u" + i, 31_000));
        }
        sim.append(large);
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.sent).allMatch(attempt -> attempt.entries().size() <= 3);
        assertThat(sim.sent).anyMatch(attempt -> attempt.entries().size() == 3);
    }

    @Test
    void gathersWhatComesSteadilyThoughEachAnswerComesAtOnce() {
        // Given
        sim.latency = Duration.ofMillis(1);
        sim.start();
        // When an event comes each millisecond for half a second
        for (int i = 0; i < 500; i++) {
            sim.append(Events.track("u" + i, "Order Completed"));
            sim.timer.advance(Duration.ofMillis(1));
        }
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.sent.get(0).entries()).hasSize(1);
        assertThat(sim.sent).hasSizeLessThanOrEqualTo(52);
    }

    @Test
    void sendsTheFirstEventAtOnceAndGathersWhatComesWhileItIsUnderWay() {
        // Given
        sim.latency = Duration.ofSeconds(1);
        sim.start();
        // When
        for (int i = 0; i < 9; i++) {
            sim.append(Events.track("u" + i, "Order Completed"));
            sim.timer.advance(Duration.ofMillis(1));
        }
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.sent.stream().map(attempt -> attempt.entries().size()))
                .containsExactly(1, 8);
        assertThat(sim.sent.get(1).at()).isBetween(Duration.ofMillis(8), Duration.ofMillis(24));
    }

    @Test
    void isIdleWhenThereIsNothingToDo() {
        // Given
        sim.append(persons(100));
        sim.start();
        sim.settleAll(MINUTE);
        sim.timer.advance(MINUTE);
        // When
        boolean idle = sim.timer.isIdle();
        // Then
        assertThat(idle).isTrue();
    }

    @Test
    void losesNothingAndBlamesNobodyWhileTheDestinationIsDownForADay() {
        // Given
        sim.script = run -> Sim.status(503);
        sim.start();
        for (int i = 0; i < 24; i++) {
            sim.append(persons(100));
            sim.timer.advance(Duration.ofHours(1));
        }
        int duringTheDay = sim.sent.size();
        DestinationStatus down = status();
        // When
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(down.state()).isEqualTo(State.DOWN);
        assertThat(down.reason()).contains("503");
        assertThat(down.held()).isZero();
        assertThat(duringTheDay).as("attempts in 24 h").isLessThan(24 * 16 + 200);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.dead()).isEmpty();
        assertThat(status().state()).isEqualTo(State.RUNNING);
    }

    @Test
    void looksAgainWithOneAttemptAtATimeWhileTheDestinationIsDown() {
        // Given
        sim.script = run -> Sim.status(500);
        sim.append(persons(2000));
        sim.start();
        sim.timer.advance(MINUTE);
        sim.sent.clear();
        sim.mostInFlight = 0;
        // When
        sim.timer.advance(Duration.ofMinutes(10));
        // Then
        List<Duration> starts = sim.sent.stream().map(Sim.Sent::at).toList();
        assertThat(starts).isNotEmpty().doesNotHaveDuplicates();
        for (int i = 1; i < starts.size(); i++) {
            assertThat(starts.get(i).minus(starts.get(i - 1))).isGreaterThan(sim.latency);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 401, 403, 404, 405})
    void pausesUntilSomethingIsMendedAndMakesNoDeadLetters(int status) {
        // Given
        sim.script = run -> Sim.status(status);
        sim.append(persons(500));
        sim.start();
        sim.timer.advance(Duration.ofHours(3));
        DestinationStatus paused = status();
        // When
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(paused.state()).isEqualTo(State.PAUSED);
        assertThat(paused.reason()).contains("answer " + status);
        assertThat(paused.nextLook()).isNotNull();
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(500, 0, 0));
    }

    @Test
    void looksAtOnceWhenAnOperatorSaysThatItIsMended() {
        // Given
        sim.script = run -> Sim.status(401);
        sim.append(persons(500));
        sim.start();
        sim.timer.advance(Duration.ofHours(3));
        sim.script = run -> Sim.ok();
        // When
        sim.dispatcher.resume();
        sim.settleAll(Duration.ofSeconds(5));
        // Then
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void givesUpAnEventThatFailsAloneWhileItsNeighboursGoOn() {
        // Given
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        List<Reading> items = persons(300);
        items.add(150, Events.track("u7", "Poison"));
        items.add(Events.track("u7", "Order Completed"));
        sim.append(items);
        sim.start();
        // When
        sim.timer.advance(Duration.ofSeconds(40));
        int withinSeconds = sim.taken.size();
        for (int i = 0; i < 20; i++) {
            sim.append(Events.track("other" + i, "Order Completed"));
            sim.timer.advance(MINUTE);
        }
        sim.settleAll(MINUTE);
        // Then
        assertThat(withinSeconds).isEqualTo(300);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.dead()).singleElement().satisfies(DispatcherTest::isStuck);
        assertThat(sim.dead().get(0).at())
                .isBetween(
                        VirtualTimer.START.plus(Duration.ofMinutes(15)),
                        VirtualTimer.START.plus(Duration.ofMinutes(17)));
    }

    @ParameterizedTest
    @ValueSource(longs = {-6, 6})
    void givesItUpInTimeThoughSomeoneSetsTheClock(long hours) {
        // Given
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        sim.append(persons(100));
        sim.append(Events.track("u7", "Poison"));
        sim.start();
        sim.timer.advance(MINUTE);
        // When
        sim.timer.setClock(Duration.ofHours(hours));
        for (int i = 0; i < 60 && sim.dead().isEmpty(); i++) {
            sim.append(Events.track("other" + i, "Order Completed"));
            sim.timer.advance(MINUTE);
        }
        // Then
        assertThat(sim.dead()).singleElement().satisfies(DispatcherTest::isStuck);
        assertThat(sim.timer.elapsed()).isBetween(Duration.ofMinutes(15), Duration.ofMinutes(22));
    }

    private static void isStuck(DeadLetter letter) {
        assertThat(letter.name()).isEqualTo("Poison");
        assertThat(letter.rule()).isEqualTo("STUCK");
        assertThat(letter.reason()).contains("PT15M").contains("answer 500");
        assertThat(letter.status()).isEqualTo(500);
        assertThat(letter.attempts()).isGreaterThan(5);
    }

    @Test
    void neverGivesUpAnEventWhileNothingElseIsTaken() {
        // Given
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        sim.append(Events.track("u1", "Poison"));
        sim.start();
        // When
        sim.timer.advance(Duration.ofDays(2));
        // Then
        assertThat(sim.dead()).isEmpty();
        assertThat(status().held()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6})
    void letsOthersPassEventsThatFailAlthoughAllShareOnePartition(int poisons) {
        // Given
        Sim one = new Sim(3, 1, Sim.destination());
        one.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        for (int i = 0; i < poisons; i++) {
            one.append(Events.track("bad" + i, "Poison"));
        }
        one.start();
        one.timer.advance(Duration.ofMinutes(2));
        // When
        for (int i = 0; i < 100; i++) {
            one.append(Events.track("good" + i, "Order Completed"));
            one.timer.advance(Duration.ofMinutes(1));
        }
        one.settleAll(Duration.ofMinutes(30));
        // Then
        assertThat(one.accounts()).isEmpty();
        assertThat(one.dead())
                .hasSize(poisons)
                .allSatisfy(letter -> assertThat(letter.rule()).isEqualTo("STUCK"));
    }

    @Test
    void findsTheOneThatIsRefusedAndTakesNoNeighbourAlong() {
        // Given
        sim.script = run -> any(run, named("Bad")) ? Sim.status(400) : Sim.ok();
        List<Reading> items = persons(100);
        items.set(61, Events.track("u61", "Bad"));
        sim.append(items);
        // When
        sim.start();
        sim.settleAll(Duration.ofSeconds(10));
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(99, 0, 1));
        assertThat(sim.dead())
                .singleElement()
                .satisfies(
                        letter -> {
                            assertThat(letter.name()).isEqualTo("Bad");
                            assertThat(letter.rule()).isEqualTo("REFUSED");
                            assertThat(letter.status()).isEqualTo(400);
                        });
        assertThat(sim.sent).hasSizeLessThan(25);
    }

    @Test
    void findsTheOnesThatAreRefusedAmongTheEventsOfOnePerson() {
        // Given
        sim.script = run -> any(run, named("Bad")) ? Sim.status(413) : Sim.ok();
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            items.add(Events.track("u", i == 0 || i == 57 || i == 99 ? "Bad" : "Good"));
        }
        sim.append(items);
        // When
        sim.start();
        sim.settleAll(Duration.ofSeconds(10));
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(97, 0, 3));
        assertThat(sim.sent).hasSizeLessThan(50);
    }

    @Test
    void splitsARunThatIsTooMuchForTheDestination() {
        // Given
        sim.script = run -> run.size() > 30 ? Sim.status(504) : Sim.ok();
        sim.append(persons(100));
        // When
        sim.start();
        sim.settleAll(Duration.ofMinutes(2));
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.dead()).isEmpty();
    }

    @Test
    void settlesEachItemOfAnAnswerByItself() {
        // Given
        sim.script =
                run -> {
                    List<Outcome> outcomes =
                            new ArrayList<>(Collections.nCopies(run.size(), new Delivered(207)));
                    for (int i = 0; i < run.size(); i++) {
                        if ("Bad".equals(run.entries().get(i).event().name())) {
                            outcomes.set(i, new Refused(422, "field plan", false));
                        } else if (i == 50) {
                            outcomes.set(i, Sim.retry());
                        }
                    }
                    return outcomes;
                };
        List<Reading> items = persons(100);
        items.set(10, Events.track("u10", "Bad"));
        sim.append(items);
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(99, 0, 1));
        assertThat(sim.sent.stream().map(attempt -> attempt.entries().size()))
                .containsExactly(100, 1);
    }

    @Test
    void doubtsTheRefusalOfTwentyPersonsInARow() {
        // Given
        sim.script = run -> Sim.each(new Refused(400, "no such workspace", false));
        sim.destination = Sim.destination().withBatch(1);
        sim.append(persons(500));
        sim.start();
        sim.timer.advance(Duration.ofHours(5));
        DestinationStatus paused = status();
        int dead = sim.dead().size();
        // When
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(paused.state()).isEqualTo(State.PAUSED);
        assertThat(paused.reason()).contains("20 persons").contains("no such workspace");
        assertThat(dead).isEqualTo(20);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(480, 0, 20));
    }

    @Test
    void doubtsThemThoughTheDestinationWasDownInBetween() {
        // Given
        sim.script =
                run ->
                        sim.random.nextInt(10) < 7
                                ? Sim.status(503)
                                : Sim.each(new Refused(400, "no such workspace", false));
        sim.destination = Sim.destination().withBatch(1);
        sim.append(persons(500));
        sim.start();
        // When
        sim.timer.advance(Duration.ofHours(5));
        // Then
        assertThat(status().state()).isEqualTo(State.PAUSED);
        assertThat(status().reason()).contains("no such workspace");
        assertThat(sim.dead()).hasSize(20);
    }

    @Test
    void countsRefusalsAnewWhenAnOperatorSaysThatItIsMended() {
        // Given
        sim.script = run -> Sim.each(new Refused(400, "no such workspace", false));
        sim.destination = Sim.destination().withBatch(1);
        sim.append(persons(500));
        sim.start();
        sim.timer.advance(MINUTE);
        // When
        sim.dispatcher.resume();
        sim.timer.advance(MINUTE);
        // Then
        assertThat(sim.dead()).hasSize(40);
        assertThat(status().state()).isEqualTo(State.PAUSED);
    }

    @Test
    void doesNotDoubtTheRefusalOfManyEventsOfOnePerson() {
        // Given
        sim.script =
                run ->
                        run.entries().stream()
                                .map(
                                        entry ->
                                                "u".equals(entry.event().userId())
                                                        ? new Refused(400, "bad", false)
                                                        : new Delivered(200))
                                .map(Outcome.class::cast)
                                .toList();
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            items.add(Events.track("u", "Bad"));
        }
        sim.append(items);
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(0, 0, 200));
    }

    @Test
    void waitsAsLongAsTheDestinationAsks() {
        // Given
        sim.latency = Duration.ofMillis(2);
        sim.script =
                run ->
                        sim.sent.size() > 1
                                ? Sim.ok()
                                : List.of(
                                        new Retry(
                                                Optional.of(Duration.ofSeconds(42)),
                                                429,
                                                "slow down"));
        sim.append(Events.track("u", "Order Completed"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.sent).hasSize(2);
        assertThat(sim.sent.get(1).at().minus(sim.sent.get(0).at()))
                .isBetween(Duration.ofSeconds(42), Duration.ofMillis(42_010));
    }

    @Test
    void sendsADestructiveEventAloneAndTakesItForDoneIfNobodyIsThere() {
        // Given
        sim.script = run -> run.meaning().destructive() ? absent() : Sim.ok();
        sim.append(
                Events.track("u", "Order Completed"),
                Events.track("u", "User Deleted"),
                Events.track("v", "User Deleted"),
                Events.track("u", "Order Completed"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(4, 0, 0));
        assertThat(sim.sent)
                .filteredOn(s -> s.entries().get(0).event().meaning().destructive())
                .hasSize(2)
                .allSatisfy(s -> assertThat(s.entries()).hasSize(1));
    }

    private static List<Outcome> absent() {
        return List.of(new Outcome.Delivered(404));
    }

    @Test
    void believesNoDeletionDoneByAbsenceWhileItIsPausedAndStaysPaused() {
        // Given
        sim.script = run -> run.meaning().destructive() ? absent() : Sim.status(404);
        sim.append(Events.track("u", "Order Completed"));
        sim.start();
        sim.timer.advance(MINUTE);
        sim.append(Events.track("v", "User Deleted"), Events.track("w", "User Deleted"));
        sim.timer.advance(Duration.ofHours(1));
        DestinationStatus paused = status();
        Totals whilePaused = sim.state().totals();
        // When
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(20));
        // Then
        assertThat(sim.sent).anyMatch(s -> s.entries().get(0).event().meaning().destructive());
        assertThat(paused.state()).isEqualTo(State.PAUSED);
        assertThat(paused.reason()).contains("answer 404");
        assertThat(whilePaused).isEqualTo(new Totals(0, 0, 0));
        assertThat(sim.state().totals()).isEqualTo(new Totals(3, 0, 0));
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void takesA404OfADeletionForNoSignThatADestinationIsUpAgain() {
        // Given
        sim.script = run -> run.meaning().destructive() ? absent() : Sim.status(503);
        sim.append(persons(500));
        sim.start();
        sim.timer.advance(MINUTE);
        DestinationStatus before = status();
        // When
        sim.append(Events.track("v", "User Deleted"));
        sim.timer.advance(Duration.ofMinutes(10));
        DestinationStatus after = status();
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(before.state()).isEqualTo(State.DOWN);
        assertThat(after.state()).isEqualTo(State.DOWN);
        assertThat(after.since()).isEqualTo(before.since());
        assertThat(status().state()).isEqualTo(State.RUNNING);
        assertThat(sim.state().totals()).isEqualTo(new Totals(501, 0, 0));
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void staysPausedForADeletionWhoseSenderSaysPaused() {
        // Given
        sim.script = run -> Sim.status(404);
        sim.append(Events.track("u", "User Deleted"));
        // When
        sim.start();
        sim.timer.advance(Duration.ofHours(1));
        // Then
        assertThat(status().state()).isEqualTo(State.PAUSED);
        assertThat(sim.state().totals()).isEqualTo(new Totals(0, 0, 0));
    }

    @Test
    void triesAgainAfterAnAttemptThatEndsInAnError() {
        // Given
        var calls = new java.util.concurrent.atomic.AtomicInteger();
        sim.script =
                run -> {
                    if (calls.getAndIncrement() == 0) {
                        throw new NoClassDefFoundError("x/Y");
                    }
                    return Sim.ok();
                };
        sim.append(Events.track("u", "Order Completed"));
        // When
        sim.start();
        sim.timer.advance(MINUTE);
        // Then
        assertThat(calls).hasValue(2);
        assertThat(sim.state().totals()).isEqualTo(new Totals(1, 0, 0));
    }

    @Test
    void skipsDestructiveEventsWhereTheyAreUnsupportedAndSaysSo() {
        // Given
        sim.destination =
                Destination.of(Sim.NAME, Destination.Erase.UNSUPPORTED).fromTheBeginning();
        sim.append(Events.track("u", "Order Completed"), Events.track("u", "User Deleted"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.sent).singleElement().satisfies(s -> assertThat(s.entries()).hasSize(1));
        assertThat(sim.state().totals()).isEqualTo(new Totals(1, 1, 0));
        assertThat(sim.journal.skipRule(Sim.NAME, 2)).contains(Destination.ERASES_NOT);
    }

    @Test
    void stopsWhatTheBarrierForbidsAtEachAttempt() {
        // Given
        sim.barrier =
                (entry, destination) ->
                        of("gone").test(entry.event()) ? Optional.of("erased") : Optional.empty();
        sim.append(
                Events.track("u", "Order Completed"),
                Events.track("gone", "Order Completed"),
                Events.track("v", "Order Completed"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.state().totals()).isEqualTo(new Totals(2, 1, 0));
        assertThat(sim.sent.get(0).sequences()).containsExactlyInAnyOrder(1L, 3L);
        assertThat(sim.journal.skipRule(Sim.NAME, 2)).contains("erased");
    }

    @Test
    void takesARoutesOwnWordsOfAnErasureForNothingElse() {
        // Given
        sim.script =
                run ->
                        sim.sent.size() == 1
                                ? Sim.each(Retry.of(0, "no answer"))
                                : Sim.each(new Outcome.Skipped("erased by erasure team"));
        sim.append(Events.track("u", "Order Completed"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.state().totals()).isEqualTo(new Totals(0, 1, 0));
        assertThat(sim.journal.skipRule(Sim.NAME, 1)).contains("erased by erasure team");
    }

    @Test
    void letsOthersPassAnEventForWhichTheDestinationSaysThatItIsPaused() {
        // Given
        sim.destination = Sim.destination().withBatch(1);
        sim.script = run -> any(run, named("Poison")) ? Sim.status(404) : Sim.ok();
        List<Reading> items = persons(300);
        items.add(150, Events.track("u7", "Poison"));
        sim.append(items);
        sim.start();
        sim.timer.advance(MINUTE);
        int withinAMinute = sim.taken.size();
        // When
        for (int i = 0; i < 25; i++) {
            sim.append(Events.track("other" + i, "Order Completed"));
            sim.timer.advance(MINUTE);
        }
        // Then
        assertThat(withinAMinute).isEqualTo(300);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.dead()).singleElement().satisfies(l -> statusIs(l, 404));
    }

    @Test
    void closesTheGateForNobodyElseWhereAHeldEventIsAnsweredAsIfItWerePaused() {
        // Given
        sim.destination = Sim.destination().withBatch(1);
        sim.script = run -> any(run, named("Poison")) ? Sim.status(404) : Sim.ok();
        sim.append(Events.track("bad", "Poison"));
        sim.start();
        for (int i = 0; i < 120; i++) {
            sim.append(Events.track("first" + i, "Order Completed"));
            sim.timer.advance(Duration.ofSeconds(1));
        }
        int before = sim.attempts(1).size();
        // When
        int closed = 0;
        for (int i = 0; i < 600; i++) {
            sim.append(Events.track("other" + i, "Order Completed"));
            sim.timer.advance(Duration.ofSeconds(1));
            closed += status().state() == State.RUNNING ? 0 : 1;
        }
        // Then
        assertThat(status().held()).isEqualTo(1);
        assertThat(closed).isZero();
        assertThat(sim.attempts(1).size() - before).isLessThan(20);
        assertThat(sim.taken).hasSize(720);
    }

    private static void statusIs(DeadLetter letter, int status) {
        assertThat(letter.rule()).isEqualTo("STUCK");
        assertThat(letter.status()).isEqualTo(status);
    }

    @Test
    void keepsHeldPersonsThroughARestart() {
        // Given
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        List<Reading> items = persons(200);
        items.add(20, Events.track("u7", "Poison"));
        items.add(Events.track("u7", "Order Completed"));
        sim.append(items);
        sim.start();
        sim.timer.advance(Duration.ofSeconds(60));
        var heldBefore = sim.state().held();
        // When
        sim.crash();
        sim.timer.advance(Duration.ofSeconds(20));
        var heldAfter = sim.state().held();
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(heldBefore).singleElement().satisfies(held -> heldIs(held.firstUnsettled(), 21));
        assertThat(heldAfter).isEqualTo(heldBefore);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().held()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(202, 0, 0));
    }

    @Test
    void countsNobodyAsHeldWhoseFailingEventIsNotWantedAfterARestart() {
        // Given
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        List<Reading> items = persons(200);
        items.add(20, Events.track("u7", "Poison"));
        items.add(Events.track("u7", "Cart"));
        sim.append(items);
        sim.start();
        sim.timer.advance(MINUTE);
        int before = status().held();
        // When
        sim.destination =
                sim.destination.withSelection(Selection.parse(null, "Order *,Cart", null, null));
        sim.script = run -> Sim.each(new Retry(Optional.of(MINUTE), 429, "too many"));
        sim.crash();
        sim.timer.advance(Duration.ofSeconds(20));
        // Then
        assertThat(before).isEqualTo(1);
        assertThat(status().held()).isZero();
    }

    private static void heldIs(long sequence, long expected) {
        assertThat(sequence).isEqualTo(expected);
    }

    @Test
    void pausesWhenTooManyPersonsAreHeld() {
        // Given
        sim.destination = Sim.destination().withPace(Pace.DEFAULT.withMaxHeld(5));
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        List<Reading> items = persons(400);
        for (int i = 0; i < 30; i++) {
            items.add(10 * i, Events.track("bad" + i, "Poison"));
        }
        sim.append(items);
        sim.start();
        for (int i = 0; i < 60; i++) {
            sim.append(Events.track("more" + i, "Order Completed"));
            sim.timer.advance(Duration.ofSeconds(5));
        }
        // When
        DestinationStatus status = status();
        // Then
        assertThat(status.held()).isEqualTo(5);
        assertThat(status.state()).isEqualTo(State.PAUSED);
        assertThat(status.reason()).contains("5 persons are held");
        assertThat(sim.dead()).isEmpty();
    }

    @Test
    void looksAgainMoreAndMoreSeldomWhileTooManyPersonsAreHeld() {
        // Given
        sim.destination = Sim.destination().withPace(Pace.DEFAULT.withMaxHeld(5));
        sim.script = run -> any(run, named("Poison")) ? Sim.status(500) : Sim.ok();
        List<Reading> items = persons(400);
        for (int i = 0; i < 30; i++) {
            items.add(10 * i, Events.track("bad" + i, "Poison"));
        }
        sim.append(items);
        sim.start();
        moreForFiveMinutes("first");
        int before = sim.sent.size();
        // When
        moreForFiveMinutes("other");
        int attempts = sim.sent.size() - before;
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(30));
        // Then
        assertThat(attempts).isLessThan(100);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(1030, 0, 0));
    }

    private void moreForFiveMinutes(String name) {
        for (int i = 0; i < 300; i++) {
            sim.append(Events.track(name + i, "Order Completed"));
            sim.timer.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void staysStoppedByAnOperatorThroughARestart() {
        // Given
        sim.start();
        sim.dispatcher.pause();
        sim.timer.advance(Duration.ofSeconds(1));
        sim.append(persons(10));
        // When
        sim.crash();
        sim.timer.advance(MINUTE);
        State stopped = status().state();
        int sentMeanwhile = sim.sent.size();
        sim.dispatcher.resume();
        sim.settleAll(MINUTE);
        // Then
        assertThat(stopped).isEqualTo(State.STOPPED);
        assertThat(sentMeanwhile).isZero();
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void letsOthersPassAPartitionThatStandsStillWithoutTakingMoreMemory() {
        // Given
        Sim small =
                new Sim(
                        5,
                        4,
                        Sim.destination()
                                .withBatch(10)
                                .withPace(Pace.DEFAULT.withBuffer(80, 1_000_000)));
        small.latency = Duration.ofMillis(4);
        small.script =
                run ->
                        any(run, of("slow"))
                                ? List.of(
                                        new Retry(Optional.of(Duration.ofMinutes(4)), 429, "wait"))
                                : Sim.ok();
        small.append(Events.track("slow", "Order Completed"));
        small.start();
        small.timer.advance(Duration.ofSeconds(1));
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            items.add(Events.track(i % 3 == 0 ? "slow" : "u" + i % 50, "Order Completed"));
        }
        // When
        small.append(items);
        small.timer.advance(Duration.ofMinutes(2));
        long passed = small.taken.size();
        small.script = run -> Sim.ok();
        small.settleAll(Duration.ofMinutes(20));
        // Then
        assertThat(passed).isGreaterThan(900);
        assertThat(small.mostBuffered).isLessThanOrEqualTo(80 + 20);
        assertThat(small.accounts()).isEmpty();
    }

    @Test
    void goesOnInMemoryForAWhileWhenTheJournalCannotStoreAndThenWaits() {
        // Given
        sim.destination =
                Sim.destination().withBatch(10).withPace(Pace.DEFAULT.withBuffer(40, 1_000_000));
        sim.append(persons(1000));
        sim.journal.breakWith("disk full");
        sim.start();
        sim.timer.advance(Duration.ofHours(1));
        int taken = sim.taken.size();
        String storing = status().storing();
        // When
        sim.journal.breakWith(null);
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(taken).isBetween(160, 260);
        assertThat(storing).contains("disk full");
        assertThat(sim.accounts()).isEmpty();
        assertThat(status().storing()).isNull();
    }

    @Test
    void countsNothingTwiceThatWasStoredThoughStoringItFailed() {
        // Given
        sim.append(persons(1000));
        sim.journal.loseAnswers(true);
        sim.start();
        sim.timer.advance(Duration.ofMinutes(1));
        // When
        sim.journal.loseAnswers(false);
        sim.settleAll(Duration.ofMinutes(6));
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.journal.violations()).isEmpty();
        assertThat(status().totals().settled()).isEqualTo(1000);
    }

    @Test
    void storesAllProgressWhenItStops() {
        // Given
        sim.latency = Duration.ofSeconds(2);
        sim.append(persons(5000));
        sim.start();
        sim.timer.advance(Duration.ofSeconds(4));
        // When
        CompletableFuture<Void> stopping = sim.dispatcher.stop(Duration.ofSeconds(10));
        sim.timer.advance(Duration.ofSeconds(9));
        // Then
        assertThat(stopping).isCompleted();
        assertThat(sim.state().totals().delivered()).isEqualTo(sim.taken.size()).isPositive();
        assertThat(sim.journal.violations()).isEmpty();
    }

    @Test
    void leavesNoListenerWithTheJournalWhenItStops() {
        // Given
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        int listeners = sim.journal.listeners();
        // When
        CompletableFuture<Void> stopping = sim.dispatcher.stop(Duration.ofSeconds(10));
        sim.timer.advance(Duration.ofSeconds(1));
        // Then
        assertThat(stopping).isCompleted();
        assertThat(sim.journal.listeners()).isEqualTo(listeners - 1);
    }

    @Test
    void stopsInTimeAlthoughAnAttemptDoesNotEnd() {
        // Given
        sim.latency = Duration.ofHours(2);
        sim.append(persons(50));
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        // When
        CompletableFuture<Void> stopping = sim.dispatcher.stop(Duration.ofSeconds(10));
        sim.timer.advance(Duration.ofSeconds(11));
        // Then
        assertThat(stopping).isCompleted();
        assertThat(sim.state().totals()).isEqualTo(new Totals(0, 0, 0));
    }

    @Test
    void settlesNothingAnyMoreWhereItsStopWasCutShort() {
        // Given
        sim.append(Events.track("u", "Order Completed"), Events.track("v", "Bad"));
        List<Consumer<List<Outcome>>> attempts = new ArrayList<>();
        Sender sender = (run, done) -> attempts.add(done);
        sim.destination = Sim.destination().withBatch(2);
        Dispatcher old = dispatcher(sender);
        old.start();
        sim.timer.advance(Duration.ofSeconds(1));
        Thread.currentThread().interrupt(); // as Camel does when its own patience ends
        old.close();
        boolean interrupted = Thread.interrupted();
        Dispatcher next = dispatcher(sender);
        next.start();
        sim.timer.advance(Duration.ofSeconds(1));
        // When
        attempts.get(0).accept(Sim.ok());
        sim.timer.advance(Duration.ofSeconds(1));
        attempts.get(1).accept(Sim.each(new Delivered(200), new Refused(400, "bad", false)));
        sim.timer.advance(Duration.ofSeconds(1));
        // Then
        assertThat(interrupted).isTrue();
        assertThat(attempts).hasSize(2);
        assertThat(sim.state().totals()).isEqualTo(new Totals(1, 0, 1));
        assertThat(sim.dead()).extracting(DeadLetter::name).containsExactly("Bad");
        assertThat(sim.journal.violations()).isEmpty();
    }

    private Dispatcher dispatcher(Sender sender) {
        return new Dispatcher(
                sim.destination,
                sim.journal,
                sender,
                Barrier.NONE,
                DeliveryListener.NONE,
                sim.engine());
    }

    @Test
    void asksTheSelectionAndTheIntegrationsOfEachEvent() {
        // Given
        Selection selection =
                Selection.parse(
                        "track",
                        "Order *, Cart Viewed",
                        "shop",
                        new Selection.Filter(
                                "$[?(@.userId != 'x')]", event -> !of("x").test(event)));
        sim.destination = Sim.destination().withSelection(selection);
        sim.append(
                Events.track("a", "Order Completed"),
                Events.track("a", "Orders"),
                Events.visit("v"),
                Events.track("x", "Order Completed"),
                Events.track("x", "User Deleted"),
                Events.with("b", "Cart Viewed", "\"integrations\":{\"All\":false}"),
                Events.with("b", "Cart Viewed", "\"integrations\":{\"All\":false,\"crm\":true}"),
                Events.with("b", "Cart Viewed", "\"integrations\":{\"crm\":false}"),
                Events.with("b", "Cart Viewed", "\"integrations\":{\"other\":false}"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.taken).containsExactlyInAnyOrder(1L, 5L, 7L, 9L);
        assertThat(sim.state().totals()).isEqualTo(new Totals(4, 5, 0));
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void makesADeadLetterWhereTheFilterBreaksOff() {
        // Given
        sim.destination =
                Sim.destination()
                        .withSelection(
                                Selection.parse(
                                        null,
                                        null,
                                        null,
                                        new Selection.Filter(
                                                "broken",
                                                event -> {
                                                    throw new IllegalStateException("no path");
                                                })));
        sim.append(Events.track("a", "Order Completed"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.dead())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).contains("filter"));
    }

    @Test
    void triesAgainWhatThrowsOrAnswersNonsense() {
        // Given
        List<String> tricks = new ArrayList<>(List.of("throw", "error", "count", "empty"));
        Sender tricky =
                (run, done) -> {
                    String trick = tricks.isEmpty() ? "" : tricks.remove(0);
                    switch (trick) {
                        case "throw" -> throw new IllegalStateException("broken route");
                        case "error" -> throw new StackOverflowError();
                        case "count" -> done.accept(Collections.nCopies(7, new Delivered(200)));
                        case "empty" -> done.accept(List.of());
                        default -> {
                            done.accept(Sim.ok());
                            done.accept(Sim.status(500));
                        }
                    }
                };
        sim.append(persons(3));
        var dispatcher =
                new Dispatcher(
                        Sim.destination(),
                        sim.journal,
                        tricky,
                        Barrier.NONE,
                        DeliveryListener.NONE,
                        sim.engine());
        // When
        dispatcher.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(tricks).isEmpty();
        assertThat(sim.state().totals()).isEqualTo(new Totals(3, 0, 0));
    }

    @Test
    void goesOnOnceThereAreThreadsAgain() {
        // Given
        var noThreads = new AtomicBoolean();
        Engine engine = sim.engine();
        var scarce =
                new Engine(
                        engine.timer(),
                        engine.clock(),
                        engine.random(),
                        task -> {
                            if (noThreads.get()) {
                                throw new OutOfMemoryError("unable to create native thread");
                            }
                            engine.threads().execute(task);
                        });
        sim.dispatcher =
                new Dispatcher(
                        sim.destination,
                        sim.journal,
                        sim,
                        Barrier.NONE,
                        DeliveryListener.NONE,
                        scarce);
        sim.dispatcher.start();
        sim.append(persons(3));
        noThreads.set(true); // when it is to be read
        sim.timer.advance(MINUTE);
        noThreads.set(false);
        sim.settleAll(MINUTE);
        sim.script = run -> Sim.status(503);
        sim.append(persons(3));
        sim.timer.advance(MINUTE);
        // When
        noThreads.set(true); // when it is to be sent
        sim.timer.advance(MINUTE.multipliedBy(10));
        noThreads.set(false);
        sim.script = run -> Sim.ok();
        sim.settleAll(MINUTE.multipliedBy(10));
        // Then
        assertThat(sim.state().totals()).isEqualTo(new Totals(6, 0, 0));
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void tellsHowFarBehindItIs() {
        // Given
        sim.append(persons(50));
        sim.script = run -> Sim.status(503);
        sim.start();
        sim.timer.advance(Duration.ofMinutes(10));
        // When
        DestinationStatus status = sim.dispatcher.status();
        // Then
        assertThat(status.lag()).isEqualTo(50);
        assertThat(status.lagAge()).isEqualTo(Duration.ofMinutes(10));
        assertThat(status.lastError()).contains("503");
        assertThat(status.buffered()).isEqualTo(50);
    }

    @Test
    void sendsTheStoredBytes() {
        // Given
        List<String> bodies = new ArrayList<>();
        sim.script =
                run -> {
                    bodies.add(new String(run.json(), StandardCharsets.UTF_8));
                    return Sim.ok();
                };
        sim.append(Events.with("ü", "Order", "\"n\":1.10"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(bodies).singleElement().asString().contains("\"ü\"").contains("1.10");
    }
}
