package dev.caravan.journal;

import static dev.caravan.event.Events.NOW;
import static dev.caravan.event.Events.accepted;
import static dev.caravan.event.Events.identify;
import static dev.caravan.event.Events.read;
import static dev.caravan.event.Events.track;
import static dev.caravan.event.Events.visit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.BYTE_ARRAY;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.journal.JournalStatus.SourceTotals;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqliteJournalTest {
    private static final int SMALL = 256;
    private static final String DELETION =
            "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u-1\",\"messageId\":\"d-1\"}";

    @TempDir Path directory;
    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal =
                SqliteJournal.open(JournalSettings.in(directory), InstantSource.fixed(NOW), SMALL);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void keepsEventsInTheOrderOfTheirAcceptance() {
        // When
        append(track("u-1", "m-1"), track("u-2", "m-2"));
        append(track("u-1", "m-3"));
        // Then
        assertThat(messageIds()).containsExactly("m-1", "m-2", "m-3");
        assertThat(journal.end()).isEqualTo(3);
    }

    @Test
    void givesBackEveryFieldAndTheBytesAsTheyWere() {
        // Given
        Reading.Accepted event =
                accepted(
                        """
                        {"type":"page","userId":"ü-1","anonymousId":"a-1","name":"Zelte ⛺","messageId":"m-1",
                         "timestamp":"2026-08-21T10:15:30.123Z","properties":{"n":1e400,"x":1.10},"later":[null,{}],
                         "integrations":{"crm":false}}""");
        // When
        append(event);
        // Then
        Entry entry = entries().get(0);
        assertThat(entry.event()).usingRecursiveComparison().isEqualTo(event.event());
        assertThat(entry.source()).isEqualTo("shop");
        assertThat(entry.receivedAt()).isEqualTo(NOW);
        assertThat(entry.person()).isEqualTo(PersonKey.user("ü-1").hash());
    }

    @Test
    void storesTheSameEventOnce() {
        // When
        append(track("u-1", "m-1"), track("u-1", "m-1"));
        Appended again = append(track("u-1", "m-1"));
        // Then
        assertThat(again).isEqualTo(new Appended(0, 1, List.of()));
        assertThat(journal.end()).isEqualTo(1);
        assertThat(journal.status().sources()).containsEntry("shop", new SourceTotals(1, 2, 0));
    }

    // --- files

    private void mark(String identity, long before, long records, String broken, boolean done) {
        journal.append(
                        new Submission(
                                "shop",
                                NOW,
                                "",
                                List.of(),
                                null,
                                new FileMark(
                                        "day.csv", identity, before, records, records, broken,
                                        done)))
                .join();
    }

    private long storedRecords() {
        return journal.file("shop", "day.csv").map(KnownFile::records).orElse(-1L);
    }

    @Test
    void remembersHowFarAFileIsStoredOverARestart() {
        // Given
        mark("first", 0, 1000, null, false);
        mark("first", 1000, 1500, "broken at record 1501", false);
        // When
        reopen();
        // Then
        assertThat(journal.file("shop", "day.csv"))
                .contains(
                        new KnownFile(
                                "shop",
                                "day.csv",
                                "first",
                                1500,
                                1500,
                                "broken at record 1501",
                                NOW));
        assertThat(journal.brokenFiles()).hasSize(1);
        assertThat(journal.file("till", "day.csv")).isEmpty();
    }

    @Test
    void takesNoPartOfAFileForStoredWhenOneBeforeItIsMissing() {
        // Given
        mark("first", 0, 1000, null, false);
        // When
        mark("first", 2000, 3000, null, false);
        mark("first", 3000, 3100, null, true);
        mark("second", 1000, 2000, null, false);
        // Then
        assertThat(storedRecords()).isEqualTo(1000);
    }

    @Test
    void forgetsAFileThatIsStoredWhole() {
        // Given
        mark("first", 0, 1000, null, false);
        mark("first", 1000, 1500, null, true);
        assertThat(storedRecords()).isEqualTo(-1);
        mark("first", 0, 1000, "broken", false);
        // When
        mark("second", 0, 10, null, true);
        // Then
        assertThat(storedRecords()).isEqualTo(-1);
    }

    @Test
    void forgetsABrokenFileWhenItsIdsAreForgotten() {
        // Given
        mark("first", 0, 1000, "broken", false);
        close();
        // When
        journal =
                SqliteJournal.open(
                        JournalSettings.in(directory),
                        InstantSource.fixed(NOW.plus(JournalSettings.DEFAULT_DEDUPE).plusMillis(1)),
                        SMALL);
        // Then
        await().until(() -> journal.brokenFiles().isEmpty());
    }

    @Test
    void remembersIdsOverARestartAndOverManySegments() {
        // Given
        int many = SMALL * 40;
        for (int i = 0; i < many; i += 100) {
            append(tracks(i, Math.min(many, i + 100)));
        }
        // When
        reopen();
        Appended again = append(tracks(0, many / 2));
        Appended rest = append(tracks(many / 2, many + 10));
        // Then
        assertThat(again).isEqualTo(new Appended(0, many / 2, List.of()));
        assertThat(rest).isEqualTo(new Appended(10, many / 2, List.of()));
    }

    @Test
    void setsAnIdAsideThatComesAgainWithOtherContent() {
        // Given
        append(track("u-1", "m-1"));
        // When
        Appended answer = append(track("u-2", "m-1"));
        append(track("u-2", "m-1"));
        // Then
        assertThat(answer.setAside()).hasSize(1);
        assertThat(letters()).extracting(DeadLetter::rule).containsExactly("ID_REUSED");
        assertThat(journal.end()).isEqualTo(1);
    }

    @Test
    void callsBackWhenItHasGrownUntilToldToEnd() {
        // Given
        var calls = new AtomicInteger();
        Runnable end = journal.onAppend(calls::incrementAndGet);
        append(track("u-1", "m-1"));
        // When
        end.run();
        append(track("u-1", "m-2"));
        // Then
        assertThat(calls).hasValue(1);
    }

    @Test
    void callsBackBehindEachCommitUntilToldToEndAndRestsWhenNothingComes() {
        // Given
        journal.moveProgress("page", "1").join();
        var calls = new AtomicInteger();
        Runnable end = journal.onCommit(calls::incrementAndGet);
        // When
        journal.moveProgress("page", "2").join();
        // Then
        assertThat(calls).hasPositiveValue();
        var last = new AtomicInteger();
        await().during(Duration.ofSeconds(2))
                .until(() -> last.getAndSet(calls.get()) == calls.get());
        // When
        end.run();
        journal.moveProgress("page", "3").join();
        // Then
        assertThat(calls).hasValue(last.get());
    }

    @Test
    void callsBackAllThoughOneOfThemFails() {
        // Given
        var calls = new AtomicInteger();
        journal.onAppend(
                () -> {
                    throw new OutOfMemoryError("made up");
                });
        journal.onAppend(calls::incrementAndGet);
        // When
        append(track("u-1", "m-1"));
        // Then
        assertThat(calls).hasValue(1);
    }

    @Test
    void doesSoonWhatIsDueToOldMessageIdsWhenNothingComes() {
        // Given: a full table, with many rows of its log to remove
        for (int i = 0; i < SMALL + 4; i++) {
            append(track("u-1", "m-" + i)); // a commit each
        }
        // When / Then
        var commits = new AtomicInteger();
        journal.onCommit(commits::incrementAndGet);
        var last = new AtomicInteger();
        await().atMost(Duration.ofSeconds(20))
                .during(Duration.ofSeconds(2))
                .until(() -> last.getAndSet(commits.get()) == commits.get());
    }

    @Test
    void takesTheSameIdOfAnotherSource() {
        // Given
        append(track("u-1", "m-1"));
        // When
        Appended answer =
                journal.append(new Submission("crm", NOW, "", List.of(track("u-1", "m-1")))).join();
        // Then
        assertThat(answer.accepted()).isEqualTo(1);
        assertThat(journal.find("m-1"))
                .extracting(Entry::source)
                .containsExactlyInAnyOrder("shop", "crm");
    }

    @Test
    void keepsWhatIsNoEventAsADeadLetterOnce() {
        // Given
        Reading broken = read("{\"type\":\"track\",\"messageId\":\"m-1\"}");
        // When
        Appended first = append(broken, track("u-1", "m-2"));
        Appended second = append(broken);
        // Then
        assertThat(first.accepted()).isEqualTo(1);
        assertThat(first.setAside()).extracting(Appended.SetAside::index).containsExactly(0);
        assertThat(second.setAside()).hasSize(1);
        assertThat(letters()).hasSize(1);
        assertThat(new String(journal.deadLetters().item(1).orElseThrow(), StandardCharsets.UTF_8))
                .isEqualTo("{\"type\":\"track\",\"messageId\":\"m-1\"}");
    }

    @Test
    void keepsANewDeadLetterOfAnItemWhoseLetterWasThrownAway() {
        // Given
        Reading broken = read("{\"type\":\"track\",\"messageId\":\"m-1\"}");
        append(broken);
        journal.deadLetters().remove(1).join();
        // When
        Appended answer = append(broken);
        // Then
        assertThat(answer.setAside()).hasSize(1);
        assertThat(letters()).extracting(DeadLetter::id).containsExactly(2L);
    }

    @Test
    void letsAJoiningEventWaitForTheVisitorsOlderEvents() {
        // When
        append(visit("a-1", "m-1"), identify("u-1", "a-1", "m-2"), visit("a-1", "m-3"));
        // Then
        List<Entry> entries = entries();
        long user = PersonKey.user("u-1").hash();
        long visitor = PersonKey.visitor("a-1").hash();
        assertThat(entries).extracting(Entry::person).containsExactly(visitor, user, user);
        assertThat(entries.get(1).joins()).containsExactly(visitor);
        assertThat(entries.get(2).joins()).isEmpty();
    }

    @Test
    void joinsOnlyOnce() {
        // Given
        append(identify("u-1", "a-1", "m-1"));
        reopen();
        // When
        append(identify("u-1", "a-1", "m-2"));
        // Then
        assertThat(entries().get(1).joins()).isEmpty();
    }

    @Test
    void followsChainsOfAliasesAndSurvivesACircle() {
        // Given
        append(alias("u-1", "u-2", "m-1"), alias("u-2", "u-3", "m-2"), alias("u-3", "u-1", "m-3"));
        // When
        append(track("u-1", "m-4"), track("u-2", "m-5"), track("u-3", "m-6"));
        // Then
        assertThat(entries().subList(3, 6))
                .extracting(Entry::person)
                .containsOnly(PersonKey.user("u-3").hash());
    }

    @Test
    void movesASharedDeviceToTheOneWhoIdentifiesWithIt() {
        // When
        append(
                identify("u-1", "a-1", "m-1"),
                visit("a-1", "m-2"),
                identify("u-2", "a-1", "m-3"),
                visit("a-1", "m-4"));
        // Then
        long one = PersonKey.user("u-1").hash();
        long two = PersonKey.user("u-2").hash();
        assertThat(entries()).extracting(Entry::person).containsExactly(one, one, two, two);
        assertThat(entries().get(2).joins()).containsExactly(one);
    }

    @Test
    void readsOnlyThePersonsAskedFor() {
        // Given
        append(track("u-1", "m-1"), track("u-2", "m-2"), track("u-1", "m-3"));
        long wanted = PersonKey.user("u-1").hash();
        // When
        Slice slice = journal.read(1, 3, 10, 1_000_000, person -> person == wanted);
        // Then
        assertThat(slice.entries()).extracting(Entry::sequence).containsExactly(3L);
        assertThat(slice.through()).isEqualTo(3);
    }

    @Test
    void endsAReadWhenItHasEnough() {
        // Given
        append(tracks(0, 700));
        // When
        Slice byCount = journal.read(0, 700, 3, 1_000_000, person -> true);
        Slice byBytes = journal.read(600, 700, 100, 1, person -> true);
        Slice untilThere = journal.read(690, 695, 100, 1_000_000, person -> true);
        // Then
        assertThat(byCount.through()).isEqualTo(3);
        assertThat(byBytes.entries()).extracting(Entry::sequence).containsExactly(601L);
        assertThat(untilThere.entries()).hasSize(5);
        assertThat(untilThere.through()).isEqualTo(695);
    }

    @Test
    void startsANewDestinationBehindTheNewestEventUnlessToldOtherwise() {
        // Given
        append(track("u-1", "m-1"));
        // When
        LedgerState now = journal.ledger("now", false).state();
        LedgerState beginning = journal.ledger("all", true).state();
        // Then
        assertThat(now.startedAt()).isEqualTo(1);
        assertThat(beginning.startedAt()).isEqualTo(0);
        assertThat(now.cursors()).hasSize(64).containsOnly(1);
        assertThat(journal.destinations()).containsExactly("all", "now");
    }

    @Test
    void tellsHowFarADestinationHasComeWithoutMakingOne() {
        // Given
        append(track("u-1", "m-1"));
        assertThat(journal.ledger("crm", false).destination()).isEqualTo("crm");
        // When / Then
        assertThat(journal.state("crm")).get().extracting(LedgerState::startedAt).isEqualTo(1L);
        assertThat(journal.state("nobody")).isEmpty();
        assertThat(journal.destinations()).containsExactly("crm");
    }

    @Test
    void storesProgressWithItsDeadLettersAndKeepsItOverARestart() {
        // Given
        append(track("u-1", "m-1"), track("u-2", "m-2"));
        Ledger ledger = journal.ledger("crm", true);
        long[] cursors = ledger.state().cursors();
        cursors[7] = 2;
        Entry refused = entries().get(1);
        // When
        ledger.settle(
                        new Settlement(
                                1,
                                cursors,
                                List.of(new Held(5, 1, 77)),
                                new Totals(1, 0, 1),
                                List.of(
                                        new Settlement.Refusal(
                                                refused,
                                                Settlement.Refusal.Rule.REFUSED,
                                                400,
                                                "no such plan",
                                                3)),
                                List.of(new Settlement.Skip(1, "not for us"))))
                .join();
        ledger.hold(true).join();
        reopen();
        // Then
        LedgerState state = journal.ledger("crm", false).state();
        assertThat(state.cursors()[7]).isEqualTo(2);
        assertThat(state.held()).containsExactly(new Held(5, 1, 77));
        assertThat(state.totals()).isEqualTo(new Totals(1, 0, 1));
        assertThat(state.stopped()).isTrue();
        assertThat(journal.skipRule("crm", 1)).contains("not for us");
        DeadLetter letter = letters().get(0);
        assertThat(letter.destination()).isEqualTo("crm");
        assertThat(letter.attempts()).isEqualTo(3);
        assertThat(journal.deadLetters().entry(letter.id()))
                .get()
                .usingRecursiveComparison()
                .isEqualTo(refused);
    }

    @Test
    void forgetsADestination() {
        // Given
        Ledger ledger = journal.ledger("crm", true);
        // When
        journal.forget("crm").join();
        // Then
        assertThat(journal.destinations()).isEmpty();
        assertThatThrownBy(() -> settleNothing(ledger))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("forgotten");
    }

    @Test
    void letsOnlyTheLastOwnerOfALedgerSettle() throws Exception {
        // Given: one that was stopped, and whose last settlement is late
        Ledger before = journal.ledger("crm", true);
        Ledger now = journal.ledger("crm", true);
        // When / Then
        assertThatThrownBy(() -> settleNothing(before))
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("destination 'crm' was taken over");
        settleNothing(now);
        assertThat(now.state().settlements()).isEqualTo(1);
    }

    private static void settleNothing(Ledger ledger) throws Exception {
        var nothing = new Totals(0, 0, 0);
        ledger.settle(new Settlement(1, new long[64], List.of(), nothing, List.of(), List.of()))
                .get();
    }

    @Test
    void findsTheFirstEventReceivedAtOrAfterATime() {
        // Given
        for (int i = 0; i < 5; i++) {
            journal.append(
                            new Submission(
                                    "shop",
                                    NOW.plusSeconds(i),
                                    "",
                                    List.of(track("u-1", "m-" + i))))
                    .join();
        }
        // When / Then
        assertThat(journal.firstReceivedAt(NOW.minusSeconds(1))).isEqualTo(1);
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(2))).isEqualTo(3);
        assertThat(journal.firstReceivedAt(NOW.plusMillis(2001))).isEqualTo(4);
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(9))).isEqualTo(6);
    }

    @Test
    void findsTheFirstEventReceivedAtATimeThoughAFileIsReadMeanwhile() {
        // Given
        int[] seconds = {0, 60, 0, 0, 0, 120, 0};
        for (int i = 0; i < seconds.length; i++) {
            journal.append(
                            new Submission(
                                    "shop",
                                    NOW.plusSeconds(seconds[i]),
                                    "",
                                    List.of(track("u-1", "m-" + i))))
                    .join();
        }
        // When / Then
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(60))).isEqualTo(2);
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(60).plusNanos(1))).isEqualTo(6);
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(121))).isEqualTo(8);
    }

    @Test
    void findsTheFirstEventReceivedAtATimeWithinItsRowAndFarBehind() throws Exception {
        // Given
        append(track("u-1", "m-1"));
        close();
        copyRow(1, 400_001, 100_000);
        open();
        Reading[] items = {track("u-1", "m-2"), track("u-1", "m-3")};
        CompletableFuture<Appended> early = submit(items);
        journal.append(new Submission("shop", NOW.plusSeconds(9), "", List.of(track("u-1", "m-4"))))
                .join();
        // When / Then
        assertThat(early.join().accepted()).isEqualTo(2);
        assertThat(journal.firstReceivedAt(NOW.plusSeconds(9))).isEqualTo(400_004);
    }

    /** Puts copies of a closed journal's first row behind it, each so far from the next. */
    private void copyRow(long first, long last, long apart) throws Exception {
        copyRow(directory, first, last, apart, NOW);
    }

    private static void copyRow(
            Path directory, long first, long last, long apart, Instant receivedAt)
            throws Exception {
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement =
                        connection.prepareStatement(
                                "WITH RECURSIVE place(seq) AS (SELECT ?1 UNION ALL SELECT seq + ?2"
                                        + " FROM place WHERE seq + ?2 <= ?3) INSERT OR IGNORE INTO"
                                        + " batch(first_seq, count, received_at, persons, heads,"
                                        + " bodies) SELECT seq, 1, ?4, persons, heads, bodies FROM"
                                        + " place, batch WHERE first_seq = 1")) {
            statement.setLong(1, first);
            statement.setLong(2, apart);
            statement.setLong(3, last);
            statement.setLong(4, receivedAt.toEpochMilli());
            statement.executeUpdate();
        }
    }

    @Test
    void listsDeadLettersByPage() {
        // Given
        append(read("1"), read("[]"), read("{\"type\":\"dance\"}"));
        // When
        DeadLetters letters = journal.deadLetters();
        List<DeadLetter> page = letters.list(DeadLetters.Filter.ALL, 1, 1);
        DeadLetters.Filter byReason =
                new DeadLetters.Filter("door", null, "INVALID", "'type'", null, NOW, null);
        // Then
        assertThat(page).extracting(DeadLetter::id).containsExactly(2L);
        assertThat(letters.count(byReason)).isEqualTo(1);
        letters.remove(3).join();
        assertThat(letters.count(byReason)).isZero();
        assertThat(letters.get(3)).isEmpty();
    }

    @Test
    void listsLargeDeadLettersWithoutReadingWhatTheyAreAbout() {
        // Given
        int large = 1 << 20;
        for (int i = 0; i < 8; i++) {
            append(read("\"" + "x".repeat(large)));
        }
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        letters();
        long before = threads.getCurrentThreadAllocatedBytes();
        // When
        List<DeadLetter> page = letters();
        // Then
        assertThat(page).hasSize(8);
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(large);
        assertThat(journal.deadLetters().item(8)).get(BYTE_ARRAY).hasSize(large + 1);
    }

    @Test
    void refusesASecondOpening() {
        // When / Then
        assertThatThrownBy(
                        () ->
                                SqliteJournal.open(
                                        JournalSettings.in(directory), InstantSource.system()))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("in use by another process");
    }

    @Test
    void leavesNothingAtWorkOfAJournalThatCannotBeOpened(@TempDir Path other) throws Exception {
        // Given
        JournalSettings settings = JournalSettings.in(other);
        SqliteJournal.open(settings, InstantSource.fixed(NOW), SMALL).close();
        try (var connection =
                        DriverManager.getConnection("jdbc:sqlite:" + other.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute("ALTER TABLE scrub RENAME TO scrub_gone");
        }
        journal.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-1")))).join();
        Set<Thread> before = Thread.getAllStackTraces().keySet(); // with all of the other journal's
        // When
        assertThatThrownBy(() -> SqliteJournal.open(settings, InstantSource.fixed(NOW), SMALL))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("scrub");
        // Then
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(
                        () ->
                                assertThat(Thread.getAllStackTraces().keySet())
                                        .filteredOn(thread -> !before.contains(thread))
                                        .extracting(Thread::getName)
                                        .noneMatch(name -> name.startsWith("journal-")));
    }

    @Test
    void refusesAFileOfSomethingElse(@TempDir Path other) throws Exception {
        // Given
        Files.writeString(other.resolve("journal.db"), "certainly not a database, but long enough");
        // When / Then
        assertThatThrownBy(
                        () -> SqliteJournal.open(JournalSettings.in(other), InstantSource.system()))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("cannot be opened");
    }

    @Test
    void refusesADamagedFileAndLeavesItAsItIs() throws Exception {
        // Given
        append(tracks(0, 300));
        journal.close();
        Path file = directory.resolve("journal.db");
        byte[] damaged = Files.readAllBytes(file);
        java.util.Arrays.fill(damaged, 200, damaged.length, (byte) 0x5a);
        Files.write(file, damaged);
        // When / Then
        assertThatThrownBy(
                        () ->
                                SqliteJournal.open(
                                        JournalSettings.in(directory), InstantSource.system()))
                .isInstanceOf(JournalUnavailableException.class)
                .hasMessageContaining("cannot be opened");
        assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }

    @Test
    void refusesADatabaseOfSomethingElse(@TempDir Path other) throws Exception {
        // Given
        try (var connection =
                        DriverManager.getConnection("jdbc:sqlite:" + other.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute("CREATE TABLE contacts(name TEXT)");
        }
        // When / Then
        assertThatThrownBy(
                        () -> SqliteJournal.open(JournalSettings.in(other), InstantSource.system()))
                .hasMessageContaining("not a journal");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6})
    void goesOnWithAJournalOfAnEarlierVersion(int version) throws Exception {
        // Given
        append(track("ann", "m-1"), track("bob", "m-2"));
        journal.close();
        EarlierVersion.restore(directory, version);
        assertThat(EarlierVersion.of(directory)).isEqualTo(version);
        // When
        open();
        append(track("bob", "m-2"), track("ann", "m-3"));
        mark("drop", 0, 3, null, false);
        journal.moveProgress("orders", "i7").join();
        // Then
        assertThat(messageIds()).containsExactly("m-1", "m-2", "m-3");
        assertThat(journal.progress("orders")).contains("i7");
        journal.close();
        assertThat(EarlierVersion.of(directory)).isEqualTo(EarlierVersion.NEWEST);
        open();
        assertThat(journal.progress("orders")).contains("i7");
        assertThat(journal.progress("others")).isEmpty();
    }

    @Test
    void refusesAJournalOfANewerCaravanAndOtherPartitions() throws Exception {
        // Given
        journal.close();
        JournalSettings settings = JournalSettings.in(directory);
        JournalSettings other =
                new JournalSettings(
                        directory, new Partitions(32), settings.retention(), settings.dedupe(), 0);
        // When / Then
        assertThatThrownBy(() -> SqliteJournal.open(other, InstantSource.system()))
                .hasMessageContaining("64 partitions");
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }
        assertThatThrownBy(() -> SqliteJournal.open(settings, InstantSource.system()))
                .hasMessageContaining("newer Caravan");
    }

    @Test
    void backsUpWhileItWorks(@TempDir Path elsewhere) {
        // Given
        append(tracks(0, 600));
        Path copy = elsewhere.resolve("journal.db");
        // When
        journal.backup(copy);
        append(track("u-1", "after"));
        // Then
        try (SqliteJournal restored =
                SqliteJournal.open(
                        JournalSettings.in(elsewhere), InstantSource.fixed(NOW), SMALL)) {
            assertThat(restored.end()).isEqualTo(600);
            assertThat(
                            restored.append(
                                            new Submission(
                                                    "shop",
                                                    NOW,
                                                    "",
                                                    List.of(track("u-1", "after"))))
                                    .join()
                                    .accepted())
                    .isEqualTo(1);
        }
        assertThatThrownBy(() -> journal.backup(copy)).hasMessageContaining("there already");
    }

    @Test
    void goesOnFromABackupThatWasPutBack(@TempDir Path other) throws IOException {
        // Given
        append(track("u-1", "m-1"), accepted(DELETION));
        Path backup = directory.resolve("backups/journal.db");
        journal.backup(backup);
        append(track("u-2", "lost"));
        // When
        Files.copy(backup, other.resolve("journal.db"));
        Files.copy(directory.resolve("erasure.key"), other.resolve("erasure.key"));
        // Then
        try (SqliteJournal restored =
                SqliteJournal.open(JournalSettings.in(other), InstantSource.fixed(NOW), SMALL)) {
            Submission again =
                    new Submission(
                            "shop", NOW, "", List.of(track("u-1", "m-1"), track("u-3", "m-3")));
            Appended appended = restored.append(again).join();
            assertThat(appended.duplicates()).isEqualTo(1);
            assertThat(appended.accepted()).isEqualTo(1);
            assertThat(restored.find("lost")).isEmpty();
            assertThat(
                            restored.erasures()
                                    .list(new Erasures.Filter(null, PersonKey.user("u-1")), 0, 10))
                    .hasSize(1);
        }
    }

    @Test
    void keepsItsFilesAndBackupsFromOtherUsers(@TempDir Path other) throws IOException {
        // Given
        Path data = other.resolve("data");
        Path backup = other.resolve("backups/copy.db");
        // When
        try (SqliteJournal own =
                SqliteJournal.open(JournalSettings.in(data), InstantSource.fixed(NOW), SMALL)) {
            own.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-1")))).join();
            own.backup(backup);
            // Then
            assertThat(rights(data)).isEqualTo("rwx------");
            assertThat(rights(backup.getParent())).isEqualTo("rwx------");
            assertThat(rights(backup)).isEqualTo("rw-------");
            try (Stream<Path> files = Files.list(data)) {
                assertThat(files.toList())
                        .hasSizeGreaterThanOrEqualTo(4)
                        .allSatisfy(file -> assertThat(rights(file)).isEqualTo("rw-------"));
            }
        }
    }

    @Test
    void takesTheRightsOfOthersFromAJournalOfAnEarlierVersion(@TempDir Path other)
            throws IOException {
        // Given
        SqliteJournal.open(JournalSettings.in(other), InstantSource.fixed(NOW), SMALL).close();
        Path file = other.resolve("journal.db");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        // When
        SqliteJournal.open(JournalSettings.in(other), InstantSource.fixed(NOW), SMALL).close();
        // Then
        assertThat(rights(file)).isEqualTo("rw-------");
    }

    private static String rights(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void leavesNoHalfBackup() throws IOException {
        // Given
        Path folder = Files.createDirectories(directory.resolve("in the way"));
        // When, Then
        assertThatThrownBy(() -> journal.backup(folder)).hasMessageContaining("there already");
        assertThat(folder).isDirectory();
    }

    @Test
    void givesABackupItsNameOnlyWhenAllOfItIsOnDisk(@TempDir Path other) throws Exception {
        // Given
        Path backup = other.resolve("copy.db");
        Files.writeString(other.resolve("copy.db.part"), "of a process that was killed");
        append(tracks(0, 10_000));
        var seen = new ArrayList<Long>();
        var done = new AtomicBoolean();
        var watching =
                CompletableFuture.runAsync(
                        () -> {
                            while (!done.get()) {
                                if (Files.exists(backup)) {
                                    seen.add(backup.toFile().length());
                                }
                            }
                        });
        // When
        journal.backup(backup);
        TimeUnit.MILLISECONDS.sleep(100);
        done.set(true);
        watching.join();
        // Then
        assertThat(seen).isNotEmpty().containsOnly(Files.size(backup));
        assertThat(other).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void refusesNothingBecauseOfALogThatIsCopiedSoon(@TempDir Path other) throws Exception {
        // Given
        long most = 4_000_000;
        JournalSettings settings =
                new JournalSettings(
                        other, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), most);
        try (SqliteJournal small = SqliteJournal.open(settings, InstantSource.fixed(NOW), SMALL)) {
            int number = 0;
            while (Files.size(other.resolve("journal.db-wal")) < most) {
                Submission one =
                        new Submission("shop", NOW, "", List.of(track("u-1", "m-" + number++)));
                small.append(one).join();
            }
            // When
            TimeUnit.MILLISECONDS.sleep(2_500); // two looks at the size
            JournalStatus status = small.status();
            // Then
            assertThat(status.writable()).isTrue();
            assertThat(status.bytes()).isGreaterThan(most);
        }
    }

    @Test
    void looksAfterItsFileStillThoughOneRoundEndedInAnError(@TempDir Path other) {
        // Given
        var rounds = new AtomicInteger();
        InstantSource clock =
                () -> {
                    boolean round = Thread.currentThread().getName().equals("journal-housekeeper");
                    if (round && rounds.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("made up");
                    }
                    return NOW;
                };
        // When
        try (SqliteJournal one = SqliteJournal.open(JournalSettings.in(other), clock, SMALL)) {
            // Then
            await().until(() -> rounds.get() > 1);
            assertThat(one.status().writable()).isTrue();
        }
    }

    @Test
    void removesByAgeOnlyWhatEveryDestinationIsDoneWith(@TempDir Path other) {
        // Given
        JournalSettings settings =
                new JournalSettings(
                        other, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), 0);
        var clock = new SettableClock(NOW);
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            for (int i = 0; i < 3; i++) {
                aging.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-" + i))))
                        .join();
            }
            Ledger slow = aging.ledger("slow", true);
            slow.settle(
                            new Settlement(
                                    1,
                                    new long[] {1, 1},
                                    List.of(),
                                    new Totals(1, 0, 0),
                                    List.of(),
                                    List.of()))
                    .join();
            // When
            clock.set(NOW.plus(Duration.ofDays(8)));
            // Then
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(2L, 3L));
            // When
            slow.settle(
                            new Settlement(
                                    2,
                                    new long[] {3, 3},
                                    List.of(new Held(1, 3, 0)),
                                    new Totals(1, 0, 0),
                                    List.of(),
                                    List.of()))
                    .join();
            // Then
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(3L));
        }
    }

    @Test
    void removesByAgeThoughOneEventCameWithAClockOfAnotherCentury(@TempDir Path other) {
        // Given
        JournalSettings settings =
                new JournalSettings(
                        other, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), 0);
        var clock = new SettableClock(NOW);
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            aging.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-1")))).join();
            aging.append(
                            new Submission(
                                    "shop",
                                    NOW.plus(Duration.ofDays(30_000)),
                                    "",
                                    List.of(track("u-1", "m-2"))))
                    .join();
            for (int i = 3; i <= 5; i++) {
                aging.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-" + i))))
                        .join();
            }
            // When
            clock.set(NOW.plus(Duration.ofDays(8)));
            // Then
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(5L));
        }
    }

    @Test
    void removesByAgeThoughManyEventsCameWithAClockOfAnotherCentury(@TempDir Path other)
            throws Exception {
        // Given
        JournalSettings settings = madeBy(other);
        copyRow(other, 2, 1_500, 1, NOW.plus(Duration.ofDays(30_000)));
        copyRow(other, 1_501, 1_502, 1, NOW);
        var clock = new SettableClock(NOW.plus(Duration.ofDays(6)));
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            TimeUnit.MILLISECONDS.sleep(500); // a look at what is old
            assertThat(sequences(aging)).hasSize(1_502);
            // When
            clock.set(NOW.plus(Duration.ofDays(8)));
            aging.moveProgress("page", "1").join(); // ends its rest
            // Then
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(1_502L));
        }
    }

    @Test
    void keepsWhatAClockOfAnotherCenturyReceivedLast(@TempDir Path other) throws Exception {
        // Given
        JournalSettings settings = madeBy(other);
        copyRow(other, 2, 5, 1, NOW.plus(Duration.ofDays(30_000)));
        var clock = new SettableClock(NOW.plus(Duration.ofDays(8)));
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            await().untilAsserted(() -> assertThat(sequences(aging)).hasSize(4));
            TimeUnit.MILLISECONDS.sleep(1_200); // another look
            assertThat(sequences(aging)).hasSize(4);
            aging.append(new Submission("shop", clock.instant(), "", List.of(track("u-1", "m-9"))))
                    .join();
            // When
            clock.set(NOW.plus(Duration.ofDays(16)));
            // Then
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(6L));
        }
    }

    @Test
    void removesByAgeAsManySmallCommitsAsMayCome(@TempDir Path other) throws Exception {
        // Given
        JournalSettings settings = madeBy(other);
        copyRow(other, 2, 10_000, 1, NOW);
        var clock = InstantSource.fixed(NOW.plus(Duration.ofDays(8)));
        // When
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            // Then
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(sequences(aging)).containsExactly(10_000L));
        }
    }

    /** The settings of a journal that has one event. */
    private static JournalSettings madeBy(Path directory) {
        JournalSettings settings =
                new JournalSettings(
                        directory, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), 0);
        try (SqliteJournal made = SqliteJournal.open(settings, InstantSource.fixed(NOW), SMALL)) {
            made.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-1")))).join();
        }
        return settings;
    }

    @Test
    void forgetsOldIdsThoughSomeCameWithAClockOfAnotherCentury(@TempDir Path other)
            throws Exception {
        // Given
        JournalSettings settings =
                new JournalSettings(
                        other, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), 0);
        var clock = new SettableClock(NOW.plus(Duration.ofDays(30_000)));
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            for (int i = 0; i < SMALL * 3; i += 100) {
                aging.append(new Submission("shop", NOW, "", List.of(tracks(i, i + 100)))).join();
            }
            clock.set(NOW);
            for (int i = SMALL * 4; i < SMALL * 8; i += 100) {
                aging.append(new Submission("shop", NOW, "", List.of(tracks(i, i + 100)))).join();
            }
            assertThat(count(other, "seen_generation")).isEqualTo(2);
            // When
            clock.set(NOW.plus(Duration.ofDays(2)));
            // Then
            await().untilAsserted(() -> assertThat(count(other, "seen_generation")).isZero());
        }
    }

    private static long count(Path directory, String table) throws Exception {
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM " + table)) {
            return row.getLong(1);
        }
    }

    @Test
    void storesNothingMoreWhenItIsFullAndGoesOnWhenThereIsRoom(@TempDir Path small)
            throws Exception {
        // Given
        JournalSettings tight =
                new JournalSettings(
                        small, new Partitions(2), Duration.ofDays(7), Duration.ofDays(30), 400_000);
        long stored = 0;
        try (SqliteJournal full = SqliteJournal.open(tight, InstantSource.fixed(NOW), SMALL)) {
            List<CompletableFuture<Appended>> answers = new ArrayList<>();
            // When
            for (int i = 0; i < 20; i++) {
                Submission submission =
                        new Submission("shop", NOW, "", List.of(tracks(i * 200, i * 200 + 200)));
                answers.add(full.append(submission));
            }
            for (CompletableFuture<Appended> answer : answers) {
                try {
                    stored += answer.get().accepted();
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(JournalUnavailableException.class);
                }
            }
            // Then
            assertThat(answers).anyMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(full.status().writable()).isFalse();
            assertThat(full.end()).isEqualTo(stored);
        }
        // When
        JournalSettings roomy = JournalSettings.in(small);
        roomy = new JournalSettings(small, new Partitions(2), roomy.retention(), roomy.dedupe(), 0);
        try (SqliteJournal again = SqliteJournal.open(roomy, InstantSource.fixed(NOW), SMALL)) {
            // Then
            assertThat(sequences(again)).hasSize((int) stored);
            assertThat(
                            again.append(new Submission("shop", NOW, "", List.of(tracks(0, 4000))))
                                    .get())
                    .isEqualTo(new Appended(4000 - (int) stored, (int) stored, List.of()));
        }
    }

    @Test
    void saysOnceThatItIsFullThoughItHadWarnedBefore(@TempDir Path small) throws Exception {
        // Given
        JournalSettings tight =
                new JournalSettings(
                        small,
                        new Partitions(2),
                        Duration.ofDays(7),
                        Duration.ofDays(30),
                        1_000_000);
        try (LogLines lines = LogLines.of(Housekeeper.class);
                SqliteJournal full = SqliteJournal.open(tight, InstantSource.fixed(NOW), SMALL)) {
            int number = 0;
            // When
            while (full.status().writable()) {
                Reading[] some = tracks(number, number += 100);
                full.append(new Submission("shop", NOW, "", List.of(some))).join();
                TimeUnit.MILLISECONDS.sleep(250); // slower than the size is looked at
            }
            TimeUnit.MILLISECONDS.sleep(1_200); // another look at the size
            // Then
            assertThat(lines.all).hasSize(2);
            assertThat(lines.all.get(0)).startsWith("WARN the journal");
            assertThat(lines.all.get(1))
                    .startsWith(
                            "ERROR No event is taken any longer: the journal has reached"
                                    + " caravan.journal.max-size");
        }
    }

    @Test
    void leavesNoByteOfARemovedEventInTheFile(@TempDir Path other) throws Exception {
        // Given
        var clock = new SettableClock(NOW);
        JournalSettings settings =
                new JournalSettings(
                        other, new Partitions(2), Duration.ofDays(7), Duration.ofDays(1), 0);
        try (SqliteJournal aging = SqliteJournal.open(settings, clock, SMALL)) {
            aging.append(new Submission("shop", NOW, "", List.of(track("secret-person", "m-1"))))
                    .join();
            aging.append(new Submission("shop", NOW, "", List.of(track("u-1", "m-2")))).join();
            // When
            clock.set(NOW.plus(Duration.ofDays(8)));
            await().untilAsserted(() -> assertThat(sequences(aging)).containsExactly(2L));
        }
        // Then
        String file = Files.readString(other.resolve("journal.db"), StandardCharsets.ISO_8859_1);
        assertThat(file).contains("u-1").doesNotContain("secret-person");
        assertThat(other.resolve("journal.db-wal")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                BatchReader.ROW_AT,
                BatchReader.ROWS_FROM,
                BatchReader.ROW,
                "SELECT entries FROM seen_block WHERE id = ?",
                "SELECT into_person FROM person_link WHERE person = ?",
                WriteSession.SELECT_LETTER,
                Claims.LATEST_OF_NAME,
                Claims.LATEST_OF_USER,
                Claims.OF_NAME,
                Claims.OF_USER,
                Claims.IS_USER,
                Claims.OLDEST_KEPT,
                Claims.NEXT_OTHER,
                Claims.NEXT_ERASED,
                "SELECT rule FROM skip WHERE destination = ? AND sequence = ?"
            })
    void searchesAndNeverScansWhatGrowsWithTheBacklog(String sql) throws Exception {
        // When
        List<String> plan = plan(sql);
        // Then
        assertThat(plan).isNotEmpty().allMatch(step -> step.startsWith("SEARCH"));
    }

    @ParameterizedTest
    @MethodSource
    void findsDeadLettersByAnIndexAndNotByTheirIds(String index, DeadLetters.Filter filter)
            throws Exception {
        // When
        List<String> counting = plan(SqliteDeadLetters.counting(filter));
        List<String> listing = plan(SqliteDeadLetters.listing(filter));
        // Then
        assertThat(counting).singleElement(STRING).matches("SEARCH .* INDEX " + index + " .*");
        assertThat(listing)
                .anyMatch(step -> step.matches("SEARCH .* INDEX " + index + " .*"))
                .noneMatch(step -> step.contains("PRIMARY KEY (rowid>"))
                .noneMatch(step -> step.startsWith("SCAN"));
    }

    static Stream<Arguments> findsDeadLettersByAnIndexAndNotByTheirIds() {
        String any = "dead_letter_(source|rule|destination)";
        return Stream.of(
                Arguments.of(
                        "dead_letter_destination",
                        new DeadLetters.Filter("crm", null, null, null, null, null, null)),
                Arguments.of(
                        "dead_letter_source",
                        new DeadLetters.Filter(null, "shop", null, "no", null, null, null)),
                Arguments.of(
                        "dead_letter_rule",
                        new DeadLetters.Filter(null, null, "STUCK", null, null, null, null)),
                Arguments.of(
                        "dead_letter_message",
                        new DeadLetters.Filter(null, null, null, null, "m-1", null, null)),
                Arguments.of(
                        "dead_letter_at",
                        new DeadLetters.Filter(null, null, null, null, null, NOW, null)),
                Arguments.of(
                        "dead_letter_at",
                        new DeadLetters.Filter(null, null, null, null, null, NOW, NOW)),
                Arguments.of(
                        any, new DeadLetters.Filter("crm", "shop", "STUCK", "", null, NOW, NOW)));
    }

    private List<String> plan(String sql) throws Exception {
        List<String> plan = new ArrayList<>();
        try (var connection =
                        DriverManager.getConnection(
                                "jdbc:sqlite:" + directory.resolve("journal.db"));
                var statement = connection.prepareStatement("EXPLAIN QUERY PLAN " + sql);
                var row = statement.executeQuery()) {
            while (row.next()) {
                plan.add(row.getString("detail"));
            }
        }
        return plan;
    }

    // --- helpers

    private Appended append(Reading... items) {
        return submit(items).join();
    }

    private CompletableFuture<Appended> submit(Reading... items) {
        return journal.append(new Submission("shop", NOW, "", List.of(items)));
    }

    private static Reading[] tracks(int from, int to) {
        Reading[] items = new Reading[to - from];
        for (int i = from; i < to; i++) {
            items[i - from] = track("u-" + i % 50, "t-" + i);
        }
        return items;
    }

    private static Reading alias(String previousId, String userId, String messageId) {
        return accepted(
                """
                {"type":"alias","previousId":"%s","userId":"%s","messageId":"%s"}"""
                        .formatted(previousId, userId, messageId));
    }

    private List<Entry> entries() {
        return journal.read(0, journal.end(), 100_000, Long.MAX_VALUE, person -> true).entries();
    }

    private List<String> messageIds() {
        return entries().stream().map(entry -> entry.event().messageId()).toList();
    }

    private static List<Long> sequences(SqliteJournal journal) {
        return journal
                .read(0, journal.end(), 100_000, Long.MAX_VALUE, person -> true)
                .entries()
                .stream()
                .map(Entry::sequence)
                .toList();
    }

    private List<DeadLetter> letters() {
        return journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 100);
    }

    private void reopen() {
        journal.close();
        open();
    }
}
