package dev.caravan.camel;

import org.apache.camel.Exchange;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSendingEvent;
import org.apache.camel.spi.CamelEvent.ExchangeSentEvent;
import org.apache.camel.support.SimpleEventNotifierSupport;

/** Tells a {@link Passage} about each send of its exchanges. */
final class SentNotifier extends SimpleEventNotifierSupport {
    SentNotifier() {
        setupIgnore(true);
        setIgnoreExchangeEvents(false);
        setIgnoreExchangeSendingEvents(false); // Camel tells the end only to who takes the start
        setIgnoreExchangeSentEvents(false);
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return event instanceof CamelEvent.ExchangeEvent of
                && (event instanceof ExchangeSendingEvent || event instanceof ExchangeSentEvent)
                && Passage.of(of.getExchange()) != null;
    }

    @Override
    public void notify(CamelEvent event) {
        if (event instanceof ExchangeSentEvent sent) {
            Exchange exchange = sent.getExchange();
            Passage passage = Passage.of(exchange);
            if (passage != null) {
                passage.sent(exchange, sent.getEndpoint());
            }
        }
    }
}
