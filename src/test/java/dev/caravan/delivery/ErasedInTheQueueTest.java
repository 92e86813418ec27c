package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.Events;
import dev.caravan.event.Reading;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.Settlement.Receipt.State;
import dev.caravan.journal.SqliteJournal;
import dev.caravan.journal.Submission;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a queue out of which an erasure has taken events before they were sent. */
class ErasedInTheQueueTest {
    @TempDir Path directory;
    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timer = Engine.newTimerThread();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private SqliteJournal journal;

    @BeforeEach
    void open() {
        journal = SqliteJournal.open(JournalSettings.in(directory), InstantSource.system());
    }

    @AfterEach
    void close() {
        journal.close();
        threads.shutdownNow();
        timer.shutdownNow();
    }

    private Dispatcher start(Destination destination) {
        var dispatcher =
                new Dispatcher(
                        destination,
                        journal,
                        (run, done) -> {
                            run.forEach(event -> sent.add(event.get("messageId").toString()));
                            done.accept(Sim.ok());
                        },
                        Barrier.of(journal.erasures()),
                        DeliveryListener.NONE,
                        new Engine(Timer.of(timer), InstantSource.system(), new Random(), threads));
        dispatcher.start();
        return dispatcher;
    }

    private static Destination destination(String name) {
        return Destination.of(name, Destination.Erase.ROUTE).fromTheBeginning().withBatch(2);
    }

    private void append(Reading... items) {
        journal.append(new Submission("shop", Instant.now(), "", List.of(items))).join();
    }

    private static Reading deletion(String userId) {
        return Events.accepted(
                "{\"type\":\"track\",\"event\":\"User Deleted\",\"userId\":\"%s\",\"messageId\":\"d\"}"
                        .formatted(userId));
    }

    private Erasure erasure(long id) {
        return journal.erasures().get(id).orElseThrow();
    }

    private void removed(long id) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> erasure(id).copies().removedAt() != null);
    }

    private Entry entry(String messageId) {
        return journal.find(messageId).get(0);
    }

    @Test
    void isSkippedWhileAllOthersComeInOrder() {
        // Given: a destination that stands still while ann is erased
        try (Dispatcher crm = start(destination("crm"))) {
            crm.pause().join();
            for (int i = 0; i < 100; i++) {
                append(Events.track("ann", "a-" + i), Events.track("bob", "b-" + i));
            }
            append(deletion("ann"));
            append(Events.track("ann", "again"));
            removed(201);
            // When
            crm.resume().join();
            await().atMost(Duration.ofSeconds(20)).until(() -> crm.status().lag() == 0);
            // Then
            assertThat(sent).filteredOn(id -> id.startsWith("a-")).isEmpty();
            assertThat(sent)
                    .filteredOn(id -> id.startsWith("b-"))
                    .hasSize(100)
                    .isSortedAccordingTo(
                            (one, other) ->
                                    Integer.parseInt(one.substring(2))
                                            - Integer.parseInt(other.substring(2)));
            assertThat(sent.indexOf("again")).isGreaterThan(sent.indexOf("d"));
            assertThat(crm.status().totals().skipped()).isEqualTo(100);
            assertThat(whereabouts("crm", "a-7"))
                    .isEqualTo(new Whereabouts(Whereabouts.State.SKIPPED, "erased by erasure 201"));
        }
    }

    @Test
    void tellsADestinationThatBeginsBehindAllOthersWhomToAskFor() {
        // Given
        try (Dispatcher crm = start(destination("crm"))) {
            append(Events.track("ann", "a-1"));
            await().atMost(Duration.ofSeconds(20)).until(() -> crm.status().lag() == 0);
            append(deletion("ann"), Events.track("bob", "b-1"));
            await().atMost(Duration.ofSeconds(30)).until(() -> erasure(2).copies().carried());
            assertThat(whereabouts("crm", "d").state()).isEqualTo(Whereabouts.State.DELIVERED);
            sent.clear();
            // When
            try (Dispatcher late = start(destination("late"))) {
                await().atMost(Duration.ofSeconds(20)).until(() -> late.status().lag() == 0);
                await().atMost(Duration.ofSeconds(20))
                        .until(() -> erasure(2).receipts().get(1).state() != State.WAITING);
            }
            // Then
            assertThat(sent).containsExactly("b-1");
            Erasure.Receipt receipt = erasure(2).receipts().get(1);
            assertThat(receipt.state()).isEqualTo(State.UNSUPPORTED);
            assertThat(receipt.reason()).contains("ask for it again");
            assertThat(whereabouts("crm", "a-1").state()).isEqualTo(Whereabouts.State.ERASED);
        }
    }

    private Whereabouts whereabouts(String destination, String messageId) {
        return Whereabouts.of(
                journal,
                destination,
                journal.state(destination).orElseThrow(),
                null,
                entry(messageId));
    }
}
