package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RateMeterTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void tellsTheRateOfTheLastMinute() {
        // Given
        var meter = new RateMeter(5);
        for (int i = 0; i < 600; i++) {
            meter.add(10, 5 + i * SECOND / 2);
        }
        // When
        double during = meter.perSecond(5 + 300 * SECOND);
        double later = meter.perSecond(5 + 330 * SECOND);
        double longAfter = meter.perSecond(5 + 400 * SECOND);
        // Then
        assertThat(during).isCloseTo(20, within(0.5));
        assertThat(later).isCloseTo(10, within(0.5));
        assertThat(longAfter).isZero();
    }

    @Test
    void doesNotDivideByTimeBeforeItBegan() {
        // Given
        var meter = new RateMeter(0);
        // When
        meter.add(30, SECOND / 2);
        // Then
        assertThat(meter.perSecond(SECOND / 2)).isEqualTo(30);
    }
}
