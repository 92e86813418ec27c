package dev.caravan.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoalTest {

    private static final Goal GOAL =
            new Goal(
                    "files", "file", "caravan", "bare", "e/s", Goal.Comparison.RATIO_AT_LEAST, 0.7);

    @TempDir Path folder;

    @Test
    void takesTheMedianOfTheRatiosOfEachRepetition() throws IOException {
        // Given
        Samples samples =
                samples(
                        "file\tcaravan\t600",
                        "file\tbare\t1000",
                        "file\tcaravan\t1500",
                        "file\tbare\t2000",
                        "file\tcaravan\t80",
                        "file\tbare\t100");
        // When
        String row = GOAL.row(samples);
        // Then
        assertEquals(
                "| files | ≥ 0.7 × | 0.75 × (0.60 × to 0.80 ×) | yes | caravan 600, bare 1,000 e/s |",
                row);
    }

    @Test
    void saysWhyAFigureIsMissing() throws IOException {
        // Given
        Samples samples = samples("file\t-\tfailed");
        // When
        String row = GOAL.row(samples);
        // Then
        assertEquals("| files | ≥ 0.7 × | failed | | |", row);
    }

    private Samples samples(String... lines) throws IOException {
        return Samples.read(Files.write(folder.resolve("samples.tsv"), List.of(lines)));
    }
}
