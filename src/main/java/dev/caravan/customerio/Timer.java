package dev.caravan.customerio;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Waits without holding a thread. */
interface Timer {
    /** Runs a task later, on a thread that may block. */
    void after(Duration wait, Runnable task);

    /** A timer of one thread that hands its tasks to an executor. */
    final class Scheduled implements Timer, AutoCloseable {
        private final ScheduledThreadPoolExecutor scheduler;
        private final Executor executor;

        Scheduled(Executor executor) {
            this.executor = executor;
            this.scheduler = new ScheduledThreadPoolExecutor(1, daemons("customerio-timer"));
        }

        @Override
        public void after(Duration wait, Runnable task) {
            scheduler.schedule(() -> run(task), wait.toNanos(), TimeUnit.NANOSECONDS);
        }

        @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
        private void run(Runnable task) {
            try {
                executor.execute(task);
            } catch (Throwable e) {
                task.run(); // late for others, but whoever waits for it would wait for ever
            }
        }

        /** Takes no more tasks; those it has still run at their time, so that nobody hangs. */
        @Override
        public void close() {
            scheduler.shutdown();
        }
    }

    /** Threads that end when idle and hold up no shutdown. */
    static Executor threads(String name) {
        return new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                10,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                daemons(name));
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
