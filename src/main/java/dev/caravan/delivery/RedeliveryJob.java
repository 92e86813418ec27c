package dev.caravan.delivery;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Paused;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.delivery.Outcome.Skipped;
import dev.caravan.journal.Entry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Something being sent once more, run by run. What may succeed later is tried again with growing
 * waits, split after five attempts, and given up when it fails alone for longer than the job has
 * patience; if that happens to several in a row the job itself gives up. Thread-safe.
 */
public final class RedeliveryJob {
    private static final Logger LOG = Logger.getLogger(RedeliveryJob.class);
    private static final int REASONS_KEPT = 20;

    /** What there is to send. Called by one thread at a time. */
    interface Work {
        /** When to give up. */
        Patience patience();

        /** The next run; empty if a look that ends soon has found none. */
        List<Entry> next(RedeliveryJob job);

        /** Whether all was looked at, if the last look has found none. */
        boolean isDone();

        /** An event came to its end, be it that it is given up. */
        void settled(Entry entry, Outcome outcome, int attempts);

        /** Nothing is asked for any longer. */
        void ended();
    }

    /**
     * When to give up.
     *
     * @param withEvent an event that fails alone, after five attempts
     * @param inARow the whole job, after so many events
     */
    record Patience(Duration withEvent, int inARow) {}

    /** What a job does at the moment. */
    public enum State {
        RUNNING,
        /** Waits before it tries again. */
        WAITING,
        DONE,
        /** By an operator. */
        STOPPED,
        /** It gave up; the reason says why. */
        FAILED
    }

    /**
     * How far a job is.
     *
     * @param reason what it waits for, or why it gave up; null if neither
     * @param looked how much of {@code total} it has looked at
     * @param total events from the first one of the range on, or dead letters, when it began
     * @param delivered events that the destination took
     * @param skipped events that a rule forbids: of the route, or of an erasure
     * @param leftOut events that were not wanted, are destructive, or come anyway
     * @param failed events that were refused or given up
     * @param failures the latest of them, with sequence and reason
     */
    public record Progress(
            long id,
            String what,
            State state,
            @Nullable String reason,
            Instant startedAt,
            long looked,
            long total,
            long delivered,
            long skipped,
            long leftOut,
            long failed,
            List<String> failures) {}

    private record Chunk(List<Entry> entries, int failures, long since) {}

    private final long id;
    private final String what;
    private final long total;
    private final int perSecond;
    private final Work work;
    private final Destination destination;
    private final Attempt attempt;
    private final Engine engine;
    private final Backoff backoff;
    private final Instant startedAt;
    private final Mailbox mailbox;

    // All below belongs to the mailbox, but that its numbers may be looked at any time.
    private final Deque<Chunk> chunks = new ArrayDeque<>();
    private final Deque<String> failures = new ArrayDeque<>();
    private int givenUpInARow;
    private boolean inFlight;
    private boolean waiting;
    private long paceFree;
    private volatile boolean stop;
    private State state = State.RUNNING;
    private @Nullable String reason;
    private long looked;
    private long delivered;
    private long skipped;
    private long leftOut;
    private long failed;

    RedeliveryJob(
            long id,
            String what,
            long total,
            int perSecond,
            Work work,
            Destination destination,
            Attempt attempt,
            Engine engine) {
        this.id = id;
        this.what = what;
        this.total = total;
        this.perSecond = perSecond;
        this.work = work;
        this.destination = destination;
        this.attempt = attempt;
        this.engine = engine;
        this.backoff =
                new Backoff(
                        destination.pace().firstWait(),
                        destination.pace().longestWait(),
                        engine.random());
        this.startedAt = engine.clock().instant();
        this.mailbox = new Mailbox(engine.threads(), this::broken);
    }

    public long id() {
        return id;
    }

    /** Ends the job after the attempt under way. */
    public void stop() {
        stop = true;
        later(0, this::step);
    }

    public synchronized Progress progress() {
        return new Progress(
                id,
                what,
                state,
                reason,
                startedAt,
                looked,
                total,
                delivered,
                skipped,
                leftOut,
                failed,
                List.copyOf(failures));
    }

    void start() {
        later(0, this::step);
    }

    synchronized void looked(long more) {
        looked += more;
    }

    synchronized void leftOut(long more) {
        leftOut += more;
    }

    private synchronized void move(State to, @Nullable String why) {
        state = to;
        reason = why;
    }

    synchronized boolean ended() {
        return state == State.DONE || state == State.STOPPED || state == State.FAILED;
    }

    private void later(long delayNanos, Runnable task) {
        if (delayNanos > 0) {
            engine.timer().after(delayNanos, () -> mailbox.runElsewhere(task));
        } else {
            mailbox.runElsewhere(task);
        }
    }

    private void broken(Throwable failure) {
        LOG.errorf(failure, "Sending again to %s broke off", destination.name());
        end(State.FAILED, "it broke off with " + failure.getClass().getName());
    }

    private void end(State last, @Nullable String why) {
        if (!ended()) {
            move(last, why);
            chunks.clear();
            work.ended();
        }
    }

    private void step() {
        if (ended() || inFlight) {
            return;
        }
        if (stop) {
            end(State.STOPPED, null);
            return;
        }
        if (waiting) {
            return;
        }
        if (chunks.isEmpty()) {
            List<Entry> next = work.next(this);
            if (next.isEmpty()) {
                lookOn();
                return;
            }
            chunks.push(new Chunk(next, 0, engine.timer().nanoTime()));
        }
        send(chunks.pop());
    }

    private void lookOn() {
        if (work.isDone()) {
            end(State.DONE, null);
        } else {
            later(0, this::step); // where it hears that it is to stop
        }
    }

    @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
    private void send(Chunk chunk) {
        move(State.RUNNING, null);
        inFlight = true;
        Runnable make =
                () ->
                        attempt.make(
                                chunk.entries(),
                                outcomes -> mailbox.run(() -> landed(chunk, outcomes)));
        try {
            engine.threads().execute(make);
        } catch (RejectedExecutionException e) {
            inFlight = false;
            end(State.FAILED, "the process is shutting down");
        } catch (Throwable e) {
            landed(chunk, List.of(Retry.of(0, "no thread to send with")));
        }
    }

    private void landed(Chunk chunk, List<Outcome> outcomes) {
        inFlight = false;
        keepPace(chunk.entries().size());
        List<Entry> left = new ArrayList<>();
        Outcome last = null;
        for (int i = 0; i < chunk.entries().size(); i++) {
            Outcome outcome = outcomes.get(outcomes.size() == 1 ? 0 : i);
            boolean split =
                    outcome instanceof Refused no && no.whole() && chunk.entries().size() > 1;
            if (outcome.settled() && !split) {
                settle(chunk.entries().get(i), outcome, chunk.failures() + 1);
            } else {
                left.add(chunk.entries().get(i));
                last = outcome;
            }
        }
        if (last == null) {
            goOn(0);
        } else {
            again(chunk, left, last);
        }
    }

    private void settle(Entry entry, Outcome outcome, int attempts) {
        work.settled(entry, outcome, attempts);
        synchronized (this) {
            if (outcome instanceof Delivered) {
                delivered++;
                givenUpInARow = 0;
            } else if (outcome instanceof Skipped) {
                skipped++;
            } else {
                failed++;
                failures.addLast("sequence %d: %s".formatted(entry.sequence(), reason(outcome)));
                if (failures.size() > REASONS_KEPT) {
                    failures.removeFirst();
                }
            }
        }
    }

    private static String reason(Outcome outcome) {
        if (outcome instanceof Refused refused) {
            return refused.status() + " " + refused.reason();
        } else if (outcome instanceof Retry retry) {
            return retry.status() + " " + retry.reason();
        } else if (outcome instanceof Paused paused) {
            return paused.status() + " " + paused.reason();
        }
        return "";
    }

    private void again(Chunk chunk, List<Entry> left, Outcome last) {
        boolean refused = last instanceof Refused;
        int failuresNow = refused ? chunk.failures() : chunk.failures() + 1;
        long now = engine.timer().nanoTime();
        boolean stuck =
                now - chunk.since() >= work.patience().withEvent().toNanos()
                        && failuresNow >= Judge.SPLIT_AFTER;
        if (left.size() == 1 && stuck && last instanceof Retry) {
            giveUp(left.get(0), last, failuresNow);
            return;
        }
        if (left.size() > 1 && (refused || failuresNow >= Judge.SPLIT_AFTER)) {
            int half = left.size() / 2;
            long since = refused ? now : chunk.since();
            chunks.push(new Chunk(left.subList(half, left.size()), failuresNow, since));
            chunks.push(new Chunk(left.subList(0, half), failuresNow, since));
        } else {
            chunks.push(new Chunk(left, failuresNow, chunk.since()));
        }
        if (refused) {
            goOn(0);
        } else {
            waitFor(last, failuresNow);
        }
    }

    private void giveUp(Entry entry, Outcome last, int attempts) {
        settle(entry, last, attempts);
        givenUpInARow++;
        if (givenUpInARow >= work.patience().inARow()) {
            end(State.FAILED, "the destination takes nothing: " + reason(last));
        } else {
            goOn(0);
        }
    }

    private void waitFor(Outcome last, int failuresNow) {
        Optional<Duration> after = last instanceof Retry retry ? retry.after() : Optional.empty();
        move(State.WAITING, reason(last));
        goOn(backoff.after(failuresNow, after).toNanos());
    }

    /** Counts what was sent, be it in vain. */
    private void keepPace(int events) {
        if (perSecond > 0) {
            long free = Math.max(paceFree, engine.timer().nanoTime());
            paceFree = free + events * 1_000_000_000L / perSecond;
        }
    }

    /** Goes on after a wait, and no sooner than the pace allows it. */
    private void goOn(long waitNanos) {
        long nanos = Math.max(waitNanos, paceFree - engine.timer().nanoTime());
        if (nanos <= 0) {
            later(0, this::step);
            return;
        }
        waiting = true;
        later(
                nanos,
                () -> {
                    waiting = false;
                    step();
                });
    }
}
