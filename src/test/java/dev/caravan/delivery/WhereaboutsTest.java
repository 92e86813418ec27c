package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Skipped;
import dev.caravan.delivery.Whereabouts.State;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WhereaboutsTest {
    @Test
    void tellsWhereEachEventStands() {
        // Given
        Sim sim =
                new Sim(
                        1,
                        8,
                        Destination.of(Sim.NAME, Destination.Erase.UNSUPPORTED)
                                .withBatch(1)
                                .withSelection(Selection.parse(null, "Order*", null, null)));
        sim.append(Events.track("old", "Order"));
        sim.script =
                run ->
                        switch (String.valueOf(run.entries().get(0).event().name())) {
                            case "Order bad" -> Sim.each(new Refused(400, "field plan", false));
                            case "Order none" -> Sim.each(new Skipped("no consent"));
                            case "Order later" -> Sim.status(503);
                            default -> List.of(new Delivered(200));
                        };
        sim.start();
        sim.timer.advance(Duration.ofSeconds(1));
        // When
        sim.append(
                Events.track("a", "Order"),
                Events.track("b", "Order bad"),
                Events.track("c", "Order none"),
                Events.track("d", "Order later"),
                Events.track("e", "Cart"),
                Events.track("f", "User Deleted"));
        sim.timer.advance(Duration.ofMinutes(1));
        // Then
        assertThat(sim.journal.entries())
                .extracting(
                        entry ->
                                Whereabouts.of(
                                        sim.journal, Sim.NAME, sim.state(), sim.destination, entry))
                .containsExactly(
                        new Whereabouts(State.BEFORE, ""),
                        new Whereabouts(State.DELIVERED, ""),
                        new Whereabouts(State.DEAD, "field plan"),
                        new Whereabouts(State.SKIPPED, "no consent"),
                        new Whereabouts(State.PENDING, ""),
                        new Whereabouts(State.SKIPPED, "not among the destination's events"),
                        new Whereabouts(State.SKIPPED, Destination.ERASES_NOT));
    }
}
