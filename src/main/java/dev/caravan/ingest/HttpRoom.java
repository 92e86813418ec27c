package dev.caravan.ingest;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory large bodies may take together, so that many callers cannot fill the heap. */
public final class HttpRoom {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    public HttpRoom(long bytes) {
        this.bytes = bytes;
    }

    /** Takes room if there is enough; one body alone always has room. */
    boolean take(int wanted) {
        long now = taken.get();
        while (now == 0 || now + wanted <= bytes) {
            if (taken.compareAndSet(now, now + wanted)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    void giveBack(int given) {
        taken.addAndGet(-given);
    }
}
