package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FileNamesTest {
    @Test
    void showsNoLineBreaks() {
        assertThat(FileNames.shown("a\r\nb\u2028c\u001b[2J.json")).isEqualTo("a??b?c?[2J.json");
    }

    @Test
    void numbersANameBeforeItsExtension() {
        assertThat(FileNames.numbered("a.b.json", 2)).isEqualTo("a.b-2.json");
        assertThat(FileNames.numbered("plain", 13)).isEqualTo("plain-13");
    }

    @Test
    void shortensANameInWholeCharacters() {
        String numbered = FileNames.numbered("⛺".repeat(83) + ".json", 10);
        assertThat(numbered).isEqualTo("⛺".repeat(82) + "-10.json");
        assertThat(numbered.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(255);
        assertThat(FileNames.numbered("\uD83D\uDE00".repeat(62) + ".json", 2))
                .isEqualTo("\uD83D\uDE00".repeat(62) + "-2.json");
    }
}
