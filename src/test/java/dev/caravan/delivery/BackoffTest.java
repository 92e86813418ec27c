package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackoffTest {
    private final Backoff backoff =
            new Backoff(Duration.ofMillis(500), Duration.ofMinutes(5), new Random(1));

    @ParameterizedTest
    @CsvSource({
        "1, 250, 500",
        "2, 500, 1000",
        "5, 4000, 8000",
        "10, 128000, 256000",
        "11, 150000, 300000",
        "31, 150000, 300000",
        "2000000000, 150000, 300000"
    })
    void doublesUpToTheCapAndLeavesHalfToChance(int failures, long least, long most) {
        // Given
        Duration shortest = Duration.ofDays(1);
        Duration longest = Duration.ZERO;
        // When
        for (int i = 0; i < 2000; i++) {
            Duration wait = backoff.after(failures, Optional.empty());
            shortest = wait.compareTo(shortest) < 0 ? wait : shortest;
            longest = wait.compareTo(longest) > 0 ? wait : longest;
        }
        // Then
        assertThat(shortest)
                .isBetween(Duration.ofMillis(least), Duration.ofMillis(least * 11 / 10));
        assertThat(longest).isBetween(Duration.ofMillis(most * 9 / 10), Duration.ofMillis(most));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, PT0.1S",
        "PT-5S, PT0.1S",
        "PT7S, PT7S",
        "PT5M, PT5M",
        "PT5M0.001S, PT5M",
        "PT2562047788015215H, PT5M"
    })
    void waitsAsLongAsTheServerAsksWithinReason(Duration asked, Duration expected) {
        // Given
        Optional<Duration> retryAfter = Optional.of(asked);
        // When
        Duration wait = backoff.after(1, retryAfter);
        // Then
        assertThat(wait).isEqualTo(expected);
    }

    @Test
    void refusesToCountFromNothing() {
        // Given
        int failures = 0;
        // When, Then
        assertThatThrownBy(() -> backoff.after(failures, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("but was 0");
    }
}
