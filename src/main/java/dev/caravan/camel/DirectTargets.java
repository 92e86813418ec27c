package dev.caravan.camel;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.apache.camel.StartupListener;
import org.apache.camel.component.direct.DirectEndpoint;

/**
 * Stops the start where a route hands something to a {@code direct:} name that no route takes.
 * Camel would tell only when an event gets there, which may be the first deletion in months.
 */
final class DirectTargets implements StartupListener {
    @Override
    public void onCamelContextStarted(CamelContext context, boolean alreadyStarted) {
        Set<String> taken =
                context.getRoutes().stream()
                        .map(Route::getEndpoint)
                        .map(endpoint -> endpoint.getEndpointUri())
                        .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (var endpoint : context.getEndpoints()) {
            if (endpoint instanceof DirectEndpoint direct
                    && direct.isFailIfNoConsumers()
                    && !taken.contains(direct.getEndpointUri())) {
                missing.add(direct.getEndpointUri());
            }
        }
        if (!missing.isEmpty()) {
            throw new RouteFileException(
                    "no route takes %s: add a route that begins 'from: %s', or correct the name"
                            .formatted(
                                    String.join(", ", missing),
                                    missing.iterator().next().replace("://", ":")));
        }
    }
}
