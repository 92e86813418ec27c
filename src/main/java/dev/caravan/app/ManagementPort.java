package dev.caravan.app;

import dev.caravan.console.Deliveries;
import dev.caravan.console.Guard;
import dev.caravan.console.OperatorApi;
import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Resubmission;
import dev.caravan.journal.Journal;
import io.quarkus.vertx.http.ManagementInterface;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Opens the operator API on the management port. */
@Singleton
final class ManagementPort {
    private final OperatorApi api;

    ManagementPort(
            @ConfigProperty(name = "quarkus.management.host") String host,
            Settings settings,
            Journal journal,
            Deliveries deliveries,
            Intake intake,
            CustomerIoComponent customerIo,
            InstantSource clock) {
        this.api =
                new OperatorApi(
                        new Guard(settings.login(host)),
                        journal,
                        deliveries,
                        intake,
                        new Resubmission(intake, journal.deadLetters(), settings.sources()),
                        customerIo.sandbox(),
                        settings.home(),
                        clock);
    }

    void open(@Observes ManagementInterface port) {
        api.mount(port.router());
    }
}
