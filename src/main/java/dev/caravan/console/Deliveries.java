package dev.caravan.console;

import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Redelivery;
import java.util.Collection;
import java.util.Optional;

/** The destinations that have a route now. */
public interface Deliveries {
    /** All of them, in the order of their names. */
    Collection<Dispatcher> all();

    /** The one of this name, if it has a route. */
    Optional<Dispatcher> find(String name);

    /** What sends to the one of this name once more, if it has a route. */
    Optional<Redelivery> redelivery(String name);
}
