package dev.caravan.journal;

import static dev.caravan.event.Events.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Events;
import dev.caravan.event.Reading;
import dev.caravan.journal.LedgerState.Totals;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/**
 * The journal against a model in plain collections: random appends, duplicates, joins, cursor
 * moves, dead letters, restarts and crashes. A crash is a copy of the files taken while the journal
 * has them open, as a kill leaves them, in which the journal is opened anew.
 */
class JournalModelTest {
    private static final int SMALL = 256;
    private static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private Path root;

    @BeforeProperty
    void makeFolder() throws IOException {
        root = Files.createTempDirectory("journal-model");
    }

    @AfterProperty
    void removeFolder() throws IOException {
        try (var files = Files.walk(root)) {
            files.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }

    @Property(tries = 8, shrinking = ShrinkingMode.OFF)
    void behavesAsItsModel(@ForAll long seed) throws IOException {
        try (var story = new Story(Files.createTempDirectory(root, "story"), new Random(seed))) {
            for (int step = 0; step < 60; step++) {
                story.step();
            }
            story.compare();
        }
    }

    private static final class Story implements AutoCloseable {
        private final Random random;
        private final Path folder;
        private final InMemoryJournal model = new InMemoryJournal(4, CLOCK);
        private int lives;
        private SqliteJournal journal;
        private int minted;

        Story(Path folder, Random random) {
            this.folder = folder;
            this.random = random;
            journal = open(folder.resolve("life-0"));
        }

        void step() throws IOException {
            switch (random.nextInt(10)) {
                case 0 -> crash();
                case 1 -> restart();
                case 2, 3 -> settle();
                case 4 -> compare();
                case 5 -> changeLetter();
                default -> append();
            }
        }

        private void append() {
            List<Reading> items = new ArrayList<>();
            int count = random.nextInt(4) == 0 ? 1 + random.nextInt(900) : 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                items.add(item());
            }
            String source = random.nextBoolean() ? "shop" : "crm";
            Submission submission = new Submission(source, NOW, "place", items);
            Appended real = journal.append(submission).join();
            Appended expected = model.append(submission).join();
            assertThat(real.accepted()).isEqualTo(expected.accepted());
            assertThat(real.duplicates()).isEqualTo(expected.duplicates());
            assertThat(real.setAside())
                    .extracting(Appended.SetAside::index)
                    .isEqualTo(expected.setAside().stream().map(Appended.SetAside::index).toList());
        }

        private Reading item() {
            String user = "u-" + random.nextInt(6);
            String visitor = "a-" + random.nextInt(6);
            String id =
                    random.nextInt(4) == 0 ? "m-" + random.nextInt(minted + 1) : "m-" + minted++;
            return switch (random.nextInt(9)) {
                case 0 -> Events.identify(user, visitor, id);
                case 1 ->
                        Events.accepted(
                                """
                                {"type":"alias","userId":"%s","previousId":"u-%d","messageId":"%s"}"""
                                        .formatted(user, random.nextInt(6), id));
                case 2 -> Events.visit(visitor, id);
                case 3 -> Events.read("{\"type\":\"track\",\"messageId\":\"" + id + "\"}");
                case 4 ->
                        Events.accepted(
                                """
                                {"type":"identify","anonymousId":"%s","traits":{"email":"%s@x"},"messageId":"%s"}"""
                                        .formatted(visitor, user, id));
                default -> Events.track(user, id);
            };
        }

        private void settle() {
            String destination = "d-" + random.nextInt(3);
            boolean beginning = random.nextBoolean();
            LedgerState expected = model.ledger(destination, beginning).state();
            Ledger ledger = journal.ledger(destination, beginning);
            assertSame(ledger.state(), expected);
            int partition = random.nextInt(4);
            List<Entry> open =
                    model.entries().stream()
                            .filter(entry -> entry.sequence() > expected.cursors()[partition])
                            .filter(entry -> model.partitions().of(entry.person()) == partition)
                            .limit(random.nextInt(20))
                            .toList();
            if (open.isEmpty()) {
                return;
            }
            long[] cursors = expected.cursors().clone();
            cursors[partition] = open.get(open.size() - 1).sequence();
            List<Settlement.Refusal> refused =
                    open.stream()
                            .filter(entry -> random.nextInt(8) == 0)
                            .map(
                                    entry ->
                                            new Settlement.Refusal(
                                                    entry,
                                                    Settlement.Refusal.Rule.REFUSED,
                                                    400,
                                                    "no",
                                                    1))
                            .toList();
            Totals more = new Totals(open.size() - refused.size(), 0, refused.size());
            Settlement settlement =
                    new Settlement(
                            expected.settlements() + 1,
                            cursors,
                            List.of(),
                            more,
                            refused,
                            List.of());
            ledger.settle(settlement).join();
            if (random.nextInt(4) == 0) {
                ledger.settle(settlement).join();
            }
            model.ledger(destination, beginning).settle(settlement).join();
        }

        private void changeLetter() {
            long count = model.deadLetters().count(DeadLetters.Filter.ALL);
            if (count == 0) {
                return;
            }
            long id = 1 + random.nextInt((int) count);
            if (random.nextBoolean()) {
                journal.deadLetters().remove(id).join();
                model.deadLetters().remove(id).join();
            } else {
                journal.deadLetters().update(id, "again", 500, 7).join();
                model.deadLetters().update(id, "again", 500, 7).join();
            }
        }

        private void restart() {
            journal.close();
            journal = open(folder.resolve("life-" + lives));
        }

        private void crash() throws IOException {
            Path before = folder.resolve("life-" + lives);
            Path after = Files.createDirectory(folder.resolve("life-" + ++lives));
            for (String file : List.of("journal.db", "journal.db-wal")) {
                if (Files.exists(before.resolve(file))) {
                    Files.copy(before.resolve(file), after.resolve(file));
                }
            }
            journal.close();
            journal = open(after);
        }

        void compare() {
            assertThat(journal.end()).isEqualTo(model.end());
            assertSame(all(journal), model.entries());
            assertThat(journal.destinations())
                    .containsExactlyInAnyOrderElementsOf(model.destinations());
            for (String destination : model.destinations()) {
                assertSame(
                        journal.state(destination).orElseThrow(),
                        model.state(destination).orElseThrow());
            }
            assertThat(journal.state("nobody")).isEmpty();
            assertThat(journal.status().sources()).isEqualTo(model.status().sources());
            assertThat(letters(journal)).isEqualTo(letters(model));
            String id = "m-" + random.nextInt(minted + 1);
            assertThat(journal.find(id))
                    .extracting(Entry::sequence)
                    .containsExactlyInAnyOrderElementsOf(
                            model.find(id).stream().map(Entry::sequence).toList());
            compareAReadInPart();
        }

        private void compareAReadInPart() {
            long end = model.end();
            long after = random.nextInt((int) end + 1);
            int most = 1 + random.nextInt(40);
            long bit = 1L << random.nextInt(40);
            Slice real = journal.read(after, end, most, 3_000, person -> (person & bit) != 0);
            long through = real.through(); // it may end earlier than it had to
            Slice expected = model.read(after, through, most, 3_000, person -> (person & bit) != 0);
            assertSame(real.entries(), expected.entries());
            assertThat(through).isEqualTo(expected.through());
            assertThat(through).isBetween(Math.min(after + 1, end), end);
        }

        private static void assertSame(LedgerState real, LedgerState expected) {
            assertThat(real).usingRecursiveComparison().isEqualTo(expected);
        }

        private static void assertSame(List<Entry> real, List<Entry> expected) {
            assertThat(real.stream().map(Story::shown).toList())
                    .isEqualTo(expected.stream().map(Story::shown).toList());
        }

        /** All of an entry that two journals must agree on. */
        private static List<Object> shown(Entry entry) {
            var event = entry.event();
            return List.of(
                    entry.sequence(),
                    entry.source(),
                    entry.person(),
                    new HashSet<>(entry.joins()),
                    event.call(),
                    event.meaning(),
                    Optional.ofNullable(event.name()),
                    Optional.ofNullable(event.userId()),
                    Optional.ofNullable(event.anonymousId()),
                    event.messageId(),
                    event.occurredAt(),
                    java.util.Arrays.hashCode(event.json()));
        }

        private static List<Entry> all(Journal journal) {
            return journal.read(0, journal.end(), 1_000_000, Long.MAX_VALUE, person -> true)
                    .entries();
        }

        /** Letters without their reasons, which the model words in its own way. */
        private static List<List<Object>> letters(Journal journal) {
            List<List<Object>> letters = new ArrayList<>();
            for (long after = 0; ; ) {
                List<DeadLetter> page =
                        journal.deadLetters().list(DeadLetters.Filter.ALL, after, 1000);
                if (page.isEmpty()) {
                    return letters;
                }
                for (DeadLetter letter : page) {
                    after = letter.id();
                    letters.add(
                            List.of(
                                    letter.id(),
                                    Optional.ofNullable(letter.destination()),
                                    letter.source(),
                                    Optional.ofNullable(letter.messageId()),
                                    letter.rule(),
                                    letter.status(),
                                    letter.attempts(),
                                    letter.sequence(),
                                    new String(
                                            journal.deadLetters().item(letter.id()).orElseThrow(),
                                            java.nio.charset.StandardCharsets.UTF_8),
                                    journal.deadLetters().envelope(letter.id()).map(String::new),
                                    journal.deadLetters().entry(letter.id()).map(Entry::sequence)));
                }
            }
        }

        private static SqliteJournal open(Path directory) {
            JournalSettings defaults = JournalSettings.in(directory);
            return SqliteJournal.open(
                    new JournalSettings(
                            directory,
                            new Partitions(4),
                            defaults.retention(),
                            defaults.dedupe(),
                            0),
                    CLOCK,
                    SMALL);
        }

        @Override
        public void close() {
            journal.close();
        }
    }
}
