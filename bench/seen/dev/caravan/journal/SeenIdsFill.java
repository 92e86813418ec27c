package dev.caravan.journal;

import dev.caravan.event.Digest.Hash;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.SplittableRandom;

/** Fills the duplicate window of a new journal with ids that no event will have. */
public final class SeenIdsFill {
    private static final int A_COMMIT = 4_096;

    private SeenIdsFill() {}

    /** Takes the working folder and how many ids. */
    public static void main(String[] args) throws Exception {
        JournalSettings settings = JournalSettings.in(Path.of(args[0]).resolve("data"));
        int count = Integer.parseInt(args[1]);
        SplittableRandom random = new SplittableRandom(7);
        try (Database database = Database.open(settings);
                WriteSession session =
                        WriteSession.open(
                                database,
                                settings.partitions(),
                                InstantSource.system(),
                                settings.dedupe(),
                                SeenIds.CAPACITY,
                                database.erasureKey(),
                                new ErasureIndex())) {
            for (int i = 0; i < count; i++) {
                session.seen().add(new Hash(random.nextLong(), random.nextLong()), i, 0);
                if (i % A_COMMIT == A_COMMIT - 1) {
                    session.commit();
                }
                if (i % 100_000 == 99_999) {
                    session.checkpoint();
                }
            }
            session.commit();
        }
    }
}
