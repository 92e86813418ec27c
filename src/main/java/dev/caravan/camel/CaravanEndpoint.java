package dev.caravan.camel;

import dev.caravan.delivery.Destination;
import dev.caravan.delivery.Destination.Erase;
import dev.caravan.delivery.Pace;
import dev.caravan.delivery.Selection;
import dev.caravan.event.Limits;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Store customer events in Caravan's journal, and deliver them from there.
 *
 * <p>{@code to: caravan:events} stores what the exchange carries. {@code from: caravan:events}
 * hands the events to a destination's route, in order for each person. There, {@code
 * caravan:delivered} says that a run was delivered where no step sends it out of the process,
 * {@code caravan:skip} that it is left out on purpose, and {@code caravan:address} puts fields of
 * the event into the path that the next HTTP step calls.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "caravan",
        title = "Caravan",
        syntax = "caravan:operation",
        category = {Category.CORE, Category.MESSAGING})
public class CaravanEndpoint extends DefaultEndpoint implements AsyncEndpoint {
    private static final int DEFAULT_BATCH = Limits.BATCH_ITEMS;

    // Options of free text are declared secret, although they are none: Camel takes the value of a
    // secret as it stands, and would otherwise cut it at '&' and decode '%' and '+'.

    @UriPath(
            enums = "events,delivered,skip,address",
            description =
                    "events: store events (to), or deliver them (from); delivered: the run was delivered; skip: the run is left out; address: set the path that the next HTTP step calls.")
    @Metadata(required = true)
    private String operation = CaravanComponent.EVENTS;

    @UriParam(
            label = "producer",
            description =
                    "The source that the events come from: letters, digits and '-'. Required unless the exchange says it.")
    private @Nullable String source;

    @UriParam(
            label = "producer",
            enums = "json,ndjson,deletions",
            description =
                    "json: an event, an array of events, a batch, or several of them in a row; ndjson: a line is an event; deletions: a line is the id of a user to delete. By default by the name of the file (.ndjson, .jsonl, .deletions), else json.")
    private @Nullable String format;

    @UriParam(
            label = "producer",
            secret = true,
            description = "Why caravan:skip leaves a run out, in words for a person.")
    private @Nullable String reason;

    @UriParam(
            label = "producer",
            secret = true,
            description =
                    "The path that caravan:address sets for the next HTTP step, and perhaps a query, with fields of the event in braces: /persons/{userId}. Values are percent-encoded.")
    private @Nullable String template;

    @UriParam(
            label = "consumer",
            description =
                    "The destination's name, under which its progress is kept: letters, digits, '-', '_' and '.'. Required.")
    private @Nullable String destination;

    @UriParam(
            label = "consumer",
            defaultValue = "100",
            description =
                    "How many events a run has at the most, 1 to 1000. With 1 the body converts to the JSON of the event, else to an array.")
    private int batch = DEFAULT_BATCH;

    @UriParam(
            label = "consumer",
            defaultValue = "8",
            description = "How many runs are on their way at a time, 1 to 1000.")
    private int parallel = Pace.DEFAULT.parallel();

    @UriParam(
            label = "consumer",
            description =
                    "Which calls the destination wants, with commas between: identify, track, page, screen, group, alias. By default all. Destructive events come whatever is said here.")
    private @Nullable String types;

    @UriParam(
            label = "consumer",
            secret = true,
            description =
                    "Names of the events that the destination wants, with commas between; '*' stands for any text. By default all. Destructive events come whatever is said here.")
    private @Nullable String events;

    @UriParam(
            label = "consumer",
            description =
                    "The sources whose events the destination wants, with commas between. By default all. Destructive events come whatever is said here.")
    private @Nullable String sources;

    @UriParam(
            label = "consumer,filter",
            secret = true,
            description =
                    "A JSONPath condition on each event, such as $[?(@.properties.total > 100 && @.event == 'Order Completed')]; put spaces around '&&'. Destructive events come whatever is said here.")
    private @Nullable String filter;

    @UriParam(
            label = "consumer",
            enums = "route,unsupported",
            description =
                    "What becomes of destructive events. route: the route carries them out; unsupported: the destination cannot erase, so they are skipped. Required.")
    private @Nullable String erase;

    @UriParam(
            label = "consumer",
            enums = "now,beginning",
            defaultValue = "now",
            description =
                    "Where a new destination begins: with what comes from now on, or with the oldest event of the journal.")
    private String from = "now";

    @UriParam(
            label = "consumer",
            description =
                    "Names, with commas between, by which the 'integrations' of an event switch the destination off, beside its own name.")
    private @Nullable String integrations;

    public CaravanEndpoint(String uri, CaravanComponent component, String operation) {
        super(uri, component);
        this.operation = operation;
    }

    @Override
    public Producer createProducer() {
        return component().producer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (!operation.equals(CaravanComponent.EVENTS)) {
            throw new IllegalArgumentException(
                    "'from: caravan:%s' cannot be: only events can be read".formatted(operation));
        }
        Consumer consumer = component().consumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    private CaravanComponent component() {
        return (CaravanComponent) getComponent();
    }

    /** Storing events counts as a send; the marks of a run do not. */
    @Override
    public boolean isRemote() {
        return operation.equals(CaravanComponent.EVENTS);
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    /**
     * What the consumer's options say.
     *
     * @param pace what holds for all destinations
     * @throws IllegalArgumentException if they cannot be; says which one, and what to add
     */
    Destination destination(Pace pace) {
        String name = destination;
        if (name == null) {
            throw new IllegalArgumentException(
                    "'from: caravan:events' keeps its progress under a name: add 'destination: <name>' to its parameters");
        }
        try {
            return new Destination(
                    name,
                    batch,
                    Limits.RUN_BYTES,
                    beginning(),
                    eraseOf(name),
                    Selection.parse(types, events, sources, Filters.parse(filter)),
                    words(integrations),
                    pace.withParallel(parallel));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "destination '%s': %s".formatted(name, e.getMessage()));
        }
    }

    private boolean beginning() {
        return switch (from) {
            case "beginning" -> true;
            case "now" -> false;
            default ->
                    throw new IllegalArgumentException(
                            "from must be beginning or now but is '%s'".formatted(from));
        };
    }

    private Erase eraseOf(String name) {
        if (erase == null) {
            throw new IllegalArgumentException(
                    "say what becomes of destructive events (User Deleted, ...): add 'erase: route' if the route carries them out, or 'erase: unsupported' if %s cannot erase"
                            .formatted(name));
        }
        return switch (erase) {
            case "route" -> Erase.ROUTE;
            case "unsupported" -> Erase.UNSUPPORTED;
            default ->
                    throw new IllegalArgumentException(
                            "erase must be route or unsupported but is '%s'".formatted(erase));
        };
    }

    private static List<String> words(@Nullable String list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList();
    }

    // --- options

    public String getOperation() {
        return operation;
    }

    public void setOperation(String operation) {
        this.operation = operation;
    }

    public @Nullable String getSource() {
        return source;
    }

    public void setSource(@Nullable String source) {
        this.source = source;
    }

    public @Nullable String getFormat() {
        return format;
    }

    public void setFormat(@Nullable String format) {
        this.format = format;
    }

    public @Nullable String getReason() {
        return reason;
    }

    public void setReason(@Nullable String reason) {
        this.reason = reason;
    }

    public @Nullable String getTemplate() {
        return template;
    }

    public void setTemplate(@Nullable String template) {
        this.template = template;
    }

    public @Nullable String getDestination() {
        return destination;
    }

    public void setDestination(@Nullable String destination) {
        this.destination = destination;
    }

    public int getBatch() {
        return batch;
    }

    public void setBatch(int batch) {
        this.batch = batch;
    }

    public int getParallel() {
        return parallel;
    }

    public void setParallel(int parallel) {
        this.parallel = parallel;
    }

    public @Nullable String getTypes() {
        return types;
    }

    public void setTypes(@Nullable String types) {
        this.types = types;
    }

    public @Nullable String getEvents() {
        return events;
    }

    public void setEvents(@Nullable String events) {
        this.events = events;
    }

    public @Nullable String getSources() {
        return sources;
    }

    public void setSources(@Nullable String sources) {
        this.sources = sources;
    }

    public @Nullable String getFilter() {
        return filter;
    }

    public void setFilter(@Nullable String filter) {
        this.filter = filter;
    }

    public @Nullable String getErase() {
        return erase;
    }

    public void setErase(@Nullable String erase) {
        this.erase = erase;
    }

    public String getFrom() {
        return from;
    }

    public void setFrom(String from) {
        this.from = from;
    }

    public @Nullable String getIntegrations() {
        return integrations;
    }

    public void setIntegrations(@Nullable String integrations) {
        this.integrations = integrations;
    }
}
