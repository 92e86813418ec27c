package dev.caravan.console;

import dev.caravan.customerio.Sandbox;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Resubmission;
import dev.caravan.journal.Journal;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.time.InstantSource;

/**
 * The operator API under {@code /api/} of the management port: plain JSON in, plain JSON out, and
 * {@code {"error":"..."}} with a status of 400 or more for what cannot be done.
 */
public final class OperatorApi {
    private static final int BEFORE_EVERYTHING = -100_000;

    private final Guard guard;
    private final DeadLettersApi deadLetters;
    private final DestinationsApi destinations;
    private final ErasuresApi erasures;
    private final EventsApi events;
    private final JournalApi journal;
    private final SandboxApi sandbox;

    /**
     * Makes one.
     *
     * @param home the folder that has {@code backups/} in it
     */
    public OperatorApi(
            Guard guard,
            Journal journal,
            Deliveries deliveries,
            Intake intake,
            Resubmission resubmission,
            Sandbox sandbox,
            Path home,
            InstantSource clock) {
        this.guard = guard;
        this.deadLetters = new DeadLettersApi(journal, resubmission, deliveries);
        this.destinations = new DestinationsApi(journal, deliveries, clock);
        this.erasures = new ErasuresApi(journal, intake, deliveries);
        this.events = new EventsApi(journal, deliveries);
        this.journal = new JournalApi(journal, home.resolve("backups"), clock);
        this.sandbox = new SandboxApi(sandbox);
        journal.erasures().onRemoval(new SandboxCopies(sandbox, journal));
    }

    /** Adds the API to the management port, and the guard before all that is there. */
    public void mount(Router router) {
        router.route().order(BEFORE_EVERYTHING).handler(guard);
        Api api = new Api(router);
        deadLetters.mount(api);
        destinations.mount(api);
        erasures.mount(api);
        events.mount(api);
        journal.mount(api);
        sandbox.mount(api);
        api.orElseTell();
    }
}
