package dev.caravan.console;

import dev.caravan.delivery.Outcome;
import dev.caravan.event.Json;
import dev.caravan.event.Meaning;
import dev.caravan.event.Origin;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Source;
import dev.caravan.ingest.Intake;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Decision;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Settlement.Receipt.State;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who was deleted, where, and when: to ask for, to prove, to try again. */
final class ErasuresApi {
    /** The source of erasures that an operator asks for. */
    private static final Source OPERATOR = new Source("operator", true);

    private static final int MOST = 1_000;
    private static final int USUAL = 100;

    private final Journal journal;
    private final Intake intake;
    private final Deliveries deliveries;

    ErasuresApi(Journal journal, Intake intake, Deliveries deliveries) {
        this.journal = journal;
        this.intake = intake;
        this.deliveries = deliveries;
    }

    void mount(Api api) {
        api.get("/api/erasures", with("after", "limit"), this::list)
                .get("/api/erasures/summary", with(), this::summary)
                .get("/api/erasures/:id", Set.of(), call -> shown(one(call)))
                .post(
                        "/api/erasures",
                        Set.of("event", "userId", "token", "objectId", "objectTypeId"),
                        this::ask)
                .post("/api/erasures/:id/retry", Set.of("destination"), this::retry);
    }

    private static Set<String> with(String... more) {
        Set<String> names =
                new HashSet<>(
                        Set.of("state", "userId", "anonymousId", "email", "source", "from", "to"));
        names.addAll(List.of(more));
        return names;
    }

    private static Erasures.Filter filter(ApiCall call) {
        return new Erasures.Filter(
                state(call), person(call), call.text("source"), call.time("from"), call.time("to"));
    }

    private Map<String, Object> list(ApiCall call) {
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        int limit = (int) call.number("limit", 1, MOST, USUAL);
        List<Erasure> found = journal.erasures().list(filter(call), after, limit);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("erasures", found.stream().map(ErasuresApi::shown).toList());
        answer.put("next", found.size() < limit ? null : found.get(limit - 1).id());
        return answer;
    }

    /** In numbers, since nobody reads a hundred thousand documents. */
    private Map<String, Object> summary(ApiCall call) {
        Erasures.Summary summary = journal.erasures().summary(filter(call));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("erasures", summary.count());
        answer.put("firstAcceptedAt", Shown.time(summary.firstAcceptedAt()));
        answer.put("lastAcceptedAt", Shown.time(summary.lastAcceptedAt()));
        answer.put(
                "destinations", summary.destinations().stream().map(ErasuresApi::shown).toList());
        return answer;
    }

    private static Map<String, Object> shown(Erasures.AtDestination at) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("destination", at.name());
        for (State state : State.values()) {
            shown.put(state.name().toLowerCase(Locale.ROOT), at.in(state));
        }
        return shown;
    }

    private static @Nullable State state(ApiCall call) {
        String text = call.text("state");
        try {
            return text == null ? null : State.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(
                    "parameter 'state' must be waiting, done, refused or unsupported");
        }
    }

    private static @Nullable PersonKey person(ApiCall call) {
        if (call.text("userId") != null) {
            return PersonKey.user(call.text("userId"));
        } else if (call.text("anonymousId") != null) {
            return PersonKey.visitor(call.text("anonymousId"));
        }
        return call.text("email") == null ? null : PersonKey.email(call.text("email"));
    }

    private Erasure one(ApiCall call) {
        long id = call.pathNumber("id");
        return journal.erasures()
                .get(id)
                .orElseThrow(() -> ApiException.notFound("there is no erasure %d".formatted(id)));
    }

    /** Takes the event that asks for it, as a door does: there is no other way to be erased. */
    private Map<String, Object> ask(ApiCall call) throws Exception {
        String name = call.text("event") == null ? "User Deleted" : call.text("event");
        if (!Meaning.ofName(name).destructive()) {
            throw ApiException.invalid("parameter 'event' must be a destructive semantic event");
        }
        Origin origin = intake.live(OPERATOR);
        String messageId = origin.ids().idOf(0);
        byte[] json = Json.toBytes(event(call, name, messageId));
        var asked = new Decision.Order(Decision.What.ASKED, call.operator(), null, 0);
        Appended appended = Api.await(intake.json(json, json.length, origin, asked));
        if (!appended.setAside().isEmpty()) {
            throw ApiException.invalid(
                    appended.setAside().get(0).reason() + " (it is a dead letter now)");
        }
        long id =
                journal.find(messageId).stream()
                        .map(Entry::sequence)
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("it was not stored"));
        return shown(journal.erasures().get(id).orElseThrow());
    }

    private static Map<String, Object> event(ApiCall call, String name, String messageId) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", "track");
        event.put("event", name);
        event.put("messageId", messageId);
        if (call.text("userId") != null) {
            event.put("userId", call.text("userId"));
        }
        if (call.text("token") != null) {
            event.put("context", Map.of("device", Map.of("token", call.text("token"))));
        }
        if (call.text("objectId") != null) {
            Map<String, Object> properties = new LinkedHashMap<>();
            properties.put("objectId", call.text("objectId"));
            if (call.text("objectTypeId") != null) {
                properties.put("objectTypeId", call.text("objectTypeId"));
            }
            event.put("properties", properties);
        }
        return event;
    }

    private Map<String, Object> retry(ApiCall call) throws Exception {
        Erasure erasure = one(call);
        String destination = call.text("destination");
        if (destination == null) {
            throw ApiException.invalid("parameter 'destination' is missing");
        }
        Outcome outcome;
        try {
            outcome =
                    Api.await(
                            deliveries
                                    .redelivery(destination)
                                    .orElseThrow(
                                            () ->
                                                    new ApiException(
                                                            409,
                                                            "no route has the name '%s'"
                                                                    .formatted(destination)))
                                    .retryErasure(erasure));
        } catch (NoSuchElementException e) {
            throw new ApiException(409, String.valueOf(e.getMessage()));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("done", outcome instanceof Outcome.Delivered);
        answer.put("erasure", shown(one(call)));
        return answer;
    }

    /** The document for an auditor: all that is kept of an erasure. */
    private static Map<String, Object> shown(Erasure erasure) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", erasure.id());
        shown.put("event", erasure.meaning().eventName());
        shown.put("acceptedAt", Shown.time(erasure.acceptedAt()));
        shown.put("cutOff", Shown.time(erasure.cutOff()));
        shown.put("source", erasure.source());
        shown.put("messageId", erasure.messageId());
        shown.put("identifiers", erasure.names());
        shown.put("decisions", erasure.decisions().stream().map(Shown::decision).toList());
        shown.put("copies", shown(erasure.copies()));
        shown.put("receipts", erasure.receipts().stream().map(ErasuresApi::shown).toList());
        return shown;
    }

    private static Map<String, Object> shown(Erasure.Copies copies) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("state", copies.removedAt() == null ? "removing" : "removed");
        shown.put("at", Shown.time(copies.removedAt()));
        shown.put("events", copies.events());
        shown.put("deadLetters", copies.letters());
        shown.put("request", copies.carried() ? "removed" : "kept");
        return shown;
    }

    private static Map<String, Object> shown(Erasure.Receipt receipt) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("destination", receipt.destination());
        shown.put("state", receipt.state().name().toLowerCase(Locale.ROOT));
        shown.put("at", Shown.time(receipt.at()));
        shown.put("attempts", receipt.attempts());
        shown.put("status", receipt.status());
        shown.put("reason", receipt.reason());
        shown.put("unanswered", receipt.unanswered());
        return shown;
    }
}
