package dev.caravan.journal;

import dev.caravan.event.PersonKey;
import dev.caravan.journal.Settlement.Receipt.State;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who was erased, for all time: asked before each attempt, and kept for whoever wants proof.
 * Thread-safe.
 */
public interface Erasures {
    /** What the rule begins with by which an event is skipped that was erased; the id follows. */
    String RULE = "erased by erasure ";

    /** The id of the erasure that a rule names; 0 if it is another rule. */
    static long idIn(String rule) {
        return rule.matches(RULE + "[0-9]{1,18}")
                ? Long.parseLong(rule.substring(RULE.length()))
                : 0;
    }

    /**
     * Whether an event must not be sent any longer: it belongs to someone erased, and was accepted
     * before the erasure or happened before its cut-off; or to someone suppressed. Destructive
     * events never are: they carry out an erasure. Costs next to nothing where nothing was erased,
     * and less than a microsecond where much was.
     *
     * @return the id of the erasure
     */
    OptionalLong reaching(Entry entry);

    /**
     * The same for an event that is to be sent again, out of its order: a {@code User Unsuppressed}
     * must not be either if the person was erased after it.
     *
     * @return the id of the erasure
     */
    OptionalLong reachingAgain(Entry entry);

    /**
     * The records that fit, in the order of their ids.
     *
     * @param after the id behind which to begin
     * @param limit 1 to 1000
     */
    List<Erasure> list(Filter filter, long after, int limit);

    Optional<Erasure> get(long id);

    /** How far those that fit are, in numbers; reads through all of them. */
    Summary summary(Filter filter);

    /**
     * Erasures in numbers.
     *
     * @param count how many there are
     * @param firstAcceptedAt when the first of them was accepted, null if there is none
     * @param lastAcceptedAt likewise of the last
     */
    record Summary(
            long count,
            @Nullable Instant firstAcceptedAt,
            @Nullable Instant lastAcceptedAt,
            List<AtDestination> destinations) {
        public Summary {
            destinations = List.copyOf(destinations);
        }
    }

    /** How many of them are in which state at a destination. */
    record AtDestination(String name, Map<State, Long> states) {
        public AtDestination {
            states = Map.copyOf(states);
        }

        public long in(State state) {
            return states.getOrDefault(state, 0L);
        }
    }

    /**
     * Stores what came of sending a refused erasure again.
     *
     * @param letter its dead letter, which is removed if it was carried out
     */
    CompletableFuture<Void> retried(
            String destination, Settlement.Receipt receipt, DeadLetter letter);

    /**
     * Which ones; a null field takes all.
     *
     * @param state of at least one receipt
     * @param person among those whom they erased
     * @param source where they were asked for
     * @param from the earliest acceptance
     * @param to the latest acceptance
     */
    record Filter(
            @Nullable State state,
            @Nullable PersonKey person,
            @Nullable String source,
            @Nullable Instant from,
            @Nullable Instant to) {
        public static final Filter ALL = new Filter(null, null);

        public Filter(@Nullable State state, @Nullable PersonKey person) {
            this(state, person, null, null, null);
        }
    }

    /**
     * Calls back, on a thread of the journal, when its copies of what was erased are to be removed:
     * for copies that lie elsewhere.
     *
     * @return ends the calls
     */
    Runnable onRemoval(Runnable listener);

    /** The name of a person as records have it, see {@link Erasure#names()}. */
    String nameOf(PersonKey person);
}
