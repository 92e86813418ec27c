package dev.caravan.app;

import dev.caravan.ingest.InboxRetention;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** What is done once in a while, beside the routes. */
@Singleton
final class Upkeep {
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(Upkeep::thread);
    private final InboxRetention inbox;

    Upkeep(CaravanConfig config, InstantSource clock) {
        this.inbox = new InboxRetention(config.inbox(), config.inboxRetention(), clock);
    }

    void start(@Observes StartupEvent event) {
        timer.scheduleWithFixedDelay(inbox, 1, 60, TimeUnit.MINUTES);
    }

    void stop(@Observes ShutdownEvent event) {
        timer.shutdownNow();
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "caravan-upkeep");
        thread.setDaemon(true);
        return thread;
    }
}
