package dev.caravan.console;

import dev.caravan.delivery.DeliveryListener;
import dev.caravan.delivery.DestinationStatus;
import dev.caravan.delivery.Dispatcher;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalStatus;
import dev.caravan.journal.JournalStatus.SourceTotals;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Counts for monitoring. What is kept in the journal is read there, so that it goes on after a
 * restart and the numbers agree with each other: {@code caravan_events_accepted}, {@code _skipped},
 * {@code _duplicate} and {@code _set_aside} by source; {@code caravan_delivery_delivered}, {@code
 * _skipped} and {@code _dead} by destination, {@code caravan_delivery_lag} and {@code
 * _lag_seconds}. Counted from the start of the process are {@code caravan_delivery_retried}, {@code
 * _skipped_by_rule}, {@code _refused} and the {@code caravan_delivery_latency}.
 */
public final class Metrics implements DeliveryListener {
    /** Rules of one destination that get a counter of their own; the rest are counted together. */
    private static final int MOST_RULES = 50;

    private final MeterRegistry registry;
    private final Deliveries deliveries;
    private final Journal journal;
    private final Fresh<JournalStatus> status;
    private final Set<String> sources = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<String, PerDestination> destinations =
            new ConcurrentHashMap<>();

    public Metrics(MeterRegistry registry, Journal journal, Deliveries deliveries) {
        this.registry = registry;
        this.deliveries = deliveries;
        this.journal = journal;
        this.status = new Fresh<>(journal::status);
        gauge("caravan.journal.bytes", "Size of the journal on disk", JournalStatus::bytes);
        gauge("caravan.journal.free.bytes", "Space left on the disk", JournalStatus::freeBytes);
        gauge(
                "caravan.journal.writable",
                "1 if the last attempt to write succeeded",
                status -> status.writable() ? 1 : 0);
    }

    private void gauge(String name, String description, ToDoubleFunction<JournalStatus> value) {
        Gauge.builder(name, status, fresh -> value.applyAsDouble(fresh.get()))
                .description(description)
                .register(registry);
    }

    /** Adds what has come up since the last time: new sources and destinations. */
    public void refresh() {
        journal.status().sources().keySet().forEach(this::addSource);
        deliveries.all().forEach(dispatcher -> of(dispatcher.destination().name()).show());
    }

    private void addSource(String source) {
        if (sources.add(source)) {
            count("caravan.events.accepted", "Events stored", source, SourceTotals::accepted);
            count(
                    "caravan.events.skipped",
                    "Events of those stored that an erasure reached as they came in",
                    source,
                    SourceTotals::skipped);
            count(
                    "caravan.events.duplicate",
                    "Items that were there already",
                    source,
                    SourceTotals::duplicates);
            count(
                    "caravan.events.set.aside",
                    "Items that became dead letters at a door",
                    source,
                    SourceTotals::setAside);
        }
    }

    private void count(
            String name, String description, String source, ToLongFunction<SourceTotals> value) {
        FunctionCounter.builder(
                        name,
                        status,
                        fresh ->
                                value.applyAsLong(
                                        fresh.get()
                                                .sources()
                                                .getOrDefault(source, new SourceTotals(0, 0, 0))))
                .tag("source", source)
                .description(description)
                .register(registry);
    }

    private PerDestination of(String destination) {
        PerDestination known = destinations.get(destination);
        return known == null
                ? destinations.computeIfAbsent(destination, PerDestination::new)
                : known;
    }

    @Override
    public void delivered(String destination, Duration latency) {
        of(destination).latency.record(latency);
    }

    @Override
    public void skipped(String destination, String rule) {
        of(destination).skipped(rule.startsWith(Erasures.RULE) ? "erased" : rule).increment();
    }

    @Override
    public void refused(String destination, int status) {
        of(destination).refused.increment();
    }

    @Override
    public void retried(String destination, int events) {
        of(destination).retried.increment(events);
    }

    /** The meters of one destination. */
    private final class PerDestination {
        private final String name;
        private final Timer latency;
        private final Counter refused;
        private final Counter retried;
        private final ConcurrentHashMap<String, Counter> skipped = new ConcurrentHashMap<>();
        private final Fresh<Optional<DestinationStatus>> status;
        private boolean shown;

        PerDestination(String name) {
            this.name = name;
            this.status = new Fresh<>(() -> deliveries.find(name).map(Dispatcher::status));
            this.latency =
                    Timer.builder("caravan.delivery.latency")
                            .description("From acceptance to delivery")
                            .tag("destination", name)
                            .register(registry);
            this.refused = counter("caravan.delivery.refused", "Events that became dead letters");
            this.retried = counter("caravan.delivery.retried", "Events in attempts made again");
        }

        private Counter counter(String meter, String description) {
            return Counter.builder(meter)
                    .description(description)
                    .tag("destination", name)
                    .register(registry);
        }

        Counter skipped(String rule) {
            Counter known = skipped.get(rule);
            if (known != null) {
                return known;
            }
            String shown = skipped.size() < MOST_RULES ? rule : "others";
            return skipped.computeIfAbsent(
                    shown,
                    tag ->
                            Counter.builder("caravan.delivery.skipped.by.rule")
                                    .description("Events that a rule left out")
                                    .tags("destination", name, "rule", tag)
                                    .register(registry));
        }

        /** Adds the meters that are read from the destination's status, once. */
        synchronized void show() {
            if (shown) {
                return;
            }
            shown = true;
            total("delivered", "Events delivered", now -> now.totals().delivered());
            total("skipped", "Events left out", now -> now.totals().skipped());
            total("dead", "Events that became dead letters", now -> now.totals().dead());
            gauge("lag", "Events that are not settled", DestinationStatus::lag);
            gauge(
                    "lag.seconds",
                    "Age of the oldest event that is not settled",
                    now -> now.lagAge().toMillis() / 1000.0);
            gauge(
                    "taking",
                    "1 if the destination takes events",
                    now -> now.state() == DestinationStatus.State.RUNNING ? 1 : 0);
        }

        private void total(
                String meter, String description, ToDoubleFunction<DestinationStatus> value) {
            FunctionCounter.builder("caravan.delivery." + meter, this, own -> own.read(value))
                    .description(description)
                    .tag("destination", name)
                    .register(registry);
        }

        private void gauge(
                String meter, String description, ToDoubleFunction<DestinationStatus> value) {
            Gauge.builder("caravan.delivery." + meter, this, own -> own.read(value))
                    .description(description)
                    .tag("destination", name)
                    .register(registry);
        }

        private double read(ToDoubleFunction<DestinationStatus> value) {
            return status.get().map(value::applyAsDouble).orElse(Double.NaN);
        }
    }
}
