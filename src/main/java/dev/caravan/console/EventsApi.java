package dev.caravan.console;

import dev.caravan.delivery.DestinationStatus;
import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Whereabouts;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Decision;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        List<Decision> decisions = journal.decisions(messageId);
        if (entries.isEmpty() && letters.isEmpty() && decisions.isEmpty()) {
            throw ApiException.notFound(
                    "no event of this messageId is in the journal; delivered events stay for"
                            + " caravan.journal.retention");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("messageId", messageId);
        answer.put("events", entries.stream().map(this::event).toList());
        answer.put("deadLetters", letters.stream().map(Shown::letter).toList());
        if (!decisions.isEmpty()) {
            answer.put("decisions", decisions.stream().map(Shown::decision).toList());
        }
        return answer;
    }

    private Map<String, Object> event(Entry entry) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("source", entry.source());
        shown.put("sequence", entry.sequence());
        shown.put("type", entry.event().call().type());
        if (entry.isErased()) {
            shown.put("erasedBy", entry.erasedBy());
        } else {
            shown.put("name", entry.event().name());
            shown.put("occurredAt", Shown.time(entry.event().occurredAt()));
        }
        shown.put("acceptedAt", Shown.time(entry.receivedAt()));
        shown.put(
                "destinations",
                journal.destinations().stream()
                        .flatMap(name -> fate(entry, name).stream())
                        .toList());
        return shown;
    }

    /** Empty if the destination was forgotten meanwhile. */
    private Optional<Map<String, Object>> fate(Entry entry, String name) {
        Optional<Dispatcher> dispatcher = deliveries.find(name);
        Optional<LedgerState> ledger = journal.state(name);
        if (ledger.isEmpty()) {
            return Optional.empty();
        }
        Whereabouts where =
                Whereabouts.of(
                        journal,
                        name,
                        ledger.get(),
                        dispatcher.map(Dispatcher::destination).orElse(null),
                        entry);
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("destination", name);
        shown.put("state", where.state().name().toLowerCase(Locale.ROOT));
        shown.put("why", why(where, dispatcher));
        return Optional.of(shown);
    }

    private static String why(Whereabouts where, Optional<Dispatcher> dispatcher) {
        return switch (where.state()) {
            case DELIVERED -> "the destination has taken it";
            case BEFORE -> "the destination began behind it: replay it if it is wanted there";
            case SKIPPED, DEAD -> where.reason();
            case ERASED -> "it was settled here before it was " + where.reason();
            case PENDING ->
                    dispatcher
                            .map(Dispatcher::status)
                            .map(EventsApi::whyPending)
                            .orElse("no route has this name");
        };
    }

    private static String whyPending(DestinationStatus status) {
        return switch (status.state()) {
            case STOPPED -> "an operator stopped the destination: resume it";
            case CLOSED -> "Caravan is shutting down";
            case DOWN, PAUSED -> String.valueOf(status.reason());
            case RUNNING ->
                    "it is on its way: %,d events are not settled yet%s"
                            .formatted(
                                    status.lag(),
                                    status.lastError() == null
                                            ? ""
                                            : "; the last error, at %s, was: %s"
                                                    .formatted(
                                                            status.lastErrorAt(),
                                                            status.lastError()));
        };
    }
}
