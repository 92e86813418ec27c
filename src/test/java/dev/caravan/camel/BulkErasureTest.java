package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.event.PersonKey;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.fake.StoredPerson;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.Erasures.Filter;
import dev.caravan.journal.Settlement.Receipt.State;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of ids to delete, from the file to the report. */
class BulkErasureTest {
    private static final int PERSONS = 5_000;

    @TempDir Path home;
    private FakeCustomerIo customerIo;
    private Fixture caravan;

    @BeforeEach
    void start() throws Exception {
        customerIo = FakeCustomerIo.start("key");
        caravan = new Fixture(home);
        caravan.openDoors(home);
        var component = new CustomerIoComponent();
        component.getConfiguration().setApiKey("key");
        component.getConfiguration().setUrl(customerIo.url().toString());
        component.getConfiguration().setRate(0);
        caravan.camel.addComponent("customerio", component);
        caravan.camel.addRoutes(new RouteFiles(home, Duration.ofSeconds(10)));
    }

    @AfterEach
    void end() throws Exception {
        caravan.close();
        customerIo.close();
    }

    @Test
    void deletesEverybodyInAFileAndReportsIt() throws Exception {
        // Given
        for (String id : List.of("u-0", "u-4999", "u-5000", "u one", "userId")) {
            caravan.accept("{\"type\":\"identify\",\"userId\":\"%s\"}".formatted(id));
        }
        caravan.start();
        String ids =
                IntStream.range(0, PERSONS)
                        .mapToObj(i -> "u-" + i)
                        .collect(Collectors.joining("\n", "\uFEFFu one  \r\n\n", "\n"));
        drop(ids.getBytes(StandardCharsets.UTF_8));
        // When
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(home.resolve("inbox/done/leavers.deletions")));
        caravan.settled("customerio");
        // Then
        assertThat(customerIo.persons())
                .extracting(StoredPerson::id)
                .containsExactlyInAnyOrder("u-5000", "userId");
        Erasures.Summary summary = caravan.journal.erasures().summary(ofFiles(null));
        assertThat(summary.count()).isEqualTo(PERSONS + 1);
        assertThat(summary.firstAcceptedAt()).isNotNull().isEqualTo(summary.lastAcceptedAt());
        assertThat(summary.destinations()).hasSize(1);
        assertThat(summary.destinations().get(0).name()).isEqualTo("customerio");
        assertThat(summary.destinations().get(0).in(State.DONE)).isEqualTo(PERSONS + 1);
        assertThat(summary.destinations().get(0).in(State.WAITING)).isZero();
        assertThat(caravan.journal.erasures().list(ofFiles(State.WAITING), 0, 10)).isEmpty();
    }

    @Test
    void setsAsideWhatCanBeNoIdAndErasesTheOthers() throws Exception {
        // Given
        caravan.start();
        byte[] ids =
                ("u-1\n" + "x".repeat(151) + "\nu-2\n?\nu-3\n").getBytes(StandardCharsets.UTF_8);
        ids[ids.length - 6] = (byte) 0xff;
        // When
        drop(ids);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(home.resolve("inbox/done/leavers.deletions")));
        // Then
        assertThat(caravan.journal.erasures().summary(ofFiles(null)).count()).isEqualTo(3);
        assertThat(caravan.deadLetters())
                .extracting(letter -> letter.place() + ": " + letter.reason())
                .containsExactly(
                        "leavers.deletions, record 2: field 'userId' has 151 bytes, the limit is 150",
                        "leavers.deletions, record 4: it is not text in UTF-8");
    }

    @Test
    void erasesNobodyByAnIdThatIsCutOffAndGoesOnInTheMendedFile() throws Exception {
        // Given
        caravan.start();
        drop("u-1\nu-2\nu-3".getBytes(StandardCharsets.UTF_8));
        Path failed = home.resolve("inbox/failed/leavers.deletions");
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(failed));
        assertThat(caravan.journal.erasures().summary(ofFiles(null)).count()).isEqualTo(2);
        // When
        Files.writeString(failed, "34\n", StandardOpenOption.APPEND);
        Files.move(failed, home.resolve("inbox/leavers.deletions"));
        // Then
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(home.resolve("inbox/done/leavers.deletions")));
        assertThat(caravan.journal.erasures().summary(ofFiles(null)).count()).isEqualTo(3);
        String name = caravan.journal.erasures().nameOf(PersonKey.user("u-334"));
        assertThat(caravan.journal.erasures().list(ofFiles(null), 0, 10))
                .hasSize(3)
                .anySatisfy(erasure -> assertThat(erasure.names()).contains(name));
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void takesTheIdsOfAnyMessageWhereTheRouteSaysSo() throws Exception {
        // Given
        caravan.yaml(
                """
                - route:
                    from:
                      uri: direct:leavers
                      steps:
                        - to: caravan:events?source=hr&format=deletions
                """);
        caravan.start();
        // When
        Exchange exchange =
                caravan.camel
                        .createProducerTemplate()
                        .request("direct:leavers", asked -> asked.getMessage().setBody("u-1\nu-2"));
        // Then
        assertThat(exchange.getException()).isNull();
        assertThat(caravan.stored())
                .extracting(entry -> entry.event().name() + " " + entry.event().userId())
                .containsExactly("User Deleted u-1", "User Deleted u-2");
        assertThat(caravan.stored().get(0).source()).isEqualTo("hr");
    }

    private static Filter ofFiles(State state) {
        return new Filter(state, null, "files", null, null);
    }

    /** Renamed into the inbox, as it is meant. */
    private void drop(byte[] content) throws Exception {
        Path draft = Files.write(home.resolve("draft"), content);
        Thread.sleep(20); // so that the renaming is seen to be later than the writing
        Files.createDirectories(home.resolve("inbox"));
        Files.move(draft, home.resolve("inbox/leavers.deletions"));
    }
}
