package dev.caravan.bench;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What it costs to ask for an event whether it is erased. Nine of ten events are of users, the
 * others of visitors; none was erased. Not the same few are asked for again and again, so the index
 * is not in the processor's cache.
 */
public final class BarrierCost {
    private static final int EVENTS = 200_000;
    private static final int ROUNDS = 10;
    private static final byte[] JSON = "{}".getBytes(StandardCharsets.UTF_8);

    private BarrierCost() {}

    /** Takes the working folder; prints nanoseconds of processor time for a question. */
    public static void main(String[] args) {
        try (SqliteJournal journal =
                SqliteJournal.open(
                        JournalSettings.in(Path.of(args[0]).resolve("data")),
                        InstantSource.system())) {
            List<Entry> entries = entries();
            long stopped = 0;
            for (int i = 0; i < ROUNDS; i++) {
                stopped += ask(journal.erasures(), entries);
            }
            long begin = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            for (int i = 0; i < ROUNDS; i++) {
                stopped += ask(journal.erasures(), entries);
            }
            long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - begin;
            if (stopped != 0) {
                throw new IllegalStateException(stopped + " events were stopped");
            }
            System.out.printf(
                    Locale.ROOT, "nanos=%.1f%n", (double) nanos / ROUNDS / entries.size());
        }
    }

    private static long ask(Erasures erasures, List<Entry> entries) {
        long stopped = 0;
        for (Entry entry : entries) {
            stopped += erasures.reaching(entry).isPresent() ? 1 : 0;
        }
        return stopped;
    }

    private static List<Entry> entries() {
        List<Entry> entries = new ArrayList<>(EVENTS);
        Instant now = Instant.now();
        for (int i = 0; i < EVENTS; i++) {
            boolean visitor = i % 10 == 0;
            Event event =
                    new Event(
                            Call.TRACK,
                            Meaning.ORDINARY,
                            "Order Completed",
                            visitor ? null : "user-" + i,
                            visitor ? "visitor-" + i : null,
                            "m-" + i,
                            now,
                            false,
                            JSON);
            entries.add(new Entry(10_000_000L + i, "bench", now, i, List.of(), event));
        }
        return entries;
    }
}
