package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A dead letter of the door that a person mends after its person was deleted. */
class ResubmissionErasureTest {
    private static final Instant START = Instant.parse("2026-08-21T10:00:00Z");

    @TempDir Path directory;
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(directory), now::get);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private Intake intake(String... allowed) {
        var names = new SemanticNames(false, Set.of(allowed));
        return new Intake(journal, new EventReader(names), now::get, new Random(1));
    }

    private void take(String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        Intake intake = intake();
        intake.json(body, body.length, intake.live(new Source("shop", true)), false).join();
        now.set(now.get().plusSeconds(60));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",\"timestamp\":\"2026-08-21T09:59:00Z\"",
                ",\"timestamp\":\"2031-01-01T00:00:00Z\""
            })
    void isStoppedAsOfTheTimeItFirstCameIn(String time) {
        // Given
        take("{\"type\":\"track\",\"event\":\"user deleted\",\"userId\":\"u\"" + time + "}");
        take("{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u\"}");
        DeadLetter letter = journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10).get(0);
        // When
        String reason =
                new Resubmission(intake("user deleted"), journal.deadLetters())
                        .retry(letter, "ann")
                        .join();
        take("{\"type\":\"track\",\"event\":\"Order\",\"userId\":\"u\"}");
        // Then
        List<Entry> entries =
                journal.read(0, journal.end(), 10, Long.MAX_VALUE, person -> true).entries();
        assertThat(reason).isNull();
        assertThat(entries).hasSize(3);
        assertThat(journal.erasures().reaching(entries.get(1))).hasValue(1);
        assertThat(journal.erasures().reaching(entries.get(2))).isEmpty();
    }
}
