package dev.caravan.delivery;

import dev.caravan.journal.LedgerState.Totals;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a destination is doing.
 *
 * @param state what it does at the moment
 * @param reason why it takes nothing, for a person; null if it does
 * @param since since when it takes nothing; null if it does
 * @param nextLook when it will be tried again; null if it takes events, or waits for an operator
 * @param lag events that are not settled
 * @param lagAge how long ago the oldest of them was received; zero if there is none
 * @param inFlight events in attempts under way
 * @param buffered events in memory, in attempts or waiting for one
 * @param held persons who wait beside their partition because an event of theirs fails
 * @param waiting persons beside their partition for another reason: they wait for older events of
 *     someone joined, or catch up
 * @param perSecond events taken a second, over the last minute
 * @param totals events settled so far, by outcome
 * @param lastError what failed last, which may be long over; null if nothing has since the start
 * @param lastErrorAt when it failed
 * @param storing what keeps progress from being stored, such as a full disk; null if nothing does
 */
public record DestinationStatus(
        String destination,
        State state,
        @Nullable String reason,
        @Nullable Instant since,
        @Nullable Instant nextLook,
        long lag,
        Duration lagAge,
        int inFlight,
        int buffered,
        int held,
        int waiting,
        double perSecond,
        Totals totals,
        @Nullable String lastError,
        @Nullable Instant lastErrorAt,
        @Nullable String storing) {
    /** What a destination does at the moment. */
    public enum State {
        RUNNING,
        /** Nobody answers there: looked at again from time to time. */
        DOWN,
        /** A person must mend something: looked at again from time to time. */
        PAUSED,
        /** Stopped by an operator, until an operator lets it go on. */
        STOPPED,
        /** Not started, or closed. */
        CLOSED
    }
}
