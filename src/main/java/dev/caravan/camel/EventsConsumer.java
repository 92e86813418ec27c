package dev.caravan.camel;

import dev.caravan.camel.Destinations.Served;
import dev.caravan.delivery.Outcome;
import dev.caravan.delivery.Run;
import dev.caravan.delivery.Sender;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands runs to a destination's route, and tells its dispatcher what each attempt came to. Stopping
 * waits until what is in flight has ended and progress is stored; the routes behind are still there
 * then, since Camel stops them when nothing comes any longer.
 *
 * <p>It cannot be suspended, so Camel stops and starts it instead. A consumer that can be is
 * stopped as well where an attempt takes too long, and then Camel does not start it when it
 * resumes.
 */
final class EventsConsumer extends DefaultConsumer {
    private static final String JSON = "application/json";

    private final Destinations destinations;
    private final Function<Sender, Served> service;
    private final Outcomes outcomes;
    private @Nullable Served served;

    EventsConsumer(
            CaravanEndpoint endpoint,
            Processor processor,
            Destinations destinations,
            Outcomes outcomes,
            Function<Sender, Served> service) {
        super(endpoint, processor);
        this.outcomes = outcomes;
        this.destinations = destinations;
        this.service = service;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        begin();
    }

    @Override
    protected void doStop() throws Exception {
        end();
        super.doStop();
    }

    private void begin() {
        Served fresh = service.apply(this::send);
        String name = nameOf(fresh);
        destinations.reserve(name, whereabouts());
        try {
            fresh.dispatcher().start();
        } catch (RuntimeException | Error e) {
            destinations.release(name);
            throw e;
        }
        destinations.add(name, fresh);
        served = fresh;
    }

    private void end() {
        Served current = served;
        served = null;
        if (current != null) {
            if (getEndpoint().getCamelContext().isStopping()) {
                destinations.stopAll();
            }
            current.close();
            destinations.remove(nameOf(current), current);
        }
    }

    private String whereabouts() {
        String place = getRoute().getSourceLocationShort();
        return getRouteId() + (place == null ? "" : " (" + place + ")");
    }

    private static String nameOf(Served served) {
        return served.dispatcher().destination().name();
    }

    private void send(Run run, Consumer<List<Outcome>> done) {
        Exchange exchange = createExchange(false);
        Passage passage = Passage.begin(exchange, run.meaning().destructive());
        exchange.getMessage().setBody(run);
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, JSON);
        try {
            getAsyncProcessor()
                    .process(
                            exchange,
                            doneSync -> {
                                List<Outcome> cameTo = outcomes(exchange, passage, run);
                                releaseExchange(exchange, false);
                                done.accept(cameTo);
                            });
        } catch (LinkageError e) {
            done.accept(of(e, run)); // others are the attempt's to judge
        }
    }

    private List<Outcome> outcomes(Exchange exchange, Passage passage, Run run) {
        Throwable failure = exchange.getException();
        String rule = passage.skipped();
        if (failure != null) {
            return of(failure, run);
        } else if (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast()) {
            return List.of(Outcome.Retry.of(0, "the route rolled back"));
        } else if (passage.isSent()) {
            return List.of(new Outcome.Delivered(status(exchange)));
        } else if (rule != null) {
            return List.of(new Outcome.Skipped(rule));
        } else if (passage.failure() != null) {
            return of(passage.failure(), run);
        }
        return List.of(Outcomes.NOT_SENT);
    }

    private List<Outcome> of(Throwable failure, Run run) {
        return outcomes.of(failure, run.meaning().destructive(), run.entries().size());
    }

    private static int status(Exchange exchange) {
        return exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)
                        instanceof Integer status
                ? status
                : 0;
    }
}
