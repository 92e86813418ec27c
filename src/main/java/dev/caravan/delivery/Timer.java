package dev.caravan.delivery;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Measures waits and ends them; a clock that nobody sets. */
public interface Timer {
    /** Now, in nanoseconds since a start in the past. */
    long nanoTime();

    /**
     * Runs a task once, after a delay; the task must be brief.
     *
     * @param delayNanos 0 or less runs it as soon as possible
     * @return cancels the task if it has not run
     */
    Runnable after(long delayNanos, Runnable task);

    /** A timer in real time; once the executor is shut down, nothing is run any longer. */
    static Timer of(ScheduledExecutorService executor) {
        long start = System.nanoTime();
        return new Timer() {
            @Override
            public long nanoTime() {
                return System.nanoTime() - start;
            }

            @Override
            public Runnable after(long delayNanos, Runnable task) {
                try {
                    ScheduledFuture<?> future =
                            executor.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
                    return () -> future.cancel(false);
                } catch (RejectedExecutionException e) {
                    return () -> {};
                }
            }
        };
    }
}
