package dev.caravan.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * A Customer.io on the loopback interface. It judges Pipelines calls as strictly as its documents
 * allow, keeps what they came to, and misbehaves on demand. {@link #close} drops everything,
 * unanswered requests included.
 */
public final class FakeCustomerIo implements FakeControl, AutoCloseable {

    private final Switches switches;
    private final FakeClock clock;
    private final Script script = new Script();
    private final ControlDoor door = new ControlDoor(this);
    private final Conduct conduct;
    private final WireServer server;
    private volatile State state;

    /**
     * Starts to listen on 127.0.0.1.
     *
     * @param port 0 for any free one
     * @param clock what the ages of events are measured by
     * @param switches kept and read on every request, so they may change later
     */
    public FakeCustomerIo(int port, FakeClock clock, Switches switches) throws IOException {
        this.switches = switches;
        this.clock = clock;
        this.state = State.empty(switches);
        this.conduct = new Conduct(script, new Judge(switches, clock), switches);
        this.server = new WireServer(port, this::handle);
    }

    /**
     * Starts on a free port with the system's clock, the given write key, and all switches as they
     * come.
     */
    public static FakeCustomerIo start(String key) throws IOException {
        return start(0, key);
    }

    /**
     * Starts on the given port with the system's clock, the given write key, and all switches as
     * they come.
     */
    public static FakeCustomerIo start(int port, String key) throws IOException {
        FakeClock clock = new FakeClock(Clock.systemUTC());
        return new FakeCustomerIo(port, clock, new Switches().keys(Set.of(key)));
    }

    /**
     * Runs a fake of its own process until that is killed. Prints its address as the first line.
     *
     * @param args the port, 0 for any free one, and the write key
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException("expected: port key");
        }
        try (FakeCustomerIo fake = start(Integer.parseInt(args[0]), args[1])) {
            System.out.println(fake.url());
            new CountDownLatch(1).await();
        }
    }

    public int port() {
        return server.port();
    }

    @Override
    public URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    public Switches switches() {
        return switches;
    }

    public FakeClock clock() {
        return clock;
    }

    public Script script() {
        return script;
    }

    @Override
    public List<LoggedRequest> requests(long from) {
        return state.log().since(from);
    }

    @Override
    public long requestCount() {
        return state.log().count();
    }

    @Override
    public List<ReceivedItem> received(int from) {
        return state.ledger().received(from);
    }

    @Override
    public Map<String, Integer> messageIds() {
        return state.ledger().messageIds();
    }

    @Override
    public Set<String> missing(Set<String> messageIds) {
        return state.ledger().missing(messageIds);
    }

    @Override
    public List<StoredEvent> events() {
        return state.workspace().events(clock.instant());
    }

    @Override
    public List<StoredEvent> eventsOf(String person) {
        return state.workspace().eventsOf(person);
    }

    @Override
    public List<StoredEvent> anonymousEventsOf(String anonymousId) {
        return state.workspace().anonymousEventsOf(anonymousId, clock.instant());
    }

    @Override
    public Optional<StoredPerson> person(String identifier) {
        return state.workspace().person(identifier);
    }

    @Override
    public List<StoredPerson> persons() {
        return state.workspace().persons();
    }

    @Override
    public Set<String> suppressed() {
        return state.workspace().suppressed();
    }

    @Override
    public List<StoredObject> objects() {
        return state.workspace().objects();
    }

    @Override
    public List<StoredRelationship> relationships() {
        return state.workspace().relationships();
    }

    @Override
    public List<StoredMetric> metrics() {
        return state.workspace().metrics();
    }

    @Override
    public List<Ignored> ignored() {
        return state.ledger().ignored();
    }

    @Override
    public void enqueue(Behaviour... behaviours) {
        script.enqueue(behaviours);
    }

    @Override
    public void rule(Match match, Behaviour behaviour, int times) {
        script.rule(match, behaviour, times);
    }

    @Override
    public void clearScript() {
        script.clear();
    }

    @Override
    public void configure(Map<String, ?> values) {
        try {
            FakeJson.MAPPER.readerForUpdating(switches).readValue(FakeJson.write(values));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no such switch or value: " + e.getMessage(), e);
        }
    }

    @Override
    public void advanceClock(Duration by) {
        clock.advance(by);
    }

    @Override
    public void setClock(Instant now) {
        clock.set(now);
    }

    @Override
    public void goDown(Duration span) {
        try {
            server.cut(span);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Refuses connections until {@link #comeBack()}. */
    public void goDown() {
        try {
            server.cut();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Listens again on the same port. */
    public void comeBack() {
        try {
            server.listen();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void reset() {
        script.clear();
        state = State.empty(switches);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void handle(WireRequest request, WireConnection connection)
            throws IOException, InterruptedException {
        if (request.path().startsWith(ControlDoor.PREFIX)) {
            connection.answer(door.answer(request));
        } else {
            conduct.handle(request, connection, state);
        }
    }
}
