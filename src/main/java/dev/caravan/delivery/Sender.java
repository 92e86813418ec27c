package dev.caravan.delivery;

import java.util.List;
import java.util.function.Consumer;

/** How runs reach a destination; the one thing that the engine does not know. */
@FunctionalInterface
public interface Sender {
    /**
     * Makes one attempt to deliver a run. May return at once and answer later, or block until it
     * answers; it is called on a thread that may wait. Whatever is thrown counts as an attempt that
     * may succeed later.
     *
     * @param run what to deliver
     * @param done takes one outcome for each event of the run in its order, or a single one for
     *     all; to be called exactly once, on any thread. Later calls are ignored; without any, the
     *     events stay in flight, so an attempt must end by itself
     */
    void send(Run run, Consumer<List<Outcome>> done);
}
