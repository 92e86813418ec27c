package dev.caravan.app;

import dev.caravan.console.DeadLetterLog;
import dev.caravan.console.Metrics;
import dev.caravan.ingest.InboxLeftovers;
import dev.caravan.ingest.InboxRetention;
import dev.caravan.journal.Journal;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done once in a while, beside the routes: soon behind a commit what reads the journal, and
 * nothing of it while nothing is written, since each time that a resting process wakes up costs.
 */
@Singleton
final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final long SOON_SECONDS = 10;

    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(
                    1, Upkeep::thread, new ThreadPoolExecutor.DiscardPolicy()); // after the end
    private final AtomicBoolean due = new AtomicBoolean();
    private final InboxRetention inbox;
    private final InboxLeftovers leftovers;
    private final Metrics metrics;
    private final DeadLetterLog letters;
    private final NativeHeap heap = new NativeHeap();
    private final Journal journal;

    Upkeep(
            CaravanConfig config,
            InstantSource clock,
            Metrics metrics,
            MeterRegistry registry,
            Journal journal,
            CamelContext camel) {
        this.inbox = new InboxRetention(config.inbox(), config.inboxRetention(), clock);
        this.leftovers = new InboxLeftovers(config.inbox(), camel, clock);
        Gauge.builder("caravan.inbox.left", leftovers, InboxLeftovers::count)
                .description("Files in the inbox that no route takes")
                .register(registry);
        this.metrics = metrics;
        this.journal = journal;
        this.letters = new DeadLetterLog(journal.deadLetters(), clock);
    }

    void start(@Observes StartupEvent event) {
        timer.scheduleWithFixedDelay(inbox, 1, 60, TimeUnit.MINUTES);
        timer.scheduleWithFixedDelay(leftovers, 0, 1, TimeUnit.MINUTES);
        journal.onCommit(this::lookSoon);
        timer.execute(this::look);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void lookSoon() {
        if (!due.getAndSet(true)) {
            timer.schedule(this::look, SOON_SECONDS, TimeUnit.SECONDS);
        }
    }

    private void look() {
        due.set(false);
        try {
            metrics.refresh();
            if (letters.tell()) {
                lookSoon();
            }
            heap.run();
        } catch (RuntimeException e) {
            LOG.warn("Cannot look for what is new", e);
            lookSoon();
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-upkeep");
        thread.setDaemon(true);
        return thread;
    }
}
