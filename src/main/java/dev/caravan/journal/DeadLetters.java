package dev.caravan.journal;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What was refused, by doors and destinations, until it is sent again or discarded. */
public interface DeadLetters {
    /**
     * Lists in the order of their ids.
     *
     * @param after the id behind which to begin
     * @param limit 1 to 1000
     */
    List<DeadLetter> list(Filter filter, long after, int limit);

    long count(Filter filter);

    Optional<DeadLetter> get(long id);

    /** What was refused: a door's item as received, or a destination's event as JSON. */
    Optional<byte[]> item(long id);

    /**
     * What was said for a door's item outside of it, see {@link dev.caravan.event.Origin#saying}.
     */
    Optional<byte[]> envelope(long id);

    /** The event of a destination's dead letter, as it stood in the journal. */
    Optional<Entry> entry(long id);

    /** Removes one that was sent again with success. */
    CompletableFuture<Void> remove(long id);

    /**
     * Throws some away, and keeps who did: {@link Decision.What#REJECTED} where one waited for
     * approval.
     *
     * @param ids at most 1000; those that are gone are left out
     * @return how many were thrown away
     */
    CompletableFuture<Integer> discard(List<Long> ids, String operator);

    /**
     * Removes one of a destination that must not be sent any longer, so that its event is skipped
     * by this rule.
     */
    CompletableFuture<Void> skip(long id, String rule);

    /** Stores what came of sending one again: a new reason, and how often it was tried by now. */
    CompletableFuture<Void> update(long id, String reason, int status, int attempts);

    /**
     * Which ones; a null field takes all.
     *
     * @param destination a destination's name, {@code "door"} for those of doors
     * @param rule the exact rule
     * @param reason a part of the reason
     * @param to exclusive
     */
    record Filter(
            @Nullable String destination,
            @Nullable String source,
            @Nullable String rule,
            @Nullable String reason,
            @Nullable String messageId,
            @Nullable Instant from,
            @Nullable Instant to) {
        public static final String DOOR = "door";
        public static final Filter ALL = new Filter(null, null, null, null, null, null, null);
    }
}
