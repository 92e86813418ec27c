package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Reading;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Order for each person, whatever the destination answers; a failure names its seed. */
class DispatcherOrderTest {
    private static final int PERSONS = 50;
    private static final int EVENTS = 40;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void keepsTheOrderOfEachPersonWhateverIsAnswered(long seed) {
        // Given
        Sim sim = new Sim(seed, 8, Sim.destination());
        sim.shaking = true;
        sim.script = run -> anyAnswer(run, sim.random);
        sim.start();
        // When
        appendAll(sim, seed);
        sim.settleAll(Duration.ofHours(6));
        // Then
        assertThat(sim.accounts()).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 9, 13, 21, 22, 24, 26, 37, 1011})
    void keepsItWithOnePartitionAndWithSmallBuffers(long seed) {
        // Given
        Destination small =
                Sim.destination().withBatch(5).withPace(Pace.DEFAULT.withBuffer(20, 10_000));
        Sim sim = new Sim(seed, seed % 2 == 0 ? 1 : 16, small);
        sim.shaking = true;
        sim.script = run -> anyAnswer(run, sim.random);
        sim.start();
        // When
        appendAll(sim, seed);
        sim.settleAll(Duration.ofHours(12));
        // Then
        assertThat(sim.accounts()).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void keepsItAcrossJoinsThatTheDestinationDoesNotGet(LeftOut leftOut) {
        for (long seed = 1; seed <= 4; seed++) {
            // Given
            Pace pace = seed % 2 == 0 ? Pace.DEFAULT : Pace.DEFAULT.withBuffer(100, 20_000);
            Sim sim = new Sim(seed, 8, Sim.destination().withBatch(10).withPace(pace));
            sim.destination = sim.destination.withSelection(leftOut.selection);
            sim.journal.erase(leftOut.erased);
            sim.shaking = true;
            sim.script = run -> anyAnswer(run, sim.random);
            sim.start();
            // When
            appendAll(sim, seed);
            for (int i = 0; i < seed % 3 * 10; i++) {
                sim.timer.advance(Duration.ofMillis(sim.random.nextInt(3000)));
                sim.crash();
            }
            sim.settleAll(Duration.ofHours(12));
            // Then
            assertThat(sim.accounts()).as("%s, seed %d", leftOut, seed).isEmpty();
        }
    }

    /** Why a destination does not get an event that joins two persons. */
    private enum LeftOut {
        BY_TYPES(Selection.parse("page,track", null, null, null), event -> false),
        BY_EVENTS(Selection.parse(null, "Order *,Home", null, null), event -> false),
        BY_A_FILTER(onlyIf(event -> isOdd(event) || !isJoin(event)), event -> false),
        BY_A_FILTER_THAT_BREAKS(
                onlyIf(event -> !isJoin(event) || 1 / (isOdd(event) ? 1 : 0) == 1), event -> false),
        BY_ERASURE(Selection.ALL, event -> isOdd(event) && event.call() != Call.PAGE);

        private final Selection selection;
        private final Predicate<Event> erased;

        LeftOut(Selection selection, Predicate<Event> erased) {
            this.selection = selection;
            this.erased = erased;
        }

        private static Selection onlyIf(Predicate<Event> condition) {
            return Selection.parse(null, null, null, new Selection.Filter("", condition));
        }

        private static boolean isJoin(Event event) {
            return event.call() == Call.IDENTIFY || event.call() == Call.ALIAS;
        }

        private static boolean isOdd(Event event) {
            return Objects.hash(event.userId(), event.anonymousId()) % 2 != 0;
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36, 37, 38})
    void keepsItThroughCrashesAndCountsNothingTwice(long seed) {
        // Given
        Sim sim = new Sim(seed, 8, Sim.destination().withBatch(10));
        sim.shaking = true;
        sim.script = run -> anyAnswer(run, sim.random);
        sim.start();
        // When
        appendAll(sim, seed);
        for (int i = 0; i < 30; i++) {
            sim.timer.advance(Duration.ofMillis(sim.random.nextInt(3000)));
            sim.crash();
        }
        sim.settleAll(Duration.ofHours(6));
        // Then
        assertThat(sim.accounts()).as("seed %d", seed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43, 44, 45, 46, 47, 48})
    void settlesExactlyThoseThatCanBeAndNamesTheOthers(long seed) {
        // Given
        Pace pace = Pace.DEFAULT.withStuckAfter(Duration.ofMinutes(2)).withBuffer(200, 50_000);
        Sim sim = new Sim(seed, 4, Sim.destination().withBatch(20).withPace(pace));
        sim.shaking = true;
        sim.script = run -> byName(run, sim.random);
        sim.start();
        // When
        appendAll(sim, seed);
        for (int i = 0; i < 200; i++) {
            sim.append(
                    Events.track("u" + i % PERSONS, i % 40 == 0 ? "Poison" : "Order"),
                    Events.track("u" + (i * 7) % PERSONS, i % 30 == 0 ? "Bad" : "Order"));
            sim.timer.advance(Duration.ofSeconds(sim.random.nextInt(30)));
            if (i % 50 == 49) {
                sim.crash();
            }
        }
        for (int i = 0; i < 300 && !sim.allSettled(); i++) {
            sim.append(Events.track("u" + i % PERSONS, "Order"));
            sim.settleAll(Duration.ofMinutes(1));
        }
        // Then
        assertThat(sim.accounts()).as("seed %d", seed).isEmpty();
        assertThat(sim.dead())
                .as("seed %d", seed)
                .allSatisfy(
                        letter ->
                                assertThat(letter.rule())
                                        .isEqualTo(
                                                "Bad".equals(letter.name()) ? "REFUSED" : "STUCK"));
        assertThat(sim.dead().stream().map(DeadLetter::name))
                .as("seed %d", seed)
                .hasSize((int) sim.journal.entries().stream().filter(e -> hopeless(e)).count())
                .containsOnly("Bad", "Poison");
    }

    private static boolean hopeless(Entry entry) {
        return "Bad".equals(entry.event().name()) || "Poison".equals(entry.event().name());
    }

    private static List<Outcome> byName(Run run, Random random) {
        boolean poison = run.entries().stream().anyMatch(e -> "Poison".equals(e.event().name()));
        boolean bad = run.entries().stream().anyMatch(e -> "Bad".equals(e.event().name()));
        if (poison || random.nextInt(12) == 0) {
            return Sim.status(500);
        }
        return bad ? Sim.status(400) : Sim.ok();
    }

    private static void appendAll(Sim sim, long seed) {
        var random = new Random(seed);
        List<Reading> items = new ArrayList<>();
        for (int i = 0; i < PERSONS * EVENTS; i++) {
            // three of them make most of the traffic
            int person = random.nextInt(10) < 6 ? random.nextInt(3) : random.nextInt(PERSONS);
            items.add(anyEvent(person, i, random));
            if (random.nextInt(20) == 0) {
                sim.append(items);
                items.clear();
                sim.timer.advance(Duration.ofMillis(random.nextInt(200)));
            }
        }
        sim.append(items);
    }

    private static Reading anyEvent(int person, int number, Random random) {
        int kind = random.nextInt(100);
        if (kind < 45) {
            return Events.track("u" + person, "Order " + number);
        } else if (kind < 85) {
            return Events.visit("a" + random.nextInt(PERSONS));
        } else if (kind < 87) {
            return Events.identifyForNobody("u" + person, "a" + random.nextInt(PERSONS));
        } else if (kind < 92) {
            return Events.identify("u" + person, "a" + random.nextInt(PERSONS));
        } else if (kind < 94) {
            return Events.alias("u" + person, "u" + random.nextInt(PERSONS));
        } else if (kind < 97) {
            return Events.track("u" + person, "Device Created or Updated");
        }
        return Events.track("u" + person, "User Deleted");
    }

    private static List<Outcome> anyAnswer(Run run, Random random) {
        int kind = random.nextInt(100);
        if (kind < 60) {
            return Sim.ok();
        } else if (kind < 66) {
            return Sim.status(400);
        } else if (kind < 68) {
            return Sim.status(413);
        } else if (kind < 72) {
            return List.of(
                    new Retry(Optional.of(Duration.ofSeconds(random.nextInt(4))), 429, "too many"));
        } else if (kind < 80) {
            return Sim.status(500);
        } else if (kind < 83) {
            return List.of(Outcome.Retry.of(0, "timeout"));
        } else if (kind < 84) {
            return Sim.status(401);
        }
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < run.size(); i++) {
            int item = random.nextInt(20);
            if (item == 0) {
                outcomes.add(new Refused(422, "bad item", false));
            } else if (item == 1) {
                outcomes.add(Sim.retry());
            } else if (item == 2) {
                outcomes.add(new Outcome.Skipped("not this one"));
            } else {
                outcomes.add(new Delivered(200));
            }
        }
        return outcomes;
    }
}
