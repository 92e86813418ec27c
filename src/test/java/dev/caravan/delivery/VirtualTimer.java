package dev.caravan.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only when a test says so, and the tasks that wait for it. */
final class VirtualTimer implements Timer {
    static final Instant START = Instant.parse("2026-03-01T08:00:00Z");

    private static final int MOST_AT_ONCE = 100_000;

    private record Task(long at, long number, Runnable action) {}

    private final PriorityQueue<Task> tasks =
            new PriorityQueue<>(Comparator.comparingLong(Task::at).thenComparingLong(Task::number));
    private Duration ahead = Duration.ZERO;
    private long now;
    private int atOnce;
    private long numbers;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    public Runnable after(long delayNanos, Runnable action) {
        var task = new Task(now + Math.max(0, delayNanos), numbers++, action);
        tasks.add(task);
        return () -> tasks.remove(task);
    }

    InstantSource clock() {
        return () -> START.plusNanos(now).plus(ahead);
    }

    /** Someone sets the clock, but not the timer. */
    void setClock(Duration forward) {
        ahead = forward;
    }

    Duration elapsed() {
        return Duration.ofNanos(now);
    }

    /** Lets time pass, and whatever is due meanwhile happen. */
    void advance(Duration time) {
        long end = now + time.toNanos();
        while (!tasks.isEmpty() && tasks.element().at() <= end) {
            next();
        }
        now = end;
    }

    /**
     * Lets time pass until nothing waits for it any longer.
     *
     * @return how many tasks have run
     */
    int runOut(Duration atMost) {
        long end = now + atMost.toNanos();
        int count = 0;
        while (!tasks.isEmpty() && tasks.element().at() <= end) {
            next();
            count++;
        }
        return count;
    }

    boolean isIdle() {
        return tasks.isEmpty();
    }

    private void next() {
        Task task = tasks.remove();
        atOnce = task.at() > now ? 0 : atOnce + 1;
        if (atOnce > MOST_AT_ONCE) {
            throw new AssertionError("something goes round and round at " + elapsed());
        }
        now = Math.max(now, task.at());
        task.action().run();
    }
}
