package dev.caravan.camel;

import java.util.function.Consumer;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;

/** Says of a destination's run that it was delivered, or that it is left out. */
final class MarkProducer extends DefaultAsyncProducer {
    private final Consumer<Passage> mark;

    MarkProducer(CaravanEndpoint endpoint, Consumer<Passage> mark) {
        super(endpoint);
        this.mark = mark;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        Passage passage = Passage.of(exchange);
        if (passage == null) {
            exchange.setException(
                    new IllegalStateException(
                            "%s has a meaning only behind 'from: caravan:events'"
                                    .formatted(getEndpoint().getEndpointUri())));
        } else {
            mark.accept(passage);
        }
        callback.done(true);
        return true;
    }
}
