package dev.caravan.fake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/** A clock that runs like another one, ahead of it or behind by what a test has asked for. */
public final class FakeClock extends Clock {

    private final Clock base;
    private volatile Duration offset = Duration.ZERO;

    /**
     * Starts level with {@code base}.
     *
     * @param base {@link Clock#systemUTC()} to run, {@link Clock#fixed} to stand still until moved
     */
    public FakeClock(Clock base) {
        this.base = base;
    }

    /** Moves the clock on, or back by a negative duration. */
    public synchronized void advance(Duration by) {
        offset = offset.plus(by);
    }

    /** Sets the clock; it runs on from there as its base does. */
    public synchronized void set(Instant now) {
        offset = Duration.between(base.instant(), now);
    }

    @Override
    public Instant instant() {
        return base.instant().plus(offset);
    }

    @Override
    public ZoneId getZone() {
        return base.getZone();
    }

    /** Returns the base clock in that zone, without this clock's offset bound to it. */
    @Override
    public Clock withZone(ZoneId zone) {
        return Clock.offset(base.withZone(zone), offset);
    }
}
