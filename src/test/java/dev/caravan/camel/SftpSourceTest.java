package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.event.NotJsonException;
import dev.caravan.journal.DeadLetter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.camel.Processor;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kamelet that reads an SFTP server, against one. */
class SftpSourceTest {
    private static final String PASSWORD = "p+a%20s&s=w)";

    @TempDir Path home;
    @TempDir Path remote;
    private Fixture caravan;
    private SshServer server;

    @BeforeEach
    void begin() throws IOException {
        open();
        server = SshServer.setUpDefaultServer();
        server.setHost("127.0.0.1");
        server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider(home.resolve("host.key")));
        server.setPasswordAuthenticator(
                (user, password, session) -> user.equals("crm") && password.equals(PASSWORD));
        server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
        server.setFileSystemFactory(new VirtualFileSystemFactory(remote));
        server.start();
        Files.createDirectories(remote.resolve("out"));
    }

    private void open() {
        caravan = new Fixture(home);
        caravan.camel.getPropertiesComponent().addInitialProperty("crm.password", PASSWORD);
        caravan.camel.getPropertiesComponent().addInitialProperty("caravan.home", home.toString());
    }

    @AfterEach
    void end() throws IOException {
        caravan.close();
        server.stop(true);
    }

    @Test
    void takesFilesAndFilesThemAwayOnTheServer() throws Exception {
        // Given
        put("a.ndjson", event(1) + "\n" + event(2));
        put("b.ndjson", event(3));
        put("notes.txt", "no events");
        // When
        start();
        // Then
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(remote.resolve("out/done/b.ndjson")));
        assertThat(remote.resolve("out/done/a.ndjson")).exists();
        assertThat(remote.resolve("out/notes.txt")).exists();
        assertThat(ids()).containsExactly("1", "2", "3");
    }

    @Test
    void storesAFileOnceThatIsReadAgainAndKeepsBoth() throws Exception {
        // Given
        put("a.ndjson", event(1) + "\n" + event(2));
        start();
        Path done = remote.resolve("out/done/a.ndjson");
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(done));
        // When
        Files.copy(
                done,
                remote.resolve("out/a.ndjson"),
                java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
        // Then
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(remote.resolve("out/done/a-2.ndjson")));
        assertThat(ids()).containsExactly("1", "2");
        assertThat(done).exists();
    }

    @Test
    void makesADeadLetterOfALineThatIsNoJson() throws Exception {
        // Given
        put("b.ndjson", "no json at all\n" + event(1));
        // When
        start();
        // Then
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(remote.resolve("out/done/b.ndjson")));
        assertThat(ids()).containsExactly("1");
        assertThat(caravan.deadLetters()).hasSize(1);
    }

    @Test
    void makesEventsOfACsvFileByAMapping() throws Exception {
        // Given
        put("day.csv", "no;mail;total\n1;a@b.example;12.50\n2;oops\n3;c@d.example;7\n");
        mapping();
        // When
        caravan.routes(home, csv()).start();
        awaitFile("out/done/day.csv");
        // Then
        assertThat(events())
                .extracting(event -> event.replaceAll(".*\"properties\":([{].*?[}]).*", "$1"))
                .containsExactly(
                        "{\"id\":1,\"mail\":\"a@b.example\",\"total\":12.50}",
                        "{\"id\":3,\"mail\":\"c@d.example\",\"total\":7}");
        assertThat(caravan.deadLetters())
                .extracting(DeadLetter::place)
                .containsExactly("day.csv, record 2, line 3");
    }

    @Test
    void goesOnWithABrokenFileThatIsMended() throws Exception {
        // Given
        put("day.csv", "no;mail;total\n1;a@b.example;1\n2;\"a@b.example;2\n3;c@d.example;3\n");
        mapping();
        caravan.routes(home, csv()).start();
        awaitFile("out/failed/day.csv");
        assertThat(ids()).containsExactly("1");
        // When
        put("day.csv", "no;mail;total\n1;a@b.example;1\n2;a@b.example;2\n3;c@d.example;3\n");
        awaitFile("out/done/day.csv");
        // Then
        assertThat(ids()).containsExactly("1", "2", "3");
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void leavesNoCopyOfAFileBehind() throws Exception {
        // Given
        put("a.csv", "no;mail;total\n1;a@b.example;1\n");
        put("broken.csv", "no;mail;total\n1;\"a@b.example;1\n");
        mapping();
        // When
        caravan.routes(home, csv()).start();
        awaitFile("out/done/a.csv");
        awaitFile("out/failed/broken.csv");
        // Then
        assertThat(copies()).isEmpty();
    }

    @Test
    void takesACopyAwayThatACrashLeft() throws Exception {
        // Given
        put("a.ndjson", event(1));
        start();
        awaitFile("out/done/a.ndjson");
        caravan.close();
        try (Stream<Path> folders = Files.list(home.resolve("data/incoming"))) {
            Path folder = folders.findFirst().orElseThrow();
            Files.writeString(folder.resolve("yesterday.ndjson.inprogress"), "half");
        }
        // When
        open();
        start();
        // Then
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(copies()).isEmpty());
    }

    @Test
    void takesNothingAwayOutsideOfItsCopiesWhereverItsFolderIs() throws Exception {
        // Given: the folder that another route of the server once had
        Path incoming = home.resolve("data/incoming");
        Files.createDirectories(incoming.resolve("crm@127.0.0.1-" + server.getPort()));
        Path other = incoming.resolve("other/a.ndjson");
        Files.createDirectories(other.getParent());
        Files.writeString(other, "not mine");
        // When
        caravan.routes(home, route("\"no\"").replace("directory: out", "directory: ../other"))
                .start();
        // Then
        assertThat(other).exists();
    }

    @Test
    void readsAFileAgainThatGrewWhileItWasRead() throws Exception {
        // Given
        put("a.ndjson", event(1) + "\n");
        var times = new AtomicInteger();
        process(
                exchange -> {
                    if (times.incrementAndGet() == 1) {
                        put("a.ndjson", event(1) + "\n" + event(2) + "\n");
                    }
                });
        // When
        awaitFile("out/done/a.ndjson");
        // Then
        assertThat(ids()).contains("1", "2");
        assertThat(times).hasValue(2);
    }

    @Test
    void readsABrokenFileAgainThatIsReplacedWhileItWasRead() throws Exception {
        // Given
        put("a.ndjson", event(1) + "\n");
        var times = new AtomicInteger();
        process(
                exchange -> {
                    if (times.incrementAndGet() == 1) {
                        put("a.ndjson", event(2) + "\n" + event(3) + "\n");
                        throw new NotJsonException("broken off");
                    }
                });
        // When
        awaitFile("out/done/a.ndjson");
        // Then
        assertThat(ids()).contains("2", "3");
        assertThat(remote.resolve("out/failed")).doesNotExist();
    }

    @Test
    void doesNotReadAFileOverAndOverThatCannotBeMoved() throws Exception {
        // Given: where done/ would be, is a file
        put("done", "no folder");
        put("a.ndjson", event(1) + "\n");
        var times = new AtomicInteger();
        // When
        process(exchange -> times.incrementAndGet());
        await().atMost(Duration.ofSeconds(30)).until(() -> times.get() > 0);
        Thread.sleep(1_500);
        // Then
        assertThat(times).hasValue(1);
        assertThat(remote.resolve("out/a.ndjson")).exists();
    }

    @Test
    void waitsForAFileThatIsBeingWritten() throws Exception {
        // Given
        start();
        Path file = remote.resolve("out/a.ndjson");
        StringBuilder written = new StringBuilder();
        // When
        for (int i = 1; i <= 8; i++) {
            written.append(event(i)).append('\n');
            Files.writeString(file, written);
            Thread.sleep(150);
        }
        // Then
        await().atMost(Duration.ofSeconds(30))
                .until(() -> Files.exists(remote.resolve("out/done/a.ndjson")));
        assertThat(ids()).hasSize(8);
    }

    @Test
    void trustsNoServerThatIsNotKnown() throws Exception {
        // Given
        put("a.ndjson", event(1));
        // When
        caravan.routes(home, route("\"yes\"")).start();
        Thread.sleep(2_000);
        // Then
        assertThat(caravan.stored()).isEmpty();
    }

    private void mapping() throws IOException {
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/crm-order.yaml"),
                """
                type: track
                event: Order
                userId: $.mail
                properties:
                  id: {path: $.no, type: number}
                  mail: $.mail
                  total: {path: $.total, type: number}
                """);
    }

    private String csv() {
        return route("\"no\"")
                .replace("ndjson", "csv")
                .replace(
                        "{source: crm}",
                        "{source: crm, format: csv, delimiter: \";\", mapping: crm-order}");
    }

    private void awaitFile(String name) {
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(remote.resolve(name)));
    }

    private List<Path> copies() throws IOException {
        try (Stream<Path> files = Files.walk(home.resolve("data/incoming"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Starts a route that does this behind storing. */
    private void process(Processor step) throws Exception {
        caravan.camel.getRegistry().bind("step", step);
        String last = "          parameters: {source: crm}\n";
        caravan.routes(
                        home,
                        route("\"no\"").replace(last, last + "        - process: {ref: step}\n"))
                .start();
    }

    private void start() throws Exception {
        caravan.routes(home, route("\"no\"")).start();
    }

    private String route(String check) {
        return """
               - route:
                   from:
                     uri: kamelet:sftp-source
                     parameters:
                       host: 127.0.0.1
                       port: %d
                       directory: out
                       username: crm
                       password: "RAW({{crm.password}})"
                       strictHostKeyChecking: %s
                       include: '.*\\.ndjson'
                       delay: 200
                       still: 500
                     steps:
                       - to:
                           uri: caravan:events
                           parameters: {source: crm}
               """
                .formatted(server.getPort(), check);
    }

    private void put(String name, String text) throws IOException {
        Files.writeString(remote.resolve("out").resolve(name), text);
    }

    private static String event(int id) {
        return "{\"type\":\"track\",\"event\":\"E\",\"userId\":\"u\",\"properties\":{\"id\":%d}}"
                .formatted(id);
    }

    private List<String> events() {
        return caravan.stored().stream()
                .map(entry -> new String(entry.event().json(), UTF_8))
                .toList();
    }

    private List<String> ids() {
        return events().stream().map(json -> json.replaceAll(".*\"id\":(\\d+).*", "$1")).toList();
    }
}
