package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Someone becomes known: who waits for whom, and that nobody waits for ever. */
class DispatcherJoinTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void sendsTheVisitorsEventsBeforeTheOneThatMakesHimKnown(int partitions) {
        // Given
        Sim sim = new Sim(1, partitions, Sim.destination());
        sim.append(
                Events.visit("a"),
                Events.track("u", "Order"),
                Events.visit("a"),
                Events.identify("u", "a"),
                Events.visit("a"),
                Events.track("u", "Order"));
        // When
        sim.start();
        sim.settleAll(MINUTE);
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.taken).hasSize(6);
        assertThat(sim.attempts(4).get(0)).isGreaterThan(sim.attempts(3).get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64})
    void waitsInNoCircleWhenTwoJoinEachOtherOrManyFollowOneAnother(int partitions) {
        // Given
        Sim sim = new Sim(2, partitions, Sim.destination());
        List<Reading> items = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            for (int i = 0; i < 12; i++) {
                items.add(Events.track("u" + i, "Order"));
                items.add(Events.visit("a" + i));
                items.add(Events.alias("u" + i, "u" + (i + 1) % 12));
                items.add(Events.alias("u" + (i + 1) % 12, "u" + i));
                items.add(Events.identify("u" + i, "a" + (i + round) % 12));
            }
        }
        sim.append(items);
        // When
        sim.start();
        sim.settleAll(Duration.ofMinutes(5));
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.taken).hasSize(items.size());
        assertThat(sim.state().held()).isEmpty();
    }

    @Test
    void letsOnlyThePersonWaitWhereTheOtherSideStandsStill() {
        // Given
        Sim sim = new Sim(3, 64, Sim.destination());
        String neighbour = neighbourOf("u", 64);
        sim.script =
                run ->
                        run.entries().stream().anyMatch(e -> "a".equals(e.event().anonymousId()))
                                ? List.of(
                                        new Retry(Optional.of(Duration.ofMinutes(2)), 503, "busy"))
                                : Sim.ok();
        sim.append(Events.visit("a"));
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        // When
        sim.append(
                Events.identify("u", "a"),
                Events.track(neighbour, "Order"),
                Events.track("u", "Order"));
        sim.timer.advance(Duration.ofSeconds(10));
        List<Long> meanwhile = List.copyOf(sim.taken);
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(10));
        // Then
        assertThat(meanwhile).containsExactly(3L);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.taken).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
        assertThat(sim.state().held()).isEmpty();
    }

    @Test
    void letsWhatFollowsWaitThoughTheJoiningEventItselfIsNotWanted() {
        // Given
        Selection pagesAndOrders = Selection.parse("page,track", null, null, null);
        Sim sim = new Sim(6, 64, Sim.destination().withSelection(pagesAndOrders));
        sim.script =
                run ->
                        run.entries().stream().anyMatch(e -> "a".equals(e.event().anonymousId()))
                                ? Sim.status(503)
                                : Sim.ok();
        sim.append(Events.visit("a"));
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        // When
        sim.append(
                Events.identify("u", "a"),
                Events.track(neighbourOf("u", 64), "Order"),
                Events.track("u", "Order"));
        sim.timer.advance(Duration.ofSeconds(10));
        List<Long> meanwhile = List.copyOf(sim.taken);
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(10));
        // Then
        assertThat(meanwhile).containsExactly(3L);
        assertThat(sim.accounts()).isEmpty();
        assertThat(sim.attempts(4).get(0)).isGreaterThan(last(sim.attempts(1)));
        assertThat(sim.state().totals().skipped()).isEqualTo(1);
        assertThat(sim.state().held()).isEmpty();
    }

    private static long last(List<Long> times) {
        return times.get(times.size() - 1);
    }

    @Test
    void keepsTheWaitThroughARestart() {
        // Given
        Sim sim = new Sim(4, 64, Sim.destination());
        sim.script =
                run ->
                        run.entries().stream().anyMatch(e -> "a".equals(e.event().anonymousId()))
                                ? Sim.status(503)
                                : Sim.ok();
        sim.append(Events.visit("a"));
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        sim.append(
                Events.identify("u", "a"),
                Events.track(neighbourOf("u", 64), "Order"),
                Events.track("u", "Order"));
        sim.timer.advance(Duration.ofSeconds(10));
        // When
        sim.crash();
        sim.timer.advance(Duration.ofSeconds(10));
        List<Long> meanwhile = List.copyOf(sim.taken);
        sim.script = run -> Sim.ok();
        sim.settleAll(Duration.ofMinutes(10));
        // Then
        assertThat(meanwhile).containsExactly(3L);
        assertThat(sim.accounts()).isEmpty();
    }

    @Test
    void writesNoHeldPersonsForTheShortWaitsOfADrain() {
        // Given
        Sim sim = new Sim(5, 64, Sim.destination());
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            items.add(Events.visit("a" + i % 100));
            items.add(Events.track("u" + i % 100, "Order"));
            if (i % 5 == 0) {
                items.add(Events.identify("u" + i % 100, "a" + i % 100));
            }
        }
        sim.append(items);
        // When
        sim.start();
        boolean everHeld = false;
        while (!sim.allSettled() && sim.timer.elapsed().compareTo(MINUTE) < 0) {
            sim.timer.advance(Duration.ofMillis(5));
            everHeld |= !sim.state().held().isEmpty();
        }
        // Then
        assertThat(sim.accounts()).isEmpty();
        assertThat(everHeld).isFalse();
    }

    private static String neighbourOf(String userId, int partitions) {
        var all = new dev.caravan.journal.Partitions(partitions);
        int partition = all.of(PersonKey.user(userId).hash());
        for (int i = 0; ; i++) {
            if (all.of(PersonKey.user("n" + i).hash()) == partition) {
                return "n" + i;
            }
        }
    }
}
