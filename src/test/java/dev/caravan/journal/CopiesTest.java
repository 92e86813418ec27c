package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Settlement.Receipt;
import dev.caravan.journal.Settlement.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left in the journal's files of a person who was erased. */
class CopiesTest {
    private static final EventReader READER = new EventReader(new SemanticNames(false, Set.of()));

    @TempDir Path directory;
    @TempDir Path elsewhere;
    private final Random chance = new Random(7);
    private SqliteJournal journal;
    private Ledger ledger;
    private long settlements;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(directory), InstantSource.system());
    }

    @AfterEach
    void close() {
        journal.close();
    }

    // --- what is gone

    @Test
    void nothingOfAPersonButWhatTheDeletionNeeds() throws Exception {
        // Given: two persons in the journal, in dead letters of a door and of a destination, held
        ledger = journal.ledger("crm", true);
        everythingOf("ann");
        everythingOf("bob");
        int whole = inDatabase("bob");
        assertThat(inDatabase("ann")).isEqualTo(whole).isGreaterThan(20);
        // When
        append(deletion("ann", "d-1"));
        long deletion = entry("d-1").sequence();
        Erasure erasure = removed(deletion);
        // Then: the deletion alone is left, and those of the former id and of the e-mail that stood
        // in for an id, for the destination that is to carry them out
        assertThat(erasure.copies().carried()).isFalse();
        assertThat(erasure.copies().events()).isEqualTo(7);
        assertThat(erasure.copies().letters()).isEqualTo(3);
        assertThat(found("ann"))
                .containsOnly("id-ann", "old-id-ann", "mail-ann", "secret-ann-of-d-1");
        assertThat(inDatabase("bob")).isEqualTo(whole);
        // When
        settle(
                journal.end(),
                List.of(),
                List.of(
                        new Receipt(deletion, Receipt.State.DONE, 200, 1, ""),
                        new Receipt(deletion + 1, Receipt.State.DONE, 200, 1, ""),
                        new Receipt(deletion + 2, Receipt.State.DONE, 200, 1, "")));
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                erasure(deletion).copies().carried()
                                        && erasure(deletion + 1).copies().carried()
                                        && erasure(deletion + 2).copies().carried());
        // Then
        assertThat(found("ann")).isEmpty();
        assertThat(inDatabase("bob")).isEqualTo(whole);
    }

    @Test
    void notByWhichHashTheirOrderWasKept() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(identify("ann", "m-1"), track("ann", "m-2"), identify("bob", "m-3"));
        append(
                read(
                        "{\"type\":\"identify\",\"anonymousId\":\"stranger\",\"messageId\":\"m-4\",\"traits\":{\"email\":\"mail-ann@x.org\"}}"));
        append(deletion("ann", "d-1"));
        removed(5);
        assertThat(hashes()).contains(hash("u:id-ann"), hash("a:visitor-ann"), hash("a:stranger"));
        // When
        settle(new Receipt(5, Receipt.State.DONE, 200, 1, ""));
        // Then
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThat(hashes())
                                        .doesNotContain(
                                                hash("u:id-ann"),
                                                hash("a:visitor-ann"),
                                                hash("e:mail-ann@x.org"),
                                                hash("a:stranger"))
                                        .contains(hash("u:id-bob"), hash("a:visitor-bob")));
    }

    @Test
    void keepsThoseWhoseNameIsInUseAgain() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(identify("ann", "m-1"), deletion("ann", "d-1"), identify("ann", "m-2"));
        removed(2);
        // When
        settle(new Receipt(2, Receipt.State.DONE, 200, 1, ""));
        await().atMost(Duration.ofSeconds(20)).until(() -> erasure(2).copies().carried());
        append(deletion("carl", "d-2"));
        removed(4);
        // Then
        append(visit("ann", "m-3"));
        assertThat(entry("m-3").person()).isEqualTo(entry("m-2").person());
    }

    @Test
    void takesTheDeadLetterOfAVisitorWhoGaveTheEmail() throws Exception {
        // Given
        append(
                identify("ann", "m-1"),
                read(
                        "{\"type\":\"identify\",\"anonymousId\":\"stranger\",\"timestamp\":1,"
                                + "\"messageId\":\"broken\",\"traits\":{\"email\":\"Mail-ann@x.org\"}}"));
        // When
        append(deletion("ann", "d-1"));
        // Then
        assertThat(removed(2).copies().letters()).isEqualTo(1);
        assertThat(journal.deadLetters().count(DeadLetters.Filter.ALL)).isZero();
    }

    @Test
    void whatComesLateIsNotKeptFromTheBeginning() throws Exception {
        // Given
        append(track("ann", "m-1"), deletion("ann", "d-1"));
        removed(2);
        // When
        Appended late =
                append(
                        read(
                                "{\"type\":\"track\",\"event\":\"Order Completed\",\"messageId\":\"late\",\"userId\":\"id-ann\","
                                        + "\"timestamp\":\"2020-01-01T00:00:00Z\",\"properties\":{\"s\":\"secret-ann-of-late\"}}"),
                        read(
                                "{\"type\":\"track\",\"messageId\":\"broken\",\"userId\":\"id-ann\","
                                        + "\"timestamp\":\"2020-01-01T00:00:00Z\",\"properties\":{\"s\":\"secret-ann-of-broken\"}}"));
        // Then
        assertThat(late.accepted()).isEqualTo(1);
        assertThat(late.skipped()).isEqualTo(1);
        assertThat(late.setAside()).hasSize(1);
        assertThat(late.setAside().get(0).reason()).endsWith("erased by erasure 2");
        assertThat(entry("late").erasedBy()).isEqualTo(2);
        assertThat(journal.deadLetters().count(DeadLetters.Filter.ALL)).isZero();
        assertThat(found("ann")).doesNotContain("secret-ann-of-late", "secret-ann-of-broken");
    }

    @Test
    void nothingOfASuppressedPersonUntilThatEndsAndOverRestarts() throws Exception {
        // Given
        append(read(named("User Suppressed", "ann", "s-1")));
        // When
        Appended first = append(track("ann", "m-1"), track("bob", "m-2"));
        reopen();
        Appended second = append(track("ann", "m-3"));
        append(read(named("User Unsuppressed", "ann", "s-2")));
        Appended third = append(track("ann", "m-4"));
        // Then
        assertThat(List.of(first.skipped(), second.skipped(), third.skipped()))
                .containsExactly(1, 1, 0);
        assertThat(first.accepted()).isEqualTo(2);
        assertThat(journal.status().sources().get("shop").skipped()).isEqualTo(2);
        assertThat(found("ann"))
                .doesNotContain("secret-ann-of-m-1", "secret-ann-of-m-3")
                .contains("secret-ann-of-m-4");
        assertThat(entry("m-1").erasedBy()).isEqualTo(1);
        assertThat(journal.erasures().reaching(entry("m-1"))).hasValue(1);
    }

    @Test
    void theTokenOfADeletedDeviceAndNothingElseOfThePerson() throws Exception {
        // Given
        append(track("ann", "m-1"), read(device("Device Created or Updated", "ann", "m-2")));
        // When
        append(read(device("Device Deleted", "ann", "m-3")));
        removed(3);
        journal.ledger("crm", false); // the first destination, which begins behind it
        await().atMost(Duration.ofSeconds(20)).until(() -> erasure(3).copies().carried());
        // Then
        assertThat(found("ann")).contains("secret-ann-of-m-1").doesNotContain("token-ann");
    }

    @Test
    void keepsForTheFirstDestinationWhatItHasToCarryOut() throws Exception {
        // Given: no destination yet
        append(
                track("ann", "m-1"),
                read(named("User Suppressed", "ann", "s-1")),
                read(named("User Unsuppressed", "ann", "s-2")),
                deletion("ann", "d-1"));
        // When
        removed(4);
        Thread.sleep(1500); // longer than it takes to look at what carries erasures
        // Then
        List<Entry> entries = journal.read(0, 4, 10, Long.MAX_VALUE, person -> true).entries();
        assertThat(entries).extracting(Entry::isErased).containsExactly(true, false, false, false);
    }

    @Test
    void aRefusalThatComesBehindTheDeletionIsNoDeadLetter() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(track("ann", "m-1"));
        Entry underWay = entry("m-1");
        append(deletion("ann", "d-1"));
        removed(2);
        // When
        settle(1, List.of(refusal(underWay)), List.of());
        // Then
        assertThat(journal.deadLetters().count(DeadLetters.Filter.ALL)).isZero();
        assertThat(journal.skipRule("crm", 1)).hasValue("erased by erasure 2");
        assertThat(found("ann")).doesNotContain("secret-ann-of-m-1");
    }

    @Test
    void nothingOfARefusedDeletionOnceItWasDoneAfterAll() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(deletion("ann", "d-1"));
        Entry deletion = entry("d-1");
        settle(
                1,
                List.of(refusal(deletion)),
                List.of(new Receipt(1, Receipt.State.REFUSED, 400, 1, "no")));
        removed(1);
        Thread.sleep(7000); // longer than it takes to cut the log for what was settled
        assertThat(found("ann")).contains("id-ann");
        assertThat(erasure(1).copies().carried()).isFalse();
        DeadLetter letter = journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 1).get(0);
        // When
        journal.erasures()
                .retried("crm", new Receipt(1, Receipt.State.DONE, 200, 2, ""), letter)
                .join();
        // Then
        assertThat(erasure(1).copies().carried()).isTrue();
        await().atMost(Duration.ofSeconds(20)).until(() -> found("ann").isEmpty());
    }

    @Test
    void nothingOfADeadLetterWhoseDestinationIsForgotten() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(track("ann", "m-1"), deletion("bob", "d-1"));
        settle(1, List.of(refusal(entry("m-1"))), List.of());
        settle(new Receipt(2, Receipt.State.DONE, 200, 1, ""));
        removed(2);
        await().atMost(Duration.ofSeconds(20)).until(() -> journal.scrubber().isResting());
        assertThat(inFiles(directory, "secret-ann-of-m-1")).isGreaterThan(1);
        // When
        journal.forget("crm").join();
        // Then: it stands in the journal alone
        await().atMost(Duration.ofSeconds(20))
                .until(() -> inFiles(directory, "secret-ann-of-m-1") == 1);
    }

    @Test
    void keepsWhatAsksForADeletionUntilSomebodyDecides() throws Exception {
        // Given
        append(read(named("user deleted", "ann", "near"))); // near miss
        append(track("ann", "m-1"), deletion("ann", "d-1"));
        // When
        removed(2);
        // Then
        assertThat(journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 10))
                .extracting(DeadLetter::rule)
                .containsExactly("NEAR_MISS");
    }

    // --- what goes on as before

    @Test
    void knowsADuplicateStillAndWhatHasItsIdWithOtherContent() throws Exception {
        // Given
        append(track("ann", "m-1"), track("bob", "m-2"), deletion("ann", "d-1"));
        removed(3);
        // When
        Appended same = append(track("ann", "m-1"));
        Appended other = append(track("carl", "m-1"));
        // Then
        assertThat(same.duplicates()).isEqualTo(1);
        assertThat(other.setAside()).hasSize(1);
        assertThat(journal.find("m-1")).hasSize(1);
        assertThat(journal.find("m-1").get(0).event().call().type()).isEqualTo("track");
    }

    @Test
    void goesOnWhereItWasAfterAKillInTheMiddleOfAPass() throws Exception {
        // Given: a backlog of 50,000 events, every hundredth of ann
        journal.close();
        journal =
                SqliteJournal.openStill(
                        JournalSettings.in(directory), InstantSource.system(), 1 << 17);
        for (int i = 0; i < 50; i++) {
            List<Reading> part = new ArrayList<>();
            for (int k = 0; k < 1000; k++) {
                part.add(track(k % 100 == 0 ? "ann" : "bob", "m-" + i + "-" + k));
            }
            append(part.toArray(new Reading[0]));
        }
        append(deletion("ann", "d-1"));
        while (journal.scrubber().pass().place() < 20_000) {
            journal.scrubber().step();
        }
        // When: the files as kill -9 leaves them are opened
        for (String file : List.of("journal.db", "journal.db-wal", "erasure.key")) {
            Files.copy(directory.resolve(file), elsewhere.resolve(file));
        }
        long atKill;
        try (SqliteJournal again =
                SqliteJournal.openStill(
                        JournalSettings.in(elsewhere), InstantSource.system(), 1 << 17)) {
            atKill = again.scrubber().pass().place();
            while (!again.scrubber().pass().done()) {
                again.scrubber().step();
            }
            // Then
            List<Entry> entries =
                    again.read(0, 50_000, 60_000, Long.MAX_VALUE, person -> true).entries();
            assertThat(entries).hasSize(50_000);
            assertThat(entries.stream().filter(Entry::isErased)).hasSize(500);
            assertThat(again.erasures().get(50_001).orElseThrow().copies().events()).isEqualTo(500);
            assertThat(inFiles(elsewhere, "secret-ann-of-m")).isZero();
            assertThat(inFiles(elsewhere, "secret-bob-of-m"))
                    .isGreaterThan(49_000); // some lie across two pages
        }
        assertThat(atKill).isBetween(1L, 50_000L);
    }

    @Test
    void leavesAPauseBehindAPassAsLongAsItWorkedButAnHourAtTheMost() {
        assertThat(Scrubber.pause(SECONDS.toNanos(3))).isEqualTo(SECONDS.toNanos(24));
        assertThat(Scrubber.pause(SECONDS.toNanos(449))).isLessThan(HOURS.toNanos(1));
        assertThat(Scrubber.pause(SECONDS.toNanos(451))).isEqualTo(HOURS.toNanos(1));
    }

    @Test
    void restsWhileThereIsNothingToRemove() throws Exception {
        // Given
        ledger = journal.ledger("crm", true);
        append(track("ann", "m-1"));
        await().until(() -> journal.scrubber().isResting());
        // When: the deletion is on its way to a destination, then it is there
        append(deletion("ann", "d-1"));
        removed(2);
        boolean restedBefore = journal.scrubber().isResting();
        settle(new Receipt(2, Receipt.State.DONE, 200, 1, ""));
        await().atMost(Duration.ofSeconds(20)).until(() -> journal.scrubber().isResting());
        // Then
        assertThat(restedBefore).isFalse();
        assertThat(erasure(2).copies().carried()).isTrue();
        // When
        reopen();
        // Then
        await().until(() -> journal.scrubber().isResting());
    }

    @Test
    void servesManyErasuresWithOnePass() throws Exception {
        // Given
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            items.add(track("p" + i, "m-" + i));
        }
        for (int i = 0; i < 200; i++) {
            items.add(deletion("p" + i, "d-" + i));
        }
        // When
        append(items.toArray(new Reading[0]));
        removed(journal.end());
        // Then
        assertThat(journal.scrubber().pass().id()).isEqualTo(1);
        assertThat(
                        journal
                                .read(0, 300, 1000, Long.MAX_VALUE, person -> true)
                                .entries()
                                .stream()
                                .filter(Entry::isErased))
                .hasSize(200);
    }

    @Test
    void removesWhatACaravanThatRemovedNothingHasLeft() throws Exception {
        // Given: a journal of version 2 with an erasure in it
        journal.close();
        journal =
                SqliteJournal.openStill(
                        JournalSettings.in(directory), InstantSource.system(), 1 << 17);
        append(track("ann", "m-1"), track("bob", "m-2"), deletion("ann", "d-1"));
        journal.close();
        EarlierVersion.restore(directory, 2);
        // When
        open();
        removed(3);
        journal.ledger("crm", false); // the first destination, which begins behind it
        await().atMost(Duration.ofSeconds(20)).until(() -> erasure(3).copies().carried());
        // Then
        assertThat(found("ann")).isEmpty();
        assertThat(found("bob")).contains("secret-bob-of-m-2");
    }

    @Test
    void goesOnThoughOneTryEndedInAnError() throws Exception {
        // Given
        var failed = new AtomicBoolean();
        journal.erasures()
                .onRemoval(
                        () -> {
                            if (failed.compareAndSet(false, true)) {
                                throw new OutOfMemoryError("made up");
                            }
                        });
        // When
        append(track("ann", "m-1"), deletion("ann", "d-1"));
        // Then
        assertThat(removed(2).copies().events()).isEqualTo(1);
        assertThat(failed).isTrue();
    }

    // --- who

    @Test
    void keepsWhoAskedWhoRejectedAndWhoDiscarded() {
        // Given
        Source site = new Source("site", false);
        journal.append(
                        new Submission(
                                "site",
                                Instant.now(),
                                "",
                                List.of(read(named("User Deleted", "ann", "held"), site))))
                .join();
        append(read("{\"type\":\"track\",\"messageId\":\"broken\",\"userId\":\"id-bob\"}"));
        // When
        journal.append(
                        new Submission(
                                "operator",
                                Instant.now(),
                                "",
                                List.of(deletion("carl", "asked")),
                                new Decision.Order(Decision.What.ASKED, "ann", null, 0),
                                null))
                .join();
        int discarded = journal.deadLetters().discard(List.of(1L, 2L, 99L), "bea").join();
        // Then
        assertThat(discarded).isEqualTo(2);
        assertThat(journal.deadLetters().count(DeadLetters.Filter.ALL)).isZero();
        assertThat(journal.decisions(0, 10))
                .extracting(Decision::what, Decision::operator, Decision::letter)
                .containsExactly(
                        tuple(Decision.What.ASKED, "ann", 0L),
                        tuple(Decision.What.REJECTED, "bea", 1L),
                        tuple(Decision.What.DISCARDED, "bea", 2L));
        assertThat(journal.decisions("held")).hasSize(1);
        assertThat(erasure(1).decisions()).hasSize(1);
    }

    @Test
    void keepsWhoAskedWithTheErasureAskedForThoughFurtherIdsFollow() {
        // Given
        append(
                read(
                        "{\"type\":\"alias\",\"userId\":\"id-ann\",\"previousId\":\"old-id-ann\",\"messageId\":\"m-1\"}"));
        // When
        journal.append(
                        new Submission(
                                "operator",
                                Instant.now(),
                                "",
                                List.of(deletion("ann", "asked")),
                                new Decision.Order(Decision.What.ASKED, "bea", null, 0),
                                null))
                .join();
        // Then
        assertThat(journal.erasures().list(Erasures.Filter.ALL, 0, 10))
                .extracting(Erasure::id, erasure -> erasure.decisions().size())
                .containsExactly(tuple(2L, 1), tuple(3L, 0));
    }

    // --- helpers

    /** Events under all names, dead letters of a door and of a destination, and a held person. */
    private void everythingOf(String who) {
        append(identify(who, who + "-1"), track(who, who + "-2"), visit(who, who + "-3"));
        append(
                read(
                        "{\"type\":\"alias\",\"userId\":\"id-%s\",\"previousId\":\"old-id-%s\",\"messageId\":\"%s-4\"}"
                                .formatted(who, who, who)),
                read(
                        "{\"type\":\"identify\",\"anonymousId\":\"stranger-%s\",\"messageId\":\"%s-5\",\"traits\":{\"email\":\"mail-%s@x.org\",\"s\":\"secret-%s-of-5\"}}"
                                .formatted(who, who, who, who)),
                read(
                        "{\"type\":\"group\",\"groupId\":\"g\",\"userId\":\"id-%s\",\"messageId\":\"%s-6\"}"
                                .formatted(who, who)),
                track(who, who + "-7"));
        append(
                read(
                        "{\"type\":\"track\",\"messageId\":\"%s-8\",\"userId\":\"id-%s\"}"
                                .formatted(who, who)),
                track(who, who + "-2", "other-content-" + who));
        Entry refused = entry(who + "-2");
        settle(1, List.of(refusal(refused)), List.of());
    }

    private static Refusal refusal(Entry entry) {
        return new Refusal(entry, Refusal.Rule.REFUSED, 400, "no", 1);
    }

    /** Everything is settled, with this receipt. */
    private void settle(Receipt receipt) {
        settle(journal.end(), List.of(), List.of(receipt));
    }

    private void settle(long through, List<Refusal> refusals, List<Receipt> receipts) {
        long[] cursors = new long[journal.partitions().count()];
        Arrays.fill(cursors, through);
        List<Held> held =
                receipts.isEmpty() && !refusals.isEmpty()
                        ? List.of(new Held(refusals.get(0).entry().person(), through + 1, 1))
                        : List.of();
        ledger.settle(
                        new Settlement(
                                ++settlements,
                                cursors,
                                held,
                                new Totals(0, 0, refusals.size()),
                                refusals,
                                List.of(),
                                receipts))
                .join();
    }

    private Erasure removed(long id) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> erasure(id).copies().removedAt() != null);
        return erasure(id);
    }

    private Erasure erasure(long id) {
        Optional<Erasure> erasure = journal.erasures().get(id);
        return erasure.orElseGet(() -> journal.erasures().list(Erasures.Filter.ALL, 0, 1).get(0));
    }

    private Entry entry(String messageId) {
        return journal.find(messageId).get(0);
    }

    private void reopen() {
        journal.close();
        open();
    }

    private Appended append(Reading... items) {
        return journal.append(new Submission("shop", Instant.now(), "", List.of(items))).join();
    }

    private Reading track(String who, String messageId) {
        return track(who, messageId, "");
    }

    private Reading track(String who, String messageId, String more) {
        return read(
                "{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"id-%s\",\"messageId\":\"%s\",\"properties\":{\"s\":\"secret-%s-of-%s\",\"m\":\"%s\"}}"
                        .formatted(who, messageId, who, messageId, more));
    }

    private Reading visit(String who, String messageId) {
        return read(
                "{\"type\":\"page\",\"anonymousId\":\"visitor-%s\",\"messageId\":\"%s\"}"
                        .formatted(who, messageId));
    }

    private Reading identify(String who, String messageId) {
        return read(
                "{\"type\":\"identify\",\"userId\":\"id-%s\",\"anonymousId\":\"visitor-%s\",\"messageId\":\"%s\",\"traits\":{\"email\":\"mail-%s@x.org\"}}"
                        .formatted(who, who, messageId, who));
    }

    private Reading deletion(String who, String messageId) {
        return read(named("User Deleted", who, messageId));
    }

    private static String named(String event, String who, String messageId) {
        return "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"id-%s\",\"messageId\":\"%s\",\"properties\":{\"s\":\"secret-%s-of-%s\"}}"
                .formatted(event, who, messageId, who, messageId);
    }

    private static String device(String event, String who, String messageId) {
        return "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"id-%s\",\"messageId\":\"%s\",\"context\":{\"device\":{\"token\":\"token-%s\",\"type\":\"ios\"}}}"
                .formatted(event, who, messageId, who);
    }

    private Reading read(String json) {
        return read(json, new Source("shop", true));
    }

    private Reading read(String json, Source source) {
        Instant now = Instant.now();
        byte[] item = json.getBytes(StandardCharsets.UTF_8);
        return READER.read(
                item,
                0,
                item.length,
                Origin.of(source, now, MessageIds.timeOrdered(InstantSource.system(), chance), now),
                0);
    }

    /** What of a person stands in the files, each once. */
    private List<String> found(String who) {
        var pattern =
                Pattern.compile(
                        "(old-id|id|visitor|mail|token|other-content|secret)-"
                                + who
                                + "(-of-[a-z0-9-]+)?");
        List<String> found = new ArrayList<>();
        for (String text : files(directory)) {
            pattern.matcher(text).results().forEach(result -> found.add(result.group()));
        }
        return found.stream().distinct().toList();
    }

    /** How often names and content of a person stand in the database, its log copied into it. */
    private int inDatabase(String who) throws SQLException {
        try (var connection = connection();
                var statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        int count = 0;
        for (String name : List.of("id", "visitor", "mail", "other-content", "secret")) {
            count += inFiles(directory, name + "-" + who);
        }
        return count;
    }

    /** How often a text stands in the files. */
    private static int inFiles(Path directory, String text) {
        int count = 0;
        for (String file : files(directory)) {
            for (int at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) {
                count++;
            }
        }
        return count;
    }

    private static List<String> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().startsWith("journal.db"))
                    .map(CopiesTest::text)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Connection connection() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("journal.db"));
    }

    private static long hash(String key) {
        return new PersonKey(key).hash();
    }

    /** By whom order is kept, and who was joined to whom. */
    private List<Long> hashes() throws Exception {
        List<Long> hashes = new ArrayList<>();
        for (Entry entry :
                journal.read(0, journal.end(), 1000, Long.MAX_VALUE, person -> true).entries()) {
            hashes.add(entry.person());
            hashes.addAll(entry.joins());
        }
        try (var connection = connection();
                var statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT person FROM person_link UNION ALL SELECT name FROM claim UNION ALL SELECT user FROM claim")) {
            while (row.next()) {
                hashes.add(row.getLong(1));
            }
        }
        return hashes;
    }
}
