package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasures;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Stops events from being sent although they are in the journal, such as those of someone deleted.
 */
@FunctionalInterface
public interface Barrier {
    /** Stops nothing. */
    Barrier NONE = (entry, destination) -> Optional.empty();

    /** Stops what the journal knows to be erased. */
    static Barrier of(Erasures erasures) {
        return of(erasures::reaching);
    }

    /** The same for what is sent again, out of its order. */
    static Barrier ofSentAgain(Erasures erasures) {
        return of(erasures::reachingAgain);
    }

    private static Barrier of(Function<Entry, OptionalLong> reaching) {
        return (entry, destination) -> {
            OptionalLong id = reaching.apply(entry);
            return id.isEmpty() ? Optional.empty() : Optional.of(Erasures.RULE + id.getAsLong());
        };
    }

    /**
     * Says whether an event must not be sent. Asked immediately before each attempt for each of its
     * events, on the attempt's thread, so it has to be quick.
     *
     * @return the rule that forbids it; empty lets it pass
     */
    Optional<String> stops(Entry entry, String destination);
}
