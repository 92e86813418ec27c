package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.event.Events;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.SqliteJournal;
import dev.caravan.journal.Submission;
import java.nio.file.Path;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Deletions in a race with everything that may bring a person back: late events, retries, refusals
 * sent again, a replay, a restart, a destination that is down; under all names of the person. Real
 * threads, a real journal. A story is told by its seed, the interleaving is the machine's.
 */
class ErasureRaceTest {
    private static final int PERSONS = 5;
    private static final int STEPS = 400;

    @TempDir Path directory;
    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timerThread = Engine.newTimerThread();
    private final ScheduledExecutorService network = Executors.newScheduledThreadPool(3);
    private final AtomicLong ticks = new AtomicLong();
    private final Map<String, Person> personOf = new ConcurrentHashMap<>();

    /** By event the deletion that erases it, and by deletion the tick of its acknowledgement. */
    private final Map<String, String> erasedBy = new ConcurrentHashMap<>();

    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final List<Place> places = new ArrayList<>();
    private SqliteJournal journal;
    private Random random;
    private int minted;

    /** Someone with a user id, an earlier one, a device, an e-mail, and a device for that alone. */
    private static final class Person {
        final int number;
        final List<String> events = new ArrayList<>();
        final List<String> ofVisitor = new ArrayList<>();
        final List<String> ofFormer = new ArrayList<>();
        final List<String> ofEmail = new ArrayList<>();
        final List<String> ofReader = new ArrayList<>();
        boolean identified;
        boolean aliased;
        boolean emailed;
        boolean subscribed;
        String lastDeletion;
        Instant lastDeletedAt;

        Person(int number) {
            this.number = number;
        }
    }

    @AfterEach
    void shutDown() {
        places.forEach(place -> place.dispatcher.close());
        journal.close();
        threads.shutdownNow();
        timerThread.shutdownNow();
        network.shutdownNow();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void bringsNobodyBack(long seed) {
        // When
        race(seed, true);
        // Then
        for (Place place : places) {
            assertThat(place.violations).as("seed %d at %s", seed, place.name).isEmpty();
            assertThat(place.missing).as("seed %d at %s", seed, place.name).isEmpty();
        }
        assertThat(erasedBy).hasSizeGreaterThan(STEPS / 4);
    }

    @Test
    void wouldBringPeopleBackWithoutTheBarrier() {
        // When
        race(1, false);
        // Then
        assertThat(places).anySatisfy(place -> assertThat(place.violations).isNotEmpty());
    }

    private void race(long seed, boolean withBarrier) {
        random = new Random(seed);
        journal = SqliteJournal.open(JournalSettings.in(directory), InstantSource.system());
        places.add(new Place("steady", withBarrier, 2));
        places.add(new Place("moody", withBarrier, 30));
        places.forEach(Place::start);
        List<Person> persons = new ArrayList<>();
        for (int i = 0; i < PERSONS; i++) {
            persons.add(new Person(i));
        }
        for (int step = 0; step < STEPS; step++) {
            act(persons.get(random.nextInt(PERSONS)), step);
        }
        places.forEach(place -> place.down = false);
        for (Place place : places) {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> place.dispatcher.status().lag() == 0);
            place.refuses = false;
            place.redelivery.retryAll(DeadLetters.Filter.ALL);
            place.awaitJobs();
            place.missing = place.missing();
            place.redelivery.replay(
                    new Replay(Instant.EPOCH, Instant.now().plusSeconds(60), null, null, null, 0));
            place.awaitJobs();
        }
    }

    private void act(Person person, int step) {
        String user = "p" + person.number;
        switch (random.nextInt(16)) {
            case 0, 1 -> delete(person, user);
            case 2 -> {
                person.identified = true;
                note(person, append(person, identified(user, "v" + person.number, "")));
            }
            case 3 -> {
                person.emailed = true;
                note(person, append(person, identified(user, null, email(person))));
            }
            case 4 -> {
                person.aliased = true;
                String alias = ",\"type\":\"alias\",\"userId\":\"%s\",\"previousId\":\"old%d\"";
                note(person, append(person, alias.formatted(user, person.number)));
            }
            case 5 -> person.ofVisitor.add(append(person, track(null, "v" + person.number)));
            case 6 -> person.ofFormer.add(append(person, track("old" + person.number, null)));
            case 7 -> person.ofEmail.add(append(person, identified(null, null, email(person))));
            case 8 -> late(person, user);
            case 11 -> person.ofReader.add(append(person, track(null, "r" + person.number)));
            case 12 -> {
                person.subscribed = true;
                String reader = "r" + person.number;
                person.ofEmail.add(append(person, identified(null, reader, email(person))));
            }
            case 9 -> {
                Place place = places.get(random.nextInt(places.size()));
                place.down = !place.down && !place.name.equals("steady");
            }
            case 10 -> {
                if (step % 40 < 10) {
                    places.get(0).redelivery.retryAll(DeadLetters.Filter.ALL);
                } else if (step % 40 < 13) {
                    Place place = places.get(random.nextInt(places.size()));
                    place.dispatcher.close();
                    place.start();
                }
            }
            default -> note(person, append(person, track(user, null)));
        }
    }

    private static void note(Person person, String messageId) {
        person.events.add(messageId);
    }

    private void delete(Person person, String user) {
        person.lastDeletedAt = Instant.now();
        String id = "m-" + minted;
        List<String> erased = new ArrayList<>(person.events);
        person.events.clear();
        take(person.ofVisitor, person.identified, erased);
        take(person.ofFormer, person.aliased, erased);
        take(person.ofEmail, person.emailed, erased);
        boolean known = person.emailed && person.subscribed;
        take(person.ofReader, known, erased);
        person.identified = false;
        person.aliased = false;
        person.emailed = false;
        person.subscribed &= !known;
        erased.forEach(event -> erasedBy.put(event, id));
        append(person, track(user, null).replace("Order", "User Deleted"));
        person.lastDeletion = id;
        acknowledged.put(id, ticks.incrementAndGet());
    }

    private static void take(List<String> some, boolean known, List<String> erased) {
        if (known) {
            erased.addAll(some);
            some.clear();
        }
    }

    /** Something that happened before the last deletion. */
    private void late(Person person, String user) {
        if (person.lastDeletedAt != null) {
            erasedBy.put("m-" + minted, person.lastDeletion);
            String before = person.lastDeletedAt.minusMillis(1).toString();
            append(person, track(user, null) + ",\"timestamp\":\"" + before + "\"");
        }
    }

    private static String email(Person person) {
        return "p" + person.number + "@example.com";
    }

    private static String identified(String user, String visitor, String email) {
        String traits = email.isEmpty() ? "{}" : "{\"email\":\"" + email + "\"}";
        return ",\"type\":\"identify\",\"traits\":" + traits + ids(user, visitor);
    }

    private static String track(String user, String visitor) {
        return ",\"type\":\"track\",\"event\":\"Order\"" + ids(user, visitor);
    }

    private static String ids(String user, String visitor) {
        return (user == null ? "" : ",\"userId\":\"" + user + "\"")
                + (visitor == null ? "" : ",\"anonymousId\":\"" + visitor + "\"");
    }

    private String append(Person person, String fields) {
        String id = "m-" + minted++;
        personOf.put(id, person);
        Instant now = Instant.now();
        Origin origin =
                Origin.of(
                        new Source("shop", true),
                        now,
                        MessageIds.timeOrdered(InstantSource.system(), new Random(1)),
                        now);
        Reading reading = Events.read("{\"messageId\":\"" + id + "\"" + fields + "}", origin);
        assertThat(reading).isInstanceOf(Reading.Accepted.class);
        journal.append(new Submission("shop", now, "", List.of(reading))).join();
        return id;
    }

    /** A destination that writes down what arrives. */
    private final class Place implements Sender {
        final String name;
        final Queue<String> violations = new ConcurrentLinkedQueue<>();
        final Map<String, Long> arrived = new ConcurrentHashMap<>();
        final Barrier barrier;
        final int latencyMillis;
        volatile boolean down;
        volatile boolean refuses = true;
        List<String> missing = List.of();
        Dispatcher dispatcher;
        Redelivery redelivery;

        Place(String name, boolean withBarrier, int latencyMillis) {
            this.name = name;
            this.latencyMillis = latencyMillis;
            Barrier real = Barrier.of(journal.erasures());
            this.barrier =
                    (entry, destination) -> {
                        long asked = ticks.incrementAndGet();
                        var rule = withBarrier ? real.stops(entry, destination) : NONE;
                        if (rule.isEmpty()) {
                            passed(entry, asked);
                        }
                        return rule;
                    };
        }

        private static final java.util.Optional<String> NONE = java.util.Optional.empty();

        private void passed(Entry entry, long asked) {
            String erasure = erasedBy.get(entry.event().messageId());
            Long since = erasure == null ? null : acknowledged.get(erasure);
            if (since != null && asked > since) {
                violations.add(
                        "%s passed after %s was acknowledged"
                                .formatted(entry.event().messageId(), erasure));
            }
        }

        void start() {
            Pace hasty = Pace.DEFAULT.withWaits(Duration.ofMillis(1), Duration.ofMillis(40));
            Destination destination =
                    Destination.of(name, Destination.Erase.ROUTE)
                            .fromTheBeginning()
                            .withBatch(7)
                            .withPace(hasty);
            var engine =
                    new Engine(
                            Timer.of(timerThread), InstantSource.system(), new Random(), threads);
            var underway = new Underway();
            dispatcher =
                    new Dispatcher(
                            destination,
                            journal,
                            this,
                            barrier,
                            underway,
                            DeliveryListener.NONE,
                            engine);
            redelivery = new Redelivery(destination, journal, this, barrier, underway, engine);
            dispatcher.start();
        }

        @Override
        public void send(Run run, Consumer<List<Outcome>> done) {
            var chance = ThreadLocalRandom.current();
            long there = 1 + chance.nextInt(latencyMillis);
            int mood = chance.nextInt(10);
            if (down || mood == 0) {
                answer(there, () -> done.accept(List.of(Sim.retry())));
                return;
            }
            boolean refused = refuses && mood == 1 && !run.meaning().destructive();
            answer(
                    there,
                    () -> {
                        if (!refused) {
                            run.entries().forEach(this::arrives);
                        }
                        Outcome outcome = refused ? new Outcome.Refused(400, "no", true) : ok(mood);
                        answer(1 + there / 2, () -> done.accept(List.of(outcome)));
                    });
        }

        /** Taken, and now and then without a word. */
        private static Outcome ok(int mood) {
            return mood == 2 ? Outcome.Retry.of(0, "timed out") : new Delivered(200);
        }

        private void answer(long millis, Runnable then) {
            network.schedule(then, millis, TimeUnit.MILLISECONDS);
        }

        private void arrives(Entry entry) {
            String id = entry.event().messageId();
            String erasure = erasedBy.get(id);
            if (erasure != null && arrived.containsKey(erasure)) {
                violations.add("%s arrived behind %s".formatted(id, erasure));
            }
            Person person = personOf.get(id); // null where Caravan deletes under a further id
            if (person != null && entry.event().meaning().destructive()) {
                arrived.forEach((other, tick) -> behind(person, entry, other));
            }
            arrived.putIfAbsent(id, ticks.incrementAndGet());
        }

        /** Nothing that follows a deletion under the user id may have arrived before it. */
        private void behind(Person person, Entry erasure, String other) {
            boolean later =
                    personOf.get(other) == person
                            && Long.parseLong(other.substring(2))
                                    > Long.parseLong(erasure.event().messageId().substring(2))
                            && person.events.contains(other);
            if (later && !arrived.containsKey(erasure.event().messageId())) {
                violations.add("%s overtook %s".formatted(other, erasure.event().messageId()));
            }
        }

        void awaitJobs() {
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> redelivery.jobs().stream().allMatch(RedeliveryJob::ended));
        }

        /** What was not erased and has not arrived. */
        List<String> missing() {
            List<String> missing = new ArrayList<>();
            for (String id : personOf.keySet()) {
                if (!erasedBy.containsKey(id) && !arrived.containsKey(id)) {
                    missing.add(id);
                }
            }
            return missing;
        }
    }
}
