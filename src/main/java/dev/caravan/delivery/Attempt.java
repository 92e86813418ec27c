package dev.caravan.delivery;

import dev.caravan.journal.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One attempt: asks the barrier, sends what it lets through, answers once for all events. It begins
 * when it asks; a deletion that is acknowledged while it is on its way is sent behind it, since an
 * attempt that erases waits for those that carry what is erased.
 */
final class Attempt {
    private final Destination destination;
    private final Barrier barrier;
    private final Sender sender;
    private final Underway underway;
    private final Executor threads;

    /**
     * Makes one.
     *
     * @param underway of all who send to this destination
     * @param threads where an attempt goes on that had to wait for others
     */
    Attempt(
            Destination destination,
            Barrier barrier,
            Sender sender,
            Underway underway,
            Executor threads) {
        this.destination = destination;
        this.barrier = barrier;
        this.sender = sender;
        this.underway = underway;
        this.threads = threads;
    }

    /**
     * Sends the events; returns at once or when it is done, as the sender does.
     *
     * @param done takes one outcome for each event, or a single one for all; called exactly once if
     *     the sender answers
     */
    void make(List<Entry> entries, Consumer<List<Outcome>> done) {
        if (barrier == Barrier.NONE) {
            send(entries, done);
            return;
        }
        Underway.One one = underway.begin(entries);
        Consumer<List<Outcome>> ended =
                outcomes -> {
                    underway.end(one);
                    done.accept(outcomes);
                };
        if (!entries.get(0).event().meaning().destructive()) {
            send(entries, ended);
            return;
        }
        CompletableFuture<Void> others = underway.without(this::isStopped);
        if (others.isDone()) {
            send(entries, ended);
        } else {
            others.thenRunAsync(() -> send(entries, ended), threads)
                    .exceptionally(
                            noThread -> {
                                ended.accept(List.of(threw(noThread)));
                                return null;
                            });
        }
    }

    private boolean isStopped(Entry entry) {
        return barrier.stops(entry, destination.name()).isPresent();
    }

    @SuppressWarnings("CatchingThrowable") // an attempt without an answer would never end
    private void send(List<Entry> entries, Consumer<List<Outcome>> done) {
        var answered = new AtomicBoolean();
        try {
            @Nullable Outcome[] stopped = stopped(entries);
            List<Entry> left = stopped == null ? entries : passing(entries, stopped);
            if (left.isEmpty()) {
                answer(answered, done, entries.size(), merged(stopped, List.of()));
                return;
            }
            var run =
                    new Run(
                            left,
                            destination.batch() == 1,
                            entry -> barrier.stops(entry, destination.name()));
            sender.send(
                    run,
                    outcomes ->
                            answer(
                                    answered,
                                    done,
                                    entries.size(),
                                    merged(stopped, checked(outcomes, left.size()))));
        } catch (Throwable e) {
            answer(answered, done, entries.size(), List.of(threw(e)));
        }
    }

    private static void answer(
            AtomicBoolean answered,
            Consumer<List<Outcome>> done,
            int events,
            List<Outcome> outcomes) {
        if (answered.compareAndSet(false, true)) {
            done.accept(checked(outcomes, events));
        }
    }

    /** For each event the outcome of the barrier; null if it stops none. */
    private @Nullable Outcome @Nullable [] stopped(List<Entry> entries) {
        if (barrier == Barrier.NONE) {
            return null;
        }
        @Nullable Outcome[] stopped = null;
        for (int i = 0; i < entries.size(); i++) {
            Optional<String> rule = barrier.stops(entries.get(i), destination.name());
            if (rule.isPresent()) {
                stopped = stopped == null ? new Outcome[entries.size()] : stopped;
                stopped[i] = new Outcome.Skipped(rule.get());
            }
        }
        return stopped;
    }

    private static List<Entry> passing(List<Entry> entries, @Nullable Outcome[] stopped) {
        List<Entry> passing = new ArrayList<>();
        for (int i = 0; i < stopped.length; i++) {
            if (stopped[i] == null) {
                passing.add(entries.get(i));
            }
        }
        return passing;
    }

    private static List<Outcome> checked(List<Outcome> outcomes, int events) {
        if (outcomes.size() == 1 || outcomes.size() == events) {
            return outcomes;
        }
        return List.of(
                Outcome.Retry.of(
                        0, "%d outcomes for %d events".formatted(outcomes.size(), events)));
    }

    private static List<Outcome> merged(
            @Nullable Outcome @Nullable [] stopped, List<Outcome> outcomes) {
        if (stopped == null) {
            return outcomes;
        }
        List<Outcome> merged = new ArrayList<>(stopped.length);
        int next = 0;
        for (Outcome outcome : stopped) {
            if (outcome == null) {
                outcome = outcomes.get(outcomes.size() == 1 ? 0 : next);
                next++;
            }
            merged.add(outcome);
        }
        return merged;
    }

    private static Outcome threw(Throwable e) {
        return Outcome.Retry.of(0, "the attempt broke off with " + e.getClass().getName());
    }
}
