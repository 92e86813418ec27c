package dev.caravan.camel;

import java.util.List;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Sets the path, and the query if there is one, that the next {@code http:} step appends to its
 * address, from the one event that the message has. In a destination's route it is gone behind that
 * step.
 */
final class AddressProducer extends DefaultAsyncProducer {
    private static final String PROPERTY = "CaravanAddress";

    private final AddressTemplate template;

    AddressProducer(CaravanEndpoint endpoint, AddressTemplate template) {
        super(endpoint);
        this.template = template;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        try {
            var address = template.expand(event(exchange.getMessage().getBody()));
            exchange.getMessage().setHeader(Exchange.HTTP_PATH, address.path());
            if (address.query() == null) {
                exchange.getMessage().removeHeader(Exchange.HTTP_QUERY);
            } else {
                exchange.getMessage().setHeader(Exchange.HTTP_QUERY, address.query());
            }
            exchange.setProperty(PROPERTY, true);
        } catch (IllegalArgumentException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
    }

    /** The address was used: the steps behind have their own, or none. */
    static void forget(Exchange exchange) {
        if (exchange.removeProperty(PROPERTY) != null) {
            exchange.getMessage().removeHeader(Exchange.HTTP_PATH);
            exchange.getMessage().removeHeader(Exchange.HTTP_QUERY);
        }
    }

    private static Map<?, ?> event(Object body) {
        if (body instanceof List<?> run && run.size() == 1) {
            return event(run.get(0));
        } else if (body instanceof Map<?, ?> event) {
            return event;
        }
        throw new IllegalArgumentException(
                "caravan:address takes one event: add 'batch: 1' to the destination, or split");
    }
}
