package dev.caravan.console;

import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalStatus;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready is who can store what comes in. */
@Readiness
@Singleton
public final class JournalReady implements HealthCheck {
    private final Journal journal;

    public JournalReady(Journal journal) {
        this.journal = journal;
    }

    @Override
    public HealthCheckResponse call() {
        JournalStatus status = journal.status();
        HealthCheckResponseBuilder answer =
                HealthCheckResponse.named("journal")
                        .status(status.writable())
                        .withData("bytes", status.bytes())
                        .withData("freeBytes", status.freeBytes());
        if (status.problem() != null) {
            answer.withData("problem", status.problem());
        }
        if (status.warning() != null) {
            answer.withData("warning", status.warning());
        }
        return answer.build();
    }
}
