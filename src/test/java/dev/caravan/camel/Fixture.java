package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.delivery.Engine;
import dev.caravan.delivery.Pace;
import dev.caravan.delivery.Timer;
import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.ingest.HttpEngine;
import dev.caravan.ingest.HttpRoom;
import dev.caravan.ingest.HttpSettings;
import dev.caravan.ingest.HttpStore;
import dev.caravan.ingest.InboxFiles;
import dev.caravan.ingest.InboxWatch;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Keys;
import dev.caravan.ingest.MappingFiles;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.SqliteJournal;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A Camel context with the caravan component, and a real journal on disk. */
final class Fixture implements AutoCloseable {
    final CamelContext camel = new DefaultCamelContext();
    final Journal journal;
    final Intake intake;
    final Destinations destinations = new Destinations();

    private @Nullable Vertx vertx;
    private final ExecutorService threads = Engine.newThreads();
    private final ScheduledExecutorService timer = Engine.newTimerThread();

    Fixture(Path directory) {
        this(directory, Pace.DEFAULT.withWaits(Duration.ofMillis(20), Duration.ofMillis(100)));
    }

    Fixture(Path directory, Pace pace) {
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
        InstantSource clock = InstantSource.system();
        journal = SqliteJournal.open(JournalSettings.in(directory.resolve("data")), clock);
        intake =
                new Intake(
                        journal,
                        new EventReader(new SemanticNames(false, Set.of())),
                        new MappingFiles(directory.resolve("mappings")),
                        clock,
                        random);
        camel.getRegistry().bind("intake", intake);
        camel.getRegistry().bind("journal", journal);
        camel.getRegistry().bind("destinations", destinations);
        camel.getRegistry().bind("pace", pace);
        camel.getRegistry().bind("engine", new Engine(Timer.of(timer), clock, random, threads));
        camel.getShutdownStrategy().setTimeout(10);
    }

    /** Binds what the shipped source routes name. */
    void openDoors(Path home) {
        camel.getPropertiesComponent()
                .addInitialProperty("caravan.inbox", home.resolve("inbox").toString());
        vertx = Vertx.vertx();
        camel.getRegistry()
                .bind(
                        "caravan-http",
                        new HttpEngine(Router.router(vertx), new HttpRoom(1_000_000)));
        camel.getRegistry().bind("http-store", new HttpStore(Keys.builder().build(), intake));
        camel.getRegistry().bind("http-settings", new HttpSettings());
        camel.getRegistry().bind("inbox-files", new InboxFiles(InstantSource.system()));
        camel.getRegistry().bind("inbox-watch", new InboxWatch());
    }

    /**
     * Adds a user's routes as the application does, with the shipped kamelets and no other route.
     */
    Fixture routes(Path home, String yaml) throws Exception {
        Path routes = home.resolve("routes");
        for (String shipped :
                RouteFiles.index(
                        Fixture.class.getClassLoader().getResourceAsStream("routes/index.txt"))) {
            write(routes.resolve(shipped), "# not in these tests");
        }
        write(routes.resolve("mine.camel.yaml"), yaml);
        camel.getRegistry().bind("inbox-files", new InboxFiles(InstantSource.system()));
        camel.getRegistry().bind("inbox-watch", new InboxWatch());
        camel.addRoutes(new RouteFiles(home, Duration.ofSeconds(10)));
        return this;
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Adds routes. */
    Fixture yaml(String yaml) throws Exception {
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(ResourceHelper.fromString("test.camel.yaml", yaml));
        return this;
    }

    Fixture start() {
        camel.start();
        return this;
    }

    /** Stores events, or what is none, as a door would. */
    void accept(String... events) {
        byte[] body = ("[" + String.join(",", events) + "]").getBytes(UTF_8);
        intake.json(body, body.length, intake.live(new Source("test", true)), false).join();
    }

    static String track(String name, String userId) {
        return "{\"type\":\"track\",\"event\":\"%s\",\"userId\":\"%s\"}".formatted(name, userId);
    }

    List<Entry> stored() {
        return journal.read(0, journal.end(), 100_000, Long.MAX_VALUE, person -> true).entries();
    }

    List<DeadLetter> deadLetters() {
        return journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 1000);
    }

    /** What a dead letter is about, by its place in the list. */
    byte[] deadLetterItem(int index) {
        return journal.deadLetters().item(deadLetters().get(index).id()).orElseThrow();
    }

    /** Waits until the destination has settled everything, and stored that. */
    Totals settled(String destination) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                destinations.find(destination).orElseThrow().status().lag() == 0
                                        && totals(destination).settled() == journal.end());
        return totals(destination);
    }

    Totals totals(String destination) {
        return journal.state(destination).orElseThrow().totals();
    }

    @Override
    public void close() {
        camel.stop();
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
        journal.close();
        threads.shutdownNow();
        timer.shutdownNow();
    }
}
