package dev.caravan.camel;

import java.util.Set;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.jspecify.annotations.Nullable;

/**
 * One passage of a run through its destination's route: whether it was sent, or left out on
 * purpose. It travels as a property of the exchange, so copies that split and multicast make share
 * it. Thread-safe.
 */
final class Passage {
    private static final String PROPERTY = "CaravanPassage";
    private static final Set<String> HTTP = Set.of("http", "https");

    private final Exchange exchange;
    private final boolean destructive;
    private volatile boolean sent;
    private volatile @Nullable String skipped;
    private volatile @Nullable Throwable failure;

    private Passage(Exchange exchange, boolean destructive) {
        this.exchange = exchange;
        this.destructive = destructive;
    }

    static Passage begin(Exchange exchange, boolean destructive) {
        var passage = new Passage(exchange, destructive);
        exchange.setProperty(PROPERTY, passage);
        return passage;
    }

    /** The passage that an exchange takes part in, null if it is in no destination's route. */
    static @Nullable Passage of(Exchange exchange) {
        return exchange.getProperty(PROPERTY, Passage.class);
    }

    /**
     * Notes what a send came to. What a wire tap or a queue in memory sends goes its own way: the
     * route does not wait for it, so it says nothing about the run. Where one does not know a
     * person to delete, the route goes on: others in it may.
     */
    void sent(Exchange by, Endpoint endpoint) {
        note(by, endpoint);
        if (by.getException() == null && HTTP.contains(Schemes.of(endpoint))) {
            AddressProducer.forget(by); // a send that failed may be made again
        }
    }

    private void note(Exchange by, Endpoint endpoint) {
        if (!leaves(endpoint) || !belongs(by)) {
            return;
        }
        Throwable exception = by.getException();
        if (exception == null) {
            sent = true;
        } else {
            failure = exception;
            if (destructive && Outcomes.isAbsence(exception)) {
                by.setException(null);
            }
        }
    }

    /** A step of the route says that it delivered the run. */
    void delivered() {
        sent = true;
    }

    /** A step of the route says that the run is left out. */
    void skip(String rule) {
        skipped = rule;
    }

    boolean isSent() {
        return sent;
    }

    /** The rule by which the run is left out, null if none said so. */
    @Nullable String skipped() {
        return skipped;
    }

    /** What the last send failed with, null if none failed. */
    @Nullable Throwable failure() {
        return failure;
    }

    /** Whether a send to this endpoint hands something to another process, or stores it. */
    private static boolean leaves(Endpoint endpoint) {
        // a kamelet counts as remote, but it is its own steps that send
        return endpoint.isRemote() && !Schemes.of(endpoint).equals("kamelet");
    }

    /** Whether the route waits for this exchange: it is the run's, or a correlated copy of it. */
    private boolean belongs(Exchange by) {
        return by == exchange
                || (by.getFromEndpoint() == exchange.getFromEndpoint()
                        && by.getProperty(ExchangePropertyKey.CORRELATION_ID) != null);
    }
}
