package dev.caravan.camel;

import dev.caravan.event.Source;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Receipt;
import dev.caravan.ingest.Sources;
import dev.caravan.journal.Appended;
import dev.caravan.journal.JournalUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultAsyncProducer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores what the exchange carries as events. The exchange goes on when everything is on disk, on a
 * thread of its own; only a file or stream holds the caller's thread, while it is read.
 *
 * <p>What became of it is the property {@link CaravanConstants#RECEIPT}, and the body of the answer
 * where the exchange wants one: {@code {success=true, accepted=n, duplicates=n, setAside=[{index=i,
 * reason=...}]}}, with {@code skipped=n} if some of those accepted were erased as they came in, and
 * {@code leftOut=n} if a mapping left records out.
 */
final class EventsProducer extends DefaultAsyncProducer {
    private static final Logger LOG = LoggerFactory.getLogger(EventsProducer.class);
    private static final Duration SAY_AGAIN = Duration.ofMinutes(1);

    private final CaravanEndpoint endpoint;
    private final Bodies bodies;
    private final Sources sources;
    private final @Nullable Source named;
    private final Executor threads;
    private volatile String said = "";
    private volatile long saidNanos;

    EventsProducer(CaravanEndpoint endpoint, Intake intake, Sources sources, Executor threads) {
        super(endpoint);
        this.endpoint = endpoint;
        this.bodies = new Bodies(intake, endpoint.receptions());
        this.sources = sources;
        this.named = endpoint.getSource() == null ? null : sources.named(endpoint.getSource());
        this.threads = threads;
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<Receipt> taken;
        try {
            taken = bodies.take(source(exchange), exchange);
        } catch (Exception e) {
            fail(exchange, e);
            callback.done(true);
            return true;
        }
        boolean atOnce = taken.isDone();
        CompletableFuture<Void> answered =
                taken.handleAsync(
                        (receipt, failure) -> {
                            answer(exchange, receipt, failure);
                            callback.done(atOnce);
                            return null;
                        },
                        atOnce ? Runnable::run : threads);
        return atOnce && answered.isDone();
    }

    private void answer(Exchange exchange, @Nullable Receipt receipt, @Nullable Throwable failure) {
        if (receipt == null) {
            fail(
                    exchange,
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
            return;
        }
        exchange.setProperty(CaravanConstants.RECEIPT, receipt);
        if (exchange.getPattern().isOutCapable()) {
            exchange.getMessage().setBody(asMap(receipt));
        }
    }

    /** Says so in the log, but not each time that a route tries the same again. */
    private void fail(Exchange exchange, @Nullable Throwable failure) {
        exchange.setException(failure);
        String reason =
                failure instanceof IOException || failure instanceof JournalUnavailableException
                        ? String.valueOf(failure.getMessage())
                        : String.valueOf(failure == null ? null : failure.getClass().getName());
        long now = System.nanoTime();
        if (!reason.equals(said) || now - saidNanos > SAY_AGAIN.toNanos()) {
            said = reason;
            saidNanos = now;
            LOG.warn(
                    "A route could not store all that it brought: route={} reason={}",
                    exchange.getFromRouteId(),
                    reason);
        }
    }

    private static Map<String, Object> asMap(Receipt receipt) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("success", true);
        map.put("accepted", receipt.accepted());
        if (receipt.skipped() > 0) {
            map.put("skipped", receipt.skipped());
        }
        map.put("duplicates", receipt.duplicates());
        if (receipt.leftOut() > 0) {
            map.put("leftOut", receipt.leftOut());
        }
        map.put("setAside", receipt.examples().stream().map(EventsProducer::asMap).toList());
        return map;
    }

    private static Map<String, Object> asMap(Appended.SetAside item) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("index", item.index());
        map.put("reason", item.reason());
        return map;
    }

    private Source source(Exchange exchange) {
        if (named != null) {
            return named;
        }
        Object said = exchange.getProperty(CaravanConstants.SOURCE);
        if (said == null) {
            throw new IllegalArgumentException(
                    "whose events are these? Add 'source: <name>' to the parameters of '%s'"
                            .formatted(endpoint.getEndpointUri()));
        }
        return said instanceof Source source ? source : sources.named(said.toString());
    }
}
