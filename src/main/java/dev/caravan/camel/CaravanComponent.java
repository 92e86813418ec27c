package dev.caravan.camel;

import dev.caravan.camel.Destinations.Served;
import dev.caravan.delivery.Barrier;
import dev.caravan.delivery.DeliveryListener;
import dev.caravan.delivery.Destination;
import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Engine;
import dev.caravan.delivery.Pace;
import dev.caravan.delivery.Redelivery;
import dev.caravan.delivery.Sender;
import dev.caravan.delivery.Underway;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Sources;
import dev.caravan.ingest.UnusableMappingException;
import dev.caravan.journal.Journal;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.apache.camel.CamelContext;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.jspecify.annotations.Nullable;

/**
 * The {@code caravan:} component. Finds the parts it fronts in Camel's registry, one bean of each
 * type: {@link Intake} for producers; {@link Journal}, {@link Engine} and {@link Destinations} for
 * consumers; and if there is one, {@link Sources}, {@link Pace}, {@link DeliveryListener}, and a
 * {@link Barrier} in place of the one that holds to the journal's erasures.
 */
@Component("caravan")
public class CaravanComponent extends DefaultComponent {
    static final String EVENTS = "events";
    static final String DELIVERED = "delivered";
    static final String SKIP = "skip";
    static final String ADDRESS = "address";

    private static final Set<String> OPERATIONS = Set.of(EVENTS, DELIVERED, SKIP, ADDRESS);

    private final SentNotifier notifier = new SentNotifier();

    /** By destination. It outlives a route that is stopped, as an attempt may. */
    private final Map<String, Underway> underway = new ConcurrentHashMap<>();

    private @Nullable ExecutorService threads;

    @Override
    public boolean useRawUri() {
        return true;
    }

    @Override
    public Endpoint createEndpoint(String uri, Map<String, Object> properties) throws Exception {
        return super.createEndpoint(RawValues.enclosed(uri), properties);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        requireOperation(remaining);
        var endpoint = new CaravanEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        endpoint.receptions(); // a format or an option that cannot be stops the start
        return endpoint;
    }

    static void requireOperation(String operation) {
        if (!OPERATIONS.contains(operation)) {
            throw new IllegalArgumentException(
                    "caravan: knows events, delivered, skip and address, but not '%s'"
                            .formatted(operation));
        }
    }

    Producer producer(CaravanEndpoint endpoint) {
        return switch (endpoint.getOperation()) {
            case DELIVERED -> new MarkProducer(endpoint, Passage::delivered);
            case SKIP -> skip(endpoint);
            case ADDRESS -> address(endpoint);
            default -> events(endpoint);
        };
    }

    private Producer events(CaravanEndpoint endpoint) {
        String mapping = endpoint.getMapping();
        Intake intake = bean(Intake.class);
        if (mapping != null) {
            try {
                intake.requireMapping(mapping);
            } catch (UnusableMappingException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
        Sources sources = bean(Sources.class, Sources.ALL_SECRET);
        return new EventsProducer(endpoint, intake, sources, threads());
    }

    static Producer skip(CaravanEndpoint endpoint) {
        String reason = endpoint.getReason();
        if (reason == null || reason.isBlank()) {
            throw new IllegalArgumentException(
                    "caravan:skip must say why: add 'reason: <words>' to its parameters");
        }
        return new MarkProducer(endpoint, passage -> passage.skip(reason));
    }

    static Producer address(CaravanEndpoint endpoint) {
        String template = endpoint.getTemplate();
        if (template == null) {
            throw new IllegalArgumentException(
                    "caravan:address must say which: add 'template: /persons/{userId}' to its"
                            + " parameters");
        }
        return new AddressProducer(endpoint, AddressTemplate.parse(template));
    }

    Consumer consumer(CaravanEndpoint endpoint, Processor processor) {
        Destination destination = endpoint.destination(bean(Pace.class, Pace.DEFAULT));
        Engine engine = bean(Engine.class);
        return new EventsConsumer(
                endpoint,
                processor,
                bean(Destinations.class),
                new Outcomes(engine.clock()),
                sender -> served(destination, sender, engine));
    }

    private Served served(Destination destination, Sender sender, Engine engine) {
        Journal journal = bean(Journal.class);
        Barrier barrier = bean(Barrier.class, Barrier.of(journal.erasures()));
        Barrier again = bean(Barrier.class, Barrier.ofSentAgain(journal.erasures()));
        Underway all = underway.computeIfAbsent(destination.name(), name -> new Underway());
        DeliveryListener listener = bean(DeliveryListener.class, DeliveryListener.NONE);
        return new Served(
                new Dispatcher(destination, journal, sender, barrier, all, listener, engine),
                new Redelivery(destination, journal, sender, again, all, engine));
    }

    private ExecutorService threads() {
        ExecutorService started = threads;
        if (started == null) {
            throw new IllegalStateException("the caravan component is not started");
        }
        return started;
    }

    private <T> T bean(Class<T> type) {
        T bean = getCamelContext().getRegistry().findSingleByType(type);
        if (bean == null) {
            throw new IllegalStateException(
                    "caravan: needs one bean of type %s in Camel's registry, but there are %d"
                            .formatted(
                                    type.getName(),
                                    getCamelContext().getRegistry().findByType(type).size()));
        }
        return bean;
    }

    private <T> T bean(Class<T> type, T otherwise) {
        return getCamelContext().getRegistry().findByType(type).isEmpty() ? otherwise : bean(type);
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        CamelContext context = getCamelContext();
        Conversions.addTo(context.getTypeConverterRegistry());
        context.getManagementStrategy().addEventNotifier(notifier);
        threads = context.getExecutorServiceManager().newDefaultThreadPool(this, "CaravanStored");
    }

    @Override
    protected void doShutdown() throws Exception {
        getCamelContext().getManagementStrategy().removeEventNotifier(notifier);
        if (threads != null) {
            getCamelContext().getExecutorServiceManager().shutdownGraceful(threads);
        }
        super.doShutdown();
    }
}
