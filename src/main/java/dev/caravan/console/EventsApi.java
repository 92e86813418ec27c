package dev.caravan.console;

import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.DestinationStatus;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where is my event? */
final class EventsApi {
    private static final int MOST_LETTERS = 100;

    private final Journal journal;
    private final Deliveries deliveries;

    EventsApi(Journal journal, Deliveries deliveries) {
        this.journal = journal;
        this.deliveries = deliveries;
    }

    void mount(Api api) {
        api.get("/api/events/:messageId", Set.of(), call -> find(call.path("messageId")));
    }

    private Map<String, Object> find(String messageId) {
        List<Entry> entries = journal.find(messageId);
        List<DeadLetter> letters =
                journal.deadLetters()
                        .list(
                                new Filter(null, null, null, null, messageId, null, null),
                                0,
                                MOST_LETTERS);
        if (entries.isEmpty() && letters.isEmpty()) {
            throw ApiException.notFound(
                    "no event of this messageId is in the journal; delivered events stay for"
                            + " caravan.journal.retention");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("messageId", messageId);
        answer.put("events", entries.stream().map(entry -> event(entry, letters)).toList());
        answer.put("deadLetters", letters.stream().map(Shown::letter).toList());
        return answer;
    }

    private Map<String, Object> event(Entry entry, List<DeadLetter> letters) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("source", entry.source());
        shown.put("sequence", entry.sequence());
        shown.put("type", entry.event().call().type());
        shown.put("name", entry.event().name());
        shown.put("occurredAt", Shown.time(entry.event().occurredAt()));
        shown.put("acceptedAt", Shown.time(entry.receivedAt()));
        List<Map<String, Object>> destinations = new ArrayList<>();
        for (String name : journal.destinations()) {
            Fate fate = fate(entry, name, letters);
            Map<String, Object> destination = new LinkedHashMap<>();
            destination.put("destination", name);
            destination.put("state", fate.state);
            destination.put("why", fate.why);
            destinations.add(destination);
        }
        shown.put("destinations", destinations);
        return shown;
    }

    /** What became of an event at one destination. */
    private record Fate(String state, String why) {
        static Fate pending(String why) {
            return new Fate("pending", why);
        }

        static Fate skipped(String rule) {
            return new Fate("skipped", rule);
        }
    }

    private Fate fate(Entry entry, String name, List<DeadLetter> letters) {
        long sequence = entry.sequence();
        LedgerState ledger = journal.ledger(name, false).state();
        if (sequence <= ledger.startedAt()) {
            return Fate.skipped("the destination began behind this event");
        }
        Optional<DeadLetter> dead =
                letters.stream()
                        .filter(letter -> name.equals(letter.destination()))
                        .filter(letter -> letter.sequence() == sequence)
                        .findFirst();
        if (dead.isPresent()) {
            return new Fate(
                    "dead", "dead letter %d: %s".formatted(dead.get().id(), dead.get().reason()));
        }
        Optional<Dispatcher> dispatcher = deliveries.find(name);
        Optional<LedgerState.Held> held =
                ledger.held().stream()
                        .filter(person -> person.person() == entry.person())
                        .filter(person -> person.firstUnsettled() <= sequence)
                        .findFirst();
        if (held.isPresent()) {
            return Fate.pending(
                    "an event of the same person fails since "
                            + Instant.ofEpochMilli(held.get().sinceMillis()));
        } else if (sequence > ledger.cursors()[journal.partitions().of(entry.person())]) {
            return Fate.pending(dispatcher.map(EventsApi::why).orElse("no route has this name"));
        }
        return journal.skipRule(name, sequence)
                .or(() -> dispatcher.flatMap(d -> d.destination().skipRule(entry)))
                .map(Fate::skipped)
                .orElse(new Fate("delivered", "the destination has taken it"));
    }

    private static String why(Dispatcher dispatcher) {
        DestinationStatus status = dispatcher.status();
        return status.reason() == null
                ? "%,d events are before it or on their way".formatted(status.lag())
                : status.reason();
    }
}
