package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.delivery.DestinationStatus.State;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import dev.caravan.journal.Ledger;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.Settlement;
import dev.caravan.journal.Settlement.Refusal;
import dev.caravan.journal.Slice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Carries events from the journal to one destination, in order for each person, until each is
 * settled. The delivery rules are in {@link Judge}, who waits for whom in {@link Lanes}, what is
 * read when in {@link Feeder}; here they meet the journal, the sender and time.
 *
 * <p>All state belongs to the {@link Mailbox}, whose tasks run one at a time. Reading and sending
 * happen elsewhere and report to it. It is idle when nothing happens: appending wakes it, and the
 * one timer it has runs only while something waits. Thread-safe.
 */
public final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    /** Times the buffer: how many settled events may be not stored yet before sending waits. */
    private static final int MOST_AHEAD = 4;

    private final Destination destination;
    private final Journal journal;
    private final Engine engine;
    private final DeliveryListener listener;
    private final Attempt attempt;
    private final Destination.Rules rules;
    private final Backoff backoff;
    private final Workers workers;
    private final Mailbox mailbox;
    private final AtomicBoolean appended = new AtomicBoolean();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private volatile Runnable listenNoMore = () -> {};

    /** When a run that is not full may go; the mailbox sets it. */
    private volatile long partialFrom;

    // All below belongs to the mailbox.
    private final Troubles troubles = new Troubles();
    private final Gate gate;
    private final RateMeter rate;
    private @Nullable Working working;
    private boolean stopped;
    private boolean closing;
    private boolean abandoned;
    private int flights;
    private int eventsInFlight;
    private @Nullable ReadPlan reading;
    private int readFailures;
    private long readAgainAt;
    private boolean settling;
    private int settleFailures;
    private long settleAgainAt;
    private @Nullable String storing;
    private @Nullable Runnable cancelWake;
    private long wakeAt = Long.MAX_VALUE;

    /** What there is once the ledger is read. */
    private record Working(
            Ledger ledger, long startedAt, Books books, Lanes lanes, Judge judge, Feeder feeder) {}

    /**
     * Makes one; nothing happens until {@link #start()}.
     *
     * @param sender makes the attempts
     * @param barrier asked before each attempt
     */
    public Dispatcher(
            Destination destination,
            Journal journal,
            Sender sender,
            Barrier barrier,
            DeliveryListener listener,
            Engine engine) {
        this(destination, journal, sender, barrier, new Underway(), listener, engine);
    }

    /**
     * Makes one that is not alone.
     *
     * @param underway shared with whoever else sends to this destination
     */
    public Dispatcher(
            Destination destination,
            Journal journal,
            Sender sender,
            Barrier barrier,
            Underway underway,
            DeliveryListener listener,
            Engine engine) {
        this.destination = requireNonNull(destination, "destination");
        this.journal = requireNonNull(journal, "journal");
        this.listener = requireNonNull(listener, "listener");
        this.engine = requireNonNull(engine, "engine");
        this.attempt = new Attempt(destination, barrier, sender, underway, engine.threads());
        this.rules = destination.rules();
        this.backoff =
                new Backoff(
                        destination.pace().firstWait(),
                        destination.pace().longestWait(),
                        engine.random());
        this.workers = new Workers(engine.threads());
        this.mailbox = new Mailbox(workers, this::broken);
        this.gate = new Gate(backoff);
        this.rate = new RateMeter(engine.timer().nanoTime());
    }

    public Destination destination() {
        return destination;
    }

    /**
     * Takes up where the destination's ledger stands, which is made if there is none. To be called
     * once.
     *
     * @throws dev.caravan.journal.JournalUnavailableException if the ledger cannot be read
     */
    public void start() {
        Ledger ledger = journal.ledger(destination.name(), destination.fromBeginning());
        LedgerState state = ledger.state();
        listenNoMore = journal.onAppend(this::appended);
        post(() -> begin(ledger, state));
    }

    /**
     * Stops sending until {@link #resume()}, beyond a restart. Attempts under way end by
     * themselves.
     *
     * @return completes when it is on disk
     */
    public CompletableFuture<Void> pause() {
        return setStopped(true);
    }

    /**
     * Lets the destination go on after {@link #pause()}, or look at once whether what paused it is
     * mended.
     *
     * @return completes when it is on disk
     */
    public CompletableFuture<Void> resume() {
        return setStopped(false);
    }

    /** How it is doing; reads one event from the journal to tell the age of the lag. */
    public DestinationStatus status() {
        Glance glance = answer(look());
        DestinationStatus status = glance.status();
        if (status.lag() == 0 || glance.oldest() > journal.end()) {
            return status;
        }
        Slice slice = journal.read(glance.oldest() - 1, glance.oldest(), 1, 1, person -> true);
        Duration age =
                slice.entries().isEmpty()
                        ? Duration.ZERO
                        : Duration.between(
                                slice.entries().get(0).receivedAt(), engine.clock().instant());
        return glance.withAge(age.isNegative() ? Duration.ZERO : age);
    }

    /**
     * Stops reading and sending, lets attempts under way finish, stores the progress.
     *
     * @param within how long to wait for attempts; what they come to later is forgotten, and they
     *     are made again after the next start
     * @return completes when all is done
     */
    public CompletableFuture<Void> stop(Duration within) {
        listenNoMore.run();
        post(
                () -> {
                    closing = true;
                    if (working == null) {
                        closed.complete(null);
                    }
                });
        engine.timer().after(within.toNanos(), () -> post(this::abandon));
        return closed.copy();
    }

    /** {@link #stop} within {@link Pace#shutdownTimeout()}, waited for. */
    @Override
    public void close() {
        Duration within = destination.pace().shutdownTimeout();
        CompletableFuture<Void> stopping = stop(within);
        try {
            stopping.get(within.plus(ANSWER_WITHIN).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            letGo();
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            letGo();
            LOG.warnf(
                    "Destination %s was closed before its progress was stored; what it took since"
                            + " will be sent again with the same ids",
                    destination.name());
        }
    }

    /** What ends later is settled by whoever takes over, who counts on from what is stored now. */
    private void letGo() {
        post(() -> closed.complete(null));
    }

    private void begin(Ledger ledger, LedgerState state) {
        if (working != null || closing) {
            return;
        }
        var books = new Books(state, destination.name(), listener);
        var lanes = new Lanes(journal.partitions(), books, troubles, destination.pace().maxHeld());
        lanes.restore(state);
        for (Lane lane : lanes.personal()) {
            if (lane.since > 0) {
                troubles.takeUp(lane, now(), engine.clock().millis());
            }
        }
        var judge =
                new Judge(
                        destination,
                        lanes,
                        troubles,
                        gate,
                        backoff,
                        listener,
                        engine.clock(),
                        rate);
        stopped = state.stopped();
        working =
                new Working(
                        ledger,
                        state.startedAt(),
                        books,
                        lanes,
                        judge,
                        new Feeder(lanes, destination));
    }

    private CompletableFuture<Void> setStopped(boolean stop) {
        var stored = new CompletableFuture<Void>();
        post(
                () -> {
                    if (working == null) {
                        stored.completeExceptionally(new IllegalStateException(notStarted()));
                        return;
                    }
                    if (stop != stopped) {
                        LOG.infof(
                                "An operator %s the destination: destination=%s",
                                stop ? "stopped" : "lets go on", destination.name());
                    }
                    stopped = stop;
                    if (!stop) {
                        working.judge().resume(now());
                    }
                    working.ledger()
                            .hold(stop)
                            .whenComplete(
                                    (nothing, failure) -> {
                                        if (failure == null) {
                                            stored.complete(null);
                                        } else {
                                            stored.completeExceptionally(failure);
                                        }
                                    });
                });
        return stored;
    }

    private String notStarted() {
        return "destination " + destination.name() + " is not started";
    }

    /** Runs a task in the mailbox, and then whatever has become possible. */
    private void post(Runnable task) {
        mailbox.run(
                () -> {
                    task.run();
                    step();
                });
    }

    /** The same for callers on threads of the journal and the timer, which have other work. */
    private void postElsewhere(Runnable task) {
        mailbox.runElsewhere(
                () -> {
                    task.run();
                    step();
                });
    }

    /** Wakes at once, or when a run that is not full may go. */
    private void appended() {
        if (!appended.compareAndSet(false, true)) {
            return;
        }
        long wait = partialFrom - now();
        if (wait <= 0) {
            noticed();
        } else {
            engine.timer().after(wait, this::noticed);
        }
    }

    private void noticed() {
        postElsewhere(() -> appended.set(false));
    }

    private void broken(Throwable failure) {
        LOG.errorf(failure, "Destination %s: the delivery engine failed", destination.name());
    }

    private long now() {
        return engine.timer().nanoTime();
    }

    private void step() {
        Working work = working;
        if (work == null || closed.isDone()) {
            return;
        }
        long now = now();
        work.lanes().unblock(gate.isOpen(), now);
        work.lanes().release();
        if (!closing && !stopped) {
            fill(work, now);
            read(work, now);
        }
        settle(work, now);
        finishClosing(work);
        wake(work, now);
    }

    private void fill(Working work, long now) {
        if (work.books().ahead() > (long) MOST_AHEAD * destination.pace().buffer()) {
            return;
        }
        if (!gate.isOpen()) {
            look(work, now);
            return;
        }
        while (flights < destination.pace().parallel()) {
            Trouble due = troubles.nextDue(now);
            if (due != null) {
                launch(work, again(work, due, destination.batch(), now));
            } else if (worthComposing(work, now)) {
                Flight flight =
                        work.lanes().compose(destination.batch(), destination.maxBytes(), now);
                if (flight.isEmpty()) {
                    return;
                }
                partialFrom = now + destination.pace().linger().toNanos();
                launch(work, flight);
            } else {
                return;
            }
        }
    }

    /** Many small runs would cost more than what they carry, here and at the destination. */
    private boolean worthComposing(Working work, long now) {
        return work.lanes().anyReady()
                && (now >= partialFrom
                        || work.lanes().fills(destination.batch(), destination.maxBytes()));
    }

    private Flight again(Working work, Trouble trouble, int maxEvents, long now) {
        Flight flight = work.lanes().compose(trouble, maxEvents, destination.maxBytes(), now);
        for (Lane lane : trouble.lanes) {
            if (lane.state != Lane.State.BUSY) {
                troubles.add(trouble.part(List.of(lane))); // it did not fit in, or is unread
                work.lanes().reconsider(lane);
            }
        }
        return flight;
    }

    /** While the gate is closed: one attempt at a time, when it is due, with whoever is next. */
    private void look(Working work, long now) {
        if (gate.probing()) {
            return;
        }
        boolean fresh = work.lanes().anyReady();
        if (now < (fresh ? gate.lookForFresh() : gate.look())) {
            return;
        }
        int size = gate.probeSize(destination.batch());
        Flight flight = new Flight(1, 1);
        if (fresh) {
            flight = work.lanes().compose(size, destination.maxBytes(), now);
        }
        while (flight.isEmpty() && now >= gate.look()) {
            Trouble trouble = troubles.longestUntried();
            if (trouble == null) {
                break;
            }
            flight = again(work, trouble, size, now);
        }
        if (!flight.isEmpty()) {
            flight.probe = true;
            gate.probing(true);
            launch(work, flight);
        }
    }

    @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
    private void launch(Working work, Flight flight) {
        if (flight.isEmpty()) {
            return;
        }
        flights++;
        eventsInFlight += flight.slots.size();
        flight.takenBefore = work.judge().taken();
        List<Entry> entries = flight.entries();
        try {
            workers.execute(
                    () -> attempt.make(entries, outcomes -> post(() -> landed(flight, outcomes))));
        } catch (Throwable e) {
            post(() -> landed(flight, List.of(turnedAway())));
        }
    }

    private static Outcome turnedAway() {
        return Outcome.Retry.of(0, "no thread to send with");
    }

    private void landed(Flight flight, List<Outcome> outcomes) {
        flights--;
        eventsInFlight -= flight.slots.size();
        if (closed.isDone() || working == null) {
            return;
        }
        Gate.State before = gate.state();
        working.judge().landed(flight, outcomes, now());
        if (before != gate.state()) {
            sayWhetherOpen();
        }
    }

    private void sayWhetherOpen() {
        switch (gate.state()) {
            case OPEN ->
                    LOG.infof(
                            "The destination takes events again: destination=%s",
                            destination.name());
            case DOWN ->
                    LOG.warnf(
                            "The destination takes nothing and is tried again from time to time:"
                                    + " destination=%s reason=%s",
                            destination.name(), gate.reason());
            case PAUSED ->
                    LOG.errorf(
                            "The destination is paused until something is mended: destination=%s"
                                    + " reason=%s",
                            destination.name(), gate.reason());
        }
    }

    @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
    private void read(Working work, long now) {
        if (reading != null || now < readAgainAt) {
            return;
        }
        ReadPlan plan = work.feeder().plan(journal.end(), now);
        if (plan == null) {
            return;
        }
        reading = plan;
        try {
            workers.execute(() -> read(plan));
        } catch (Throwable e) {
            post(() -> readFailed(plan, e));
        }
    }

    @SuppressWarnings("CatchingThrowable") // a reading without an end would be the last one
    private void read(ReadPlan plan) {
        List<Slot> slots;
        long through;
        try {
            Slice slice =
                    journal.read(
                            plan.after, plan.through, plan.maxEvents, plan.maxBytes, plan.persons);
            slots = new ArrayList<>(slice.entries().size());
            for (Entry entry : slice.entries()) {
                slots.add(slot(entry));
            }
            through = slice.through();
            if (through <= plan.after) {
                throw new IllegalStateException(
                        "a reading behind %d looked no further than %d"
                                .formatted(plan.after, through));
            }
        } catch (Throwable e) {
            post(() -> readFailed(plan, e));
            return;
        }
        post(() -> arrived(plan, slots, through));
    }

    /** Decides here, on the reader's thread, what the destination does not want. */
    @SuppressWarnings("CatchingThrowable") // one event's filter must not hold up those behind it
    private Slot slot(Entry entry) {
        if (entry.isErased()) {
            return Slot.erased(entry);
        }
        Optional<String> rule;
        try {
            rule = rules.skipRule(entry);
        } catch (OutOfMemoryError e) {
            throw e; // of the moment, not of the event: it is read again
        } catch (Throwable e) {
            String reason = "the destination's filter broke off with " + e.getClass().getName();
            return Slot.refused(new Refusal(entry, Refusal.Rule.REFUSED, 0, reason, 0));
        }
        if (rule.isEmpty()) {
            return Slot.waiting(entry);
        }
        return Slot.skipped(entry, rule.get(), entry.event().meaning().destructive());
    }

    private void arrived(ReadPlan plan, List<Slot> slots, long through) {
        reading = null;
        readFailures = 0;
        readAgainAt = 0;
        requireNonNull(working).feeder().arrived(plan, slots, through);
    }

    private void readFailed(ReadPlan plan, Throwable failure) {
        reading = null;
        readFailures++;
        readAgainAt = now() + backoff.after(readFailures, Optional.empty()).toNanos();
        requireNonNull(working).feeder().failed(plan);
        LOG.warnf(
                failure,
                "Destination %s: reading the journal failed, and will be tried again",
                destination.name());
    }

    private void settle(Working work, long now) {
        if (settling || work.books().isEmpty() || (now < settleAgainAt && !closing)) {
            return;
        }
        settling = true;
        Settlement settlement = work.books().close(work.lanes().cursors(), work.lanes().heldNow());
        CompletableFuture<Void> stored;
        try {
            stored = work.ledger().settle(settlement);
        } catch (RuntimeException e) {
            stored = CompletableFuture.failedFuture(e);
        }
        stored.whenComplete((nothing, failure) -> postElsewhere(() -> settled(failure)));
    }

    private void settled(@Nullable Throwable failure) {
        settling = false;
        if (closed.isDone()) {
            return;
        }
        Books books = requireNonNull(working).books();
        if (failure == null) {
            books.stored();
            settleFailures = 0;
            settleAgainAt = 0;
            storing = null;
            return;
        }
        settleFailures++;
        settleAgainAt = now() + backoff.after(settleFailures, Optional.empty()).toNanos();
        storing = String.valueOf(failure.getMessage());
        LOG.warnf(
                failure,
                "Destination %s: its progress could not be stored, and will be again",
                destination.name());
        if (closing) {
            closed.completeExceptionally(failure);
        }
    }

    private void finishClosing(Working work) {
        if (closing && (flights == 0 || abandoned) && !settling && work.books().isEmpty()) {
            closed.complete(null);
        }
    }

    /** The attempts still under way take too long. */
    private void abandon() {
        if (closing && !closed.isDone() && flights > 0) {
            LOG.warnf(
                    "Destination %s: %d attempts did not end in time; their events will be sent"
                            + " again with the same ids",
                    destination.name(), flights);
            abandoned = true;
        }
    }

    private void wake(Working work, long now) {
        if (closed.isDone()) {
            return;
        }
        long next = nextWake(work, now);
        if (next >= wakeAt) {
            return;
        }
        if (cancelWake != null) {
            cancelWake.run();
        }
        wakeAt = next;
        cancelWake = engine.timer().after(next - now, () -> postElsewhere(this::woken));
    }

    private void woken() {
        wakeAt = Long.MAX_VALUE;
        cancelWake = null;
    }

    private long nextWake(Working work, long now) {
        long next = Long.MAX_VALUE;
        if (!work.books().isEmpty() && !settling) {
            next = later(settleAgainAt, now);
        }
        if (closing || stopped) {
            return next;
        }
        next = Math.min(next, later(readAgainAt, now));
        next = Math.min(next, troubles.nextDueAfter(now));
        if (gate.isOpen()) {
            next = Math.min(next, later(work.lanes().patienceEnds(), now));
            if (work.lanes().anyReady()) {
                next = Math.min(next, later(partialFrom, now));
            }
        } else if (!gate.probing()) {
            next = Math.min(next, later(gate.look(), now));
            next = Math.min(next, later(gate.lookForFresh(), now));
        }
        return next;
    }

    /** What is over needs no waking. */
    private static long later(long time, long now) {
        return time > now ? time : Long.MAX_VALUE;
    }

    /** A status, and where its oldest unsettled event may be. */
    record Glance(DestinationStatus status, long oldest) {
        DestinationStatus withAge(Duration age) {
            return new DestinationStatus(
                    status.destination(),
                    status.state(),
                    status.reason(),
                    status.since(),
                    status.nextLook(),
                    status.lag(),
                    age,
                    status.inFlight(),
                    status.buffered(),
                    status.held(),
                    status.waiting(),
                    status.perSecond(),
                    status.totals(),
                    status.lastError(),
                    status.lastErrorAt(),
                    status.storing());
        }
    }

    private Glance glance() {
        Working work = working;
        if (work == null) {
            throw new IllegalStateException(notStarted());
        }
        long now = now();
        State state = state();
        boolean gated = state == State.DOWN || state == State.PAUSED;
        int held = work.lanes().held();
        String error = work.judge().lastError();
        var totals = work.books().totals();
        return new Glance(
                new DestinationStatus(
                        destination.name(),
                        state,
                        gated ? gate.reason() : null,
                        gated ? gate.since() : null,
                        gated ? at(gate.look(), now) : null,
                        Math.max(0, journal.end() - work.startedAt() - totals.settled()),
                        Duration.ZERO,
                        eventsInFlight,
                        work.lanes().events(),
                        held,
                        work.lanes().personal().size() - held,
                        rate.perSecond(now),
                        totals,
                        error.isEmpty() ? null : error,
                        error.isEmpty() ? null : work.judge().lastErrorAt(),
                        storing),
                work.lanes().firstUnsettled());
    }

    private State state() {
        if (closing) {
            return State.CLOSED;
        } else if (stopped) {
            return State.STOPPED;
        }
        return switch (gate.state()) {
            case OPEN -> State.RUNNING;
            case DOWN -> State.DOWN;
            case PAUSED -> State.PAUSED;
        };
    }

    private Instant at(long time, long now) {
        return engine.clock().instant().plusNanos(Math.max(0, time - now));
    }

    /** A look at all state together, once the mailbox comes to it. */
    CompletableFuture<Glance> look() {
        var answer = new CompletableFuture<Glance>();
        mailbox.run(
                () -> {
                    try {
                        answer.complete(glance());
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
        return answer;
    }

    private <T> T answer(CompletableFuture<T> answer) {
        try {
            return answer.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "destination " + destination.name() + " does not answer", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
