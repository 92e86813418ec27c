package dev.caravan.fake;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The raw requests, the oldest forgotten when a budget of bytes is spent. Safe for use by many
 * threads.
 */
final class RequestLog {

    /** What an entry weighs beyond its body, roughly. */
    private static final int OVERHEAD = 1000;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final Deque<Entry> entries = new ArrayDeque<>();
    private long weight;
    private long count;

    /** A request under way; what it came to is written once. */
    static final class Entry {
        private final long number;
        private final WireRequest request;
        private byte[] plain = new byte[0];
        private Behaviour behaviour = Behaviour.normal();
        private long endNanos;
        private Instant endAt = Instant.EPOCH;
        private int status;
        private int storedItems;
        private boolean fullyWritten;
        private boolean ending;

        private Entry(long number, WireRequest request) {
            this.number = number;
            this.request = request;
        }

        long number() {
            return number;
        }
    }

    /** Takes the next number. */
    synchronized Entry begin(WireRequest request) {
        return new Entry(++count, request);
    }

    /** Keeps the request, now that its body is unpacked and its fate chosen. */
    synchronized void keep(Entry entry, byte[] plain, Behaviour behaviour, long budget) {
        entry.plain = plain;
        entry.behaviour = behaviour;
        entries.add(entry);
        weight += plain.length + OVERHEAD;
        while (weight > budget) {
            weight -= entries.remove().plain.length + OVERHEAD;
        }
    }

    synchronized void stored(Entry entry, int items) {
        entry.storedItems = items;
    }

    /**
     * Says that the ending is about to be played; unless it is a long silence, {@link #end} is
     * near.
     */
    synchronized void ending(Entry entry, Behaviour.Ending ending) {
        entry.ending = ending != Behaviour.Ending.HANG;
    }

    synchronized void end(Entry entry, int status, boolean fullyWritten) {
        entry.ending = false;
        entry.status = status;
        entry.fullyWritten = fullyWritten;
        entry.endNanos = System.nanoTime();
        entry.endAt = Instant.now();
        notifyAll();
    }

    synchronized long count() {
        return count;
    }

    /**
     * Returns the requests still kept whose number is {@code from} or more, by number. Waits a
     * moment for those about to end: a client that has its answer must find it here.
     */
    synchronized List<LoggedRequest> since(long from) {
        List<Entry> near = entries.stream().filter(entry -> entry.ending).toList();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (near.stream().anyMatch(entry -> entry.ending) && System.nanoTime() < deadline) {
            awaitChange();
        }
        return entries.stream()
                .filter(entry -> entry.number >= from)
                .sorted((a, b) -> Long.compare(a.number, b.number))
                .map(RequestLog::picture)
                .toList();
    }

    private void awaitChange() {
        try {
            wait(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading the request log", e);
        }
    }

    private static LoggedRequest picture(Entry entry) {
        WireRequest request = entry.request;
        return new LoggedRequest(
                entry.number,
                request.beginNanos(),
                entry.endNanos,
                request.beginAt(),
                entry.endAt,
                request.method(),
                request.path(),
                request.headers(),
                new String(entry.plain, StandardCharsets.UTF_8),
                entry.behaviour,
                entry.status,
                entry.storedItems,
                entry.fullyWritten);
    }
}
