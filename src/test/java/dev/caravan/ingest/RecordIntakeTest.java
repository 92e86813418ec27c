package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.format.Formats;
import dev.caravan.format.Formats.Option;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.JournalUnavailableException;
import dev.caravan.journal.KnownFile;
import dev.caravan.journal.SqliteJournal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of foreign formats, by way of a mapping, in a journal on disk. */
class RecordIntakeTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:15:30Z");
    private static final Source CRM = new Source("crm", true);
    private static final String ORDERS =
            """
            type: track
            event: Order Completed
            userId: $.customer
            properties:
              total: {path: $.total, type: number}
            """;
    private static final String CONTACTS =
            """
            events:
              - type: identify
                userId: $.id
                traits:
                  email: $.email
              - type: track
                event: Contact Imported
                userId: $.id
            """;

    @TempDir Path home;
    private final InstantSource clock = () -> NOW;
    private Journal journal;
    private LooseJournal loose;
    private Intake intake;
    private int version;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(home.resolve("data")), clock);
        loose = new LooseJournal(journal);
        intake =
                new Intake(
                        loose.journal(),
                        new EventReader(new SemanticNames(false, Set.of())),
                        new MappingFiles(home.resolve("mappings")),
                        clock,
                        new Random(1));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private void mapping(String name, String yaml) throws IOException {
        Path file = Files.createDirectories(home.resolve("mappings")).resolve(name + ".yaml");
        Files.writeString(file, yaml);
        Files.setLastModifiedTime(file, FileTime.from(NOW.plusSeconds(++version)));
    }

    private static Reception csv(String mapping) {
        return new Reception(Formats.of(Formats.CSV, Map.of()), mapping);
    }

    /** Reads a file as a route would; each writing of it has a time and a length of its own. */
    private CompletableFuture<Receipt> read(Reception reception, byte[] content, int written) {
        String identity = "file\nday.csv\n%d\n%d".formatted(written, content.length);
        Origin origin =
                Origin.of(CRM, NOW, MessageIds.derived("crm", identity), NOW.minusSeconds(60));
        return intake.file(() -> new ByteArrayInputStream(content), reception, origin, "day.csv");
    }

    private CompletableFuture<Receipt> read(Reception reception, String content, int written) {
        return read(reception, content.getBytes(UTF_8), written);
    }

    private List<Entry> stored() {
        return journal.read(0, journal.end(), 100_000, Long.MAX_VALUE, person -> true).entries();
    }

    private List<String> persons() {
        return stored().stream().map(entry -> entry.event().userId()).toList();
    }

    private List<DeadLetter> letters() {
        return journal.deadLetters().list(Filter.ALL, 0, 1000);
    }

    private String item(DeadLetter letter) {
        return new String(journal.deadLetters().item(letter.id()).orElseThrow(), UTF_8);
    }

    private String retry(DeadLetter letter) {
        return new Resubmission(intake, journal.deadLetters()).retry(letter, "ann").join();
    }

    private String retry(DeadLetter letter, String mended) {
        return new Resubmission(intake, journal.deadLetters())
                .retry(letter, mended.getBytes(UTF_8), "ann")
                .join();
    }

    @Test
    void makesEventsOfRecordsByAMapping() throws IOException {
        // Given
        mapping("orders", ORDERS);
        // When
        Receipt receipt = read(csv("orders"), "customer,total\nu-1,42.50\nu-2,7\n", 1).join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(2);
        Entry first = stored().get(0);
        assertThat(new String(first.event().json(), UTF_8))
                .contains("\"event\":\"Order Completed\"", "\"total\":42.50");
        assertThat(first.event().occurredAt()).isEqualTo(NOW.minusSeconds(60));
    }

    @Test
    void storesAFileThatIsReadAgainOnce() throws IOException {
        // Given
        mapping("contacts", CONTACTS);
        String file = "id,email\n1,a@example.com\n2,b@example.com\n";
        read(csv("contacts"), file, 1).join();
        // When
        Receipt again = read(csv("contacts"), file, 1).join();
        // Then
        assertThat(again.accepted()).isZero();
        assertThat(again.duplicates()).isEqualTo(4);
        assertThat(stored().stream().map(entry -> entry.event().messageId()))
                .hasSize(4)
                .doesNotHaveDuplicates();
    }

    @Test
    void setsABadRecordAsideWithItsPlaceAndGoesOn() throws IOException {
        // Given
        mapping("orders", ORDERS);
        // When
        Receipt receipt =
                read(csv("orders"), "customer,total\nu-1,x\nu-2\nu-3,\"a\"b\nu-4,1\n", 1).join();
        // Then
        assertThat(receipt.setAside()).isEqualTo(3);
        assertThat(persons()).containsExactly("u-4");
        assertThat(letters())
                .extracting(DeadLetter::place)
                .containsExactly(
                        "day.csv, record 1, line 2",
                        "day.csv, record 2, line 3",
                        "day.csv, record 3, line 4, column 'total'");
        assertThat(letters().get(0).reason())
                .contains("field 'properties.total'", "mappings/orders.yaml:5")
                .doesNotContain("x,");
        assertThat(letters()).extracting(this::item).containsExactly("u-1,x", "u-2", "u-3,\"a\"b");
    }

    @Test
    void sendsADeadLetterThroughTheMappingAgainAfterItWasMended() throws IOException {
        // Given
        mapping("orders", ORDERS.replace("$.total, type: number", "$.total, type: date"));
        String file = "customer,total\nu-1,5\n";
        read(csv("orders"), file, 1).join();
        DeadLetter letter = letters().get(0);
        // When
        mapping("orders", ORDERS);
        String reason = retry(letter);
        // Then
        assertThat(reason).isNull();
        assertThat(letters()).isEmpty();
        assertThat(stored().get(0).event().occurredAt()).isEqualTo(NOW.minusSeconds(60));
        assertThat(read(csv("orders"), file, 1).join().duplicates()).isEqualTo(1);
    }

    @Test
    void sendsARecordAsAPersonMendedIt() throws IOException {
        // Given
        mapping("contacts", CONTACTS);
        String file = "id,email\n1,a@example.com,x\n";
        read(csv("contacts"), file, 1).join();
        DeadLetter letter = letters().get(0);
        // Then
        assertThat(retry(letter, "1;a@example.com")).startsWith("it has 1 columns");
        assertThat(retry(letter, "1,a\n2,b")).isEqualTo("there is more than one record in it");
        assertThat(retry(letter, "1,a@example.com")).isNull();
        assertThat(stored()).hasSize(2);
        assertThat(read(csv("contacts"), file.replace(",x", ""), 1).join().accepted())
                .isEqualTo(2); // of another length, so another file
    }

    @Test
    void keepsTheRecordOfAnEventThatBreaksARuleOfItsCall() throws IOException {
        // Given
        mapping("contacts", CONTACTS.replace("Contact Imported", "user deleted"));
        String file = "id,email\n1,a@example.com\n";
        read(csv("contacts"), file, 1).join();
        DeadLetter letter = letters().get(0);
        assertThat(letter.rule()).isEqualTo("NEAR_MISS");
        assertThat(item(letter)).isEqualTo("1,a@example.com");
        assertThat(persons()).containsExactly("1");
        // When
        mapping("contacts", CONTACTS);
        // Then
        assertThat(retry(letter)).isNull();
        assertThat(stored()).hasSize(2);
        assertThat(letters()).isEmpty();
        assertThat(read(csv("contacts"), file, 1).join().duplicates()).isEqualTo(2);
    }

    @Test
    void findsTheDeadLettersOfADeletedPersonByWhatTheMappingSays() throws IOException {
        // Given
        mapping(
                "orders",
                """
                type: track
                event: $.event
                userId: $.customer
                properties: {total: {path: $.total, type: number}}
                """);
        String rows = "u-1,Paid,x\nu-1,user deleted,1\nu-2,Paid,x\nu-1\nu-1,\"a\"b,1\n";
        read(csv("orders"), "customer,event,total\n" + rows, 1).join();
        assertThat(letters()).hasSize(5);
        // When
        byte[] deletion =
                "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"u-1\"}"
                        .getBytes(UTF_8);
        intake.json(deletion, deletion.length, intake.live(CRM), false).join();
        // Then: but what asks for a deletion stays, and what nobody could read
        org.awaitility.Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(20))
                .until(() -> letters().size() == 4);
        assertThat(letters())
                .extracting(this::item)
                .containsExactly("u-1,user deleted,1", "u-2,Paid,x", "u-1", "u-1,\"a\"b,1");
    }

    @Test
    void countsRecordsThatTheMappingLeavesOut() throws IOException {
        mapping(
                "orders",
                """
                events:
                  - when: {path: $.total, is: "0"}
                    skip: free of charge
                  - type: track
                    event: Order Completed
                    userId: $.customer
                """);
        Receipt receipt = read(csv("orders"), "customer,total\nu-1,0\nu-2,1\n", 1).join();
        assertThat(receipt.leftOut()).isEqualTo(1);
        assertThat(persons()).containsExactly("u-2");
    }

    @Test
    void readsRecordsThatAreEventsAlready() {
        read(csv(null), "type,userId,event\ntrack,u-1,Paid\ntrack,,Paid\n", 1).join();
        assertThat(persons()).containsExactly("u-1");
        assertThat(item(letters().get(0))).isEqualTo("track,,Paid");
        assertThat(retry(letters().get(0), "track,u-2,Paid")).isNull();
        assertThat(persons()).containsExactly("u-1", "u-2");
    }

    /** Each of these once ended the reading of the file. */
    @Test
    void goesOnBehindRecordsAtWhichALibraryStumbles() throws IOException {
        // Given
        mapping(
                "odd",
                """
                type: identify
                userId: $.id
                traits:
                  at: {path: $.at, type: date}
                  first: $.items.first()
                  all: $
                """);
        String deep = "[".repeat(600) + "]".repeat(600);
        String records =
                """
                {"id": "u-1", "n": 1e99999999999}
                {"id": "u-2", "at": "2026-08-21T10:15:30+18:30"}
                {"id": "u-3", "items": []}
                {"id": "u-4", "deep": %s}
                {"id": "u-5"}
                """
                        .formatted(deep);
        // When
        Receipt receipt =
                read(new Reception(Formats.of(Formats.NDJSON, Map.of()), "odd"), records, 1).join();
        // Then
        assertThat(persons()).containsExactly("u-3", "u-5");
        assertThat(letters())
                .extracting(letter -> letter.place().replaceAll(".*(record \\d).*", "$1"))
                .containsExactlyInAnyOrder("record 1", "record 2", "record 4");
        assertThat(receipt).isNotNull();
    }

    @Test
    void sendsNoNameAgainThatWasReadWithTheWrongCharset() throws IOException {
        // Given
        mapping("people", "{type: identify, userId: $.id, traits: {name: $.name}}");
        byte[] latin = "id,name\nu-1,Müller\n".getBytes(ISO_8859_1);
        read(csv("people"), latin, 1).join();
        // When
        String reason = retry(letters().get(0));
        // Then
        assertThat(reason).contains("in place of bytes that could not be read");
        assertThat(stored()).isEmpty();
        assertThat(retry(letters().get(0), "u-1,Müller")).isNull();
        assertThat(new String(stored().get(0).event().json(), UTF_8)).contains("Müller");
    }

    @Test
    void setsADeletionListOfAnotherCharsetAside() throws IOException {
        // Given
        byte[] list = "u-1\n".getBytes(UTF_16);
        var reception = new Reception(Formats.of(Formats.DELETIONS, Map.of()), null);
        Origin origin = Origin.of(CRM, NOW, MessageIds.derived("crm", "list"), NOW);
        // When
        intake.message(list, reception, origin, "queue").join();
        // Then
        assertThat(letters())
                .singleElement()
                .extracting(DeadLetter::reason)
                .asString()
                .startsWith("it is not text in UTF-8");
    }

    @Test
    void saysWhatIsWrongWithAMapping() throws IOException {
        mapping("orders", ORDERS.replace("userId", "userid"));
        assertThatThrownBy(() -> read(csv("orders"), "a\n", 1).join())
                .hasCauseInstanceOf(UnusableMappingException.class)
                .hasMessageContaining("mappings/orders.yaml:3");
        assertThatThrownBy(() -> intake.requireMapping("none"))
                .hasMessageContaining("none.yaml is not there");
        assertThatThrownBy(() -> intake.requireMapping("../data/x"))
                .hasMessageContaining("mapping must be the name of a file");
    }

    private static String rows(int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (int i = from; i < to; i++) {
            rows.append("u-").append(i).append(",1\n");
        }
        return rows.toString();
    }

    private void requireEachOnce(int count) {
        assertThat(persons()).hasSize(count);
        Set<String> all = new HashSet<>(persons());
        for (int i = 0; i < count; i++) {
            assertThat(all).contains("u-" + i);
        }
    }

    @Test
    void goesOnInAMendedFileWhereTheBrokenOneEnded() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String good = "customer,total\n" + rows(0, 2500);
        assertThatThrownBy(() -> read(csv("orders"), good + "u-2500,\"1\n", 1).join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(UnreadableException.class)
                .hasMessageContaining(
                        "day.csv is broken at record 2501: line 2502: the quote that opens there is"
                                + " never closed");
        requireEachOnce(2500);
        KnownFile broken = journal.brokenFiles().get(0);
        assertThat(broken.records()).isEqualTo(2500);
        assertThat(broken.broken()).contains("record 2501");
        // When
        Receipt mended = read(csv("orders"), good + rows(2500, 5000), 2).join();
        // Then
        assertThat(mended.accepted()).isEqualTo(2500);
        requireEachOnce(5000);
        assertThat(journal.brokenFiles()).isEmpty();
    }

    @Test
    void storesAMendedFileThatIsReadAgainBehindItsLastPartOnce() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String good = "customer,total\n" + rows(0, 2500);
        assertThatThrownBy(() -> read(csv("orders"), good + "u-2500,\"1\n", 1).join()).isNotNull();
        String mended = good + rows(2500, 5000);
        read(csv("orders"), mended, 2).join();
        // When: it could not be moved, again and again
        Receipt again = read(csv("orders"), mended, 2).join();
        read(csv("orders"), mended, 2).join();
        // Then
        assertThat(again.accepted()).isZero();
        requireEachOnce(5000);
        assertThat(letters()).isEmpty();
    }

    @Test
    void storesAFileThatBrokeAtItsFirstRecordAndIsReadAgainOnce() throws IOException {
        // Given
        mapping("orders", ORDERS);
        assertThatThrownBy(() -> read(csv("orders"), "customer,total\n\"", 1).join()).isNotNull();
        String mended = "customer,total\n" + rows(0, 10);
        read(csv("orders"), mended, 2).join();
        // When
        read(csv("orders"), mended, 2).join();
        // Then
        requireEachOnce(10);
        assertThat(journal.brokenFiles()).isEmpty();
    }

    @Test
    void storesAMendedFileOfJsonThatIsReadAgainOnce() {
        // Given
        Reception json = new Reception(Formats.of(Formats.JSON, Map.of()), null);
        String event = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u-%d\"}";
        assertThatThrownBy(() -> read(json, "[" + event.formatted(0) + ",{", 1).join()).isNotNull();
        String mended = "[" + event.formatted(0) + "," + event.formatted(1) + "]";
        read(json, mended, 2).join();
        // When
        read(json, mended, 2).join();
        // Then
        requireEachOnce(2);
        assertThat(letters()).isEmpty();
    }

    @Test
    void storesTheSameContentAgainThatComesAsAnotherFileAfterAMendedOne() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String content = "customer,total\n" + rows(0, 10);
        assertThatThrownBy(() -> read(csv("orders"), content + "\"", 1).join()).isNotNull();
        read(csv("orders"), content, 2).join();
        // When: the next day's says the same
        Receipt next = read(csv("orders"), content, 3).join();
        // Then
        assertThat(next.accepted()).isEqualTo(10);
        assertThat(journal.file("crm", "day.csv")).isEmpty();
    }

    @Test
    void storesWhatIsBrokenTwiceAndThenMendedOnce() throws IOException {
        // Given
        mapping("orders", ORDERS);
        byte[] whole = gzip("customer,total\n" + rows(0, 20_000));
        for (int percent : new int[] {60, 30, 80}) {
            byte[] cut = Arrays.copyOf(whole, whole.length * percent / 100);
            assertThatThrownBy(() -> read(csv("orders"), cut, percent).join())
                    .hasMessageContaining("it ends too early");
        }
        assertThat(persons()).doesNotHaveDuplicates();
        // When
        read(csv("orders"), whole, 100).join();
        // Then
        requireEachOnce(20_000);
        assertThat(letters()).isEmpty();
    }

    @Test
    void storesWhatIsBrokenTwiceAtTheSamePlaceOnce() throws IOException {
        // Given
        mapping("orders", ORDERS);
        Reception json = new Reception(Formats.of(Formats.NDJSON, Map.of()), "orders");
        String csvFile = "customer,total\n" + rows(0, 10);
        String jsonFile = "{\"customer\":\"v-1\",\"total\":1}\n";
        for (int written = 1; written <= 3; written++) {
            String cut = csvFile + "\"".repeat(written * 2 - 1);
            int when = written;
            assertThatThrownBy(() -> read(csv("orders"), cut, when).join()).isNotNull();
        }
        // When
        read(csv("orders"), csvFile + rows(10, 20), 4).join();
        // Then
        requireEachOnce(20);
        // and of another file of the name, later on, all
        assertThat(read(json, jsonFile, 5).join().accepted()).isEqualTo(1);
    }

    @Test
    void takesAnotherFileOfJsonForAnotherAfterOneThatBrokeEarlierTheSecondTime() {
        // Given
        Reception json = new Reception(Formats.of(Formats.JSON, Map.of()), null);
        String one = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u-0\"}";
        assertThatThrownBy(() -> read(json, "[" + one + ",{\"a\"", 1).join()).isNotNull();
        assertThatThrownBy(() -> read(json, "[{\"type\"", 2).join()).isNotNull();
        // When
        Receipt other = read(json, one.replace("u-0", "u-1"), 3).join();
        // Then
        assertThat(other.accepted()).isEqualTo(1);
        assertThat(letters()).isEmpty();
    }

    @Test
    void goesOnUnderTheMendedMappingWithoutTouchingWhatIsStored() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String good = "customer,total\n" + rows(0, 10);
        assertThatThrownBy(() -> read(csv("orders"), good + "\"", 1).join()).isNotNull();
        // When
        mapping("orders", ORDERS.replace("Order Completed", "Order Paid"));
        read(csv("orders"), good + rows(10, 20), 2).join();
        // Then
        requireEachOnce(20);
        assertThat(letters()).isEmpty();
    }

    @Test
    void takesAFileThatBeginsOtherwiseForAnother() throws IOException {
        // Given
        mapping("orders", ORDERS);
        assertThatThrownBy(() -> read(csv("orders"), "customer,total\nu-1,1\n\"", 1).join())
                .isNotNull();
        // When
        Receipt other = read(csv("orders"), "customer,total\nu-1,2\n", 2).join();
        // Then
        assertThat(other.accepted()).isEqualTo(1);
        assertThat(persons()).containsExactly("u-1", "u-1");
        assertThat(journal.brokenFiles()).isEmpty();
    }

    @Test
    void storesAllOfAnotherFileThoughItBrokeEarlierThanTheFirst() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String header = "customer,total\n";
        assertThatThrownBy(() -> read(csv("orders"), header + rows(0, 20) + "\"", 1).join())
                .isNotNull();
        String other = header + rows(0, 1) + rows(100, 110);
        assertThatThrownBy(() -> read(csv("orders"), other + "\"", 2).join()).isNotNull();
        assertThat(persons()).hasSize(20); // it may be the first one, and is told apart below
        assertThat(letters()).hasSize(10);
        // When
        Receipt mended = read(csv("orders"), other + rows(110, 130), 3).join();
        // Then
        assertThat(mended.accepted()).isEqualTo(31);
        assertThat(mended.duplicates()).isZero();
    }

    @Test
    void goesOnInAMendedFileOfJsonToo() {
        // Given
        Reception json = new Reception(Formats.of(Formats.JSON, Map.of()), null);
        String event = "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u-%d\"}";
        StringBuilder good = new StringBuilder("[");
        for (int i = 0; i < 1500; i++) {
            good.append(event.formatted(i)).append(",");
        }
        assertThatThrownBy(() -> read(json, good + "{\"type\":", 1).join())
                .hasMessageContaining("day.csv is broken at record 1501");
        // When
        read(json, good + event.formatted(1500) + "]", 2).join();
        // Then
        requireEachOnce(1501);
        assertThat(letters()).isEmpty();
        assertThat(journal.brokenFiles()).isEmpty();
    }

    @Test
    void leavesNoRecordOutWhenAPartIsNotStored() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String file = "customer,total\n" + rows(0, 5000);
        AtomicInteger parts = new AtomicInteger();
        loose.onAppend(
                (real, submission) ->
                        parts.incrementAndGet() == 2
                                ? CompletableFuture.failedFuture(
                                        new JournalUnavailableException("disk full"))
                                : real.append(submission));
        assertThatThrownBy(() -> read(csv("orders"), file, 1).join())
                .hasCauseInstanceOf(JournalUnavailableException.class);
        // When
        loose.onAppend(Journal::append);
        read(csv("orders"), file, 1).join();
        // Then
        requireEachOnce(5000);
        assertThat(journal.file("crm", "day.csv")).isEmpty();
    }

    @Test
    void goesOnUnderTheSameIdsAfterARestartInTheMiddle() throws IOException {
        // Given
        mapping("orders", ORDERS);
        String file = "customer,total\n" + rows(0, 5000);
        AtomicInteger parts = new AtomicInteger();
        loose.onAppend(
                (real, submission) ->
                        parts.incrementAndGet() > 3
                                ? CompletableFuture.failedFuture(
                                        new JournalUnavailableException("closed"))
                                : real.append(submission));
        assertThatThrownBy(() -> read(csv("orders"), file, 1).join()).isNotNull();
        journal.close();
        open();
        assertThat(journal.file("crm", "day.csv").orElseThrow().records()).isEqualTo(3000);
        // When: meanwhile the file got longer
        read(csv("orders"), file + rows(5000, 5100), 2).join();
        // Then
        requireEachOnce(5100);
    }

    @Test
    void takesAMessageOfRecordsInOneGo() throws IOException {
        // Given
        mapping("orders", ORDERS);
        Origin origin = Origin.of(CRM, NOW, MessageIds.derived("crm", "jms\n1"), NOW);
        byte[] body = "customer,total\nu-1,1\nu-2,2\n".getBytes(UTF_8);
        // When
        Receipt receipt = intake.message(body, csv("orders"), origin, "").join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(intake.message(body, csv("orders"), origin, "").join().duplicates())
                .isEqualTo(2);
    }

    @Test
    void setsABrokenMessageAsideAsAWhole() throws IOException {
        // Given
        mapping("orders", ORDERS);
        Origin origin = Origin.of(CRM, NOW, MessageIds.derived("crm", "jms\n2"), NOW);
        byte[] body = "customer,total\nu-1,1\nu-2,\"2\n".getBytes(UTF_8);
        // When
        Receipt receipt = intake.message(body, csv("orders"), origin, "").join();
        // Then
        assertThat(receipt.setAside()).isEqualTo(1);
        assertThat(stored()).isEmpty();
        assertThat(letters().get(0).reason())
                .isEqualTo("line 3: the quote that opens there is never closed");
        assertThat(item(letters().get(0))).startsWith("customer,total");
    }

    @Test
    void readsFixedWidthThroughAMapping() throws IOException {
        // Given
        mapping(
                "members",
                """
                type: track
                event: {path: $.status, lookup: {D: User Deleted, A: Member Changed}}
                userId: $.id
                """);
        Reception fixed =
                new Reception(
                        Formats.of(
                                Formats.FIXED,
                                Map.of(
                                        Option.COLUMNS,
                                        "id:5,status:1",
                                        Option.CHARSET,
                                        "IBM037",
                                        Option.RECORD_LENGTH,
                                        "6")),
                        "members");
        // When
        read(fixed, "00001A00002D".getBytes("IBM037"), 1).join();
        // Then
        assertThat(stored())
                .extracting(entry -> entry.event().name())
                .containsExactly("Member Changed", "User Deleted");
    }

    private static byte[] gzip(String text) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(UTF_8));
        }
        return out.toByteArray();
    }
}
