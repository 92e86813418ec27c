package dev.caravan.journal;

import static dev.caravan.event.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.Events;
import dev.caravan.journal.LedgerState.Totals;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupCommitTest {
    @TempDir Path directory;
    private Database database;
    private GroupCommit writer;
    private volatile Error listenerFails;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(JournalSettings.in(directory));
        writer =
                new GroupCommit(
                        openSession(),
                        this::openSession,
                        committed -> {
                            if (listenerFails != null) {
                                throw listenerFails;
                            }
                        });
    }

    private WriteSession openSession() throws SQLException {
        return WriteSession.open(
                database,
                JournalSettings.DEFAULT_PARTITIONS,
                InstantSource.fixed(NOW),
                Duration.ofDays(30),
                256,
                new ErasureKey(new byte[16]),
                new ErasureIndex());
    }

    @AfterEach
    void close() {
        writer.close();
        database.close();
    }

    @Test
    void answersThoughEvenTheWordsOfAFaultCannotBeHad() {
        // Given
        var fault =
                new SQLException() {
                    @Override
                    public String getMessage() {
                        throw new OutOfMemoryError("made up");
                    }
                };
        // When
        CompletableFuture<Object> guilty = fail(fault);
        // Then
        assertThat(guilty)
                .failsWithin(Duration.ofSeconds(5))
                .withThrowableThat()
                .withCauseInstanceOf(JournalUnavailableException.class);
        assertThat(writer.submit(0, session -> "fine"))
                .succeedsWithin(Duration.ofSeconds(5))
                .isEqualTo("fine");
    }

    @Test
    void saysInTheLogWhenNothingCanBeWrittenAndWhenItCanAgain() {
        // Given
        try (LogLines lines = LogLines.of(GroupCommit.class)) {
            // When
            assertThat(fail(new SQLException("a bad moment"))).failsWithin(Duration.ofSeconds(5));
            await().atMost(Duration.ofSeconds(5)).until(() -> succeeds());
            // Then
            assertThat(lines.all)
                    .containsExactly(
                            "ERROR Nothing can be written to the journal: a bad moment",
                            "INFO The journal is written to again");
        }
    }

    @Test
    void isInTroubleUntilSomethingIsWrittenNotJustCommitted() {
        // Given
        assertThat(fail(new SQLException("a bad moment"))).failsWithin(Duration.ofSeconds(5));
        // When
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(5))
                .until(() -> writer.submit(0, session -> 1).handle((one, e) -> e == null).get());
        // Then
        assertThat(writer.problem()).isEqualTo("a bad moment");
        // When
        assertThat(succeeds()).isTrue();
        // Then
        assertThat(writer.problem()).isNull();
    }

    @Test
    void beginsAtTheVeryFirstEventThoughItIsOfTheSameTransaction() throws Exception {
        // Given
        var busy = new CountDownLatch(1);
        var others = new CountDownLatch(1);
        var before = writer.submit(0, session -> wait(busy, others));
        assertThat(busy.await(5, TimeUnit.SECONDS)).isTrue();
        var first = new Submission("shop", NOW, "", List.of(Events.track("u-1", "m-1")));
        var prepared = new Prepared(first);
        var appended = writer.submit(0, session -> session.append(prepared));
        // When
        var registered = writer.submit(0, session -> register(session));
        others.countDown();
        // Then
        assertThat(CompletableFuture.allOf(before, appended, registered))
                .succeedsWithin(Duration.ofSeconds(5));
        var readers = new Readers(database);
        assertThat(SqliteLedger.state("crm", readers).orElseThrow().startedAt()).isZero();
        readers.close();
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
    void failsNobodyElseThoughTheTableRefusesWhatOneCallerStores() throws Exception {
        // Given
        var busy = new CountDownLatch(1);
        var others = new CountDownLatch(1);
        var first = writer.submit(0, session -> wait(busy, others));
        assertThat(busy.await(5, TimeUnit.SECONDS)).isTrue();
        String twice =
                "INSERT INTO scrub(id, through, stage, place, remaining) VALUES (1, 0, 0, 0, 0)";
        // When
        var before = writer.submit(0, session -> session.update(twice));
        var guilty = writer.submit(0, session -> session.update(twice));
        var innocent = writer.submit(0, session -> "fine");
        others.countDown();
        // Then
        assertThat(first).succeedsWithin(Duration.ofSeconds(5));
        assertThat(before).succeedsWithin(Duration.ofSeconds(5));
        assertThat(guilty).failsWithin(Duration.ofSeconds(5));
        assertThat(innocent).succeedsWithin(Duration.ofSeconds(5));
        assertThat(writer.problem()).isNull();
    }

    @Test
    void acknowledgesWhatIsOnDiskThoughAListenerFails() throws Exception {
        // Given
        listenerFails = new OutOfMemoryError("made up");
        // When / Then
        assertThat(writer.submit(0, session -> "stored").get()).isEqualTo("stored");
    }

    @Test
    void settlesOnceWhatIsOnDiskThoughItsCommitFailed() throws Exception {
        // Given
        writer.submit(0, session -> register(session)).get();
        var readers = new Readers(database);
        var owners = new ConcurrentHashMap<String, Ledger>();
        var ledger = new SqliteLedger("crm", readers, writer, InstantSource.fixed(NOW), owners);
        owners.put("crm", ledger);
        var event = Events.track("u-1", "m-1").event();
        var entry = new Entry(1, "shop", NOW, 7, List.of(), event);
        var refusal = new Settlement.Refusal(entry, Settlement.Refusal.Rule.REFUSED, 400, "no", 1);
        var settlement =
                new Settlement(
                        1,
                        new long[64],
                        List.of(),
                        new Totals(1, 0, 1),
                        List.of(refusal),
                        List.of(new Settlement.Skip(1, "not for us")));
        var busy = new CountDownLatch(1);
        var others = new CountDownLatch(1);
        var first = writer.submit(0, session -> wait(busy, others));
        assertThat(busy.await(5, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> settled = ledger.settle(settlement);
        var faulty = writer.submit(0, session -> commitAndFail(session));
        others.countDown();
        assertThat(first).succeedsWithin(Duration.ofSeconds(5));
        assertThatThrownBy(settled::get).hasMessageContaining("after the last frame");
        assertThat(faulty).isCompletedExceptionally();
        // When
        await().pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofSeconds(5))
                .until(() -> ledger.settle(settlement).handle((nothing, e) -> e == null).get());
        // Then
        assertThat(ledger.state().totals()).isEqualTo(new Totals(1, 0, 1));
        assertThat(
                        new SqliteDeadLetters(readers, writer, InstantSource.fixed(NOW), () -> {})
                                .count(DeadLetters.Filter.ALL))
                .isEqualTo(1);
        readers.close();
    }

    private static boolean register(WriteSession session) throws SQLException {
        session.register("crm", true);
        return true;
    }

    /** Keeps the writer busy, so that what comes meanwhile goes into one transaction. */
    private static boolean wait(CountDownLatch busy, CountDownLatch others) {
        busy.countDown();
        try {
            return others.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a fault behind the write of the last frame comes to: all of it is on disk. */
    private static boolean commitAndFail(WriteSession session) throws SQLException {
        session.connection().commit();
        throw new SQLException("a fault after the last frame");
    }

    /** Its connection would go on holding the lock. */
    @Test
    void leavesNothingOpenOfASessionThatCannotBeOpened() throws Exception {
        // Given
        try (Connection connection = database.writer();
                var statement = connection.createStatement()) {
            statement.execute("ALTER TABLE claim RENAME TO claim_gone");
            // When
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(this::openSession).hasMessageContaining("no such table: claim");
            }
            // Then
            statement.execute("ALTER TABLE claim_gone RENAME TO claim");
        }
        openSession().close();
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
            return writer.submit(0, session -> touch(session)).join();
        } catch (RuntimeException e) {
            return false;
        }
    }

    private static boolean touch(WriteSession session) throws SQLException {
        session.touch();
        return true;
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
