package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.Settlement.Receipt;
import dev.caravan.journal.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a destination once more what an operator asks for: dead letters, or a range of the
 * journal. With a reader of its own, one run at a time, beside the dispatcher: it never appends,
 * moves no cursor, sends no destructive event and asks the barrier as the dispatcher does. Order
 * with what is under way is the operator's affair, but while the operator has stopped the
 * destination nothing is begun. Jobs live in memory and end with the process. Thread-safe.
 */
public final class Redelivery {
    private static final int JOBS_KEPT = 50;
    private static final int PAGE = 200;
    private static final int READ_EVENTS = 1000;
    private static final long READ_BYTES = 1_000_000;

    private final Destination destination;
    private final Destination.Rules rules;
    private final Journal journal;
    private final Engine engine;
    private final Attempt attempt;
    private final Set<Long> underWay = ConcurrentHashMap.newKeySet();
    private final AtomicLong ids = new AtomicLong();
    private final Deque<RedeliveryJob> jobs = new ArrayDeque<>();
    private boolean closed;

    /**
     * Makes one.
     *
     * @param sender makes the attempts, as for the dispatcher
     */
    public Redelivery(
            Destination destination,
            Journal journal,
            Sender sender,
            Barrier barrier,
            Engine engine) {
        this(destination, journal, sender, barrier, new Underway(), engine);
    }

    /**
     * Makes one that is not alone.
     *
     * @param underway shared with the dispatcher
     */
    public Redelivery(
            Destination destination,
            Journal journal,
            Sender sender,
            Barrier barrier,
            Underway underway,
            Engine engine) {
        this.destination = requireNonNull(destination, "destination");
        this.rules = destination.rules();
        this.journal = requireNonNull(journal, "journal");
        this.engine = requireNonNull(engine, "engine");
        this.attempt = new Attempt(destination, barrier, sender, underway, engine.threads());
    }

    /**
     * Sends one dead letter, once. If it is delivered, or a rule says that it must not be, it is
     * removed; else its reason and attempts are stored.
     *
     * @return what the attempt came to; fails with {@link NoSuchElementException} if this
     *     destination has no such dead letter, with {@link IllegalStateException} if it is being
     *     sent already or may not be sent, and as the journal fails
     */
    @SuppressWarnings("CatchingThrowable") // or the operator would wait for nothing
    public CompletableFuture<Outcome> retry(long id) {
        var result = new CompletableFuture<Outcome>();
        engine.threads()
                .execute(
                        () -> {
                            try {
                                retryNow(id, result);
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private void retryNow(long id, CompletableFuture<Outcome> result) {
        requireNotStopped();
        if (!underWay.add(id)) { // before it is read: whoever sent it may have removed it since
            throw new IllegalStateException("dead letter %d is being sent".formatted(id));
        }
        result.whenComplete((outcome, failure) -> underWay.remove(id));
        DeadLetter letter =
                journal.deadLetters()
                        .get(id)
                        .filter(found -> destination.name().equals(found.destination()))
                        .orElseThrow(() -> new NoSuchElementException(noSuchLetter(id)));
        Entry entry =
                journal.deadLetters()
                        .entry(id)
                        .orElseThrow(() -> new NoSuchElementException(noSuchLetter(id)));
        if (entry.event().meaning().destructive()) {
            throw new IllegalStateException(
                    "dead letter %d is destructive: it is tried again from its receipt"
                            .formatted(id));
        }
        try {
            attempt.make(List.of(entry), outcomes -> store(letter, outcomes.get(0), result));
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    /**
     * Sends an erasure once more that was refused, and stores in its receipt what came of it.
     *
     * @return what the attempt came to; fails with {@link NoSuchElementException} if this
     *     destination did not refuse such an erasure, with {@link IllegalStateException} if it is
     *     being sent already, and as the journal fails
     */
    @SuppressWarnings("CatchingThrowable") // or the operator would wait for nothing
    public CompletableFuture<Outcome> retryErasure(Erasure erasure) {
        var result = new CompletableFuture<Outcome>();
        engine.threads()
                .execute(
                        () -> {
                            try {
                                retryErasureNow(erasure, result);
                            } catch (Throwable e) {
                                result.completeExceptionally(e);
                            }
                        });
        return result;
    }

    private void retryErasureNow(Erasure erasure, CompletableFuture<Outcome> result) {
        requireNotStopped();
        DeadLetter letter = letterOf(erasure);
        if (!underWay.add(letter.id())) { // before it is read, as above
            throw new IllegalStateException("erasure %d is being sent".formatted(erasure.id()));
        }
        result.whenComplete((outcome, failure) -> underWay.remove(letter.id()));
        Entry entry =
                journal.deadLetters()
                        .entry(letter.id())
                        .orElseThrow(() -> new NoSuchElementException(noSuchLetter(letter.id())));
        attempt.make(
                List.of(entry),
                outcomes ->
                        journal.erasures()
                                .retried(
                                        destination.name(),
                                        receipt(erasure, letter, outcomes.get(0)),
                                        letter)
                                .whenComplete(
                                        (nothing, failure) -> {
                                            if (failure == null) {
                                                result.complete(outcomes.get(0));
                                            } else {
                                                result.completeExceptionally(failure);
                                            }
                                        }));
    }

    private DeadLetter letterOf(Erasure erasure) {
        var filter =
                new DeadLetters.Filter(
                        destination.name(),
                        erasure.source(),
                        null,
                        null,
                        erasure.messageId(),
                        null,
                        null);
        return journal.deadLetters().list(filter, 0, 100).stream()
                .filter(letter -> letter.sequence() == erasure.id())
                .findFirst()
                .orElseThrow(
                        () ->
                                new NoSuchElementException(
                                        "destination %s did not refuse erasure %d"
                                                .formatted(destination.name(), erasure.id())));
    }

    private static Receipt receipt(Erasure erasure, DeadLetter letter, Outcome outcome) {
        int attempts = letter.attempts() + 1;
        if (outcome instanceof Outcome.Delivered delivered) {
            return new Receipt(erasure.id(), Receipt.State.DONE, delivered.status(), attempts, "");
        } else if (outcome instanceof Outcome.Retry retry) {
            return new Receipt(
                    erasure.id(), Receipt.State.REFUSED, retry.status(), attempts, retry.reason());
        } else if (outcome instanceof Outcome.Paused paused) {
            return new Receipt(
                    erasure.id(),
                    Receipt.State.REFUSED,
                    paused.status(),
                    attempts,
                    paused.reason());
        } else if (outcome instanceof Outcome.Refused refused) {
            return new Receipt(
                    erasure.id(),
                    Receipt.State.REFUSED,
                    refused.status(),
                    attempts,
                    refused.reason());
        }
        return new Receipt(
                erasure.id(),
                Receipt.State.REFUSED,
                0,
                attempts,
                "the route left it out: " + ((Outcome.Skipped) outcome).rule());
    }

    private String noSuchLetter(long id) {
        return "destination %s has no dead letter %d".formatted(destination.name(), id);
    }

    private void store(DeadLetter letter, Outcome outcome, CompletableFuture<Outcome> result) {
        store(letter, outcome, letter.attempts() + 1)
                .whenComplete(
                        (nothing, failure) -> {
                            if (failure == null) {
                                result.complete(outcome);
                            } else {
                                result.completeExceptionally(failure);
                            }
                        });
    }

    private CompletableFuture<Void> store(DeadLetter letter, Outcome outcome, int attempts) {
        DeadLetters letters = journal.deadLetters();
        if (outcome instanceof Outcome.Refused refused) {
            return letters.update(letter.id(), refused.words(), refused.status(), attempts);
        } else if (outcome instanceof Outcome.Retry retry) {
            return letters.update(letter.id(), retry.words(), retry.status(), attempts);
        } else if (outcome instanceof Outcome.Paused paused) {
            return letters.update(letter.id(), paused.words(), paused.status(), attempts);
        } else if (outcome instanceof Outcome.Skipped skipped) {
            return letters.skip(letter.id(), skipped.rule());
        }
        return letters.remove(letter.id());
    }

    /**
     * Sends all dead letters of this destination that fit the filter and exist now, one by one in
     * the order of their ids; destructive ones are left where they are.
     *
     * @param filter its destination is replaced by this one
     */
    public RedeliveryJob retryAll(DeadLetters.Filter filter) {
        var own =
                new DeadLetters.Filter(
                        destination.name(),
                        filter.source(),
                        filter.rule(),
                        filter.reason(),
                        filter.messageId(),
                        filter.from(),
                        earlier(filter.to(), engine.clock().instant()));
        return begin("dead letters", journal.deadLetters().count(own), 0, new Letters(own));
    }

    private static Instant earlier(@Nullable Instant limit, Instant now) {
        return limit == null || limit.isAfter(now) ? now : limit;
    }

    /**
     * Sends a range of the journal once more, in order. Left out are events that the destination
     * does not want, destructive ones, and those that it will get anyway.
     */
    public RedeliveryJob replay(Replay replay) {
        long first = journal.firstReceivedAt(replay.from());
        long last = journal.end(); // behind what came later may stand what came in time
        return begin(
                replay.toString(),
                Math.max(0, last - first + 1),
                replay.perSecond(),
                new Range(replay, first, last));
    }

    /** The jobs that run, and those of late that ended; the newest first. */
    public List<RedeliveryJob> jobs() {
        synchronized (jobs) {
            return List.copyOf(jobs);
        }
    }

    /** Stops all jobs after the attempts under way. */
    public void stop() {
        jobs().forEach(RedeliveryJob::stop);
    }

    /** Stops all jobs after the attempts under way, and begins no others. */
    public void close() {
        synchronized (jobs) {
            closed = true;
        }
        stop();
    }

    private RedeliveryJob begin(String what, long total, int perSecond, RedeliveryJob.Work work) {
        var job =
                new RedeliveryJob(
                        ids.incrementAndGet(),
                        what,
                        total,
                        perSecond,
                        work,
                        destination,
                        attempt,
                        engine);
        synchronized (jobs) {
            if (closed) {
                throw new IllegalStateException(
                        "destination %s is being stopped".formatted(destination.name()));
            }
            requireNotStopped();
            jobs.addFirst(job);
            dropTheOldest();
        }
        job.start();
        return job;
    }

    private void requireNotStopped() {
        if (journal.state(destination.name()).filter(LedgerState::stopped).isPresent()) {
            throw new IllegalStateException(
                    "destination '%s' is stopped: resume it".formatted(destination.name()));
        }
    }

    /** Of those that ended; whoever runs must stay within an operator's reach. */
    private void dropTheOldest() {
        Iterator<RedeliveryJob> oldestFirst = jobs.descendingIterator();
        while (jobs.size() > JOBS_KEPT && oldestFirst.hasNext()) {
            if (oldestFirst.next().ended()) {
                oldestFirst.remove();
            }
        }
    }

    /** Dead letters, page by page. */
    private final class Letters implements RedeliveryJob.Work {
        private final DeadLetters.Filter filter;
        private final Deque<DeadLetter> page = new ArrayDeque<>();
        private long after;
        private boolean done;
        private @Nullable DeadLetter current;

        Letters(DeadLetters.Filter filter) {
            this.filter = filter;
        }

        @Override
        public RedeliveryJob.Patience patience() {
            return new RedeliveryJob.Patience(Duration.ZERO, 20);
        }

        @Override
        public List<Entry> next(RedeliveryJob job) {
            if (page.isEmpty()) {
                page.addAll(journal.deadLetters().list(filter, after, PAGE));
                done = page.isEmpty();
            }
            while (!page.isEmpty()) {
                DeadLetter letter = page.remove();
                after = letter.id();
                job.looked(1);
                if (!underWay.add(letter.id())) {
                    continue; // another one sends it
                }
                current = letter;
                Optional<Entry> entry = journal.deadLetters().entry(letter.id());
                if (entry.isPresent() && !entry.get().event().meaning().destructive()) {
                    return List.of(entry.get());
                }
                current = null;
                underWay.remove(letter.id());
                job.leftOut(1);
            }
            return List.of();
        }

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void settled(Entry entry, Outcome outcome, int attempts) {
            DeadLetter letter = requireNonNull(current);
            current = null;
            store(letter, outcome, letter.attempts() + attempts)
                    .whenComplete((nothing, failure) -> underWay.remove(letter.id()));
        }

        @Override
        public void ended() {
            if (current != null) {
                underWay.remove(current.id());
            }
        }
    }

    /** A range of the journal. */
    private final class Range implements RedeliveryJob.Work {
        private final Replay replay;
        private final long last;
        private final Deque<Entry> read = new ArrayDeque<>();
        private long after;

        Range(Replay replay, long first, long last) {
            this.replay = replay;
            this.last = last;
            this.after = first - 1;
        }

        @Override
        public RedeliveryJob.Patience patience() {
            return new RedeliveryJob.Patience(destination.pace().stuckAfter(), 3);
        }

        @Override
        public List<Entry> next(RedeliveryJob job) {
            if (read.isEmpty() && after < last) {
                Slice slice = journal.read(after, last, READ_EVENTS, READ_BYTES, person -> true);
                LedgerState now =
                        journal.state(destination.name())
                                .orElseThrow(() -> new IllegalStateException(forgotten()));
                for (Entry entry : slice.entries()) {
                    if (replay.wants(entry)) {
                        take(entry, now, job);
                    }
                }
                job.looked(slice.through() - after);
                after = Math.max(slice.through(), after + 1);
            }
            return run();
        }

        @Override
        public boolean isDone() {
            return read.isEmpty() && after >= last;
        }

        private String forgotten() {
            return "destination '%s' was forgotten".formatted(destination.name());
        }

        private void take(Entry entry, LedgerState now, RedeliveryJob job) {
            boolean comesAnyway =
                    entry.sequence() > now.startedAt()
                            && !Whereabouts.isSettled(now, journal.partitions(), entry);
            if (comesAnyway
                    || entry.isErased()
                    || entry.event().meaning().destructive()
                    || isUnwanted(entry)) {
                job.leftOut(1);
            } else {
                read.add(entry);
            }
        }

        /** An event on which the filter breaks off is not wanted, and holds up none behind it. */
        @SuppressWarnings("CatchingThrowable") // the range would end with it, each time
        private boolean isUnwanted(Entry entry) {
            try {
                return rules.skipRule(entry).isPresent();
            } catch (OutOfMemoryError e) {
                throw e; // of the moment, not of the event
            } catch (Throwable e) {
                return true;
            }
        }

        private List<Entry> run() {
            List<Entry> run = new ArrayList<>();
            long bytes = 1; // of the array, and one more for each event
            while (!read.isEmpty() && run.size() < destination.batch()) {
                Entry next = read.element();
                bytes += next.event().json().length + 1;
                boolean fits =
                        run.isEmpty()
                                || (bytes <= destination.maxBytes()
                                        && next.event().meaning() == run.get(0).event().meaning());
                if (!fits) {
                    break;
                }
                run.add(read.remove());
            }
            return run;
        }

        @Override
        public void settled(Entry entry, Outcome outcome, int attempts) {}

        @Override
        public void ended() {
            read.clear();
        }
    }
}
