package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Settlement.Receipt;
import dev.caravan.journal.Settlement.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * An event's place in a lane, from its reading until all before it in the lane is settled too.
 *
 * <p>One that is not to be sent is settled when it is read, unless it joins someone: what follows
 * it relies on standing behind it, so it waits for whom it joins like one that is sent.
 */
final class Slot {
    enum State {
        /** To be sent, or to be passed over in its turn. */
        WAITING,
        /** Part of an attempt. */
        SENT,
        DELIVERED,
        /** Left out by a rule of the destination. */
        SKIPPED,
        /** A dead letter. */
        REFUSED
    }

    /** In the receipt of a destination that began behind all others, from the oldest event on. */
    static final String NOT_ANY_LONGER =
            "all other destinations were done with it, so that whom it erases is not known any"
                    + " longer; ask for it again if it is to be erased here";

    final long sequence;
    final long person;
    final int bytes;
    State state;

    /** Null once nobody needs it any longer. */
    @Nullable Entry entry;

    /** Of an event that is skipped, or is to be. */
    @Nullable String rule;

    /** Whether the rule is stored, since it cannot be told from the event again. */
    boolean recorded;

    /** Of an event that an erasure stopped after an attempt without an answer: which, else 0. */
    long unanswered;

    /** Of an event that is refused, or is to be. */
    @Nullable Refusal refusal;

    /** Of a destructive event that is settled. */
    @Nullable Receipt receipt;

    private Slot(Entry entry, State state) {
        this.sequence = entry.sequence();
        this.person = entry.person();
        this.bytes = entry.event().json().length;
        this.state = state;
        this.entry = state == State.WAITING ? entry : null;
    }

    static Slot waiting(Entry entry) {
        return new Slot(entry, State.WAITING);
    }

    private static Slot passed(Entry entry, State end) {
        return new Slot(entry, entry.joins().isEmpty() ? end : State.WAITING);
    }

    static Slot skipped(Entry entry, String rule, boolean recorded) {
        Slot slot = passed(entry, State.SKIPPED);
        slot.rule = rule;
        slot.recorded = recorded;
        slot.receipt(entry, Receipt.State.UNSUPPORTED, 0, 0, rule);
        return slot;
    }

    /** Nothing but its place was left when it was read: it was erased before it came so far. */
    static Slot erased(Entry entry) {
        Slot slot = passed(entry, State.SKIPPED);
        slot.rule = Erasures.RULE + entry.erasedBy();
        slot.recorded = true;
        slot.receipt(entry, Receipt.State.UNSUPPORTED, 0, 0, NOT_ANY_LONGER);
        return slot;
    }

    static Slot refused(Refusal refusal) {
        Slot slot = passed(refusal.entry(), State.REFUSED);
        slot.refusal = refusal;
        slot.receipt(refusal.entry(), Receipt.State.REFUSED, 0, 0, refusal.reason());
        return slot;
    }

    /** Notes what became of an event, if it is one that erases. */
    void receipt(Entry of, Receipt.State end, int status, int attempts, String reason) {
        if (of.event().meaning().destructive()) {
            receipt = new Receipt(sequence, end, status, attempts, reason);
        }
    }

    /**
     * What it comes to in its turn, of one that waits though it is not to be sent; null if it is.
     */
    @Nullable State end() {
        if (refusal != null) {
            return State.REFUSED;
        }
        return rule == null ? null : State.SKIPPED;
    }

    boolean settled() {
        return state != State.WAITING && state != State.SENT;
    }

    /** The event of a slot that is not settled. */
    Entry entry() {
        if (entry == null) {
            throw new IllegalStateException("the event in place " + sequence + " is settled");
        }
        return entry;
    }
}
