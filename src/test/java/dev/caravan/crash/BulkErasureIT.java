package dev.caravan.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.fake.FakeCustomerIoProcess;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of a hundred thousand ids, at the packaged process with a heap that could not hold them
 * twice; killed in the middle of reading, and of sending.
 */
@Tag("soak")
class BulkErasureIT {
    private static final int PERSONS = 100_000;
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    @TempDir Path home;

    @Test
    void erasesAHundredThousandInSmallMemoryWhateverHappens() throws Exception {
        try (FakeCustomerIoProcess fake = FakeCustomerIoProcess.start(0, "cio-key");
                CaravanProcess caravan =
                        new CaravanProcess(home)
                                .option("-Xmx96m")
                                .with("CARAVAN_CUSTOMERIO_API_KEY", "cio-key")
                                .with("CARAVAN_CUSTOMERIO_URL", fake.client().url().toString())
                                .with("CARAVAN_CUSTOMERIO_RATE", "0")) {
            // Given
            drop();
            caravan.start();
            // When
            await(caravan, "erasures", 1);
            caravan.kill();
            caravan.start();
            await(caravan, "erasures", PERSONS);
            caravan.kill();
            caravan.start();
            JsonNode summary = await(caravan, "done", PERSONS);
            // Then
            assertThat(summary.path("erasures").asLong()).isEqualTo(PERSONS);
            assertThat(summary.path("destinations")).hasSize(1);
            assertThat(summary.path("destinations").get(0).path("waiting").asLong()).isZero();
            assertThat(home.resolve("inbox/done/leavers.deletions")).exists();
            assertThat(caravan.logText()).doesNotContain("OutOfMemory");
        }
    }

    private void drop() throws IOException {
        Path draft = home.resolve("draft");
        try (BufferedWriter out = Files.newBufferedWriter(draft)) {
            for (int i = 0; i < PERSONS; i++) {
                out.write("some-user-of-the-shop-" + i + "\n");
            }
        }
        Files.createDirectories(home.resolve("inbox"));
        Files.move(draft, home.resolve("inbox/leavers.deletions"));
    }

    /** Waits until the report counts that many. */
    private static JsonNode await(CaravanProcess caravan, String field, int count)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode summary =
                    new ObjectMapper()
                            .readTree(
                                    caravan.management("/api/erasures/summary?source=files")
                                            .toURL());
            JsonNode found = summary.findValue(field);
            if (found != null && found.asLong() >= count) {
                return summary;
            } else if (System.nanoTime() > end) {
                throw new AssertionError("after " + PATIENCE + ": " + summary);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }
}
