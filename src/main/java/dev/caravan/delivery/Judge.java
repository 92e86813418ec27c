package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Paused;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.delivery.Outcome.Skipped;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Settlement.Receipt;
import dev.caravan.journal.Settlement.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The delivery rules: what an attempt's outcomes mean for its events, their lanes and the
 * destination.
 *
 * <p>Events of one answer are settled each by itself: where an earlier event of a person is to be
 * tried again and a later one was taken, the destination has decided that order, and sending the
 * later one twice would not mend it.
 *
 * <p>A destructive event that is delivered with status 404 or 410 is done by absence: nobody was
 * there to be removed. It does not count as taken and opens no gate, since whatever stands before a
 * destination that is down may answer so; and it is not believed while the gate is paused.
 */
final class Judge {
    /** Attempts after which a run is split, and an event that is alone may be held. */
    static final int SPLIT_AFTER = 5;

    /** How many events may step aside so that those behind them show whether others are taken. */
    private static final int MOST_ASIDE = 20;

    private static final Logger LOG = Logger.getLogger(Judge.class);

    private final Destination destination;
    private final Lanes lanes;
    private final Troubles troubles;
    private final Gate gate;
    private final Backoff backoff;
    private final DeliveryListener listener;
    private final InstantSource clock;
    private final RateMeter rate;
    private final Duration stuckAfter;
    private long taken;

    /** How often in a row one more person was to be held than may be. */
    private int crowded;

    private String lastError = "";
    private Instant lastErrorAt = Instant.EPOCH;

    Judge(
            Destination destination,
            Lanes lanes,
            Troubles troubles,
            Gate gate,
            Backoff backoff,
            DeliveryListener listener,
            InstantSource clock,
            RateMeter rate) {
        this.destination = destination;
        this.lanes = lanes;
        this.troubles = troubles;
        this.gate = gate;
        this.backoff = backoff;
        this.listener = listener;
        this.clock = clock;
        this.rate = rate;
        this.stuckAfter = destination.pace().stuckAfter();
    }

    /** Events that the destination took since the start. */
    long taken() {
        return taken;
    }

    /** What failed last, for a person; empty if nothing has. */
    String lastError() {
        return lastError;
    }

    Instant lastErrorAt() {
        return lastErrorAt;
    }

    /** What the outcomes of one attempt come to together. */
    private static final class Answer {
        int taken;

        /** Done because nobody was there: it says nothing of what the destination takes. */
        int absent;

        int refused;
        int skipped;

        /** Refused as a whole: somebody in the run is guilty. */
        boolean split;

        @Nullable Retry retry;
        @Nullable Paused paused;
        Optional<Duration> after = Optional.empty();

        boolean settledAny() {
            return taken + absent + refused + skipped > 0;
        }

        /** Whether the destination itself has answered, be it with a refusal. */
        boolean answeredAny() {
            return taken + refused > 0 || split;
        }
    }

    /**
     * An attempt has ended.
     *
     * @param outcomes one for each of the flight's slots, or a single one for all
     */
    void landed(Flight flight, List<Outcome> outcomes, long now) {
        Answer answer = read(flight, outcomes, now);
        if (flight.trouble == null) {
            flight.trouble = Trouble.begin(now, flight.takenBefore);
        }
        boolean wasOpen = gate.isOpen();
        judgeDestination(flight, answer, now);
        List<Lane> failing = flight.failing();
        for (Lane lane : flight.lanes) {
            lanes.advance(lane);
            if (!failing.contains(lane)) {
                relieve(lane, flight.trouble, now);
            }
        }
        if (failing.isEmpty()) {
            return;
        }
        int unsettled = noteWhatFailed(flight);
        Trouble trouble = flight.trouble.part(failing);
        if (answer.split && answer.retry == null && answer.paused == null) {
            split(trouble, unsettled, now, now);
        } else {
            listener.retried(destination.name(), unsettled);
            failed(trouble, flight, unsettled, answer, wasOpen, now);
        }
    }

    private Answer read(Flight flight, List<Outcome> outcomes, long now) {
        var answer = new Answer();
        Instant instant = clock.instant();
        boolean whole = outcomes.size() == 1;
        for (int i = 0; i < flight.slots.size(); i++) {
            Outcome outcome = outcomes.get(whole ? 0 : i);
            if (outcome instanceof Delivered delivered && !isByAbsence(flight, outcome)) {
                deliver(flight, flight.owners.get(i), flight.slots.get(i), delivered, instant);
                answer.taken++;
            }
        }
        if (answer.taken > 0) {
            taken += answer.taken;
            rate.add(answer.taken, now);
            gate.taken();
        }
        for (int i = 0; i < flight.slots.size(); i++) {
            Slot slot = flight.slots.get(i);
            if (!slot.settled()) {
                read(flight, flight.owners.get(i), slot, outcomes.get(whole ? 0 : i), answer);
            }
        }
        return answer;
    }

    /**
     * Whether the sender calls it done because whoever is to be removed is not there. A wrong
     * address answers the same, so this is no sign that the destination takes events.
     */
    private static boolean isByAbsence(Flight flight, Outcome outcome) {
        return flight.destructive()
                && outcome instanceof Delivered delivered
                && (delivered.status() == 404 || delivered.status() == 410);
    }

    /** Done, but not believed while something must be mended: then it is sent again. */
    private void readAbsence(
            Flight flight, Lane lane, Slot slot, Delivered delivered, Answer answer) {
        if (gate.state() == Gate.State.PAUSED) {
            answer.paused = new Paused(delivered.status(), gate.reason());
            noteError(
                    delivered.status(),
                    "to a deletion: not believed while the destination is paused",
                    delivered);
        } else {
            deliver(flight, lane, slot, delivered, clock.instant());
            answer.absent++;
        }
    }

    private void deliver(
            Flight flight, Lane lane, Slot slot, Delivered delivered, Instant instant) {
        slot.receipt(slot.entry(), Receipt.State.DONE, delivered.status(), attempts(flight), "");
        listener.delivered(
                destination.name(), Duration.between(slot.entry().receivedAt(), instant));
        lanes.settle(lane, slot, Slot.State.DELIVERED);
    }

    private void read(Flight flight, Lane lane, Slot slot, Outcome outcome, Answer answer) {
        if (outcome instanceof Delivered delivered) {
            readAbsence(flight, lane, slot, delivered, answer);
        } else if (outcome instanceof Skipped skipped) {
            slot.rule = skipped.rule();
            slot.recorded = true;
            slot.unanswered = isUnanswered(flight) ? Erasures.idIn(skipped.rule()) : 0;
            slot.receipt(
                    slot.entry(), Receipt.State.UNSUPPORTED, 0, attempts(flight), skipped.rule());
            lanes.settle(lane, slot, Slot.State.SKIPPED);
            answer.skipped++;
        } else if (outcome instanceof Refused refused) {
            readRefusal(flight, lane, slot, refused, answer);
        } else if (outcome instanceof Retry retry) {
            answer.retry = retry;
            if (retry.after().isPresent()
                    && (answer.after.isEmpty()
                            || retry.after().get().compareTo(answer.after.get()) > 0)) {
                answer.after = retry.after();
            }
            noteError(retry.status(), retry.reason(), retry);
        } else if (outcome instanceof Paused paused) {
            answer.paused = paused;
            noteError(paused.status(), paused.reason(), paused);
        }
    }

    private void readRefusal(Flight flight, Lane lane, Slot slot, Refused refused, Answer answer) {
        noteError(refused.status(), refused.reason(), refused);
        if (refused.whole() && flight.slots.size() > 1) {
            answer.split = true;
        } else if (answer.taken == 0 && !gate.believesRefusals()) {
            String reason = gate.doubtsRefusals() ? tooManyRefused(refused) : refused.reason();
            answer.paused = new Paused(refused.status(), reason);
        } else {
            refuse(
                    flight,
                    lane,
                    slot,
                    Refusal.Rule.REFUSED,
                    refused.status(),
                    refused.words(),
                    refused.reason());
            answer.refused++;
            if (answer.taken == 0 && gate.refused(slot.person)) {
                answer.paused = new Paused(refused.status(), tooManyRefused(refused));
            }
        }
    }

    private static String tooManyRefused(Refused last) {
        return "events of %d persons were refused in a row, the last with: %s"
                .formatted(Gate.REFUSED_PERSONS, last.reason());
    }

    /** The dead letter has all that was said, the receipt of an erasure nothing of an event. */
    private void refuse(
            Flight flight,
            Lane lane,
            Slot slot,
            Refusal.Rule rule,
            int status,
            String words,
            String reason) {
        slot.refusal = new Refusal(slot.entry(), rule, status, words, attempts(flight));
        slot.receipt(slot.entry(), Receipt.State.REFUSED, status, attempts(flight), reason);
        lanes.settle(lane, slot, Slot.State.REFUSED);
    }

    /** How often the events of a flight were sent, with this time. */
    private static int attempts(Flight flight) {
        return flight.trouble == null ? 1 : flight.trouble.failures + 1;
    }

    /** Whether an attempt before this one may have arrived, for all we know. */
    private static boolean isUnanswered(Flight flight) {
        return flight.trouble != null && flight.trouble.unanswered;
    }

    private void noteError(int status, String reason, Outcome outcome) {
        lastError = status(status) + reason;
        lastErrorAt = clock.instant();
        LOG.debugf(
                "An attempt failed: destination=%s status=%d words=%s",
                destination.name(), status, outcome.words());
    }

    private static String status(int status) {
        return status == 0 ? "" : status + " ";
    }

    private void judgeDestination(Flight flight, Answer answer, long now) {
        if (flight.probe) {
            gate.probing(false);
        }
        if (answer.settledAny()) {
            gate.answered();
        }
        switch (gate.state()) {
            case OPEN -> judgeOpen(flight, answer, now);
            case DOWN -> judgeDown(flight, answer, now);
            case PAUSED -> judgePaused(flight, answer, now);
        }
    }

    private void judgeOpen(Flight flight, Answer answer, long now) {
        if (answer.paused != null && !isOfItsOwn(flight)) {
            close(Gate.State.PAUSED, answer.paused.reason(), Optional.empty(), now);
        } else if (answer.retry != null
                && !answer.settledAny()
                && gate.failed(requireNonNull(flight.trouble).origin)) {
            close(Gate.State.DOWN, lastError, answer.after, now);
        }
    }

    /** Whether it is an event that stands aside anyway, while others are taken. */
    private boolean isOfItsOwn(Flight flight) {
        return flight.slots.size() == 1
                && flight.lanes.get(0).home != null
                && taken > requireNonNull(flight.trouble).takenByThen;
    }

    private void judgeDown(Flight flight, Answer answer, long now) {
        if (answer.paused != null) {
            close(Gate.State.PAUSED, answer.paused.reason(), Optional.empty(), now);
        } else if (answer.answeredAny()) {
            open(now);
        } else if (flight.probe) {
            lookAgain(lastError, answer, now);
        }
    }

    private void judgePaused(Flight flight, Answer answer, long now) {
        if (!flight.probe) {
            return;
        }
        if (answer.taken > 0) {
            open(now);
        } else {
            lookAgain(gate.reason(), answer, now);
        }
    }

    private void lookAgain(String sofar, Answer answer, long now) {
        boolean silent = answer.paused == null && answer.retry == null;
        if (silent && answer.skipped + answer.absent > 0) {
            gate.lookAtOnce(now);
        } else {
            String reason = answer.paused == null ? sofar : answer.paused.reason();
            gate.stillClosed(reason, answer.after, now);
        }
    }

    private void close(Gate.State state, String reason, Optional<Duration> after, long now) {
        gate.close(state, reason, after, clock.instant(), now);
    }

    /** An operator wants to see whether the destination takes events. */
    void resume(long now) {
        gate.trust();
        if (!gate.isOpen()) {
            gate.open();
            troubles.allDue(now);
        }
    }

    /** The destination answers. Refusals count on: whoever refuses everything answers too. */
    private void open(long now) {
        if (!gate.isOpen()) {
            gate.open();
            troubles.allDueButHeld(now);
        }
    }

    /** Remembers in the lanes which events failed, and that they are to be sent again. */
    private static int noteWhatFailed(Flight flight) {
        Lane lane = null;
        int all = 0;
        int count = 0;
        for (int i = 0; i < flight.slots.size(); i++) {
            Slot slot = flight.slots.get(i);
            if (slot.state != Slot.State.SENT) {
                continue;
            }
            slot.state = Slot.State.WAITING;
            all++;
            count = flight.owners.get(i) == lane ? count + 1 : 1;
            lane = flight.owners.get(i);
            if (lane.trouble == null) {
                lane.limit = count;
                lane.through = slot.sequence;
            } else {
                lane.through = Math.max(lane.through, slot.sequence);
            }
        }
        return all;
    }

    private void failed(
            Trouble trouble,
            Flight flight,
            int unsettled,
            Answer answer,
            boolean wasOpen,
            long now) {
        boolean othersTaken = taken > trouble.takenByThen;
        if (answer.retry != null || othersTaken) {
            trouble.failures++;
        }
        trouble.unanswered |= answer.retry != null && answer.retry.status() == 0;
        trouble.step++;
        if (flight.slots.size() == 1) {
            if (trouble.aloneSince == 0) {
                trouble.aloneSince = clock.millis();
                trouble.aloneFrom = now;
            }
            trouble.failuresAlone += othersTaken ? 1 : 0;
        }
        trouble.takenByThen = taken;
        trouble.lastEnd = now;
        boolean alone = flight.slots.size() == 1 && trouble.failures >= SPLIT_AFTER;
        if (alone && othersTaken && wasOpen) {
            setAside(trouble, flight, answer, now);
        } else if (alone && !othersTaken && blocksAll(flight)) {
            hold(trouble, flight, answer, 0, now);
        } else if (unsettled > 1 && trouble.failures >= SPLIT_AFTER) {
            trouble.step = 1;
            split(trouble, unsettled, now + wait(trouble, answer, now), now);
        } else {
            retryLater(trouble, answer, now);
        }
    }

    private void retryLater(Trouble trouble, Answer answer, long now) {
        trouble.due = now + wait(trouble, answer, now);
        troubles.add(trouble);
    }

    private long wait(Trouble trouble, Answer answer, long now) {
        long wait = backoff.after(Math.max(1, trouble.step), answer.after).toNanos();
        Lane first = trouble.lanes.get(0);
        if (first.home == null || trouble.aloneSince == 0 || answer.after.isPresent()) {
            return wait;
        }
        long left = stuckAfter.minus(age(trouble, now)).toNanos();
        return left > 0 ? Math.min(wait, left) : wait; // so that the decision falls when it is due
    }

    /** Halves what failed together: first between lanes, then within the one that is left. */
    private void split(Trouble trouble, int unsettled, long due, long now) {
        trouble.lastEnd = now;
        trouble.takenByThen = taken;
        trouble.due = due;
        List<Lane> failing = trouble.lanes;
        if (failing.size() > 1) {
            int half = failing.size() / 2;
            troubles.add(trouble.part(failing.subList(0, half)));
            troubles.add(trouble.part(failing.subList(half, failing.size())));
        } else {
            failing.get(0).limit = Math.max(1, (unsettled + 1) / 2);
            troubles.add(trouble);
        }
    }

    /** An event fails although it is alone and others are taken: others shall not wait for it. */
    private void setAside(Trouble trouble, Flight flight, Answer answer, long now) {
        Lane lane = flight.lanes.get(0);
        Slot slot = flight.slots.get(0);
        if (lane.home != null) {
            keepHeld(trouble, flight, answer, lane, slot, now);
        } else if (lanes.held() >= destination.pace().maxHeld()) {
            retryLater(trouble, answer, now);
            close(Gate.State.PAUSED, tooManyHeld(), Optional.empty(), now);
            gate.closedAgain(crowded++, now);
        } else {
            crowded = 0;
            hold(trouble, flight, answer, trouble.aloneSince, now);
        }
    }

    /**
     * Whether nobody can be taken because all stand behind this one event: then it steps aside, not
     * as held for its failures, but so that we learn whether others are taken.
     */
    private boolean blocksAll(Flight flight) {
        Lane lane = flight.lanes.get(0);
        return lane.home == null
                && !lanes.anyReady()
                && lane.hasOthers(flight.slots.get(0).person)
                && lanes.aside() < MOST_ASIDE;
    }

    private void hold(Trouble trouble, Flight flight, Answer answer, long sinceMillis, long now) {
        Lane lane = flight.lanes.get(0);
        Slot slot = flight.slots.get(0);
        lane.trouble = null;
        Lane beside = lanes.hold(lane, slot.person, sinceMillis);
        relieve(lane, trouble, now);
        beside.through = slot.sequence;
        beside.limit = 1;
        Trouble own = trouble.alone(beside);
        own.step = 1;
        retryLater(own, answer, now);
    }

    private String tooManyHeld() {
        return "%,d persons are held because an event of theirs fails, the last with: %s"
                .formatted(destination.pace().maxHeld(), lastError);
    }

    private void keepHeld(
            Trouble trouble, Flight flight, Answer answer, Lane lane, Slot slot, long now) {
        lanes.suffers(lane, trouble.aloneSince);
        if (age(trouble, now).compareTo(stuckAfter) < 0 || trouble.failuresAlone < SPLIT_AFTER) {
            retryLater(trouble, answer, now);
            return;
        }
        int status = 0;
        String words = lastError;
        if (answer.retry != null) {
            status = answer.retry.status();
            words = status(status) + answer.retry.words();
        } else if (answer.paused != null) {
            status = answer.paused.status();
            words = status(status) + answer.paused.words();
        }
        refuse(flight, lane, slot, Refusal.Rule.STUCK, status, stuck(words), stuck(lastError));
        lanes.advance(lane);
        relieve(lane, trouble, now);
    }

    /** For how long an event has failed alone. */
    private static Duration age(Trouble trouble, long now) {
        return Duration.ofNanos(now - trouble.aloneFrom);
    }

    private String stuck(String last) {
        return "not taken for %s while others were, the last time with: %s"
                .formatted(stuckAfter, last);
    }

    /**
     * A lane's attempt was settled: it goes on, and with care while it may hold more that fails.
     */
    private void relieve(Lane lane, Trouble trouble, long now) {
        lane.trouble = null;
        if (lane.suspicious()) {
            lane.limit = (int) Math.min(destination.batch(), 2L * lane.limit);
            Trouble rest = trouble.rest(lane);
            rest.due = now;
            troubles.add(rest);
        } else {
            lane.through = 0;
            lanes.recovers(lane);
            lanes.place(lane);
        }
    }
}
