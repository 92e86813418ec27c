package dev.caravan.delivery;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Runs tasks one at a time in the order they came in, so that what they share needs no lock. It has
 * no thread: whoever brings a task while no other runs, runs it and all that come in meanwhile.
 */
final class Mailbox {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final Consumer<Throwable> failed;

    /**
     * Makes one.
     *
     * @param failed is told what a task throws; the tasks behind it are run all the same
     */
    Mailbox(Consumer<Throwable> failed) {
        this.failed = failed;
    }

    /** Runs the task here and now, or leaves it to the thread that runs another one. */
    void run(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            drain();
        }
    }

    /** Runs the task on a thread of the executor, for callers whose thread has other work. */
    void run(Runnable task, Executor elsewhere) {
        tasks.add(task);
        if (pending.getAndIncrement() == 0) {
            try {
                elsewhere.execute(this::drain);
            } catch (RejectedExecutionException e) {
                drain(); // it is shutting down: then here
            }
        }
    }

    @SuppressWarnings("CatchingThrowable") // one task's failure must not strand the tasks behind it
    private void drain() {
        do {
            Runnable task = tasks.remove();
            try {
                task.run();
            } catch (Throwable e) {
                failed.accept(e);
            }
        } while (pending.decrementAndGet() != 0);
    }
}
