package dev.caravan.journal;

import static dev.caravan.event.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitTest {
    @TempDir Path directory;
    private Database database;
    private GroupCommit writer;
    private volatile RuntimeException listenerFails;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(JournalSettings.in(directory));
        GroupCommit.SessionFactory sessions =
                () ->
                        new WriteSession(
                                database,
                                InstantSource.fixed(NOW),
                                Duration.ofDays(30),
                                256,
                                new ErasureKey(new byte[16]),
                                new ErasureIndex());
        writer =
                new GroupCommit(
                        sessions.open(),
                        sessions,
                        committed -> {
                            if (listenerFails != null) {
                                throw listenerFails;
                            }
                        });
    }

    @AfterEach
    void close() {
        writer.close();
        database.close();
    }

    @Test
    void recoversFromOneFaultWhileCallersKeepComing() {
        // Given
        assertThatThrownBy(() -> fail(new SQLException("a bad moment")).get())
                .hasCauseInstanceOf(JournalUnavailableException.class);
        assertThat(writer.problem()).isEqualTo("a bad moment");
        // When / Then callers more often than the pause after a failure is long
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(5))
                .until(() -> succeeds());
        assertThat(writer.problem()).isNull();
    }

    @Test
    void outlivesAnErrorInTheWorkOfOneCaller() throws Exception {
        // When
        CompletableFuture<Object> guilty = fail(new OutOfMemoryError("made up"));
        // Then
        assertThatThrownBy(guilty::get).hasCauseInstanceOf(JournalUnavailableException.class);
        assertThat(writer.submit(0, session -> "fine").get()).isEqualTo("fine");
    }

    @Test
    void acknowledgesWhatIsOnDiskThoughAListenerFails() throws Exception {
        // Given
        listenerFails = new IllegalStateException("made up");
        // When / Then
        assertThat(writer.submit(0, session -> "stored").get()).isEqualTo("stored");
    }

    @Test
    void refusesWhatComesAfterTheEnd() {
        // Given
        writer.close();
        // When / Then
        assertThatThrownBy(() -> writer.submit(0, session -> "late").get())
                .hasMessageContaining("closed");
    }

    private boolean succeeds() {
        try {
            return writer.submit(0, session -> true).join();
        } catch (RuntimeException e) {
            return false;
        }
    }

    private CompletableFuture<Object> fail(Throwable failure) {
        return writer.submit(
                0,
                session -> {
                    if (failure instanceof Error error) {
                        throw error;
                    }
                    throw (SQLException) failure;
                });
    }
}
