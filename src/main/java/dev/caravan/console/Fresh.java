package dev.caravan.console;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is read at most once a second, however many meters ask: so those of one scrape agree
 * with each other, and a scrape costs one reading.
 */
final class Fresh<T> {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<T> source;
    private @Nullable T value;
    private long readAt;

    Fresh(Supplier<T> source) {
        this.source = source;
    }

    synchronized T get() {
        T known = value;
        long now = System.nanoTime();
        if (known == null || now - readAt > NANOS) {
            known = source.get();
            value = known;
            readAt = now;
        }
        return known;
    }
}
