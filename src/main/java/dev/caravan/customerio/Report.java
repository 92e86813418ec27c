package dev.caravan.customerio;

import dev.caravan.delivery.Outcome;
import java.util.List;

/**
 * What became of a body.
 *
 * @param outcomes one for each event, in order
 * @param requests how many were made
 * @param status of the last answer, 0 if there was none
 */
record Report(List<Outcome> outcomes, int requests, int status) {
    Report {
        outcomes = List.copyOf(outcomes);
    }

    /** Whether every event was taken. */
    boolean delivered() {
        return outcomes.stream().allMatch(Outcome.Delivered.class::isInstance);
    }
}
