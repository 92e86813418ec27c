package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * What all dispatchers of a process share.
 *
 * @param timer waits
 * @param clock what time it is for people
 * @param random chance, for the waits; used by several threads
 * @param threads where reading and sending is done; each destination takes at most its {@code
 *     parallel} and two more of them at a time, and takes it ill to be turned away
 */
public record Engine(Timer timer, InstantSource clock, RandomGenerator random, Executor threads) {
    public Engine {
        requireNonNull(timer, "timer");
        requireNonNull(clock, "clock");
        requireNonNull(random, "random");
        requireNonNull(threads, "threads");
    }

    /** Threads for {@link #threads()}, made as they are needed and let go when idle. */
    public static ExecutorService newThreads() {
        var count = new AtomicInteger();
        return Executors.newCachedThreadPool(
                task -> daemon(task, "caravan-delivery-" + count.incrementAndGet()));
    }

    /** The one thread for {@link Timer#of}. */
    public static ScheduledExecutorService newTimerThread() {
        var executor =
                new ScheduledThreadPoolExecutor(1, task -> daemon(task, "caravan-delivery-timer"));
        executor.setRemoveOnCancelPolicy(true);
        return executor;
    }

    private static Thread daemon(Runnable task, String name) {
        var thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
