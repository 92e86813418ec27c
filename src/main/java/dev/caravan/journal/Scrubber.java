package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Removes our own copies of what was erased.
 *
 * <p>A person's events cannot be looked up: rows hold many events, and a name was somebody's for a
 * time only. So a deletion does not search within its transaction. Behind it a {@link Pass} goes
 * through the journal as far as it reached when the pass began ({@link Sweep}), and serves all
 * erasures up to there; what comes in later is asked for when it is stored ({@link WriteSession}),
 * and so is a dead letter of an attempt that was on its way.
 *
 * <p>A pass costs as much for one erasure as for thousands. Between its steps it rests as long as
 * it worked, and the next one begins no sooner than {@value #PAUSE_TIMES} times that after its end
 * (an hour at the most). So steady deletions take a tenth of a processor, whatever the backlog, and
 * one that comes alone is served at once.
 *
 * <p>Order is kept by the hashes of persons, which stay until no destination has the event before
 * it any longer. If some had to stay, another pass takes them away when all destinations have come
 * past the end of this one.
 *
 * <p>A deletion itself (a <em>carrier</em>, see {@link Carriers}) keeps its content until all
 * destinations that began before it have settled it, then it is overwritten too. One that was
 * refused lives on as a dead letter, by which it can be sent again. So it is with a {@code User
 * Unsuppressed}.
 *
 * <p>While nothing of this waits, it rests until it is asked to look.
 */
final class Scrubber implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Scrubber.class);

    private static final long IDLE_NANOS = MILLISECONDS.toNanos(500);
    private static final long PAUSE_TIMES = 8;
    private static final long LONGEST_PAUSE_NANOS = HOURS.toNanos(1);
    private static final long UNTIL_ASKED = Long.MAX_VALUE;

    private final Readers readers;
    private final GroupCommit writer;
    private final ErasureIndex index;
    private final LongSupplier end;
    private final Sweep sweep;
    private final Carriers carriers;
    private final ScheduledThreadPoolExecutor timer;
    private final Runnable elsewhere;
    private volatile boolean started;
    private volatile boolean resting;
    private long askedThrough;

    // All below belongs to the timer's thread.
    private Pass pass;
    private long worked;
    private long beginAt;
    private int again;
    private long againAt;
    private @Nullable ScheduledFuture<?> next;

    /**
     * Makes one; it does nothing until it is started.
     *
     * @param known who was erased
     * @param end of the journal on disk
     * @param elsewhere called when a pass begins: for copies that are not the journal's
     */
    Scrubber(
            Readers readers,
            GroupCommit writer,
            ErasureIndex index,
            Reach.Known known,
            ErasureKey key,
            Partitions partitions,
            InstantSource clock,
            LongSupplier end,
            Runnable elsewhere) {
        this.readers = readers;
        this.writer = writer;
        this.index = index;
        this.end = end;
        this.sweep = new Sweep(readers, writer, index, known, key, partitions, clock);
        this.carriers = new Carriers(readers, writer, known, key, partitions);
        this.elsewhere = elsewhere;
        this.pass = readers.read(Pass::last);
        long now = System.nanoTime();
        this.beginAt = now;
        this.againAt = now;
        timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "journal-scrubber");
                            thread.setDaemon(true);
                            return thread;
                        },
                        new ThreadPoolExecutor.DiscardPolicy());
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRemoveOnCancelPolicy(true);
    }

    void start() {
        started = true;
        ask();
    }

    private void ask() {
        if (started) {
            timer.execute(this::asked);
        }
    }

    /** To be called after each commit, by the writer: looks whether somebody was erased. */
    void committed() {
        long latest = index.latest();
        if (latest > askedThrough) {
            askedThrough = latest;
            ask();
        }
    }

    /** Tells that a dead letter is gone for good: once somebody was erased, from the log too. */
    void letterGone() {
        carriers.letterGone();
        ask();
    }

    /** Whether it does nothing until it is asked to. */
    boolean isResting() {
        return resting;
    }

    Pass pass() {
        return pass;
    }

    private void asked() {
        carriers.asked();
        if (next == null) {
            work();
        } else if (next.getDelay(NANOSECONDS) > IDLE_NANOS) { // else it looks soon by itself
            next.cancel(false);
            work();
        }
    }

    private void work() {
        long begun = System.nanoTime();
        long rest = IDLE_NANOS;
        try {
            boolean more = step();
            long now = System.nanoTime();
            rest = more ? now - begun + MILLISECONDS.toNanos(1) : untilNext(now);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (SQLException | RuntimeException e) {
            if (!timer.isShutdown()) {
                LOG.warnf(
                        "copies of what was erased could not be removed, tried again soon: %s",
                        e.getMessage());
            }
        } catch (Throwable e) { // else it would never be tried again
            LOG.error("copies of what was erased could not be removed, tried again soon", e);
        }
        resting = rest == UNTIL_ASKED;
        next = resting ? null : timer.schedule(this::work, rest, NANOSECONDS);
    }

    /**
     * Does a little of what there is to do.
     *
     * @return whether there may be more
     */
    boolean step() throws SQLException, InterruptedException {
        if (index.isEmpty()) {
            return false;
        }
        long begun = System.nanoTime();
        if (pass.done() && isWanted(begun)) {
            begin();
        }
        boolean more = false;
        if (!pass.done()) {
            more = pass.stage() != Pass.Stage.CUT;
            pass = sweep.step(pass);
            long now = System.nanoTime();
            worked += now - begun;
            beginAt = now + pause(worked);
            carriers.asked();
        }
        return carriers.step() || more;
    }

    /** How long to wait behind a pass that worked for so long. */
    static long pause(long workedNanos) {
        return Math.min(PAUSE_TIMES * workedNanos, LONGEST_PAUSE_NANOS);
    }

    /** How long there is nothing to do, as far as is known. */
    private long untilNext(long now) {
        if (index.isEmpty()) {
            return UNTIL_ASKED;
        } else if (!pass.done() || carriers.mayHaveMore()) {
            return IDLE_NANOS;
        } else if (index.latest() > pass.through()) {
            return Math.max(beginAt - now, 1);
        }
        return pass.remaining() ? Math.max(againAt - now, IDLE_NANOS) : UNTIL_ASKED;
    }

    private boolean isWanted(long now) {
        if (now - beginAt < 0) {
            return false;
        } else if (index.latest() > pass.through()) {
            again = 0;
            againAt = now;
            return true;
        }
        boolean may = pass.remaining() && now - againAt >= 0;
        if (!may || readers.read(Cursors::firstNeededByAny) <= pass.through()) {
            return false;
        }
        again++; // at once, then more and more rarely: somebody may be there again all the time
        againAt = now + (MINUTES.toNanos(1) << Math.min(again - 1, 6));
        return true;
    }

    private void begin() throws InterruptedException {
        try {
            elsewhere.run();
        } catch (RuntimeException e) {
            LOG.error("a listener of the journal failed", e);
        }
        long through = end.getAsLong();
        Pass before = pass;
        pass = writer.write(session -> before.begin(session, through));
        worked = 0;
    }

    /** Ends the step under way; what is left goes on after the next start. */
    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
