package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasures;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Stops events from being sent although they are in the journal, such as those of someone deleted.
 */
@FunctionalInterface
public interface Barrier {
    /** Stops nothing. */
    Barrier NONE = (entry, destination) -> Optional.empty();

    /** What all rules of {@link #of} begin with; the erasure's id follows. */
    String ERASED = Erasures.RULE;

    /** The erasure that a rule of {@link #of} names; 0 if it is another rule. */
    static long erasure(String rule) {
        return Erasures.idIn(rule);
    }

    /** Stops what the journal knows to be erased. */
    static Barrier of(Erasures erasures) {
        return (entry, destination) -> {
            OptionalLong id = erasures.reaching(entry);
            return id.isEmpty() ? Optional.empty() : Optional.of(ERASED + id.getAsLong());
        };
    }

    /** The same for what is sent again, out of its order. */
    static Barrier ofSentAgain(Erasures erasures) {
        return (entry, destination) -> {
            OptionalLong id = erasures.reachingAgain(entry);
            return id.isEmpty() ? Optional.empty() : Optional.of(ERASED + id.getAsLong());
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
