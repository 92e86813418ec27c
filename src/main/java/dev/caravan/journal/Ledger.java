package dev.caravan.journal;

import java.util.concurrent.CompletableFuture;

/**
 * How far one destination has come. Who asks {@link Journal#ledger} for it last is its owner, and
 * nobody else settles; thread-safe all the same.
 */
public interface Ledger {
    String destination();

    /** What is on disk, read anew. */
    LedgerState state();

    /**
     * Stores progress and the dead letters that go with it in one transaction.
     *
     * @return completes when on disk; fails with {@link JournalUnavailableException} if it may not
     *     be stored: then the same settlement is to be settled again before any other; and with
     *     {@link IllegalStateException} if another owner has taken over
     */
    CompletableFuture<Void> settle(Settlement settlement);

    /** Stores that an operator has stopped the destination, or lets it go on. */
    CompletableFuture<Void> hold(boolean stopped);
}
