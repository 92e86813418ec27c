package dev.caravan.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class OccurrencesTest {

    @Test
    void countsAcrossTheSeamsOfPieces() {
        // Given
        byte[] text =
                "{\"batch\":[{\"messageId\":\"1\"},{\"messageIds\":\"messageId\"},{\"messageId\":2}]}"
                        .getBytes(StandardCharsets.US_ASCII);
        SplittableRandom random = new SplittableRandom(7);
        for (int round = 0; round < 5_000; round++) {
            Occurrences marks = new Occurrences("\"messageId\":");
            // When
            for (int at = 0; at < text.length; ) {
                int end = Math.min(text.length, at + 1 + random.nextInt(1 + round % 30));
                marks.add(Arrays.copyOfRange(text, at, end));
                at = end;
            }
            // Then
            assertEquals(2, marks.found());
        }
    }
}
