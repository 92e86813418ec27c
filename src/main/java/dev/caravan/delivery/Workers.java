package dev.caravan.delivery;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/**
 * Runs tasks on the threads of another executor. What a task leaves behind first is run by its own
 * thread when the task is over, which spares waking another: so a sender that blocks goes from
 * answer to next run on one thread.
 */
final class Workers implements Executor {
    private final Executor threads;
    private final ThreadLocal<Deque<Runnable>> own = new ThreadLocal<>();

    Workers(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        Deque<Runnable> mine = own.get();
        if (mine != null && mine.isEmpty()) {
            mine.add(task);
        } else {
            threads.execute(() -> work(task));
        }
    }

    private void work(Runnable first) {
        Deque<Runnable> mine = new ArrayDeque<>(2);
        own.set(mine);
        try {
            for (Runnable task = first; task != null; task = mine.poll()) {
                task.run();
            }
        } finally {
            own.remove();
        }
    }
}
