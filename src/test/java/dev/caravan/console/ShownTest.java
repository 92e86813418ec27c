package dev.caravan.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Json;
import dev.caravan.journal.DeadLetter;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShownTest {
    @Test
    void showsAnItemWithANumberThatNoTreeCanWrite() {
        // When
        String shown = shown("{\"n\":1e20000}");
        // Then
        assertThat(shown).contains("\"item\":{\"n\":1e20000}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"n\":1} x", "{\"n\":1}}", "{\"n\":", "hello", "", "{},\"a\":1"})
    void showsAsTextWhatIsNotOneJsonValue(String item) {
        // When
        String shown = shown(item);
        // Then
        assertThat(shown).contains("\"text\":\"").doesNotContain("\"item\"");
    }

    private static String shown(String item) {
        var letter =
                new DeadLetter(
                        1,
                        null,
                        "shop",
                        "",
                        null,
                        null,
                        null,
                        "INVALID",
                        "why",
                        0,
                        0,
                        0,
                        Instant.EPOCH);
        return new String(
                Json.toBytes(Shown.letterWithItem(letter, item.getBytes(UTF_8), new byte[0])),
                UTF_8);
    }
}
