package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.event.Event;
import dev.caravan.event.Limits;
import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A named consumer of the journal and what it wants.
 *
 * @param name letters, digits, {@code -}, {@code _} and {@code .}, up to 64
 * @param batch events in a run at the most, 1 to 1000; with 1 a run's JSON is that of the event
 * @param maxBytes bytes of a run as a JSON array at the most; a longer event is a run of its own
 * @param fromBeginning whether a new destination gets all that the journal holds, or what comes
 *     from now on
 * @param erase what becomes of destructive events
 * @param selection which ordinary events it gets
 * @param integrations further names by which the {@code integrations} of an event switch it on and
 *     off, beside its own
 * @param pace how fast and how patiently
 */
public record Destination(
        String name,
        int batch,
        int maxBytes,
        boolean fromBeginning,
        Erase erase,
        Selection selection,
        List<String> integrations,
        Pace pace) {
    /**
     * The rule by which destructive events are skipped where they are {@link Erase#UNSUPPORTED}.
     */
    public static final String ERASES_NOT = "erase: unsupported";

    /** The rule by which an event's own {@code integrations} leave the destination out. */
    public static final String SWITCHED_OFF = "switched off by the event's integrations";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int LONGEST_BATCH = 1000;

    /** What a destination does about destructive events. */
    public enum Erase {
        /** Its route carries them out. */
        ROUTE,
        /** It cannot: they are skipped, and the receipt says so. */
        UNSUPPORTED
    }

    public Destination {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a destination's name has 1 to 64 letters, digits, '-', '_' or '.', but was '"
                            + name
                            + "'");
        }
        if (batch < 1 || batch > LONGEST_BATCH) {
            throw new IllegalArgumentException("batch must be 1 to 1000 but was " + batch);
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes must be 1 or more but was " + maxBytes);
        }
        requireNonNull(erase, "erase");
        requireNonNull(selection, "selection");
        integrations = List.copyOf(integrations);
        if (pace.buffer() < 4 * batch) {
            throw new IllegalArgumentException(
                    "the buffer must hold 4 runs of %d events but holds %d events"
                            .formatted(batch, pace.buffer()));
        }
    }

    /** A destination that gets all events from now on, in runs of Customer.io's size. */
    public static Destination of(String name, Erase erase) {
        return new Destination(
                name,
                Limits.BATCH_ITEMS,
                Limits.RUN_BYTES,
                false,
                erase,
                Selection.ALL,
                List.of(),
                Pace.DEFAULT);
    }

    /** The same with runs of this many events. */
    public Destination withBatch(int events) {
        return new Destination(
                name, events, maxBytes, fromBeginning, erase, selection, integrations, pace);
    }

    /** The same with runs of this many bytes. */
    public Destination withMaxBytes(int bytes) {
        return new Destination(
                name, batch, bytes, fromBeginning, erase, selection, integrations, pace);
    }

    /** The same, beginning with the oldest event of the journal. */
    public Destination fromTheBeginning() {
        return new Destination(name, batch, maxBytes, true, erase, selection, integrations, pace);
    }

    /** The same with another choice of events. */
    public Destination withSelection(Selection choice) {
        return new Destination(
                name, batch, maxBytes, fromBeginning, erase, choice, integrations, pace);
    }

    /** The same, switched on and off by these names too. */
    public Destination withIntegrations(List<String> names) {
        return new Destination(name, batch, maxBytes, fromBeginning, erase, selection, names, pace);
    }

    /** The same at another pace. */
    public Destination withPace(Pace other) {
        return new Destination(
                name, batch, maxBytes, fromBeginning, erase, selection, integrations, other);
    }

    /**
     * Says whether this destination leaves an event out, and why. The answer is always the same for
     * the same event, so it is not stored.
     *
     * @return the rule that says so; empty if the event is to be sent
     * @throws RuntimeException what the selection's filter throws
     */
    public Optional<String> skipRule(Entry entry) {
        return rules().skipRule(entry);
    }

    /** {@link #skipRule}, with what can be prepared once prepared. */
    Rules rules() {
        return new Rules(this);
    }

    /** A destination's rules made ready to be asked often. */
    static final class Rules {
        private final Destination destination;
        private final Selection.Rules selection;
        private final boolean all;

        private Rules(Destination destination) {
            this.destination = destination;
            this.selection = destination.selection.rules();
            this.all = destination.selection.equals(Selection.ALL);
        }

        Optional<String> skipRule(Entry entry) {
            Event event = entry.event();
            if (event.selective() && switchedOff(event)) {
                return Optional.of(SWITCHED_OFF);
            } else if (event.meaning().destructive()) {
                return destination.erase == Erase.UNSUPPORTED
                        ? Optional.of(ERASES_NOT)
                        : Optional.empty();
            } else if (all || endsErasure(event)) {
                return Optional.empty();
            }
            return selection.skipRule(entry);
        }

        /** Who is told that a person is suppressed must also be told when that ends. */
        private boolean endsErasure(Event event) {
            return event.meaning() == Meaning.USER_UNSUPPRESSED && destination.erase == Erase.ROUTE;
        }

        private boolean switchedOff(Event event) {
            if (!(event.asMap().get("integrations") instanceof Map<?, ?> switches)) {
                return false;
            }
            Object own = switches.get(destination.name);
            for (String name : destination.integrations) {
                own = own == null ? switches.get(name) : own;
            }
            return isOff(own == null ? switches.get("All") : own);
        }

        private static boolean isOff(@Nullable Object value) {
            return Boolean.FALSE.equals(value);
        }
    }
}
