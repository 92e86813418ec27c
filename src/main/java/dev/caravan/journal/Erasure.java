package dev.caravan.journal;

import dev.caravan.event.Meaning;
import dev.caravan.journal.Settlement.Receipt.State;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A deletion or suppression that the journal holds to: the record that is kept of it.
 *
 * @param id the sequence of the event that asked for it
 * @param meaning what is erased: a person, a device, an object, a relationship
 * @param cutOff what happened before is erased: the deletion's own time, or its acceptance if that
 *     was earlier
 * @param source where the event came from, with its {@code messageId}
 * @param names whom it erased: for each name its kind's letter ({@code u} user id, {@code a}
 *     anonymousId, {@code e} e-mail, {@code d} device, {@code o} object, {@code r} relationship), a
 *     colon, and 16 hexadecimal digits of the keyed hash
 * @param copies what became of our own copies
 * @param decisions of operators, by which it was accepted; none where an event came by itself
 * @param receipts one for each destination that is to carry it out, in the order of their names
 */
public record Erasure(
        long id,
        Meaning meaning,
        Instant cutOff,
        Instant acceptedAt,
        String source,
        String messageId,
        List<String> names,
        Copies copies,
        List<Decision> decisions,
        List<Receipt> receipts) {
    public Erasure {
        names = List.copyOf(names);
        decisions = List.copyOf(decisions);
        receipts = List.copyOf(receipts);
    }

    /**
     * Our own copies of what it erases: in the journal, in dead letters, in the sandbox.
     *
     * @param removedAt when all were removed that were there when it was accepted; null while they
     *     are being removed. What comes in later is not kept from the beginning
     * @param events whose content was removed from the journal
     * @param letters dead letters that were removed
     * @param carried whether the event that asked for it was removed, too: that is when all
     *     destinations that are to carry it out have answered
     */
    public record Copies(@Nullable Instant removedAt, long events, long letters, boolean carried) {}

    /**
     * How far it is at a destination.
     *
     * @param status the answer's status, 0 if there was none
     * @param attempts how often it was sent until it was settled
     * @param at when it was settled; null while it waits
     * @param reason why it was not carried out; empty if it was, or waits
     * @param unanswered sequences of the person's events of which an attempt before the erasure got
     *     no answer, so that it may have arrived; the erasure was sent behind it
     */
    public record Receipt(
            String destination,
            State state,
            int status,
            int attempts,
            @Nullable Instant at,
            String reason,
            List<Long> unanswered) {
        public Receipt {
            unanswered = List.copyOf(unanswered);
        }
    }
}
