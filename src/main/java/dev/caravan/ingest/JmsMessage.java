package dev.caravan.ingest;

import java.time.Instant;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * First step of a kamelet that takes JMS messages: says which message it is and when it was sent,
 * for behind the kamelet nobody can see any longer that it was JMS that set the headers. A
 * redelivery has the same {@code JMSMessageID}.
 */
public final class JmsMessage implements Processor {
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String id = message.getHeader("JMSMessageID", String.class);
        Long millis = message.getHeader("JMSTimestamp", Long.class);
        if (id != null && !id.isEmpty()) {
            Records.identify(
                    exchange,
                    "jms\n" + id,
                    millis == null || millis <= 0 ? null : Instant.ofEpochMilli(millis));
        }
    }
}
