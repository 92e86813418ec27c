package dev.caravan.console;

import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.delivery.DestinationStatus;
import dev.caravan.delivery.Dispatcher;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Tells how the destinations are doing. A destination that takes nothing does not make Caravan
 * unready: events are taken and kept for it. Why is told by the operator API alone: a destination's
 * answer may repeat what it was sent, and health is logged.
 */
@Readiness
@Singleton
public final class DeliveriesShown implements HealthCheck {
    private final Deliveries deliveries;
    private final CustomerIoComponent customerIo;

    public DeliveriesShown(Deliveries deliveries, CustomerIoComponent customerIo) {
        this.deliveries = deliveries;
        this.customerIo = customerIo;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("deliveries").up();
        if (customerIo.sandboxed(null)) {
            answer.withData(
                    "warning",
                    "no API key is set: events go to the sandbox and NOT to Customer.io");
        }
        for (Dispatcher dispatcher : deliveries.all()) {
            DestinationStatus status = dispatcher.status();
            answer.withData(status.destination(), status.state().name());
        }
        return answer.build();
    }
}
