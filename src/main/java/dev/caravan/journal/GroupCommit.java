package dev.caravan.journal;

import dev.caravan.journal.JournalStatus.SourceTotals;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The journal's one writer: takes what many callers bring, writes it in one transaction, and tells
 * them when it is on disk. The cost of an fsync is shared, never skipped.
 *
 * <p>When a transaction fails, all callers in it are told and nothing of it is stored; the session
 * is opened anew, since what it had in memory no longer matches the disk. Where the fault may lie
 * with one caller's work, each is tried alone.
 */
final class GroupCommit implements AutoCloseable {
    /** Bytes of JSON that may wait for the writer; beyond, callers are told to come again. */
    static final long MAX_WAITING_BYTES = 48_000_000;

    private static final long WITHIN_SECONDS = 30;
    private static final int MAX_GROUP_BYTES = 4_000_000;
    private static final int MAX_GROUP = 4_096;
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(500);

    /** What kind of error a code of SQLite is of; the bits above say which one. */
    private static final int PRIMARY_CODE = 0xff;

    private static final Logger LOG = Logger.getLogger(GroupCommit.class);

    private static final JournalUnavailableException CLOSED =
            new JournalUnavailableException("the journal is closed");

    private final SessionFactory factory;
    private final Consumer<Committed> afterCommit;
    private final LinkedBlockingQueue<Job<?>> queue = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final ExecutorService acknowledgements =
            Executors.newSingleThreadExecutor(task -> thread("journal-ack", task));
    private final Thread thread = thread("journal-writer", this::loop);

    private @Nullable WriteSession session;
    private volatile boolean checkpointDue;
    private volatile @Nullable CompletableFuture<Boolean> truncation;
    private long failedNanos;
    private volatile @Nullable String problem;
    private volatile boolean closed;

    /** What a commit brought. */
    record Committed(long lastSequence, Map<String, SourceTotals> counted) {}

    /** Opens the writing connection. */
    interface SessionFactory {
        WriteSession open() throws SQLException;
    }

    /** A caller's part of a transaction. */
    interface Work<T> {
        T run(WriteSession session) throws SQLException;
    }

    private static final class Job<T> {
        final Work<T> work;
        final long bytes;
        final CompletableFuture<T> future = new CompletableFuture<>();
        @Nullable T result;

        Job(Work<T> work, long bytes) {
            this.work = work;
            this.bytes = bytes;
        }

        void run(WriteSession session) throws SQLException {
            result = work.run(session);
        }

        void succeed() {
            future.complete(result);
        }
    }

    /**
     * Starts the writer.
     *
     * @param first the session to begin with
     * @param afterCommit called on the writer's thread behind each commit
     */
    GroupCommit(WriteSession first, SessionFactory factory, Consumer<Committed> afterCommit) {
        this.session = first;
        this.factory = factory;
        this.afterCommit = afterCommit;
        thread.start();
    }

    /** Why the last transaction failed; null if it did not. */
    @Nullable String problem() {
        return problem;
    }

    /**
     * Hands work over.
     *
     * @param bytes what it keeps in memory until then
     * @return completes when the work is on disk, fails if it is not
     */
    <T> CompletableFuture<T> submit(long bytes, Work<T> work) {
        Job<T> job = new Job<>(work, bytes);
        if (closed) {
            job.future.completeExceptionally(CLOSED);
        } else if (bytes > 0 && waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES + bytes) {
            waitingBytes.addAndGet(-bytes);
            job.future.completeExceptionally(
                    new JournalUnavailableException("too much is waiting to be written"));
        } else {
            queue.add(job);
            if (closed && !thread.isAlive()) {
                refuseLate();
            }
        }
        return job.future;
    }

    /** Lets the writer itself finish a checkpoint behind its next commit. */
    void checkpointSoon() {
        checkpointDue = true;
    }

    /**
     * Writes and waits until it is on disk.
     *
     * @throws JournalUnavailableException if it is not
     */
    <T> T write(Work<T> work) throws InterruptedException {
        try {
            return submit(0, work).get(WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new JournalUnavailableException("the journal failed", e.getCause());
        } catch (TimeoutException e) {
            throw new JournalUnavailableException("the journal did not write in time", e);
        }
    }

    /**
     * Copies the write-ahead log into the database and cuts it off, so that no older content of any
     * page is left in it. Writing waits meanwhile. Used by one thread.
     *
     * @return whether it was done; not while somebody reads, such as a backup
     */
    boolean cutLog() throws InterruptedException {
        var wanted = new CompletableFuture<Boolean>();
        truncation = wanted;
        try {
            write(session -> true);
            return wanted.get(WITHIN_SECONDS, TimeUnit.SECONDS);
        } catch (JournalUnavailableException | ExecutionException | TimeoutException e) {
            return false;
        }
    }

    private void loop() {
        List<Job<?>> group = new ArrayList<>();
        while (!closed || !queue.isEmpty()) {
            try {
                take(queue.take(), group);
                write(group);
            } catch (InterruptedException e) {
                closed = true;
            } catch (Throwable e) { // nobody may be left without an answer, now or later
                refuse(group, e);
                closeSession();
            } finally {
                group.clear();
            }
        }
        closeSession();
    }

    /** Answers on this thread, for it may be the other one that cannot be had. */
    private static void refuse(List<Job<?>> group, Throwable failure) {
        LOG.error("the journal's writer failed", failure);
        var unavailable = new JournalUnavailableException("the journal's writer failed", failure);
        for (Job<?> job : group) {
            job.future.completeExceptionally(unavailable);
        }
    }

    private void take(Job<?> first, List<Job<?>> group) {
        long bytes = first.bytes;
        group.add(first);
        while (bytes < MAX_GROUP_BYTES && group.size() < MAX_GROUP) {
            Job<?> next = queue.poll();
            if (next == null) {
                break;
            }
            group.add(next);
            bytes += next.bytes;
        }
        long taken = 0;
        for (Job<?> job : group) {
            taken += job.bytes;
        }
        waitingBytes.addAndGet(-taken);
    }

    private void write(List<Job<?>> group) {
        Throwable failure = tryWrite(group);
        if (failure == null) {
            acknowledge(new ArrayList<>(group), null);
        } else if (group.size() == 1 || isOfTheDisk(failure)) {
            acknowledge(new ArrayList<>(group), unavailable(failure));
        } else {
            for (Job<?> job : group) {
                List<Job<?>> alone = List.of(job);
                Throwable own = tryWrite(alone);
                acknowledge(alone, own == null ? null : unavailable(own));
            }
        }
    }

    /** Writes a group in one transaction; returns what went wrong, null if it is on disk. */
    private @Nullable Throwable tryWrite(List<Job<?>> group) {
        Committed committed;
        try {
            WriteSession open = session();
            long before = problem == null ? 0 : open.changes();
            for (Job<?> job : group) {
                job.run(open);
            }
            Map<String, SourceTotals> counted = open.counted();
            boolean wrote = problem != null && open.changes() > before;
            open.commit();
            if (wrote) { // nothing can be committed on any disk
                solve();
            }
            committed = new Committed(open.lastSequence(), counted);
        } catch (PausedException e) {
            return e; // the pause runs from the failure, whoever comes meanwhile
        } catch (Throwable e) { // an Error of one caller's work must not end the writer
            closeSession();
            if (isOfTheDisk(e)) {
                note(e);
            }
            return e;
        }
        tell(committed);
        checkpoint();
        return null;
    }

    private void note(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        if (problem == null) {
            LOG.errorf("Nothing can be written to the journal: %s", message);
        }
        problem = message;
        failedNanos = System.nanoTime();
    }

    private void solve() {
        LOG.info("The journal is written to again");
        problem = null;
    }

    /** What is on disk is acknowledged, whatever a listener does. */
    private void tell(Committed committed) {
        try {
            afterCommit.accept(committed);
        } catch (Throwable e) {
            LOG.error("a listener of the journal failed", e);
        }
    }

    /** Keeps callers from hammering a disk that just failed. */
    private static final class PausedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        PausedException(String problem) {
            super(problem, null, false, false);
        }
    }

    private void checkpoint() {
        WriteSession open = session;
        CompletableFuture<Boolean> wanted = truncation;
        if (wanted != null && open != null) {
            truncation = null;
            boolean done = false;
            try {
                done = open.truncateLog();
            } catch (SQLException e) {
                closeSession(); // everything is on disk; it will be asked for again
                open = null;
            }
            boolean cut = done;
            acknowledgements.execute(() -> wanted.complete(cut));
        }
        if (checkpointDue && open != null) {
            checkpointDue = false;
            try {
                open.checkpoint();
            } catch (SQLException e) {
                closeSession(); // everything is on disk; the housekeeper will ask again
            }
        }
    }

    private WriteSession session() throws SQLException {
        WriteSession open = session;
        if (open == null) {
            String known = problem;
            if (known != null && System.nanoTime() - failedNanos < PAUSE_AFTER_FAILURE.toNanos()) {
                throw new PausedException(known);
            }
            open = factory.open();
            session = open;
        }
        return open;
    }

    private void closeSession() {
        WriteSession open = session;
        session = null;
        try {
            if (open != null) {
                open.close(); // rolls back what is open
            }
        } catch (SQLException e) {
            // what matters is on disk or was reported
        }
    }

    private void acknowledge(List<Job<?>> group, @Nullable RuntimeException failure) {
        acknowledgements.execute(
                () -> {
                    for (Job<?> job : group) {
                        if (failure == null) {
                            job.succeed();
                        } else {
                            job.future.completeExceptionally(failure);
                        }
                    }
                });
    }

    private static boolean isOfTheDisk(Throwable failure) {
        if (failure instanceof SQLiteException sqlite) {
            int code = sqlite.getResultCode().code & PRIMARY_CODE;
            return code != SQLiteErrorCode.SQLITE_CONSTRAINT.code
                    && code != SQLiteErrorCode.SQLITE_MISMATCH.code
                    && code != SQLiteErrorCode.SQLITE_TOOBIG.code;
        }
        return failure instanceof SQLException || failure instanceof PausedException;
    }

    private static RuntimeException unavailable(Throwable failure) {
        return failure instanceof JournalUnavailableException known
                ? known
                : new JournalUnavailableException(
                        "the journal could not be written: " + failure.getMessage(), failure);
    }

    /** Writes what was handed over, then ends. */
    @Override
    public void close() {
        closed = true;
        queue.add(new Job<>(session -> null, 0)); // wakes the writer
        try {
            thread.join();
            refuseLate();
            acknowledgements.shutdown();
            acknowledgements.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refuseLate() {
        for (Job<?> late = queue.poll(); late != null; late = queue.poll()) {
            late.future.completeExceptionally(CLOSED);
        }
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
