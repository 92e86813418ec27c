package dev.caravan.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Reading;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import dev.caravan.journal.Submission;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterLogTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:15:30Z");

    private final Logger logger = Logger.getLogger(DeadLetterLog.class.getName());
    private final Lines lines = new Lines();
    @TempDir Path directory;
    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(directory), InstantSource.fixed(NOW));
        logger.addHandler(lines);
    }

    @AfterEach
    void close() {
        logger.removeHandler(lines);
        journal.close();
    }

    @Test
    void tellsOfManyDeadLettersInOneLineOnceAndOfNothingInThem() {
        // Given
        var log = new DeadLetterLog(journal.deadLetters(), InstantSource.fixed(NOW));
        setAside(1_500);
        // When
        log.tell();
        log.tell();
        // Then
        assertThat(lines.all)
                .containsExactly(
                        "New dead letters: destination=door source=shop rule=NEEDS_APPROVAL"
                                + " statusCode=0 count=1500");
    }

    @Test
    void tellsOnlyOfWhatCameSinceTheStartAndSinceTheLastTime() {
        // Given
        setAside(3);
        var log = new DeadLetterLog(journal.deadLetters(), InstantSource.fixed(NOW.plusMillis(1)));
        log.tell();
        int old = lines.all.size();
        // When
        journal.append(new Submission("shop", NOW.plusMillis(2), "", List.of(held(9)))).join();
        log.tell();
        // Then
        assertThat(old).isZero();
        assertThat(lines.all).singleElement().asString().endsWith("count=1");
    }

    private void setAside(int count) {
        List<Reading> items =
                IntStream.range(0, count).<Reading>mapToObj(DeadLetterLogTest::held).toList();
        journal.append(new Submission("shop", NOW, "", items)).join();
    }

    private static Reading held(int number) {
        return new Reading.SetAside(
                Reading.Rule.NEEDS_APPROVAL,
                "ada@x.org needs approval",
                "m-" + number,
                "{\"userId\":\"ada@x.org\"}".getBytes(StandardCharsets.UTF_8),
                new byte[0]);
    }

    /** What the log was told. */
    private static final class Lines extends Handler {
        private final List<String> all = new CopyOnWriteArrayList<>();

        @Override
        public void publish(LogRecord line) {
            all.add(
                    line instanceof ExtLogRecord known
                            ? known.getFormattedMessage()
                            : String.valueOf(line.getMessage()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
