package dev.caravan.ingest;

import dev.caravan.event.NotJsonException;
import dev.caravan.event.Source;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * First step of the HTTP door: who calls? The key is the user name of Basic authentication, else
 * the {@code writeKey} of the body; passwords do not matter. With no keys set at all, callers on
 * this machine are the source {@link #LOCAL}.
 */
public final class HttpKey implements Processor {
    /** The source of callers on this machine while no keys are set. */
    public static final Source LOCAL = new Source("local", true);

    private final Keys keys;

    public HttpKey(Keys keys) {
        this.keys = keys;
    }

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        try {
            Optional<Source> source = keys.isEmpty() ? local(call) : owner(call);
            if (source.isPresent()) {
                call.source(source.get());
            } else {
                (keys.isEmpty() ? Answer.LOCAL_ONLY : Answer.UNKNOWN_KEY).give(exchange);
            }
        } catch (NotJsonException e) {
            Answer.invalid(List.of(e.getMessage())).give(exchange);
        }
    }

    private static Optional<Source> local(HttpCall call) {
        return call.local() ? Optional.of(LOCAL) : Optional.empty();
    }

    private Optional<Source> owner(HttpCall call) throws NotJsonException {
        Optional<String> key = call.basicUser();
        return (key.isPresent() ? key : call.bodyKey()).flatMap(keys::owner);
    }
}
