package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.event.Reading;
import dev.caravan.journal.Entry;
import dev.caravan.journal.InMemoryJournal;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Submission;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same with real threads and real time, for what virtual time cannot show. */
class DispatcherThreadsTest {
    private static final int PERSONS = 50;
    private static final int EVENTS = 8000;

    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timerThread = Engine.newTimerThread();
    private final ScheduledExecutorService network = Executors.newScheduledThreadPool(3);
    private final InMemoryJournal journal =
            new InMemoryJournal(16, InstantSource.system(), threads);
    private final Map<Long, Long> lastTaken = new ConcurrentHashMap<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    @AfterEach
    void shutDown() {
        threads.shutdownNow();
        timerThread.shutdownNow();
        network.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"asynchronous", "blocking", "at once"})
    void keepsTheOrderOfEachPersonWithManyThreads(String kind) {
        // Given
        Pace hasty = Pace.DEFAULT.withWaits(Duration.ofMillis(1), Duration.ofMillis(5));
        Destination destination =
                Destination.of("crm", Destination.Erase.ROUTE)
                        .fromTheBeginning()
                        .withBatch(7)
                        .withPace(hasty);
        var engine =
                new Engine(Timer.of(timerThread), InstantSource.system(), new Random(), threads);
        var dispatcher =
                new Dispatcher(
                        destination,
                        journal,
                        sender(kind),
                        Barrier.NONE,
                        DeliveryListener.NONE,
                        engine);
        dispatcher.start();
        // When
        appendAll();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> dispatcher.status().totals().settled() == EVENTS);
        dispatcher.close();
        // Then
        assertThat(violations).isEmpty();
        assertThat(journal.violations()).isEmpty();
        assertThat(journal.ledger("crm", true).state().totals())
                .isEqualTo(new Totals(EVENTS, 0, 0));
    }

    private void appendAll() {
        var random = new Random(5);
        for (int i = 0; i < EVENTS; i += 20) {
            List<Reading> items = new ArrayList<>();
            for (int j = 0; j < 20; j++) {
                items.add(Events.track("u" + random.nextInt(PERSONS), "Order"));
            }
            journal.append(new Submission("shop", Instant.now(), "", items));
        }
    }

    private Sender sender(String kind) {
        return (run, done) -> {
            switch (kind) {
                case "asynchronous" ->
                        network.schedule(
                                () -> answer(run, done),
                                ThreadLocalRandom.current().nextInt(500),
                                java.util.concurrent.TimeUnit.MICROSECONDS);
                default -> answer(run, done);
            }
        };
    }

    private void answer(Run run, Consumer<List<Outcome>> done) {
        List<Outcome> outcomes = new ArrayList<>();
        int fate = ThreadLocalRandom.current().nextInt(20);
        for (Entry entry : run.entries()) {
            if (fate == 0) {
                outcomes.add(Sim.retry());
            } else {
                outcomes.add(new Delivered(200));
                Long before = lastTaken.put(entry.person(), entry.sequence());
                if (before != null && before >= entry.sequence()) {
                    violations.add(entry.sequence() + " came after " + before);
                }
            }
        }
        done.accept(outcomes);
    }
}
