package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long SECOND = 1_000_000_000L;
    private final AtomicLong now = new AtomicLong(-5 * SECOND);

    @Test
    void letsTheWholeLimitThroughAtOnceAndTheNextAWindowLater() {
        // Given
        var pace = new Pace(3, now::get);
        now.addAndGet(100);
        // When
        List<Duration> waits = List.of(pace.take(), pace.take(), pace.take(), pace.take());
        // Then
        assertThat(waits).containsExactly(Duration.ZERO, Duration.ZERO, Duration.ZERO, Pace.WINDOW);
    }

    @Test
    void asksForNoWaitAtTheEndOfTheWindowAndForOneBefore() {
        // Given
        var pace = new Pace(1, now::get);
        pace.take();
        now.addAndGet(Pace.WINDOW.toNanos() - 1);
        // When
        Duration before = pace.take();
        now.addAndGet(1 + Pace.WINDOW.toNanos());
        Duration after = pace.take();
        // Then
        assertThat(before).isEqualTo(Duration.ofNanos(1));
        assertThat(after).isEqualTo(Duration.ZERO);
    }

    @Test
    void keepsEveryWindowUnderTheLimitWhateverTheArrivals() {
        // Given
        var pace = new Pace(50, now::get);
        var random = new Random(7);
        List<Long> starts = new ArrayList<>();
        // When
        for (int i = 0; i < 5_000; i++) {
            now.addAndGet(random.nextInt(10) == 0 ? random.nextLong(2 * SECOND) : 0);
            starts.add(now.get() + pace.take().toNanos());
        }
        // Then
        for (int i = 50; i < starts.size(); i++) {
            assertThat(starts.get(i) - starts.get(i - 50))
                    .isGreaterThanOrEqualTo(Pace.WINDOW.toNanos());
            assertThat(starts.get(i)).isGreaterThanOrEqualTo(starts.get(i - 1));
        }
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatThrownBy(() -> new Pace(0, now::get)).hasMessageContaining("0");
        assertThatThrownBy(() -> new Pace(Pace.HIGHEST + 1, now::get))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
