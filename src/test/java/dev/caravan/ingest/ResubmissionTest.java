package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.EventReader;
import dev.caravan.event.Origin;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.journal.Appended;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResubmissionTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:15:30Z");
    private static final SemanticNames STRICT = new SemanticNames(false, Set.of());
    private static final SemanticNames MENDED = new SemanticNames(false, Set.of("user_deleted"));

    @TempDir Path folder;
    private Instant time = NOW;
    private final InstantSource clock = () -> time;
    private Journal journal;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(folder), clock);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void makesOfABatchItemTheSameEventAsTheFirstTimeWouldHave(@TempDir Path other) {
        // Given
        String batch =
                """
                {"batch":[{"type":"track","event":"user_deleted","userId":"u","messageId":"m-1",
                           "timestamp":"2026-08-21T09:00:00Z","context":{"own":1}}],
                 "context":{"app":"till"},"integrations":{"crm":false},
                 "sentAt":"2026-08-21T09:15:30Z"}""";
        String wanted;
        try (Journal lucky = SqliteJournal.open(JournalSettings.in(other), clock)) {
            take(lucky, MENDED, batch);
            wanted = event(lucky);
        }
        take(journal, STRICT, batch);
        // When
        time = NOW.plusSeconds(86_400);
        String reason = retry(MENDED);
        // Then
        assertThat(reason).isNull();
        assertThat(event(journal))
                .isEqualTo(wanted)
                .contains("203.0.113.7", "till", "\"crm\":false", "2026-08-21T10:00:00");
        assertThat(take(journal, MENDED, batch)).isEqualTo(new Appended(0, 1, List.of()));
    }

    @Test
    void keepsWhatIsRightInABatchThatIsPartlyWrong() {
        // Given
        take(
                journal,
                STRICT,
                """
                {"batch":[{"type":"track","event":"Paid","userId":"u"}],
                 "context":{"app":"till"},"sentAt":"yesterday"}""");
        // When
        String reason = retry(STRICT);
        // Then
        assertThat(reason).isNull();
        assertThat(event(journal)).contains("\"app\":\"till\"");
    }

    private Appended take(Journal into, SemanticNames names, String body) {
        Intake intake = intake(into, names);
        Origin live = intake.live(new Source("shop", true));
        Origin origin = live.with(null, null, null, null, "203.0.113.7");
        byte[] bytes = body.getBytes(UTF_8);
        return intake.json(bytes, bytes.length, origin, false).join();
    }

    private String retry(SemanticNames names) {
        var letters = journal.deadLetters();
        var resubmission = new Resubmission(intake(journal, names), letters);
        return resubmission.retry(letters.list(Filter.ALL, 0, 1).get(0), "ann").join();
    }

    private Intake intake(Journal into, SemanticNames names) {
        return new Intake(into, new EventReader(names), clock, new Random(1));
    }

    private static String event(Journal journal) {
        return new String(
                journal.read(0, 1, 1, Long.MAX_VALUE, person -> true)
                        .entries()
                        .get(0)
                        .event()
                        .json(),
                UTF_8);
    }
}
