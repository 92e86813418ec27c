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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done once in a while, beside the routes. */
@Singleton
final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);

    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Upkeep::thread);
    private final InboxRetention inbox;
    private final InboxLeftovers leftovers;
    private final Metrics metrics;
    private final DeadLetterLog letters;

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
        this.letters = new DeadLetterLog(journal.deadLetters(), clock);
    }

    void start(@Observes StartupEvent event) {
        timer.scheduleWithFixedDelay(inbox, 1, 60, TimeUnit.MINUTES);
        timer.scheduleWithFixedDelay(this::look, 0, 10, TimeUnit.SECONDS);
        timer.scheduleWithFixedDelay(new NativeHeap(), 10, 10, TimeUnit.SECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private void look() {
        try {
            metrics.refresh();
            letters.run();
            leftovers.run();
        } catch (RuntimeException e) {
            LOG.warn("Cannot look for what is new", e);
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-upkeep");
        thread.setDaemon(true);
        return thread;
    }
}
