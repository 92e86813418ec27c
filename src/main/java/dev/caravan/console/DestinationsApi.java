package dev.caravan.console;

import dev.caravan.delivery.DestinationStatus;
import dev.caravan.delivery.Dispatcher;
import dev.caravan.delivery.Redelivery;
import dev.caravan.delivery.RedeliveryJob;
import dev.caravan.delivery.Replay;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Journal;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.LedgerState.Totals;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The destinations: how they are doing, and what an operator can do about it. */
final class DestinationsApi {
    private final Journal journal;
    private final Deliveries deliveries;
    private final InstantSource clock;

    DestinationsApi(Journal journal, Deliveries deliveries, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
        this.deliveries = deliveries;
    }

    void mount(Api api) {
        api.get("/api/destinations", Set.of(), call -> Map.of("destinations", all()))
                .get("/api/destinations/:name", Set.of(), call -> one(call.path("name")))
                .post("/api/destinations/:name/pause", Set.of(), this::pause)
                .post(
                        "/api/destinations/:name/resume",
                        Set.of(),
                        call -> {
                            Api.await(running(call.path("name")).resume());
                            return one(call.path("name"));
                        })
                .post("/api/destinations/:name/forget", Set.of(), this::forget)
                .post(
                        "/api/destinations/:name/replay",
                        Set.of("from", "to", "userId", "anonymousId", "event", "perSecond"),
                        this::replay)
                .post(
                        "/api/destinations/:name/retry",
                        Set.of("source", "rule", "reason", "messageId", "from", "to"),
                        call -> shown(redelivery(call).retryAll(call.filter()).progress()))
                .get(
                        "/api/destinations/:name/jobs",
                        Set.of(),
                        call ->
                                Map.of(
                                        "jobs",
                                        redelivery(call).jobs().stream()
                                                .map(job -> shown(job.progress()))
                                                .toList()))
                .post("/api/destinations/:name/jobs/:id/stop", Set.of(), this::stop);
    }

    private List<Map<String, Object>> all() {
        Set<String> names = new TreeSet<>(journal.destinations());
        deliveries.all().forEach(dispatcher -> names.add(dispatcher.destination().name()));
        return names.stream().flatMap(name -> ifThere(name).stream()).toList();
    }

    /** Empty if it was forgotten meanwhile: the others are shown all the same. */
    private Optional<Map<String, Object>> ifThere(String name) {
        try {
            return Optional.of(one(name));
        } catch (ApiException | IllegalStateException e) {
            return Optional.empty();
        }
    }

    private Map<String, Object> one(String name) {
        return deliveries
                .find(name)
                .map(dispatcher -> shown(dispatcher.status()))
                .orElseGet(() -> withoutRoute(name));
    }

    private Map<String, Object> withoutRoute(String name) {
        LedgerState ledger = journal.state(name).orElseThrow(() -> unknown(name));
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", name);
        shown.put("state", "NO_ROUTE");
        shown.put("reason", "no route has this name; it holds its place until you say forget");
        shown.put("lag", unsettled(ledger));
        putTotals(shown, ledger.totals());
        return shown;
    }

    private static Map<String, Object> shown(DestinationStatus status) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("name", status.destination());
        shown.put("state", status.state().name());
        shown.put("reason", status.reason());
        shown.put("since", Shown.time(status.since()));
        shown.put("nextLook", Shown.time(status.nextLook()));
        shown.put("lag", status.lag());
        shown.put("lagSeconds", status.lagAge().toMillis() / 1000.0);
        shown.put("perSecond", status.perSecond());
        shown.put("inFlight", status.inFlight());
        shown.put("heldPersons", status.held());
        shown.put("waitingPersons", status.waiting());
        putTotals(shown, status.totals());
        shown.put("lastError", status.lastError());
        shown.put("lastErrorAt", Shown.time(status.lastErrorAt()));
        shown.put("storing", status.storing());
        return shown;
    }

    private static void putTotals(Map<String, Object> shown, Totals totals) {
        shown.put("delivered", totals.delivered());
        shown.put("skipped", totals.skipped());
        shown.put("dead", totals.dead());
    }

    private Dispatcher running(String name) {
        return deliveries
                .find(name)
                .orElseThrow(
                        () ->
                                journal.destinations().contains(name)
                                        ? new ApiException(
                                                409, "no route has the name '%s'".formatted(name))
                                        : unknown(name));
    }

    private Map<String, Object> pause(ApiCall call) throws Exception {
        String name = call.path("name");
        Api.await(running(name).pause());
        deliveries.redelivery(name).ifPresent(Redelivery::stop);
        return one(name);
    }

    private Redelivery redelivery(ApiCall call) {
        String name = call.path("name");
        return deliveries
                .redelivery(name)
                .orElseThrow(
                        () -> new ApiException(404, "no route has the name '%s'".formatted(name)));
    }

    private Map<String, Object> replay(ApiCall call) {
        Redelivery redelivery = redelivery(call);
        Instant from = call.time("from");
        if (from == null) {
            throw ApiException.invalid("a replay needs 'from', a date-time with a zone");
        }
        Instant to = call.time("to");
        Replay replay =
                new Replay(
                        from,
                        to == null ? clock.instant() : to,
                        call.text("userId"),
                        call.text("anonymousId"),
                        call.text("event"),
                        (int) call.number("perSecond", 0, 1_000_000, 0));
        return shown(redelivery.replay(replay).progress());
    }

    private Map<String, Object> stop(ApiCall call) {
        long id = call.pathNumber("id");
        RedeliveryJob job =
                redelivery(call).jobs().stream()
                        .filter(known -> known.id() == id)
                        .findFirst()
                        .orElseThrow(() -> ApiException.notFound("there is no job " + id));
        job.stop();
        return shown(job.progress());
    }

    private static Map<String, Object> shown(RedeliveryJob.Progress job) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", job.id());
        shown.put("what", job.what());
        shown.put("state", job.state().name());
        shown.put("reason", job.reason());
        shown.put("startedAt", Shown.time(job.startedAt()));
        shown.put("looked", job.looked());
        shown.put("total", job.total());
        shown.put("delivered", job.delivered());
        shown.put("skipped", job.skipped());
        shown.put("leftOut", job.leftOut());
        shown.put("failed", job.failed());
        shown.put("failures", job.failures());
        return shown;
    }

    private Map<String, Object> forget(ApiCall call) throws Exception {
        String name = call.path("name");
        if (deliveries.find(name).isPresent()) {
            throw new ApiException(
                    409,
                    "a route delivers to '%s': remove the route and restart, then forget it"
                            .formatted(name));
        }
        LedgerState ledger = journal.state(name).orElseThrow(() -> unknown(name));
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("forgotten", name);
        answer.put("unsettled", unsettled(ledger));
        answer.put("deadLetters", journal.deadLetters().count(of(name)));
        Api.await(journal.forget(name));
        return answer;
    }

    private long unsettled(LedgerState ledger) {
        return Math.max(0, journal.end() - ledger.startedAt() - ledger.totals().settled());
    }

    private static Filter of(String destination) {
        return new Filter(destination, null, null, null, null, null, null);
    }

    private static ApiException unknown(String name) {
        return ApiException.notFound("there is no destination '%s'".formatted(name));
    }
}
