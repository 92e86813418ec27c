package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the destination takes anything at all. While it does not, a single attempt at a time
 * finds out whether it does again, and no event is blamed.
 *
 * <pre>
 *          three runs in a row failed               a person must mend something
 *   DOWN <──────────────────────────── OPEN ────────────────────────────────────> PAUSED
 *     └──── an attempt is answered ─────^ ^──────── an attempt is taken ────────────┘
 * </pre>
 */
final class Gate {
    enum State {
        OPEN,
        /** Nobody answers, or only with failures that pass. */
        DOWN,
        /** Something must be mended: a key, an address, a permission, the events. */
        PAUSED
    }

    /** How many different runs must fail in a row before the destination counts as down. */
    static final int FAILED_RUNS = 3;

    /** How many persons' events may be refused in a row before we doubt all of them. */
    static final int REFUSED_PERSONS = 20;

    /** While the destination is down, an event that was never tried waits no longer than this. */
    static final Duration LONGEST_FOR_FRESH = Duration.ofSeconds(10);

    private final Backoff backoff;
    private final Set<Object> failed = new HashSet<>();
    private final Set<Long> refused = new HashSet<>();
    private State state = State.OPEN;
    private int failures;
    private long look;
    private long lookForFresh;
    private boolean probing;
    private String reason = "";
    private Instant since = Instant.EPOCH;

    Gate(Backoff backoff) {
        this.backoff = requireNonNull(backoff, "backoff");
    }

    State state() {
        return state;
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Why it is closed, for a person. */
    String reason() {
        return reason;
    }

    /** Since when it is closed. */
    Instant since() {
        return since;
    }

    /** When the next attempt is due, by the timer. */
    long look() {
        return look;
    }

    /** When the next attempt is due if it can be made with an event that was never tried. */
    long lookForFresh() {
        return lookForFresh;
    }

    boolean probing() {
        return probing;
    }

    void probing(boolean underWay) {
        probing = underWay;
    }

    /** Events in an attempt to look again: fewer and fewer, in case that they are too many. */
    int probeSize(int batch) {
        int halvings = Math.max(0, failures - Judge.SPLIT_AFTER);
        return Math.max(1, batch >> Math.min(halvings, 30));
    }

    void close(State closed, String why, Optional<Duration> retryAfter, Instant at, long now) {
        state = closed;
        since = at;
        failures = 0;
        failed.clear();
        stillClosed(why, retryAfter, now);
    }

    /**
     * It was closed for the same reason before, and is looked at the more seldom.
     *
     * @param before how often
     */
    void closedAgain(int before, long now) {
        failures = before;
        stillClosed(reason, Optional.empty(), now);
    }

    /** Another look found nothing better. */
    void stillClosed(String why, Optional<Duration> retryAfter, long now) {
        failures++;
        reason = why;
        long wait = backoff.after(failures, retryAfter).toNanos();
        look = now + wait;
        boolean patient = state == State.PAUSED || retryAfter.isPresent();
        lookForFresh = patient ? look : now + Math.min(wait, LONGEST_FOR_FRESH.toNanos());
    }

    /** The last look said nothing: the next one is due. */
    void lookAtOnce(long now) {
        look = now;
        lookForFresh = now;
    }

    void open() {
        state = State.OPEN;
        failures = 0;
        reason = "";
        failed.clear();
    }

    /** An operator says that it is worth another look, whatever was refused. */
    void trust() {
        refused.clear();
    }

    /** The destination has settled something. */
    void answered() {
        failed.clear();
    }

    /** The destination has taken something. */
    void taken() {
        refused.clear();
    }

    /** Counts a failed run; true if it looks as if the destination were down. */
    boolean failed(Object origin) {
        failed.add(origin);
        return failed.size() >= FAILED_RUNS;
    }

    /** Whether a refusal may be believed, or as many were refused as is likely by no accident. */
    boolean believesRefusals() {
        return state != State.PAUSED && !doubtsRefusals();
    }

    boolean doubtsRefusals() {
        return refused.size() >= REFUSED_PERSONS;
    }

    /** Counts a refusal; true if there is reason to doubt further ones. */
    boolean refused(long person) {
        refused.add(person);
        return doubtsRefusals();
    }
}
