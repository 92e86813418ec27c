package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.journal.LedgerState;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Settlement;
import dev.caravan.journal.Settlement.Receipt;
import dev.caravan.journal.Settlement.Refusal;
import dev.caravan.journal.Settlement.Skip;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is settled but not on disk yet. An event is entered when all before it in its lane are
 * settled: then the cursor passes it in the same transaction, and a crash counts nothing twice.
 */
final class Books {
    private static final Totals NOTHING = new Totals(0, 0, 0);

    private final String destination;
    private final DeliveryListener listener;
    private long number;
    private Totals stored;
    private @Nullable Settlement underWay;
    private long delivered;
    private long skipped;
    private long dead;
    private boolean heldChanged;
    private List<Refusal> refusals = new ArrayList<>();
    private List<Skip> skips = new ArrayList<>();
    private List<Receipt> receipts = new ArrayList<>();

    Books(LedgerState stored, String destination, DeliveryListener listener) {
        this.number = stored.settlements();
        this.stored = stored.totals();
        this.destination = destination;
        this.listener = listener;
    }

    void enter(Slot slot) {
        if (slot.receipt != null) {
            receipts.add(slot.receipt);
        }
        switch (slot.state) {
            case DELIVERED -> delivered++;
            case SKIPPED -> {
                skipped++;
                String rule = requireNonNull(slot.rule);
                if (slot.recorded) {
                    skips.add(new Skip(slot.sequence, rule, slot.unanswered));
                }
                listener.skipped(destination, rule);
            }
            case REFUSED -> {
                dead++;
                Refusal refusal = requireNonNull(slot.refusal);
                refusals.add(refusal);
                listener.refused(destination, refusal.status());
            }
            case WAITING, SENT ->
                    throw new IllegalStateException(
                            "the event in place " + slot.sequence + " is not settled");
        }
    }

    /** The list of held persons is another one now. */
    void heldChanged() {
        heldChanged = true;
    }

    boolean isEmpty() {
        return underWay == null && delivered + skipped + dead == 0 && !heldChanged;
    }

    /** Events settled that a crash would let us forget. */
    long ahead() {
        return delivered + skipped + dead + underWay().settled();
    }

    Totals totals() {
        return stored.plus(underWay()).plus(new Totals(delivered, skipped, dead));
    }

    private Totals underWay() {
        return underWay == null ? NOTHING : underWay.more();
    }

    /**
     * Moves all that was entered into a settlement. Until it is told that the settlement is {@link
     * #stored}, the same comes again: it may be on disk though storing it failed.
     */
    Settlement close(long[] cursors, List<Held> held) {
        if (underWay == null) {
            var more = new Totals(delivered, skipped, dead);
            underWay = new Settlement(++number, cursors, held, more, refusals, skips, receipts);
            delivered = 0;
            skipped = 0;
            dead = 0;
            heldChanged = false;
            refusals = new ArrayList<>();
            skips = new ArrayList<>();
            receipts = new ArrayList<>();
        }
        return underWay;
    }

    void stored() {
        stored = stored.plus(underWay());
        underWay = null;
    }
}
