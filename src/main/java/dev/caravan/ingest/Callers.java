package dev.caravan.ingest;

import dev.caravan.event.NotJsonException;
import dev.caravan.event.Source;
import java.util.Optional;

/**
 * Who calls the HTTP door? The key is the user name of Basic authentication, else the {@code
 * writeKey} of the body; passwords do not matter. With no keys set at all, callers on this machine
 * are the source {@link #LOCAL}.
 */
final class Callers {
    /** The source of callers on this machine while no keys are set. */
    static final Source LOCAL = new Source("local", true);

    /** The same as pages of other sites have it in a browser on this machine: they erase nobody. */
    private static final Source LOCAL_PAGES = new Source(LOCAL.name(), false, false);

    private final Keys keys;

    Callers(Keys keys) {
        this.keys = keys;
    }

    /**
     * The source that calls; empty if it may not.
     *
     * @throws NotJsonException if the key is looked for in a body that cannot be read
     */
    Optional<Source> source(HttpCall call) throws NotJsonException {
        return keys.isEmpty() ? local(call) : owner(call);
    }

    /** What somebody hears who may not call. */
    Answer refusal() {
        return keys.isEmpty() ? Answer.LOCAL_ONLY : Answer.UNKNOWN_KEY;
    }

    private static Optional<Source> local(HttpCall call) {
        if (!call.local()) {
            return Optional.empty();
        }
        return Optional.of(call.ofForeignPage() ? LOCAL_PAGES : LOCAL);
    }

    private Optional<Source> owner(HttpCall call) throws NotJsonException {
        Optional<String> key = call.basicUser();
        return (key.isPresent() ? key : call.bodyKey()).flatMap(keys::owner);
    }
}
