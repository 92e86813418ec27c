package dev.caravan.camel;

import dev.caravan.delivery.Dispatcher;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** All destinations that have a route now, by name. Thread-safe. */
public final class Destinations {
    private final ConcurrentSkipListMap<String, Dispatcher> byName = new ConcurrentSkipListMap<>();

    /** The destination of this name, if it has a route. */
    public Optional<Dispatcher> find(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** All of them in the order of their names. */
    public Collection<Dispatcher> all() {
        return List.copyOf(byName.values());
    }

    /**
     * Adds one.
     *
     * @throws IllegalStateException if there is one of its name
     */
    void add(Dispatcher dispatcher) {
        String name = dispatcher.destination().name();
        if (byName.putIfAbsent(name, dispatcher) != null) {
            throw new IllegalStateException(
                    "destination '%s' has two routes: each route needs a destination of its own"
                            .formatted(name));
        }
    }

    void remove(Dispatcher dispatcher) {
        byName.remove(dispatcher.destination().name(), dispatcher);
    }
}
