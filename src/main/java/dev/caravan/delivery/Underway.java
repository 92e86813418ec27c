package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The attempts under way at one destination, by whomever they are made, so that an erasure is sent
 * when nothing of the person erased is on its way there any longer.
 *
 * <p>An attempt enters itself before it asks the barrier. So one that the barrier let pass before
 * an erasure was known is in here when that erasure is about to be sent; and one that enters later
 * is stopped by the barrier. Thread-safe.
 */
public final class Underway {
    private final Set<One> all = ConcurrentHashMap.newKeySet();

    /** An attempt, which {@link #end} ends. */
    static final class One {
        private final List<Entry> entries;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();

        private One(List<Entry> entries) {
            this.entries = entries;
        }
    }

    One begin(List<Entry> entries) {
        var one = new One(entries);
        all.add(one);
        return one;
    }

    void end(One one) {
        all.remove(one);
        one.ended.complete(null);
    }

    /** Completes when those attempts have ended that are under way now and carry such an event. */
    CompletableFuture<Void> without(Predicate<Entry> event) {
        List<CompletableFuture<Void>> waiting = new ArrayList<>();
        for (One one : all) {
            if (one.entries.stream().anyMatch(event)) {
                waiting.add(one.ended);
            }
        }
        return CompletableFuture.allOf(waiting.toArray(new CompletableFuture<?>[0]));
    }
}
