package dev.caravan.journal;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test moves by hand. */
final class SettableClock implements InstantSource {
    private volatile Instant now;

    SettableClock(Instant now) {
        this.now = now;
    }

    void set(Instant instant) {
        now = instant;
    }

    @Override
    public Instant instant() {
        return now;
    }
}
