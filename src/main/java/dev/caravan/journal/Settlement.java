package dev.caravan.journal;

import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import java.util.List;

/**
 * Progress of a destination.
 *
 * @param number 1 for the first of a destination, and so on without gaps; the last one settled
 *     again, because nobody knows whether it is on disk, changes nothing
 * @param cursors the new cursors of all partitions
 * @param held all persons held from now on
 * @param more events settled since the last settlement
 * @param deadLetters those that were refused
 * @param skipped those that the destination's route skipped with a reason
 * @param receipts what became of destructive events
 */
public record Settlement(
        long number,
        long[] cursors,
        List<Held> held,
        Totals more,
        List<Refusal> deadLetters,
        List<Skip> skipped,
        List<Receipt> receipts) {
    public Settlement {
        held = List.copyOf(held);
        deadLetters = List.copyOf(deadLetters);
        skipped = List.copyOf(skipped);
        receipts = List.copyOf(receipts);
    }

    /** Progress with no destructive event in it. */
    public Settlement(
            long number,
            long[] cursors,
            List<Held> held,
            Totals more,
            List<Refusal> deadLetters,
            List<Skip> skipped) {
        this(number, cursors, held, more, deadLetters, skipped, List.of());
    }

    /**
     * An event that the destination refused.
     *
     * @param rule why it is given up
     * @param status the answer's status, 0 if there was none
     * @param reason for a person to act on
     * @param attempts how often it was sent
     */
    public record Refusal(Entry entry, Rule rule, int status, String reason, int attempts) {
        /** Why an event is given up. */
        public enum Rule {
            /** The destination's answer, or the route, says that it will never be taken. */
            REFUSED,
            /** It failed alone for long, while the destination took others. */
            STUCK
        }
    }

    /**
     * An event that the route skipped on purpose, or that an erasure stopped.
     *
     * @param unanswered the erasure that stopped it after an attempt without an answer, which may
     *     have arrived all the same; 0 if there was none
     */
    public record Skip(long sequence, String rule, long unanswered) {
        public Skip(long sequence, String rule) {
            this(sequence, rule, 0);
        }
    }

    /**
     * What became of an erasure at the destination.
     *
     * @param erasure its id
     * @param status the answer's status, 0 if there was none
     * @param attempts how often it was sent
     * @param reason why it was not carried out; empty if it was
     */
    public record Receipt(long erasure, State state, int status, int attempts, String reason) {
        /** How an erasure ends at a destination. */
        public enum State {
            /** It is still to be sent there; this is not settled, and so not stored. */
            WAITING,
            /** It was carried out, or nobody was there. */
            DONE,
            /** It was given up, and is a dead letter. */
            REFUSED,
            /** The destination cannot, or its route left it out. */
            UNSUPPORTED
        }
    }
}
