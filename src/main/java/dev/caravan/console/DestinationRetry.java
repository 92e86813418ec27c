package dev.caravan.console;

import dev.caravan.journal.DeadLetter;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Sends a destination's dead letter again. */
@FunctionalInterface
public interface DestinationRetry {
    /**
     * Makes one attempt, and settles the dead letter by what came of it.
     *
     * @return null if it was delivered, else why not
     */
    CompletableFuture<@Nullable String> retry(DeadLetter letter);
}
