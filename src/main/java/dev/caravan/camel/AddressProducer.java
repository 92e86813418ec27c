package dev.caravan.camel;

import java.util.List;
import java.util.Map;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Sets the path, and the query if there is one, that the next {@code http:} step appends to its
 * address, from the one event that the message has.
 */
final class AddressProducer extends DefaultAsyncProducer {
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
            if (address.query() != null) {
                exchange.getMessage().setHeader(Exchange.HTTP_QUERY, address.query());
            }
        } catch (IllegalArgumentException e) {
            exchange.setException(e);
        }
        callback.done(true);
        return true;
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
