package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.ScheduledPollConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InboxWatchTest {
    @TempDir Path home;

    private final DefaultCamelContext camel = new DefaultCamelContext();
    private final InboxWatch watch = new InboxWatch();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile boolean failing;
    private Path inbox;

    @BeforeEach
    void open() throws Exception {
        inbox = home.resolve("inbox");
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("file:" + inbox + "?include=.*[.]json")
                                .routeId("inbox")
                                .to("mock:out");
                    }
                });
        camel.start();
        watch.onInit(camel.getRoute("inbox").getConsumer());
        watch.scheduleTask(
                () -> {
                    looks.incrementAndGet();
                    if (failing) {
                        throw new AssertionError("of this test");
                    }
                });
        watch.startScheduler();
        await().until(() -> looks.get() > 0);
    }

    @AfterEach
    void close() {
        watch.shutdown();
        camel.stop();
    }

    @Test
    void looksAtOnceWhenSomethingAppears() throws Exception {
        // Given: nothing is there, so that it would not look for half a minute
        Thread.sleep(200);
        int before = looks.get();
        // When
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        // Then
        await().atMost(Duration.ofMillis(2_500)).until(() -> looks.get() > before);
    }

    @Test
    void leavesAFolderAloneThatIsEmptyAsBefore() throws Exception {
        // Given
        Thread.sleep(200);
        int before = looks.get();
        // When
        Files.delete(Files.writeString(inbox.resolve("a.tmp"), "{}"));
        Thread.sleep(500);
        // Then
        assertThat(looks.get()).isEqualTo(before);
    }

    @Test
    void looksIntoAnEmptyFolderAgainIfItsFoldersAreWantedToo() throws Exception {
        // Given
        Path deep = home.resolve("deep");
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("file:" + deep + "?recursive=true").routeId("deep").to("mock:out");
                    }
                });
        var recursive = new InboxWatch();
        var deepLooks = new AtomicInteger();
        recursive.onInit(camel.getRoute("deep").getConsumer());
        recursive.scheduleTask(deepLooks::incrementAndGet);
        // When
        recursive.startScheduler();
        await().until(() -> deepLooks.get() > 0);
        Thread.sleep(200);
        Files.delete(Files.writeString(deep.resolve("a.tmp"), "{}"));
        // Then
        await().atMost(Duration.ofSeconds(3)).until(() -> deepLooks.get() > 1);
        recursive.shutdown();
    }

    @Test
    void looksAgainSoonWhileSomethingLiesThere() throws Exception {
        // Given
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        int before = looks.get();
        // Then
        await().atMost(Duration.ofSeconds(8)).until(() -> looks.get() > before + 3);
    }

    @Test
    void looksMoreSeldomAtWhatHasLainThereForLong() throws Exception {
        // Given
        var patient = new InboxWatch(Duration.ZERO);
        var ownLooks = new AtomicInteger();
        patient.onInit(camel.getRoute("inbox").getConsumer());
        patient.scheduleTask(ownLooks::incrementAndGet);
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        // When
        patient.startScheduler();
        await().until(() -> ownLooks.get() > 0);
        Thread.sleep(2_500);
        // Then
        assertThat(ownLooks).hasValue(1);
        // When
        Files.writeString(inbox.resolve("b.tmp"), "{}");
        // Then
        await().atMost(Duration.ofSeconds(3)).until(() -> ownLooks.get() > 1);
        patient.shutdown();
    }

    @Test
    void looksAgainThoughALookFailed() throws Exception {
        // Given
        failing = true;
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        int before = looks.get();
        // Then
        await().atMost(Duration.ofSeconds(8)).until(() -> looks.get() > before + 2);
    }

    @Test
    void looksIntoAFolderThatWasMadeAnew() throws Exception {
        // Given
        int present = looks.get();
        Files.delete(inbox);
        await().atMost(Duration.ofSeconds(8)).until(() -> looks.get() > present);
        Files.createDirectory(inbox);
        Thread.sleep(1_500);
        // When
        int before = looks.get();
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        // Then
        await().atMost(Duration.ofMillis(2_500)).until(() -> looks.get() > before);
    }

    @Test
    void watchesAnotherFolderThatWasPutInItsPlace() throws Exception {
        // Given: nothing is there, so that it would not look for half a minute
        Thread.sleep(200);
        Path ready = Files.createDirectory(home.resolve("ready"));
        Files.writeString(ready.resolve("a.tmp"), "{}");
        int before = looks.get();
        // When
        Files.move(inbox, home.resolve("old"));
        Files.move(ready, inbox);
        // Then
        await().atMost(Duration.ofMillis(2_500)).until(() -> looks.get() > before);
        // When
        Files.move(inbox, home.resolve("older"));
        Files.createSymbolicLink(inbox, Files.createDirectory(home.resolve("target")));
        Thread.sleep(1_500);
        int between = looks.get();
        Files.writeString(home.resolve("target/b.tmp"), "{}");
        // Then
        await().atMost(Duration.ofMillis(2_500)).until(() -> looks.get() > between);
    }

    @Test
    void looksNoMoreWhenItIsStoppedAndAgainWhenItIsStarted() throws Exception {
        // When
        watch.unscheduleTask();
        Thread.sleep(200);
        int stopped = looks.get();
        Files.writeString(inbox.resolve("a.tmp"), "{}");
        Thread.sleep(1_500);
        // Then
        assertThat(looks.get()).isEqualTo(stopped);
        assertThat(watch.isSchedulerStarted()).isFalse();
        // When
        watch.startScheduler();
        // Then
        await().until(() -> looks.get() > stopped);
    }

    @Test
    void servesARoute() throws Exception {
        // Given
        camel.getRegistry().bind("inbox-watch", new InboxWatch());
        Path other = home.resolve("other");
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("file:" + other + "?scheduler=#inbox-watch")
                                .routeId("other")
                                .to("mock:out");
                    }
                });
        // When
        Files.writeString(other.resolve("a.json"), "{}");
        // Then
        await().atMost(Duration.ofSeconds(8))
                .until(() -> Files.exists(other.resolve(".camel/a.json")));
        assertThat(camel.getRoute("other").getConsumer()).isInstanceOf(ScheduledPollConsumer.class);
        // When
        camel.getRouteController().stopRoute("other");
        camel.getRouteController().startRoute("other");
        Files.writeString(other.resolve("b.json"), "{}");
        // Then
        await().atMost(Duration.ofSeconds(8))
                .until(() -> Files.exists(other.resolve(".camel/b.json")));
    }
}
