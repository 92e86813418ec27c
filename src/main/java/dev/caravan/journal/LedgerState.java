package dev.caravan.journal;

import java.util.List;

/**
 * A destination's progress.
 *
 * @param startedAt the sequence behind which the destination began
 * @param settlements the number of the last {@link Settlement}, 0 before the first
 * @param cursors for each partition the sequence up to which all its events are settled, but for
 *     those of held persons
 * @param held persons whose events wait while others of their partition pass
 * @param totals events settled so far, by outcome
 * @param stopped whether an operator has stopped it
 */
public record LedgerState(
        long startedAt,
        long settlements,
        long[] cursors,
        List<Held> held,
        Totals totals,
        boolean stopped) {
    public LedgerState {
        held = List.copyOf(held);
    }

    /**
     * A person who waits beside the cursor.
     *
     * @param person the person's hash
     * @param firstUnsettled the person's first event that is not settled
     * @param sinceMillis epoch milliseconds of the first failure; 0 if nothing failed, and the
     *     person waits for someone joined or catches up
     */
    public record Held(long person, long firstUnsettled, long sinceMillis) {}

    /** Events by outcome, each counted once. */
    public record Totals(long delivered, long skipped, long dead) {
        public long settled() {
            return delivered + skipped + dead;
        }

        public Totals plus(Totals more) {
            return new Totals(delivered + more.delivered, skipped + more.skipped, dead + more.dead);
        }
    }
}
