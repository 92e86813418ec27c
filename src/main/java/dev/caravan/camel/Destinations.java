package dev.caravan.camel;

import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Redelivery;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** All destinations that have a route now, by name. Thread-safe. */
public final class Destinations {
    private final ConcurrentSkipListMap<String, Served> byName = new ConcurrentSkipListMap<>();
    private final Map<String, String> routes = new ConcurrentHashMap<>();

    /** Who serves a destination: in order, and what an operator wants sent again. */
    record Served(Dispatcher dispatcher, Redelivery redelivery) {
        /** Ends both, with the jobs of the one; waits for what the dispatcher has in flight. */
        void close() {
            redelivery.close();
            dispatcher.close();
        }
    }

    /** The destination of this name, if it has a route. */
    public Optional<Dispatcher> find(String name) {
        return Optional.ofNullable(byName.get(name)).map(Served::dispatcher);
    }

    /** What sends to the destination of this name once more, if it has a route. */
    public Optional<Redelivery> redelivery(String name) {
        return Optional.ofNullable(byName.get(name)).map(Served::redelivery);
    }

    /** All of them in the order of their names. */
    public Collection<Dispatcher> all() {
        return byName.values().stream().map(Served::dispatcher).toList();
    }

    /**
     * Reserves a name for one that is to be started; until {@link #add} nobody finds it.
     *
     * @param route the route's name and place, for a person
     * @throws RouteFileException if there is one of its name
     */
    void reserve(String name, String route) {
        String other = routes.putIfAbsent(name, route);
        if (other != null) {
            throw new RouteFileException(
                    "destination '%s' has two routes, %s and %s: each route needs a destination of its own"
                            .formatted(name, other, route));
        }
    }

    /** Gives back the name of one that could not be started. */
    void release(String name) {
        routes.remove(name);
    }

    /** Adds one that was started, under its reserved name. */
    void add(String name, Served served) {
        byName.put(name, served);
    }

    /**
     * Stops all of them, so that they do so at the same time and not one after the other, as Camel
     * stops their routes.
     */
    void stopAll() {
        for (Served served : byName.values()) {
            Dispatcher dispatcher = served.dispatcher();
            dispatcher.stop(dispatcher.destination().pace().shutdownTimeout());
        }
    }

    void remove(String name, Served served) {
        if (byName.remove(name, served)) {
            routes.remove(name);
        }
    }
}
