package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.journal.Entry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class AttemptTest {
    private final Set<Long> erased = new HashSet<>();
    private final Underway underway = new Underway();
    private final List<Long> sent = new ArrayList<>();
    private final List<Consumer<List<Outcome>>> answers = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private long sequence;

    private Attempt attempt() {
        return new Attempt(
                Sim.destination(),
                (entry, destination) ->
                        erased.contains(entry.sequence())
                                ? Optional.of("erased")
                                : Optional.empty(),
                (run, done) -> {
                    run.entries().forEach(entry -> sent.add(entry.sequence()));
                    answers.add(done);
                },
                underway,
                Runnable::run);
    }

    private Entry entry(Reading.Accepted item) {
        long person = PersonKey.user(String.valueOf(item.event().userId())).hash();
        return new Entry(++sequence, "shop", VirtualTimer.START, person, List.of(), item.event());
    }

    @Test
    void sendsAnErasureWhenWhatItErasesHasEnded() {
        // Given: one by the dispatcher, one that an operator sends again
        attempt().make(List.of(entry(Events.track("u", "Order"))), outcomes::addAll);
        attempt().make(List.of(entry(Events.visit("a"))), outcomes::addAll);
        erased.addAll(List.of(1L, 2L));
        attempt().make(List.of(entry(Events.track("u", "User Deleted"))), outcomes::addAll);
        // When
        answers.get(0).accept(Sim.status(503));
        List<Long> meanwhile = List.copyOf(sent);
        answers.get(1).accept(Sim.ok());
        // Then
        assertThat(meanwhile).containsExactly(1L, 2L);
        assertThat(sent).containsExactly(1L, 2L, 3L);
    }

    @Test
    void waitsForNobodyElse() {
        // Given
        attempt().make(List.of(entry(Events.track("v", "Order"))), outcomes::addAll);
        // When
        attempt().make(List.of(entry(Events.track("u", "User Deleted"))), outcomes::addAll);
        // Then
        assertThat(sent).containsExactly(1L, 2L);
    }

    @Test
    void leavesOutWhatIsErasedAndSendsTheRest() {
        // Given
        erased.add(1L);
        // When
        attempt()
                .make(
                        List.of(
                                entry(Events.track("u", "Order")),
                                entry(Events.track("v", "Order"))),
                        outcomes::addAll);
        answers.get(0).accept(Sim.ok());
        // Then
        assertThat(sent).containsExactly(2L);
        assertThat(outcomes.get(0)).isEqualTo(new Outcome.Skipped("erased"));
        assertThat(outcomes.get(1).settled()).isTrue();
    }
}
