package dev.caravan.delivery;

import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.Partitions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where an event stands at a destination.
 *
 * @param reason why it was skipped or is dead; empty otherwise
 */
public record Whereabouts(State state, String reason) {
    /** Where an event can stand. */
    public enum State {
        DELIVERED,
        /** To be delivered. */
        PENDING,
        SKIPPED,
        /** A dead letter. */
        DEAD,
        /** The destination was done with it before it was erased; how is not known any longer. */
        ERASED,
        /** Older than the destination, which never gets it unless it is replayed. */
        BEFORE
    }

    /**
     * Looks an event up. A rule of the destination is told as it is configured now, though the
     * event may have passed under an older one.
     *
     * @param ledger the destination's progress
     * @param rules the destination as configured; null if it is not any longer
     */
    public static Whereabouts of(
            Journal journal,
            String destination,
            LedgerState ledger,
            @Nullable Destination rules,
            Entry entry) {
        if (entry.sequence() <= ledger.startedAt()) {
            return new Whereabouts(State.BEFORE, "");
        } else if (entry.isErased()) {
            return ofErased(journal, destination, ledger, entry);
        } else if (!isSettled(ledger, journal.partitions(), entry)) {
            return new Whereabouts(State.PENDING, "");
        }
        Optional<DeadLetter> letter = letter(journal, destination, entry);
        if (letter.isPresent()) {
            return new Whereabouts(State.DEAD, letter.get().reason());
        }
        Optional<String> rule =
                journal.skipRule(destination, entry.sequence())
                        .or(() -> rules == null ? Optional.empty() : skipRule(rules, entry));
        return rule.map(text -> new Whereabouts(State.SKIPPED, text))
                .orElseGet(() -> new Whereabouts(State.DELIVERED, ""));
    }

    /** What is skipped, or is sure to be, says so; of the rest only that it was settled before. */
    private static Whereabouts ofErased(
            Journal journal, String destination, LedgerState ledger, Entry entry) {
        String rule = Erasures.RULE + entry.erasedBy();
        if (entry.sequence() == entry.erasedBy()) {
            Optional<Whereabouts> answered =
                    journal.erasures()
                            .get(entry.sequence())
                            .flatMap(erasure -> ofReceipt(erasure, destination));
            if (answered.isPresent()) {
                return answered.get();
            }
        }
        boolean before =
                entry.sequence() <= entry.erasedBy()
                        && isSettled(ledger, journal.partitions(), entry);
        return journal.skipRule(destination, entry.sequence())
                .map(stored -> new Whereabouts(State.SKIPPED, stored))
                .orElseGet(() -> new Whereabouts(before ? State.ERASED : State.SKIPPED, rule));
    }

    /** Of the event that asked for the erasure. */
    private static Optional<Whereabouts> ofReceipt(Erasure erasure, String destination) {
        return erasure.receipts().stream()
                .filter(receipt -> receipt.destination().equals(destination))
                .map(
                        receipt ->
                                switch (receipt.state()) {
                                    case WAITING -> new Whereabouts(State.PENDING, "");
                                    case DONE -> new Whereabouts(State.DELIVERED, "");
                                    case REFUSED -> new Whereabouts(State.DEAD, receipt.reason());
                                    case UNSUPPORTED ->
                                            new Whereabouts(State.SKIPPED, receipt.reason());
                                })
                .findFirst();
    }

    private static Optional<String> skipRule(Destination rules, Entry entry) {
        try {
            return rules.skipRule(entry);
        } catch (RuntimeException e) {
            return Optional.empty(); // its filter breaks off, so it was no reason to skip
        }
    }

    private static Optional<DeadLetter> letter(Journal journal, String destination, Entry entry) {
        var filter =
                new DeadLetters.Filter(
                        destination,
                        entry.source(),
                        null,
                        null,
                        entry.event().messageId(),
                        null,
                        null);
        return journal.deadLetters().list(filter, 0, 100).stream()
                .filter(letter -> letter.sequence() == entry.sequence())
                .findFirst();
    }

    /** Whether the destination is done with an event behind its start. */
    static boolean isSettled(LedgerState ledger, Partitions partitions, Entry entry) {
        for (Held held : ledger.held()) {
            if (held.person() == entry.person()) {
                return entry.sequence() < held.firstUnsettled();
            }
        }
        return entry.sequence() <= ledger.cursors()[partitions.of(entry.person())];
    }
}
