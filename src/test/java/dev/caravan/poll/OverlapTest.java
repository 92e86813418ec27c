package dev.caravan.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OverlapTest {
    @ParameterizedTest
    @ValueSource(strings = {"5m", "PT-5M", "-3", "", "1.5"})
    void stopsTheStartIfItIsNone(String text) {
        assertThatThrownBy(() -> new Overlap(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isANumberOrADuration() throws FeedException {
        assertThat(new Overlap("100").number(7)).isEqualTo(100);
        assertThat(new Overlap(null).number(7)).isEqualTo(7);
        assertThat(new Overlap("PT15M").time(Duration.ZERO)).isEqualTo(Duration.ofMinutes(15));
    }
}
