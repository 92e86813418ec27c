package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
    private final InstantSource clock =
            InstantSource.fixed(Instant.parse("2026-08-21T10:15:30.500Z"));

    @ParameterizedTest
    @CsvSource({"0,0", "7,7000", "' 7 ',7000", "1.5,1500", "3600,3600000", "3601,3600000"})
    void readsSecondsUpToAnHour(String value, long millis) {
        // When
        var wait = RetryAfter.parse(value, clock);
        // Then
        assertThat(wait).contains(Duration.ofMillis(millis));
    }

    @Test
    void clampsNumbersThatFitNoLong() {
        // When
        var wait = RetryAfter.parse("9".repeat(40), clock);
        // Then
        assertThat(wait).contains(RetryAfter.LONGEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Fri, 21 Aug 2026 10:15:40 GMT|9500",
                "Fri, 21 Aug 2026 10:15:30 GMT|0",
                "Sun, 06 Nov 1994 08:49:37 GMT|0",
                "Fri, 21 Aug 2099 10:15:40 GMT|3600000"
            })
    void readsHttpDatesAgainstTheClock(String value, long millis) {
        // When
        var wait = RetryAfter.parse(value, clock);
        // Then
        assertThat(wait).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-1", "soon", "1e3", "0x10", "٣", "Fri, 21 Aug", "1,5"})
    void leavesAnythingElseToOurOwnSchedule(String value) {
        // When
        var wait = RetryAfter.parse(value, clock);
        // Then
        assertThat(wait).isEmpty();
    }

    @Test
    void takesNoTimeOverAHugeValue() {
        // When
        var wait = RetryAfter.parse("1".repeat(100_000), clock);
        // Then
        assertThat(wait).isEmpty();
    }
}
