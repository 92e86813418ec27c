package dev.caravan.poll;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;

/**
 * The {@code poll:} component. Finds the {@link dev.caravan.journal.Journal}, which keeps the
 * progress, in Camel's registry.
 */
@Component("poll")
public class PollComponent extends DefaultComponent {
    private final Map<String, Object> readers = new ConcurrentHashMap<>();

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        var endpoint = new PollEndpoint(uri, this, remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    /**
     * Hears that a consumer begins to read by this name.
     *
     * @throws IllegalArgumentException if another one does: each would leave out what the other
     *     read
     */
    void begins(String name, Object consumer) {
        Object other = readers.putIfAbsent(name, consumer);
        if (other != null && other != consumer) {
            throw new IllegalArgumentException(
                    "two routes have 'name: %s', under which each keeps its progress: give each its own"
                            .formatted(name));
        }
    }

    /** Hears that it reads no more. */
    void ends(String name, Object consumer) {
        readers.remove(name, consumer);
    }
}
