package dev.caravan.delivery;

import java.util.List;

/**
 * Ends a destination's route when not every event of a run was delivered; says for each what its
 * attempt came to.
 */
public final class DeliveryException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Outcome> outcomes;

    /**
     * Makes one.
     *
     * @param outcomes one for each event of the run in its order, or a single one for all
     */
    public DeliveryException(String message, List<Outcome> outcomes) {
        super(message);
        this.outcomes = List.copyOf(outcomes);
    }

    /** One for each event of the run in its order, or a single one for all. */
    public List<Outcome> outcomes() {
        return outcomes;
    }
}
