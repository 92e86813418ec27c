package dev.caravan.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.customerio.SandboxRequest;
import dev.caravan.event.Json;
import dev.caravan.journal.DeadLetter;
import java.time.Instant;
import java.util.List;
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

    @Test
    void showsARequestWithANumberAsItWasSent() {
        // Given
        byte[] body = "{\"n\":1e9999,\"m\":1e20000}".getBytes(UTF_8);
        var request = new SandboxRequest(1, Instant.EPOCH, "/v1/track", 200, 1, List.of(), body);
        // When
        String shown = new String(Json.toBytes(SandboxApi.shown(request)), UTF_8);
        // Then
        assertThat(shown).contains("\"body\":{\"n\":1e9999,\"m\":1e20000}");
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
