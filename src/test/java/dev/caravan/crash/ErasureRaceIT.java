package dev.caravan.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A deleted person stays deleted: many persons at once act, join, are deleted, return and send old
 * events late, at the packaged process that is killed meanwhile, with destinations that fail, an
 * operator who sends things again, and files in the inbox. Afterwards what the destinations got is
 * held against what the persons did.
 *
 * <p>Each run has a seed of its own, which a failure names; {@code -Derasure.seed=n} takes that
 * one. The seed decides what everybody does, not how the threads interleave, so a rare failure may
 * need several runs. {@code -Dcrash.rounds=n} sets the number of runs.
 *
 * <p>What may be under way. An attempt is judged by when its request arrives. One that started
 * before the acknowledgement may arrive a little behind it, see {@link RaceCheck#ON_THE_WIRE}; of
 * an event that was sent after the acknowledgement no attempt is right.
 */
@Tag("soak")
class ErasureRaceIT {
    private static final String WRITE_KEY = "shop-key";
    private static final int ROUNDS = Integer.getInteger("crash.rounds", 1);
    private static final int PERSONS = 20;
    private static final int STEPS = 60;
    private static final int PAUSE_MILLIS = 180;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir Path home;
    @TempDir Path drafts;
    private RaceDestination customerIo;
    private RaceDestination crm;
    private RaceDestination ledger;
    private List<RaceDestination> destinations;
    private CaravanProcess caravan;
    private RaceOperator operator;

    static LongStream seeds() {
        Long seed = Long.getLong("erasure.seed");
        return seed == null
                ? new Random().longs(ROUNDS, 0, 1_000_000)
                : LongStream.generate(() -> seed).limit(ROUNDS);
    }

    @BeforeEach
    void start() throws Exception {
        customerIo = RaceDestination.customerIo();
        crm = RaceDestination.plain("crm", true);
        ledger = RaceDestination.plain("ledger", false);
        destinations = List.of(customerIo, crm, ledger);
        writeRoutes();
        caravan =
                new CaravanProcess(home)
                        .with("CARAVAN_CUSTOMERIO_API_KEY", RaceDestination.KEY)
                        .with("CARAVAN_CUSTOMERIO_URL", customerIo.fake().url().toString())
                        .with("CARAVAN_KEYS_SHOP", WRITE_KEY)
                        .start();
        operator = new RaceOperator(caravan, home.resolve("inbox"));
    }

    @AfterEach
    void stop() throws Exception {
        caravan.close();
        for (RaceDestination destination : destinations) {
            destination.close();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void sendsNothingOfAPersonFromBeforeTheirDeletion(long seed) throws Exception {
        // Given
        destinations.forEach(
                destination ->
                        destination.misbehave(seed * 10 + destinations.indexOf(destination)));
        RaceDoor door = new RaceDoor(caravan.http("/"), WRITE_KEY, drafts, home.resolve("inbox"));
        List<RacePerson> persons = new ArrayList<>();
        for (int number = 0; number < PERSONS; number++) {
            persons.add(new RacePerson(number, seed, door));
        }
        // When
        race(persons, door, new Random(seed));
        destinations.forEach(RaceDestination::beGood);
        settle();
        RaceCheck inOrder =
                new RaceCheck(persons, destinations).othersAreInOrder().returnsWaitForTheDeletion();
        sendAllAgain();
        // Then
        List<String> found = new ArrayList<>(inOrder.found());
        found.addAll(
                new RaceCheck(persons, destinations)
                        .nothingFromBeforeADeletion()
                        .allDeletionsArrived()
                        .nothingElseIsMissing()
                        .whoLeftIsGone(customerIo)
                        .found());
        assertThat(found.stream().limit(200))
                .as("what is wrong after seed %d, %d in all", seed, found.size())
                .isEmpty();
    }

    /** All persons at once, and what befalls them until the last one is through. */
    private void race(List<RacePerson> persons, RaceDoor door, Random random) throws Exception {
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (RacePerson person : persons) {
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    person.act(STEPS, PAUSE_MILLIS);
                                } catch (Exception | Error e) {
                                    failures.add(e);
                                }
                            },
                            "person-" + person.number());
            threads.add(thread);
            thread.start();
        }
        try {
            crm.fake().goDown(Duration.ofSeconds(3));
            for (int turn = 0; threads.stream().anyMatch(Thread::isAlive); turn++) {
                TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(400));
                befall(turn, persons, random);
            }
        } finally {
            door.close();
            for (Thread thread : threads) {
                thread.join();
            }
        }
        assertThat(failures).isEmpty();
    }

    private void befall(int turn, List<RacePerson> persons, Random random) throws Exception {
        RaceDestination destination = destinations.get(random.nextInt(destinations.size()));
        if (turn == 8 || turn == 16) {
            caravan.kill();
            caravan.start();
            return;
        }
        switch (random.nextInt(6)) {
            case 0 -> crm.fake().goDown(Duration.ofMillis(500 + random.nextInt(1_500)));
            case 1, 2 -> operator.retryDeadLetters();
            case 3, 4 -> {
                RacePerson person = persons.get(random.nextInt(persons.size()));
                if (person.mayBeReplayed()) {
                    operator.replay(destination.name(), person.id());
                }
            }
            default -> {}
        }
    }

    private void settle() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        List<String> open = operator.unsettled();
        while (!open.isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not settled after " + PATIENCE + ": " + open);
            }
            TimeUnit.MILLISECONDS.sleep(200);
            open = operator.unsettled();
        }
    }

    /** Dead letters, and then everything that the journal still has, also after a restart. */
    private void sendAllAgain() throws Exception {
        operator.retryDeadLetters();
        settle();
        assertThat(operator.deadLetters()).as("dead letters that were sent again").isZero();
        for (RaceDestination destination : destinations) {
            operator.replay(destination.name());
        }
        settle();
    }

    private void writeRoutes() throws IOException {
        String shipped = "/routes/destinations/customerio.camel.yaml";
        try (InputStream in = getClass().getResourceAsStream(shipped)) {
            String route = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            write(
                    "customerio",
                    route.replace(
                            "customerio:pipelines", "customerio:pipelines?requestTimeout=1500"));
        }
        write(
                "crm",
                """
                - templatedRoute:
                    routeTemplateRef: destination
                    routeId: crm
                    parameters:
                      - {name: destination, value: crm}
                      - {name: batch, value: 1}
                      - {name: from, value: beginning}
                - route:
                    from:
                      uri: direct:crm-deliver
                      steps:
                        - to: %1$s/events?responseTimeout=1500
                - route:
                    from:
                      uri: direct:crm-person-deleted
                      steps:
                        - to: %1$s/erasures?responseTimeout=1500
                """
                        .formatted(crm.fake().url()));
        write(
                "ledger",
                """
                - route:
                    id: ledger
                    from:
                      uri: caravan:events
                      parameters: {destination: ledger, batch: 1, from: beginning, erase: unsupported}
                      steps:
                        - to: %s/events?responseTimeout=1500
                """
                        .formatted(ledger.fake().url()));
    }

    private void write(String name, String route) throws IOException {
        Path file = home.resolve("routes/destinations").resolve(name + ".camel.yaml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, route.lines().collect(Collectors.joining("\n", "", "\n")));
    }
}
