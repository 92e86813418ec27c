package dev.caravan.bench;

import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.format.Formats;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Reception;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Stores deletions of made-up users in a new journal, by the way that any deletion takes. */
public final class ErasureFill {
    private ErasureFill() {}

    /** Takes the working folder and how many deletions; prints how long storing took. */
    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        int count = Integer.parseInt(args[1]);
        Path ids = list(home, count);
        InstantSource clock = InstantSource.system();
        try (SqliteJournal journal =
                SqliteJournal.open(JournalSettings.in(home.resolve("data")), clock)) {
            Intake intake =
                    new Intake(
                            journal,
                            new EventReader(new SemanticNames(false, Set.of())),
                            clock,
                            new Random());
            long begin = System.nanoTime();
            intake.stream(
                            () -> Files.newInputStream(ids),
                            new Reception(Formats.of(Formats.DELETIONS, Map.of()), null),
                            intake.live(new Source("bench", true)),
                            "bench")
                    .join();
            long millis = (System.nanoTime() - begin) / 1_000_000;
            System.out.printf("erasures=%d millis=%d%n", count, millis);
        }
        Files.delete(ids);
    }

    private static Path list(Path home, int count) throws IOException {
        Path ids = Files.createDirectories(home).resolve("ids");
        try (BufferedWriter out = Files.newBufferedWriter(ids)) {
            for (int i = 0; i < count; i++) {
                out.write("erased-" + i + "\n");
            }
        }
        return ids;
    }
}
