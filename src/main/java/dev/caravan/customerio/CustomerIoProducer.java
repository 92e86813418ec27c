package dev.caravan.customerio;

import dev.caravan.delivery.DeliveryException;
import dev.caravan.delivery.Outcome;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.TypeConversionException;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;

/** Hands a message's events to the client and its outcomes to whoever sent the exchange. */
final class CustomerIoProducer extends DefaultAsyncProducer {
    private final PipelinesClient client;

    CustomerIoProducer(CustomerIoEndpoint endpoint) {
        super(endpoint);
        this.client = endpoint.client();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<Report> sending;
        try {
            sending = client.send(body(exchange), retries(exchange));
        } catch (BodyException e) {
            exchange.setException(refused(e.getMessage()));
            callback.done(true);
            return true;
        } catch (RuntimeException e) {
            exchange.setException(e);
            callback.done(true);
            return true;
        }
        if (sending.isDone()) {
            finish(exchange, sending);
            callback.done(true);
            return true;
        }
        sending.whenComplete(
                (report, failure) -> {
                    finish(exchange, sending);
                    callback.done(false);
                });
        return false;
    }

    private static Body body(Exchange exchange) throws BodyException {
        Object body = exchange.getMessage().getBody();
        if (!BodyReader.knows(body)) { // a file, a reader, a stream cache ...
            body = stream(exchange, body);
        }
        return BodyReader.read(body);
    }

    private static InputStream stream(Exchange exchange, Object body) throws BodyException {
        InputStream stream = null;
        try {
            stream = exchange.getMessage().getBody(InputStream.class);
        } catch (TypeConversionException e) {
            // its message would quote the body
        }
        if (stream == null) {
            throw new BodyException("a %s is no event".formatted(body.getClass().getName()));
        }
        return stream;
    }

    private static int retries(Exchange exchange) {
        Message message = exchange.getMessage();
        Integer own = message.getHeader(CustomerIoConstants.RETRY_COUNT, Integer.class);
        Integer redelivery = message.getHeader(Exchange.REDELIVERY_COUNTER, Integer.class);
        int retries = own != null ? own : redelivery != null ? redelivery : 0;
        return Math.max(0, retries);
    }

    private static void finish(Exchange exchange, CompletableFuture<Report> sending) {
        try {
            Report report = sending.join();
            exchange.getMessage().setHeader(CustomerIoConstants.STATUS, report.status());
            exchange.getMessage().setHeader(CustomerIoConstants.REQUESTS, report.requests());
            if (report.status() > 0) { // where a route looks for the status of whatever it sent to
                exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, report.status());
            }
            if (!report.delivered()) {
                exchange.setException(
                        new DeliveryException(Words.of(report.outcomes()), report.outcomes()));
            }
        } catch (CompletionException e) {
            exchange.setException(e.getCause() == null ? e : e.getCause());
        } catch (RuntimeException e) {
            exchange.setException(e);
        }
    }

    private static DeliveryException refused(@Nullable String reason) {
        Outcome outcome = new Outcome.Refused(0, String.valueOf(reason), false);
        return new DeliveryException(Words.of(List.of(outcome)), List.of(outcome));
    }
}
