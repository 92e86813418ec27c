package dev.caravan.camel;

import dev.caravan.delivery.Destination;
import dev.caravan.delivery.Destination.Erase;
import dev.caravan.delivery.Pace;
import dev.caravan.delivery.Selection;
import dev.caravan.event.Limits;
import dev.caravan.format.Formats;
import dev.caravan.format.Formats.Option;
import dev.caravan.ingest.Reception;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
            enums = "json,ndjson,csv,fixed,xml,deletions",
            description =
                    "json: an object, an array, or several of them in a row; ndjson: a line is a record; csv; fixed: columns of fixed width; xml; deletions: a line is the id of a user to delete. Gzip and zip are unpacked. By default by the name of the file (.ndjson, .jsonl, .deletions), else json.")
    private @Nullable String format;

    @UriParam(
            label = "producer",
            description =
                    "The mapping that makes events of records: a file mappings/<name>.yaml. By default a record is an event already.")
    private @Nullable String mapping;

    @UriParam(
            label = "producer,format",
            description =
                    "csv, fixed, xml: the charset of the text, such as windows-1252 or IBM037. By default UTF-8, and for xml what the file itself declares.")
    private @Nullable String charset;

    @UriParam(
            label = "producer,format",
            secret = true,
            description = "csv: the character between values, or tab. By default a comma.")
    private @Nullable String delimiter;

    @UriParam(
            label = "producer,format",
            secret = true,
            description =
                    "csv: the character around values that hold a delimiter or a line end, or none. By default a double quote.")
    private @Nullable String quote;

    @UriParam(
            label = "producer,format",
            enums = "true,false,skip",
            description =
                    "csv: true: the first line names the columns; false: it is a record; skip: it is left out. By default true, or false where columns are given.")
    private @Nullable String header;

    @UriParam(
            label = "producer,format",
            secret = true,
            description =
                    "csv: the names of the columns, with commas between. fixed: name:width or name:first-last of each, with places from 1.")
    private @Nullable String columns;

    @UriParam(
            label = "producer,format",
            enums = "true,false",
            description =
                    "csv, fixed: whether to take records that have fewer columns, which are absent then, or more, which are left out. By default false: they become dead letters.")
    private @Nullable String ragged;

    @UriParam(
            label = "producer,format",
            enums = "true,false",
            description =
                    "csv, fixed: whether spaces around values without quotes are left out. By default false for csv, true for fixed.")
    private @Nullable String trim;

    @UriParam(
            label = "producer,format",
            description =
                    "fixed: bytes of a record, for files without line ends. By default a line is a record.")
    private @Nullable String recordLength;

    @UriParam(
            label = "producer,format",
            secret = true,
            description =
                    "xml: the path of the elements that are records, such as /orders/order; * stands for any name. Required.")
    private @Nullable String record;

    @UriParam(
            label = "producer,format",
            secret = true,
            description =
                    "xml: prefix=namespace, with commas between: names in these namespaces have the prefix in record and mapping. By default names go by their local part alone.")
    private @Nullable String namespaces;

    @UriParam(
            label = "producer,format",
            description =
                    "How many bytes a gzip or zip may unpack to; K, M, G are understood. By default 100 GB.")
    private @Nullable String unpackedLimit;

    @UriParam(
            label = "producer,format",
            description =
                    "How many times its own length a gzip or zip may unpack to, from 10 MB on. By default 200.")
    private @Nullable String unpackedRatio;

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
        requireEvents(operation);
        Consumer consumer = component().consumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    static void requireEvents(String operation) {
        if (!operation.equals(CaravanComponent.EVENTS)) {
            throw new IllegalArgumentException(
                    "'from: caravan:%s' cannot be: only events can be read".formatted(operation));
        }
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

    /**
     * How the bodies of a producer become events, by the name of the file that they come from.
     *
     * @throws IllegalArgumentException if the format or an option of it cannot be; says which
     */
    Function<String, Reception> receptions() {
        Map<Option, String> options = formatOptions();
        if (Formats.DELETIONS.equals(format) && mapping != null) {
            throw new IllegalArgumentException(
                    "'mapping' means nothing for 'format: deletions': each line is the id of a user to delete");
        } else if (format != null) {
            Reception always = new Reception(Formats.of(format, options), mapping);
            return name -> always;
        }
        Reception whole = new Reception(Formats.of(Formats.JSON, options), mapping);
        Reception lines = new Reception(Formats.of(Formats.NDJSON, options), mapping);
        Reception deletions = new Reception(Formats.of(Formats.DELETIONS, options), null);
        return name -> {
            if (Formats.hasDeletions(name)) {
                return deletions;
            }
            return Formats.hasLines(name) ? lines : whole;
        };
    }

    private Map<Option, String> formatOptions() {
        Map<Option, String> options = new EnumMap<>(Option.class);
        put(options, Option.CHARSET, charset);
        put(options, Option.DELIMITER, delimiter);
        put(options, Option.QUOTE, quote);
        put(options, Option.HEADER, header);
        put(options, Option.COLUMNS, columns);
        put(options, Option.RAGGED, ragged);
        put(options, Option.TRIM, trim);
        put(options, Option.RECORD_LENGTH, recordLength);
        put(options, Option.RECORD, record);
        put(options, Option.NAMESPACES, namespaces);
        put(options, Option.UNPACKED_LIMIT, unpackedLimit);
        put(options, Option.UNPACKED_RATIO, unpackedRatio);
        return options;
    }

    private static void put(Map<Option, String> options, Option option, @Nullable String value) {
        if (value != null) {
            options.put(option, value);
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

    public @Nullable String getMapping() {
        return mapping;
    }

    public void setMapping(@Nullable String mapping) {
        this.mapping = mapping;
    }

    public @Nullable String getCharset() {
        return charset;
    }

    public void setCharset(@Nullable String charset) {
        this.charset = charset;
    }

    public @Nullable String getDelimiter() {
        return delimiter;
    }

    public void setDelimiter(@Nullable String delimiter) {
        this.delimiter = delimiter;
    }

    public @Nullable String getQuote() {
        return quote;
    }

    public void setQuote(@Nullable String quote) {
        this.quote = quote;
    }

    public @Nullable String getHeader() {
        return header;
    }

    public void setHeader(@Nullable String header) {
        this.header = header;
    }

    public @Nullable String getColumns() {
        return columns;
    }

    public void setColumns(@Nullable String columns) {
        this.columns = columns;
    }

    public @Nullable String getRagged() {
        return ragged;
    }

    public void setRagged(@Nullable String ragged) {
        this.ragged = ragged;
    }

    public @Nullable String getTrim() {
        return trim;
    }

    public void setTrim(@Nullable String trim) {
        this.trim = trim;
    }

    public @Nullable String getRecordLength() {
        return recordLength;
    }

    public void setRecordLength(@Nullable String recordLength) {
        this.recordLength = recordLength;
    }

    public @Nullable String getRecord() {
        return record;
    }

    public void setRecord(@Nullable String record) {
        this.record = record;
    }

    public @Nullable String getNamespaces() {
        return namespaces;
    }

    public void setNamespaces(@Nullable String namespaces) {
        this.namespaces = namespaces;
    }

    public @Nullable String getUnpackedLimit() {
        return unpackedLimit;
    }

    public void setUnpackedLimit(@Nullable String unpackedLimit) {
        this.unpackedLimit = unpackedLimit;
    }

    public @Nullable String getUnpackedRatio() {
        return unpackedRatio;
    }

    public void setUnpackedRatio(@Nullable String unpackedRatio) {
        this.unpackedRatio = unpackedRatio;
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
