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
        return take(wanted, 0);
    }

    /** Takes more for a body that holds room already; if it is alone, it always gets it. */
    boolean take(int wanted, int held) {
        long now = taken.get();
        while (now == held || now + wanted <= bytes) {
            if (taken.compareAndSet(now, now + wanted)) {
                return true;
            }
            now = taken.get();
        }
        return false;
    }

    /** Bytes that are taken. */
    long taken() {
        return taken.get();
    }

    void giveBack(int given) {
        taken.addAndGet(-given);
    }
}
