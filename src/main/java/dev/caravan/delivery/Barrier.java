package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import java.util.Optional;

/**
 * Stops events from being sent although they are in the journal, such as those of someone deleted.
 */
@FunctionalInterface
public interface Barrier {
    /** Stops nothing. */
    Barrier NONE = (entry, destination) -> Optional.empty();

    /**
     * Says whether an event must not be sent. Asked immediately before each attempt for each of its
     * events, on the attempt's thread, so it has to be quick.
     *
     * @return the rule that forbids it; empty lets it pass
     */
    Optional<String> stops(Entry entry, String destination);
}
