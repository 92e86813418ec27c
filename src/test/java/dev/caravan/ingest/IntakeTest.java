package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.format.JsonText;
import dev.caravan.journal.Appended;
import dev.caravan.journal.JournalUnavailableException;
import dev.caravan.journal.Submission;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class IntakeTest {
    private static final Instant NOW = Instant.parse("2026-08-21T10:00:00Z");

    private final RecordingJournal recording = new RecordingJournal();
    private final Intake intake =
            new Intake(
                    recording.journal(),
                    new EventReader(new SemanticNames(false, Set.of())),
                    InstantSource.fixed(NOW),
                    new Random(1));
    private final Origin file =
            Origin.of(new Source("files", true), NOW, MessageIds.derived("files", "a"), NOW);

    // --- bodies

    @Test
    void storesTheEventsOfABatchInOneGo() {
        // Given
        byte[] body = ("{\"batch\":[" + event(1) + "," + event(2) + "]}").getBytes(UTF_8);
        // When
        Appended appended = intake.json(body, body.length, live(), false).join();
        // Then
        assertThat(appended).isEqualTo(new Appended(2, 0, List.of()));
        assertThat(recording.submissions()).hasSize(1);
    }

    @Test
    void doesNotHoldAContextOfABatchForAllItsItemsAtOnce() {
        // Given
        String context = "\"context\":{\"x\":\"" + "y".repeat(30_000) + "\"}";
        String items = String.join(",", Collections.nCopies(1_000, event(1)));
        byte[] body = ("{" + context + ",\"batch\":[" + items + "]}").getBytes(UTF_8);
        // When
        Receipt text = intake.text(body, false, file, "").join();
        int ofText = recording.submissions().size();
        Receipt stream =
                intake.stream(() -> new ByteArrayInputStream(body), false, file, "").join();
        // Then
        assertThat(text.accepted()).isEqualTo(1_000);
        assertThat(stream.accepted()).isEqualTo(1_000);
        assertThat(ofText).isBetween(4, 8); // 30 MB by 8 MB
        assertThat(recording.submissions().size() - ofText).isBetween(30, 40); // by 1 MB
    }

    @Test
    void storesNothingOfABodyThatIsToBeAllOrNothingAndHasAnItemThatIsNoEvent() {
        // Given
        byte[] body = ("[" + event(1) + ",{\"type\":\"trick\"},5]").getBytes(UTF_8);
        // When
        CompletableFuture<Appended> taking = intake.json(body, body.length, live(), true);
        // Then
        assertThatThrownBy(taking::join)
                .hasCauseInstanceOf(InvalidItemsException.class)
                .satisfies(
                        failure ->
                                assertThat(((InvalidItemsException) failure.getCause()).items())
                                        .extracting(Appended.SetAside::index)
                                        .containsExactly(1, 2));
        assertThat(recording.submissions()).isEmpty();
    }

    @Test
    void storesNothingOfABodyThatCannotBeRead() {
        // Given
        byte[] body = ("[" + event(1) + ",").getBytes(UTF_8);
        // When
        CompletableFuture<Appended> taking = intake.json(body, body.length, live(), false);
        // Then
        assertThatThrownBy(taking::join).hasCauseInstanceOf(NotJsonException.class);
        assertThat(recording.submissions()).isEmpty();
    }

    @Test
    void leavesTheJournalAloneWhereThereIsNothingToStore() {
        // Given
        byte[] body = "{\"batch\":[]}".getBytes(UTF_8);
        // When
        Appended appended = intake.json(body, body.length, live(), false).join();
        // Then
        assertThat(appended).isEqualTo(Appended.NOTHING);
        assertThat(recording.submissions()).isEmpty();
    }

    @Test
    void givesLaterLiveEventsIdsThatSortBehind() {
        // Given
        byte[] body = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"}".getBytes(UTF_8);
        var later =
                new Intake(
                        recording.journal(),
                        new EventReader(new SemanticNames(false, Set.of())),
                        InstantSource.fixed(NOW.plusMillis(1)),
                        new Random(2));
        // When
        intake.json(body, body.length, live(), false).join();
        later.json(body, body.length, later.live(new Source("web", true)), false).join();
        // Then
        assertThat(ids()).isSorted().doesNotHaveDuplicates();
    }

    // --- messages

    @Test
    void storesAMessageOfSeveralEventsInOneGo() {
        // Given
        byte[] concatenated = (event(1) + "\n" + event(2)).getBytes(UTF_8);
        byte[] array = ("[" + event(3) + ",{}]").getBytes(UTF_8);
        // When
        Receipt one = intake.text(concatenated, false, live(), "").join();
        Receipt lines = intake.text(concatenated, true, live(), "").join();
        Receipt other = intake.text(array, false, live(), "").join();
        // Then
        assertThat(List.of(one.accepted(), lines.accepted(), other.accepted()))
                .containsExactly(2L, 2L, 1L);
        assertThat(other.examples()).extracting(Appended.SetAside::index).containsExactly(1);
        assertThat(recording.submissions()).hasSize(3);
    }

    @Test
    void setsAMessageAsideAsAWholeThatCannotBeToldIntoItems() {
        // Given
        List<String> bodies =
                List.of("", " ", "null", "hello", "{\"a\":", "[" + event(1) + ",", "{oops}", "[}");
        // When
        List<Receipt> receipts =
                bodies.stream()
                        .map(body -> intake.text(body.getBytes(UTF_8), false, live(), "").join())
                        .toList();
        // Then
        assertThat(receipts).extracting(Receipt::setAside).containsOnly(1L);
        assertThat(receipts).extracting(Receipt::accepted).containsOnly(0L);
        assertThat(recording.items())
                .extracting(item -> new String(((Reading.SetAside) item).item(), UTF_8))
                .isEqualTo(bodies);
    }

    @Test
    void storesWhatOneSubmissionCannotHoldInSeveral() {
        // Given
        byte[] item = event(1).getBytes(UTF_8);
        byte[] array = ("[" + "1,".repeat(10_000) + "1]").getBytes(UTF_8);
        // When
        Receipt items =
                intake.items(
                                Collections.nCopies(10_001, item).iterator(),
                                bytes -> bytes,
                                bytes -> bytes,
                                live(),
                                record -> "")
                        .join();
        Receipt text = intake.text(array, false, live(), "").join();
        // Then
        assertThat(items.accepted()).isEqualTo(10_001);
        assertThat(text.setAside()).isEqualTo(10_001);
        assertThat(text.examples()).hasSize(Receipt.EXAMPLES);
        assertThat(recording.submissions())
                .extracting(submission -> submission.items().size())
                .containsExactly(10_000, 1, 10_000, 1);
    }

    // --- streams

    @Test
    void storesALongStreamInPartsAndNumbersItsRecordsThroughAll() {
        // Given
        var text = new StringBuilder("[");
        for (int i = 0; i < 2_500; i++) {
            text.append(i == 2_400 ? "7" : event(i)).append(',');
        }
        text.setCharAt(text.length() - 1, ']');
        // When
        Receipt receipt = stream(text.toString(), false).join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(2_499);
        assertThat(receipt.setAside()).isEqualTo(1);
        assertThat(receipt.examples())
                .singleElement()
                .extracting(Appended.SetAside::index)
                .isEqualTo(2_400);
        assertThat(recording.submissions())
                .extracting(Submission::place)
                .containsExactly("a.json", "a.json, from record 1001", "a.json, from record 2001");
    }

    @Test
    void derivesTheSameIdsWhenTheSameThingIsReadAgain() {
        // Given
        String text = "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u\"}\n".repeat(3);
        // When
        stream(text, true).join();
        stream("\n" + text.replace("\n", "\r\n\r\n"), true).join();
        // Then
        List<String> ids = ids();
        assertThat(ids.subList(0, 3)).doesNotHaveDuplicates().isEqualTo(ids.subList(3, 6));
    }

    @Test
    void takesEventsBatchesAndArraysInOneStream() {
        // Given
        String text =
                event(1)
                        + "["
                        + event(2)
                        + ",{}]"
                        + "{\"batch\":["
                        + event(3)
                        + ","
                        + event(4)
                        + "],\"context\":{\"ip\":\"9.9.9.9\"}}"
                        + "{\"type\" oops}"
                        + event(5);
        // When
        Receipt receipt = stream(text, false).join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(5);
        assertThat(receipt.examples()).extracting(Appended.SetAside::index).containsExactly(2, 5);
        assertThat(json().get(2)).contains("9.9.9.9");
        assertThat(json().get(4)).doesNotContain("9.9.9.9");
    }

    @Test
    void storesWhatComesBeforeTheBreakAndTellsItsPlace() {
        // Given
        String text = "[" + event(1) + ",5," + event(2) + "," + event(3).substring(0, 20);
        // When
        CompletableFuture<Receipt> reading = stream(text, false);
        // Then
        assertThatThrownBy(reading::join)
                .hasCauseInstanceOf(UnreadableException.class)
                .cause()
                .hasMessage(
                        "a.json is broken at record 4: it ends inside an object or an array, at"
                                + " byte "
                                + text.length());
        assertThat(recording.items()).hasSize(3);
    }

    @Test
    void readsABatchThatIsTooLongForMemoryUnderWhatItSaysAtItsEnd() {
        // Given
        var text = new StringBuilder("{\"batch\":[");
        for (int i = 0; i < 20_000; i++) {
            text.append(event(i)).append(',');
        }
        text.setCharAt(text.length() - 1, ']');
        text.append(",\"context\":{\"ip\":\"9.9.9.9\"}}");
        // When
        Receipt receipt = stream(text.toString(), false).join();
        // Then
        assertThat(text).hasSizeGreaterThan(1 << 20);
        assertThat(receipt.accepted()).isEqualTo(20_000);
        assertThat(json()).allMatch(event -> event.contains("9.9.9.9"));
    }

    @Test
    void storesNothingOfALongBatchWhoseEndIsMissing() {
        // Given
        String text = event(0) + "{\"batch\":[" + (event(1) + ",").repeat(20_000);
        // When
        CompletableFuture<Receipt> reading = stream(text, false);
        // Then
        assertThatThrownBy(reading::join)
                .hasCauseInstanceOf(UnreadableException.class)
                .hasMessageContaining("it ends inside an array, at byte " + text.length());
        assertThat(recording.items()).hasSize(1);
    }

    @Test
    void tellsRecordLineAndColumnOfALineThatIsNoJson() {
        // Given
        String text = event(1) + "\n\n" + event(2).replace("}", "]") + "\n" + event(3);
        // When
        stream(text, true).join();
        // Then
        assertThat(recording.items().get(1))
                .isInstanceOfSatisfying(
                        Reading.SetAside.class,
                        letter -> {
                            assertThat(letter.place()).isEqualTo("a.json, record 2, line 3");
                            assertThat(letter.reason()).startsWith("not valid JSON at column ");
                        });
    }

    @Test
    void setsAsideAnItemThatIsTooLongAndTellsWhereItStands() {
        // Given
        String huge = "{\"a\":\"" + "x".repeat(2 << 20) + "\"}";
        // When
        Receipt receipt = stream(event(1) + "\n" + huge + "\n" + event(2), true).join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(2);
        Reading.SetAside item = (Reading.SetAside) recording.items().get(1);
        assertThat(item.reason())
                .contains("more than 1,048,576 bytes", "from byte " + (event(1).length() + 1));
        assertThat(item.messageId()).isEqualTo(file.ids().idOf(1));
        assertThat(item.item()).hasSize(32_000);
    }

    @Test
    void setsAsideALineThatIsNotUtf8AndGoesOn() {
        // Given
        byte[] text = (event(1) + "\n{\"a\":\"?\"}\n" + event(2)).getBytes(UTF_8);
        text[event(1).length() + 7] = (byte) 0xfc;
        // When
        Receipt receipt =
                intake.stream(() -> new ByteArrayInputStream(text), true, file, "a.ndjson").join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(2);
        assertThat(receipt.examples())
                .containsExactly(new Appended.SetAside(1, "it is not text in UTF-8"));
    }

    @Test
    void hasFewPartsOnTheirWayAtATime() {
        // Given
        List<CompletableFuture<Appended>> waiting = new ArrayList<>();
        var most = new AtomicInteger();
        recording.answering(
                answer -> {
                    var held = new CompletableFuture<Appended>();
                    waiting.add(held);
                    most.set(Math.max(most.get(), waiting.size()));
                    if (waiting.size() == Parts.Size.OF_STREAMS.inFlight) {
                        waiting.forEach(one -> one.complete(answer.join()));
                        waiting.clear();
                    }
                    return held;
                });
        // When
        Receipt receipt = stream((event(1) + "\n").repeat(8_000), true).join();
        // Then
        assertThat(receipt.accepted()).isEqualTo(8_000);
        assertThat(most).hasValue(Parts.Size.OF_STREAMS.inFlight);
    }

    @Test
    void handsNothingMoreOverOnceThePartBeforeWasRefused() {
        // Given
        var calls = new AtomicInteger();
        var full = new JournalUnavailableException("the disk is full");
        recording.answering(
                answer ->
                        calls.incrementAndGet() < 3
                                ? answer
                                : CompletableFuture.failedFuture(full));
        // When
        CompletableFuture<Receipt> reading = stream((event(1) + "\n").repeat(10_000), true);
        // Then
        assertThatThrownBy(reading::join).isInstanceOf(CompletionException.class).hasCause(full);
        assertThat(calls).hasValue(3);
    }

    @Test
    void endsOnlyWhenAllPartsHaveArrivedThoughOneHasFailed() {
        // Given
        List<CompletableFuture<Appended>> held = new ArrayList<>();
        recording.answering(
                answer -> {
                    held.add(new CompletableFuture<>());
                    return held.get(held.size() - 1);
                });
        CompletableFuture<Receipt> reading = stream((event(1) + "\n").repeat(2_000), true);
        // When
        held.get(0).completeExceptionally(new JournalUnavailableException("the disk is full"));
        boolean early = reading.isDone();
        held.get(1).complete(Appended.NOTHING);
        // Then
        assertThat(early).isFalse();
        assertThat(reading).isCompletedExceptionally();
    }

    @Test
    void tellsWhenTheDiskThatItReadsFromFails() {
        // Given
        Content content =
                () ->
                        new InputStream() {
                            private final byte[] text = (event(1) + "\n").getBytes(UTF_8);
                            private int at;

                            @Override
                            public int read() throws IOException {
                                if (at == text.length) {
                                    throw new IOException("bad sector");
                                }
                                return text[at++];
                            }
                        };
        // When
        CompletableFuture<Receipt> reading = intake.stream(content, true, file, "a.ndjson");
        // Then
        assertThatThrownBy(reading::join).cause().hasMessage("bad sector");
    }

    @Test
    void closesWhatItOpenedWhereNothingCanBeUnpackedFromIt() {
        // Given
        var closed = new AtomicInteger();
        Content content =
                () ->
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("bad sector");
                            }

                            @Override
                            public void close() {
                                closed.incrementAndGet();
                            }
                        };
        var reception = new Reception(new JsonText(false, 1 << 20, 200), null);
        // When
        CompletableFuture<Receipt> reading = intake.stream(content, reception, file, "a.json");
        // Then
        assertThatThrownBy(reading::join).cause().hasMessage("bad sector");
        assertThat(closed).hasValue(1);
    }

    @Test
    void readsEachOfSeveralLongBatchesUnderItsOwnContextAndClosesWhatItOpened() {
        // Given
        String items = (event(0) + ",").repeat(20_000) + event(0);
        String text =
                "{\"batch\":["
                        + items
                        + "],\"context\":{\"ip\":\"1.1.1.1\"}}"
                        + event(1)
                        + "{\"context\":{\"ip\":\"2.2.2.2\"},\"batch\":["
                        + items
                        + "]}";
        var opened = new AtomicInteger();
        var closed = new AtomicInteger();
        Content content =
                () -> {
                    opened.incrementAndGet();
                    return new ByteArrayInputStream(text.getBytes(UTF_8)) {
                        @Override
                        public void close() {
                            closed.incrementAndGet();
                        }
                    };
                };
        // When
        intake.stream(content, false, file, "a.json").join();
        // Then
        List<String> events = json();
        assertThat(events).hasSize(40_003);
        assertThat(events.subList(0, 20_001)).allMatch(event -> event.contains("1.1.1.1"));
        assertThat(events.get(20_001)).doesNotContain("1.1.1.1", "2.2.2.2");
        assertThat(events.subList(20_002, 40_003)).allMatch(event -> event.contains("2.2.2.2"));
        assertThat(opened).hasValue(2);
        assertThat(closed).hasValue(2);
    }

    private CompletableFuture<Receipt> stream(String text, boolean lines) {
        return intake.stream(
                () -> new ByteArrayInputStream(text.getBytes(UTF_8)), lines, file, "a.json");
    }

    private Origin live() {
        return intake.live(new Source("web", true));
    }

    private static String event(int number) {
        return "{\"type\":\"track\",\"event\":\"A\",\"userId\":\"u%d\",\"messageId\":\"m%d\"}"
                .formatted(number, number);
    }

    private List<String> ids() {
        return recording.items().stream()
                .map(item -> ((Reading.Accepted) item).event().messageId())
                .toList();
    }

    private List<String> json() {
        return recording.items().stream()
                .filter(Reading.Accepted.class::isInstance)
                .map(item -> new String(((Reading.Accepted) item).event().json(), UTF_8))
                .toList();
    }

    // --- very many items

    @Test
    void takesAFileOfMoreItemsInOneBatchThanAreHeldAtOnce() {
        // Given
        byte[] body = ("{\"batch\":[" + "{},".repeat(24_999) + "{}]}").getBytes(UTF_8);
        // When
        Receipt receipt =
                intake.stream(() -> new ByteArrayInputStream(body), false, file, "a.json").join();
        // Then
        assertThat(receipt.setAside()).isEqualTo(25_000);
        assertThat(recording.submissions()).hasSize(25);
    }

    @Test
    void takesAMessageOfMoreItemsThanAreHeldAtOnce() {
        // Given
        String items = "{},".repeat(24_999) + "{}";
        for (String text : List.of("[" + items + "]", "{\"batch\":[" + items + "]}")) {
            int before = recording.submissions().size();
            // When
            Receipt receipt = intake.text(text.getBytes(UTF_8), false, file, "a").join();
            // Then
            assertThat(receipt.setAside()).isEqualTo(25_000);
            assertThat(recording.submissions()).hasSize(before + 3);
        }
    }

    @Test
    void setsAMessageOfVeryManyItemsAsideAsAWholeIfItsEndIsBroken() {
        // Given
        byte[] body = ("[" + "{},".repeat(25_000) + "}").getBytes(UTF_8);
        // When
        Receipt receipt = intake.text(body, false, file, "a").join();
        // Then
        assertThat(receipt.setAside()).isEqualTo(1);
    }
}
