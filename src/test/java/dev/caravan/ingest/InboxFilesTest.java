package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonParseException;
import dev.caravan.event.NotJsonException;
import dev.caravan.journal.JournalUnavailableException;
import dev.caravan.journal.LogLines;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InboxFilesTest {
    @TempDir Path inbox;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
    private final List<String> taken = Collections.synchronizedList(new ArrayList<>());
    private volatile Step step = file -> {};
    private final DefaultCamelContext camel = new DefaultCamelContext();

    /** What the route does with a file. */
    private interface Step {
        void handle(Path file) throws Exception;
    }

    @BeforeEach
    void open() throws Exception {
        camel.getRegistry().bind("inbox-files", new InboxFiles(now::get));
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("file:"
                                        + inbox
                                        + "?processStrategy=#inbox-files&sortBy=file:name&delay=20"
                                        + "&initialDelay=0&synchronous=true"
                                        + "&include=.*[.](json|ndjson)")
                                .process(InboxFilesTest.this::handle);
                    }
                });
        camel.start();
    }

    @AfterEach
    void close() {
        camel.stop();
    }

    private void handle(Exchange exchange) throws Exception {
        Path file = Path.of(exchange.getMessage().getHeader(Exchange.FILE_PATH, String.class));
        taken.add(file.getFileName().toString());
        step.handle(file);
    }

    @Test
    void movesAFileWhenItIsStored() throws IOException {
        // When
        old("a.json", "{}");
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
        assertThat(inbox.resolve("a.json")).doesNotExist();
        assertThat(taken).containsExactly("a.json");
    }

    @Test
    void takesFilesByName() throws IOException {
        // Given
        step = file -> await().until(() -> Files.exists(inbox.resolve("c.json")));
        // When
        old("a.json", "{}");
        old("b.json", "{}");
        old("c.json", "{}");
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/c.json")));
        assertThat(taken).isSorted();
    }

    @Test
    void leavesAFileAloneWhileItGrows() throws IOException {
        // Given
        Path file = Files.writeString(inbox.resolve("a.json"), "{");
        looks(5);
        now.updateAndGet(time -> time.plusMillis(1_900));
        Files.writeString(file, "{}");
        looks(5);
        now.updateAndGet(time -> time.plusMillis(1_900));
        looks(5);
        assertThat(taken).isEmpty();
        // When
        now.updateAndGet(time -> time.plusMillis(200));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void waitsLongerWhereAFileEndsInTheMiddleOfALine() throws IOException {
        // Given
        Files.writeString(inbox.resolve("a.ndjson"), "{}\n{\"type\":\"tr");
        looks(3);
        now.updateAndGet(time -> time.plusSeconds(50));
        looks(3);
        assertThat(taken).isEmpty();
        // When
        now.updateAndGet(time -> time.plusSeconds(11));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.ndjson")));
    }

    @Test
    void takesARenamedFileAtOnce() throws Exception {
        // Given
        Path written = Files.writeString(inbox.resolve("a.part"), "{}");
        Thread.sleep(20); // file systems count in ticks of the clock
        // When
        Files.move(written, inbox.resolve("a.json"));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void takesAFileAtOnceThatIsRenamedCloseBehindItsWriting(@TempDir Path other) throws Exception {
        // Given
        Path probe = Files.writeString(other.resolve("a.part"), "{}");
        Path written = Files.writeString(inbox.resolve("a.part"), "{}");
        Thread.sleep(6);
        // When
        Files.move(written, inbox.resolve("a.json"));
        Path moved = Files.move(probe, other.resolve("a.json"));
        // Then
        assumeThat(FileStatus.changed(moved).orElseThrow())
                .as("the file system's clock has ticked meanwhile")
                .isAfter(Files.getLastModifiedTime(moved).toInstant());
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void leavesAFileAloneWhoseRightsAreSetCloseBehindItsFirstLine() throws Exception {
        // Given
        Path begun = Files.writeString(inbox.resolve("a.json"), "{}");
        Thread.sleep(6);
        Files.setPosixFilePermissions(begun, PosixFilePermissions.fromString("rw-------"));
        Instant written = Files.getLastModifiedTime(begun).toInstant();
        Instant changed = FileStatus.changed(begun).orElseThrow();
        assumeThat(changed).isBefore(written.plus(InboxFiles.ATTRIBUTES));
        // When
        Thread.sleep(15); // or what comes next could be what changed the folder
        looks(3);
        // Then
        assertThat(begun).exists();
    }

    @Test
    void takesAFileWhoseTimeIsInTheFuture() throws IOException {
        // Given
        Path file = Files.writeString(inbox.resolve("a.json"), "{}");
        modified(file, now.get().plus(Duration.ofDays(1)));
        looks(3);
        assertThat(taken).isEmpty();
        // When
        now.updateAndGet(time -> time.plusMillis(2_000));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void waitsAWhileBeforeItTakesAnEmptyFile() throws IOException {
        // Given
        modified(Files.createFile(inbox.resolve("a.ndjson")), now.get().minusSeconds(50));
        looks(5);
        assertThat(taken).isEmpty();
        // When
        now.updateAndGet(time -> time.plusSeconds(10));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.ndjson")));
    }

    @Test
    void overwritesNoEarlierFileOfTheSameName() throws IOException {
        // Given
        old("a.json", "1");
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
        old("a.json", "2");
        await().until(() -> Files.exists(inbox.resolve("done/a-2.json")));
        // When
        old("a.json", "3");
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a-3.json")));
        assertThat(inbox.resolve("done/a.json")).hasContent("1");
        assertThat(inbox.resolve("done/a-2.json")).hasContent("2");
    }

    @Test
    void movesAFileWhoseNameHasNoRoomForANumber() throws IOException {
        // Given
        String name = "L".repeat(250) + ".json";
        modified(Files.writeString(inbox.resolve(name), "1"), now.get().minusSeconds(90));
        await().until(() -> Files.exists(inbox.resolve("done").resolve(name)));
        // When
        modified(Files.writeString(inbox.resolve(name), "2"), now.get().minusSeconds(90));
        // Then
        Path second = inbox.resolve("done").resolve("L".repeat(248) + "-2.json");
        await().until(() -> Files.exists(second));
        assertThat(inbox.resolve(name)).doesNotExist();
    }

    @Test
    void saysThatAFileCannotBeMovedAndReadsItOnceAMinute() throws IOException {
        // Given
        Path inTheWay = Files.writeString(inbox.resolve("done"), "");
        try (LogLines log = LogLines.of(InboxFiles.class)) {
            // When
            old("a.json", "{}");
            await().until(() -> !log.all.isEmpty());
            // Then
            assertThat(log.all)
                    .singleElement()
                    .asString()
                    .contains("cannot be moved", "file=a.json to=done/ reason=java.nio.file.File");
            assertThat(taken).containsExactly("a.json");
        }
        // When
        Files.delete(inTheWay);
        old("b.json", "{}");
        await().until(() -> Files.exists(inbox.resolve("done/b.json")));
        assertThat(taken).containsExactly("a.json", "b.json");
        now.updateAndGet(time -> time.plusSeconds(60));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void letsFilesPassAPipeThatNeverEnds() throws Exception {
        // Given
        Path pipe = inbox.resolve("a.json");
        assumeThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        // When
        old("b.json", "{}");
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/b.json")));
        now.updateAndGet(time -> time.plusSeconds(90));
        old("c.json", "{}");
        await().until(() -> Files.exists(inbox.resolve("done/c.json")));
        assertThat(taken).containsExactly("b.json", "c.json");
        var leftovers = new InboxLeftovers(inbox, camel, now::get);
        leftovers.run();
        assertThat(leftovers.count()).isEqualTo(1);
    }

    @Test
    void putsAFileAsideThatIsNoJson() throws IOException {
        // Given
        step =
                file -> {
                    if (file.endsWith("bad.json")) {
                        throw new IOException("a.json", new NotJsonException("not valid JSON"));
                    }
                };
        // When
        old("bad.json", "{");
        old("good.json", "{}");
        // Then
        await().until(() -> Files.exists(inbox.resolve("failed/bad.json")));
        await().until(() -> Files.exists(inbox.resolve("done/good.json")));
    }

    @Test
    void leavesAFileInPlaceWhileTheJournalCannotStoreAndLetsNoLaterOnePass() throws IOException {
        // Given
        step =
                file -> {
                    throw new JournalUnavailableException("the disk is full");
                };
        old("a.json", "{}");
        old("b.json", "{}");
        for (int i = 1; i <= 3; i++) {
            int tries = i;
            await().until(() -> taken.size() == tries);
            now.updateAndGet(time -> time.plus(InboxFiles.JOURNAL_PAUSE));
        }
        await().until(() -> taken.size() == 4);
        List<String> meanwhile = List.copyOf(taken);
        // When
        step = file -> {};
        now.updateAndGet(time -> time.plus(InboxFiles.JOURNAL_PAUSE));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/b.json")));
        assertThat(meanwhile).containsOnly("a.json");
        assertThat(inbox.resolve("done/a.json")).exists();
        assertThat(inbox.resolve("failed")).doesNotExist();
    }

    @Test
    void triesAFileThatCannotBeReadOnceAMinuteAndLetsOthersPass() throws IOException {
        // Given
        step =
                file -> {
                    if (file.endsWith("a.json")) {
                        throw new IOException("no permission");
                    }
                };
        old("a.json", "{}");
        await().until(() -> !taken.isEmpty());
        old("b.json", "{}");
        await().until(() -> Files.exists(inbox.resolve("done/b.json")));
        looks(5);
        assertThat(taken).containsOnlyOnce("a.json");
        assertThat(inbox.resolve("a.json")).exists();
        // When
        step = file -> {};
        now.updateAndGet(time -> time.plusSeconds(60));
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
    }

    @Test
    void quotesNothingInTheLogThatMayHoldWhatIsInAFile() throws IOException {
        // Given
        step =
                file -> {
                    switch (file.getFileName().toString()) {
                        case "a.json" ->
                                throw new JsonParseException(null, "odd: 'ada@example.com'");
                        case "b.json" -> throw new IOException("odd: 'ada@example.com'");
                        case "c.json" -> throw new AccessDeniedException(file.toString());
                        default -> throw new UnusableMappingException("no mapping 'crm'");
                    }
                };
        try (LogLines log = LogLines.of(InboxFiles.class)) {
            // When
            for (String name : List.of("a.json", "b.json", "c.json", "d.json")) {
                old(name, "{}");
            }
            await().until(() -> log.all.size() >= 4);
            // Then
            assertThat(String.join("\n", log.all))
                    .doesNotContain("ada@example.com")
                    .contains(
                            "file=a.json reason=com.fasterxml.jackson.core.JsonParseException",
                            "file=b.json reason=java.io.IOException",
                            "file=c.json reason=java.nio.file.AccessDeniedException: " + inbox,
                            "file=d.json reason=dev.caravan.ingest.UnusableMappingException: no"
                                    + " mapping 'crm'");
        }
    }

    @Test
    void readsAFileAgainThatChangedWhileItWasRead() throws IOException {
        // Given
        step =
                file -> {
                    if (taken.size() == 1) {
                        Files.writeString(file, "{}{}");
                        throw new ChangedFileException("a.json", 2, 4);
                    }
                };
        // When
        old("a.json", "{}");
        // Then
        await().until(() -> taken.size() == 1);
        looks(5);
        now.updateAndGet(time -> time.plusSeconds(10));
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
        assertThat(taken).containsExactly("a.json", "a.json");
        assertThat(inbox.resolve("done/a.json")).hasContent("{}{}");
    }

    @Test
    void movesNoFileUnreadThatTakesThePlaceOfOneThatIsStored() throws IOException {
        // Given
        List<String> read = new ArrayList<>();
        step =
                file -> {
                    read.add(Files.readString(file));
                    if (read.size() == 1) {
                        old("a.json", "{}{}");
                    }
                };
        // When
        old("a.json", "{}");
        // Then
        await().until(() -> Files.exists(inbox.resolve("done/a.json")));
        assertThat(read).containsExactly("{}", "{}{}");
        assertThat(inbox.resolve("done/a.json")).hasContent("{}{}");
        assertThat(inbox.resolve("a.json")).doesNotExist();
    }

    @Test
    void removesWhatWasMovedLongAgoAndNothingElse() throws IOException {
        // Given
        Files.createDirectories(inbox.resolve("done/folder"));
        Files.createDirectories(inbox.resolve("failed"));
        Path done = Files.writeString(inbox.resolve("done/a.json"), "{}");
        Path failed = Files.writeString(inbox.resolve("failed/b.json"), "{");
        Path waiting = Files.writeString(inbox.resolve("c.txt"), "");
        modified(done, now.get().minus(Duration.ofDays(400)));
        var retention = new InboxRetention(inbox, Duration.ofDays(7), now::get);
        now.set(Instant.now().plus(Duration.ofDays(7)).minusSeconds(60));
        retention.run();
        assertThat(done).exists();
        // When
        now.set(Instant.now().plus(Duration.ofDays(7)).plusSeconds(1));
        retention.run();
        // Then
        assertThat(done).doesNotExist();
        assertThat(failed).doesNotExist();
        assertThat(waiting).exists();
        assertThat(inbox.resolve("done/folder")).exists();
    }

    @Test
    void tellsOnceOfEachFileThatNoRouteTakesAndCountsThem() throws IOException {
        // Given
        var leftovers = new InboxLeftovers(inbox, camel, now::get);
        Path wrong = Files.writeString(inbox.resolve("customers.csv"), "id\n");
        Files.writeString(inbox.resolve(".hidden"), "");
        Files.writeString(inbox.resolve("broken.JSON"), ""); // names are in any case
        Files.createDirectory(inbox.resolve("folder"));
        try (LogLines lines = LogLines.of(InboxLeftovers.class)) {
            leftovers.run();
            assertThat(leftovers.count()).isZero();
            // When
            now.set(Instant.now().plusSeconds(61));
            leftovers.run();
            leftovers.run();
            // Then
            assertThat(leftovers.count()).isEqualTo(1);
            assertThat(lines.all)
                    .singleElement()
                    .asString()
                    .startsWith("WARN")
                    .endsWith("file=customers.csv");
            // When
            Files.move(wrong, inbox.resolve("customers\nERROR.txt"));
            leftovers.run();
            // Then
            assertThat(lines.all).hasSize(2).last().asString().endsWith("file=customers?ERROR.txt");
        }
    }

    @Test
    void findsNothingToRemoveInAnInboxThatWasNeverUsed() {
        // Given
        Path nowhere = inbox.resolve("nowhere");
        // When
        new InboxRetention(nowhere, Duration.ofDays(7), now::get).run();
        // Then
        assertThat(nowhere).doesNotExist();
    }

    private void old(String name, String content) throws IOException {
        Path written = Files.writeString(inbox.resolve(name + ".part"), content);
        modified(written, now.get().minusSeconds(5));
        Files.move(written, inbox.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void modified(Path file, Instant time) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(time));
    }

    /** Lets the route look at the inbox some times: it takes another file in between. */
    private void looks(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            String name = "zz-" + System.nanoTime() + ".json";
            old(name, "{}");
            await().until(() -> Files.exists(inbox.resolve("done/" + name)));
            taken.remove(name);
        }
    }
}
