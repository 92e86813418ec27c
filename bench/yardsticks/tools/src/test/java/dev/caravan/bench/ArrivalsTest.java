package dev.caravan.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ArrivalsTest {

    @Test
    void saysWhenANumberWasReached() {
        // Given
        Arrivals arrivals = new Arrivals();
        // When
        for (int i = 1; i <= 3_000; i++) {
            arrivals.add(10, 1_000_000 + i);
        }
        // Then
        assertEquals(30_000, arrivals.events());
        assertEquals(1_000_001, arrivals.reachedMillis(1));
        assertEquals(1_000_001, arrivals.reachedMillis(10));
        assertEquals(1_000_002, arrivals.reachedMillis(11));
        assertEquals(1_003_000, arrivals.reachedMillis(30_000));
        assertEquals(0, arrivals.reachedMillis(30_001));
    }
}
