package dev.caravan.delivery;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time in the order they came in, so that what they share needs no lock. It has
 * no thread: whoever brings a task while no other runs, runs it and some that come in meanwhile.
 */
final class Mailbox {
    /** Tasks of others that a thread runs before it hands the rest over. */
    private static final int PATIENCE = 64;

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Executor threads;
    private final Consumer<Throwable> failed;

    /**
     * Makes one.
     *
     * @param threads run what is not run by who brings it
     * @param failed is told what a task throws; the tasks behind it are run all the same
     */
    Mailbox(Executor threads, Consumer<Throwable> failed) {
        this.threads = threads;
        this.failed = failed;
    }

    /** Runs the task here and now, or leaves it to the thread that runs another one. */
    void run(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            drain();
        }
    }

    /** Runs the task on another thread, for callers whose thread has other work. */
    void runElsewhere(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0 && !handedOver()) {
            drain();
        }
    }

    /** Whether another thread goes on; if it is shutting down or can start none, this one must. */
    @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
    private boolean handedOver() {
        try {
            threads.execute(this::drain);
            return true;
        } catch (Throwable e) {
            return false;
        }
    }

    private void drain() {
        do {
            for (int done = 0; done < PATIENCE; done++) {
                Runnable task = tasks.remove();
                runSafely(task);
                if (pending.decrementAndGet() == 0) {
                    return;
                }
            }
        } while (!handedOver());
    }

    @SuppressWarnings("CatchingThrowable") // one task's failure must not strand the tasks behind it
    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            failed.accept(e);
        }
    }
}
