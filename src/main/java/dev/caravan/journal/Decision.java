package dev.caravan.journal;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What an operator decided, kept for as long as the journal: about an erasure, or about a dead
 * letter that is none any longer. Says nothing of the person; a message id is kept as a hash.
 *
 * @param id counts from 1
 * @param operator who: the login's name, or {@code operator@} and the address where there is none
 * @param source of the event or dead letter
 * @param rule of the dead letter; null if there was none
 * @param letter the id of the dead letter, 0 if there was none
 * @param sequence of the event, and so the id of its erasure; 0 if there is none
 */
public record Decision(
        long id,
        What what,
        String operator,
        Instant at,
        String source,
        @Nullable String rule,
        long letter,
        long sequence) {
    /** What was decided. */
    public enum What {
        /** To erase, without an event. */
        ASKED,
        /** That a dead letter that waited for approval is carried out. */
        APPROVED,
        /** That one that waited for approval is not. */
        REJECTED,
        /** That any other dead letter is thrown away. */
        DISCARDED
    }

    /**
     * A decision that comes with what is stored, in one transaction.
     *
     * @param rule of the dead letter, null if there is none
     * @param letter its id, 0 if there is none
     */
    public record Order(What what, String operator, @Nullable String rule, long letter) {}
}
