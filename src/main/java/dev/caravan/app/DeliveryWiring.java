package dev.caravan.app;

import dev.caravan.camel.Destinations;
import dev.caravan.camel.RouteFiles;
import dev.caravan.console.Deliveries;
import dev.caravan.console.Metrics;
import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Engine;
import dev.caravan.delivery.Pace;
import dev.caravan.delivery.Redelivery;
import dev.caravan.delivery.Timer;
import dev.caravan.journal.Journal;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.Unremovable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.random.RandomGenerator;

/** Makes what carries events out, and what tells of it. */
@Singleton
final class DeliveryWiring {
    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timer = Engine.newTimerThread();

    @PreDestroy
    void close() {
        timer.shutdownNow();
        threads.shutdownNow();
    }

    @Produces
    @Singleton
    @Unremovable
    Engine engine(InstantSource clock, RandomGenerator random) {
        return new Engine(Timer.of(timer), clock, random, threads);
    }

    @Produces
    @Singleton
    @Unremovable
    Pace pace(Settings settings) {
        return settings.pace();
    }

    @Produces
    @Singleton
    @Unremovable
    Destinations destinations() {
        return new Destinations();
    }

    @Produces
    @Singleton
    Deliveries deliveries(Destinations destinations) {
        return new Deliveries() {
            @Override
            public Collection<Dispatcher> all() {
                return destinations.all();
            }

            @Override
            public Optional<Dispatcher> find(String name) {
                return destinations.find(name);
            }

            @Override
            public Optional<Redelivery> redelivery(String name) {
                return destinations.redelivery(name);
            }
        };
    }

    @Produces
    @Singleton
    @Unremovable
    Metrics metrics(MeterRegistry registry, Journal journal, Deliveries deliveries) {
        return new Metrics(registry, journal, deliveries);
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("customerio")
    CustomerIoComponent customerIo(Settings settings) {
        var component = new CustomerIoComponent();
        component.setConfiguration(settings.customerIo());
        return component;
    }

    @Produces
    @Singleton
    @Unremovable
    RouteFiles routeFiles(Settings settings) {
        return new RouteFiles(settings.home(), settings.pace().shutdownTimeout());
    }
}
