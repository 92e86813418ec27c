package dev.caravan.crash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.fake.Behaviour;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.LoggedRequest;
import dev.caravan.fake.Match;
import dev.caravan.fake.RequestFacts;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A destination of the race, which fails by chance until it is told to be good. */
final class RaceDestination implements AutoCloseable {
    /**
     * The name of events that are refused until {@link #beGood()}, so that they are dead letters.
     */
    static final String DOUBTED = "Doubted Step";

    static final String KEY = "cio-key";
    private static final Duration PACE = Duration.ofMillis(25);

    private final String name;
    private final boolean erases;
    private final boolean judges;
    private final FakeCustomerIo fake = FakeCustomerIo.start(KEY);
    private volatile boolean good;

    private RaceDestination(String name, boolean erases, boolean judges) throws IOException {
        this.name = name;
        this.erases = erases;
        this.judges = judges;
    }

    static RaceDestination customerIo() throws IOException {
        return new RaceDestination("customerio", true, true);
    }

    /** One that takes whatever comes. */
    static RaceDestination plain(String name, boolean erases) throws IOException {
        return new RaceDestination(name, erases, false);
    }

    String name() {
        return name;
    }

    boolean erases() {
        return erases;
    }

    FakeCustomerIo fake() {
        return fake;
    }

    /** Is slow, and fails in each way that is known, by chance and by the number of the request. */
    void misbehave(long seed) {
        fake.script().rule(request -> !good && isDoubted(request), Behaviour.answer(400), 0);
        List<Behaviour> ways =
                List.of(
                        Behaviour.tooManyRequests(Duration.ofSeconds(1)),
                        Behaviour.answer(500),
                        Behaviour.answer(503),
                        taken(Behaviour.hangAfterProcessing()),
                        Behaviour.hang(),
                        taken(Behaviour.halfAnswer()),
                        taken(Behaviour.closeAfterProcessing()),
                        Behaviour.reset());
        for (int i = 0; i < ways.size(); i++) {
            fake.rule(Match.any().chance(0.015, seed * 100 + i), ways.get(i), 0);
        }
        fake.rule(Match.any().chance(0.2, seed * 100 + 99), answer(PACE.multipliedBy(10)), 0);
        fake.rule(Match.any(), answer(PACE), 0);
    }

    void beGood() {
        good = true;
        fake.clearScript();
        fake.rule(Match.any(), answer(Duration.ZERO), 0);
    }

    private Behaviour taken(Behaviour behaviour) {
        return judges ? behaviour : behaviour.unapplied();
    }

    private Behaviour answer(Duration after) {
        return (judges ? Behaviour.normal() : Behaviour.answer(200)).answeredAfter(after);
    }

    private static boolean isDoubted(RequestFacts request) {
        return request.items().stream()
                .anyMatch(item -> item.path("event").asText().equals(DOUBTED));
    }

    /**
     * Returns what came in, in the order of arrival.
     *
     * @throws IllegalStateException if the log has forgotten some
     */
    List<Arrival> arrivals() {
        List<LoggedRequest> requests = fake.requests();
        if (requests.size() != fake.requestCount()) {
            throw new IllegalStateException(name + " has forgotten requests");
        }
        List<Arrival> arrivals = new ArrayList<>();
        for (LoggedRequest request : requests) {
            boolean taken = judges ? request.storedItems() > 0 : request.status() == 200;
            for (JsonNode item : request.items()) {
                JsonNode mark = item.path("context").path("race");
                arrivals.add(
                        new Arrival(
                                request.number(),
                                request.beginNanos(),
                                request.endNanos(),
                                taken,
                                mark.path("person").asInt(-1),
                                mark.path("step").asInt(-1),
                                mark.path("generation").asInt(-1),
                                mark.path("deletion").asInt(-1)));
            }
        }
        return arrivals;
    }

    /**
     * An event in a request.
     *
     * @param taken whether the destination took it, whatever it answered
     * @param step the event's number, -1 if it is a deletion
     * @param deletion the deletion's number, -1 if it is another event
     */
    record Arrival(
            long request,
            long beginNanos,
            long endNanos,
            boolean taken,
            int person,
            int step,
            int generation,
            int deletion) {}

    @Override
    public void close() throws IOException {
        fake.close();
    }
}
