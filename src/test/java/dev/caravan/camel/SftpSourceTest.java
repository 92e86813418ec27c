package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.journal.DeadLetter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
        caravan = new Fixture(home);
        caravan.camel.getPropertiesComponent().addInitialProperty("crm.password", PASSWORD);
        caravan.camel.getPropertiesComponent().addInitialProperty("caravan.home", home.toString());
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
        // Given: one that a crash left
        Path copies = home.resolve("data/incoming/crm@127.0.0.1-" + server.getPort() + "/out");
        Files.createDirectories(copies);
        Files.writeString(copies.resolve("yesterday.csv.inprogress"), "half");
        put("a.csv", "no;mail;total\n1;a@b.example;1\n");
        put("broken.csv", "no;mail;total\n1;\"a@b.example;1\n");
        mapping();
        // When
        caravan.routes(home, csv()).start();
        awaitFile("out/done/a.csv");
        awaitFile("out/failed/broken.csv");
        // Then
        assertThat(copies).isEmptyDirectory();
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
