package dev.caravan.fake;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a test can ask of a fake and tell it, whether the fake runs in this process ({@link
 * FakeCustomerIo}) or in another ({@link FakeCustomerIoClient}). Persons are named by id, by email,
 * or by {@code cio_} and their cio_id.
 */
public interface FakeControl {

    /** Returns where the fake listens, without a path: {@code http://127.0.0.1:port}. */
    URI url();

    /**
     * Returns the raw requests numbered {@code from} or more that the log still holds, those under
     * way included.
     */
    List<LoggedRequest> requests(long from);

    /** Returns how many data requests have come since the last reset, kept in the log or not. */
    long requestCount();

    /**
     * Returns the items of all requests that were accepted, in the order they were applied.
     *
     * @param from how many to skip
     */
    List<ReceivedItem> received(int from);

    /**
     * Returns how often each messageId came in an accepted item; items without one are not counted.
     */
    Map<String, Integer> messageIds();

    /** Returns those of the messageIds that have not come in an accepted item. */
    Set<String> missing(Set<String> messageIds);

    /** Returns all events, of persons and anonymous, in order of arrival. */
    List<StoredEvent> events();

    /** Returns the events of a person, in order of arrival; none if there is no such person. */
    List<StoredEvent> eventsOf(String person);

    /** Returns the events that are still anonymous and at most 30 days old. */
    List<StoredEvent> anonymousEventsOf(String anonymousId);

    Optional<StoredPerson> person(String identifier);

    List<StoredPerson> persons();

    /**
     * Returns the identifiers refused since a {@code User Suppressed}: ids, and emails in lower
     * case.
     */
    Set<String> suppressed();

    List<StoredObject> objects();

    List<StoredRelationship> relationships();

    List<StoredMetric> metrics();

    /** Returns what was answered with success and had no effect; of very many only the first. */
    List<Ignored> ignored();

    /** Adds behaviours for the next requests, one each, in order of arrival. */
    void enqueue(Behaviour... behaviours);

    /**
     * Adds a standing rule; the queue goes before it, and so do older rules.
     *
     * @param times how many requests it is for; 0 for all
     */
    void rule(Match match, Behaviour behaviour, int times);

    /** Forgets queue and rules. */
    void clearScript();

    /**
     * Sets switches by name.
     *
     * @param values JSON values by the names of {@link Switches}
     * @throws IllegalArgumentException if there is no such switch, or the value does not suit it
     */
    void configure(Map<String, ?> values);

    /** Moves the fake's clock on. */
    void advanceClock(Duration by);

    /** Sets the fake's clock; it runs on from there. */
    void setClock(Instant now);

    /**
     * Cuts all connections and refuses new ones for so long, then listens again on the same port,
     * state unharmed.
     */
    void goDown(Duration span);

    /**
     * Forgets requests, items, persons, events and the script; clock and switches stay as they are.
     */
    void reset();

    /** Returns all requests that the log still holds. */
    default List<LoggedRequest> requests() {
        return requests(1);
    }

    /** Returns all accepted items. */
    default List<ReceivedItem> received() {
        return received(0);
    }

    /**
     * Returns the messageIds of a user's items in the order they took effect, so without
     * repetitions.
     */
    default List<String> orderOf(String userId) {
        return received().stream()
                .filter(item -> item.userId().equals(userId) && !item.duplicate())
                .map(ReceivedItem::messageId)
                .toList();
    }

    /** Returns the messageIds that came more than once, with their counts. */
    default Map<String, Integer> duplicates() {
        Map<String, Integer> duplicates = new TreeMap<>(messageIds());
        duplicates.values().removeIf(count -> count == 1);
        return duplicates;
    }

    /**
     * Waits until every one of the messageIds has come in an accepted item.
     *
     * @throws AssertionError if some are still missing after {@code patience}; it names up to ten
     */
    default void awaitMessageIds(Set<String> messageIds, Duration patience)
            throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        Set<String> missing = missing(messageIds);
        while (!missing.isEmpty()) {
            if (System.nanoTime() > deadline) {
                List<String> some = missing.stream().limit(10).toList();
                throw new AssertionError(
                        missing.size()
                                + " messageIds missing after "
                                + patience
                                + ", among them "
                                + some);
            }
            Thread.sleep(10);
            missing = missing(missing);
        }
    }
}
