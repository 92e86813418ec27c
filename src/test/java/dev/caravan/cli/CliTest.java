package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.app.OfflineSettings;
import dev.caravan.event.SemanticNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    private static final String MAPPING =
            """
            userId: $.id
            messageId: {key: $}
            timestamp: {path: $.at, required: true}
            events:
              - {when: {path: $.kind, is: test}, skip: test account}
              - {type: track, event: $.event, properties: {total: {path: $.total, type: number}}}
            """;

    @TempDir Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path mapping;

    @BeforeEach
    void writeMapping() throws IOException {
        mapping = write("mappings/crm.yaml", MAPPING);
    }

    @Test
    void triesAMappingAndPrintsTheEvents() throws IOException {
        // Given
        Path sample =
                write(
                        "sample.ndjson",
                        """
                        {"id": "u", "at": "2026-08-21T10:15:30+02:00", "event": "X", "total": "12345678901234567.10"}

                        {"id": "u", "kind": "test"}
                        """);
        // When
        int code = run("", "try", mapping.toString(), sample.toString());
        // Then
        assertThat(out.toString())
                .matches(
                        "\\{\"type\":\"track\",\"event\":\"X\",\"userId\":\"u\",\"messageId\":\"[0-9a-f]{32}\","
                                + "\"timestamp\":\"2026-08-21T08:15:30.000Z\",\"properties\":\\{\"total\":12345678901234567.10}}\n");
        assertThat(err.toString()).isEqualTo("2 records: 1 events, 0 rejections, 1 skipped\n");
        assertThat(code).isEqualTo(Cli.OK);
    }

    @Test
    void tellsWhatIsRejectedAndGoesOn() throws IOException {
        // Given
        Path sample =
                write(
                        "sample.json",
                        """
                        [{"id": "secret", "at": "2026-08-21T10:15:30Z", "event": "X", "total": "many"},
                         {"id": "secret", "at": "2026-08-21T10:15:30Z", "event": "user deleted"},
                         {"id": "secret", "at": 07},
                         {"id": "secret", "event": "X"},
                         {"id": "u", "at": "2026-08-21T10:15:30Z", "event": "X"}]
                        """);
        // When
        int code = run("", "try", mapping.toString(), sample.toString());
        // Then
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(err.toString().lines())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .endsWith(
                                                "sample.json, record 1: field 'properties.total': the value of $.total must be a number (TYPE, %s:6)"
                                                        .formatted(mapping)),
                        line ->
                                assertThat(line)
                                        .contains("record 2: the name is almost 'User Deleted'")
                                        .endsWith("(NEAR_MISS)"),
                        line -> assertThat(line).contains("record 3: not valid JSON"),
                        line -> assertThat(line).contains("record 4: field 'timestamp'"),
                        line ->
                                assertThat(line)
                                        .isEqualTo("5 records: 1 events, 4 rejections, 0 skipped"));
        assertThat(err.toString()).doesNotContain("secret");
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void triesASampleOfCsv() throws IOException {
        // Given
        Path sample = write("sample.csv", "id;event;at\nu;X;2026-08-21T10:15:30Z\nu;X\n");
        // When
        int code = run("", "try", mapping.toString(), sample.toString(), "--option", "delimiter=;");
        // Then
        assertThat(out.toString()).contains("\"userId\":\"u\"");
        assertThat(err.toString())
                .contains("sample.csv, record 2, line 3: it has 2 columns where 3 are expected")
                .endsWith("2 records: 1 events, 1 rejections, 0 skipped\n");
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void stopsWhereASampleIsBroken() throws IOException {
        // Given
        Path sample =
                write(
                        "s.json",
                        "[{\"id\": \"u\", \"at\": \"2026-08-21T10:15:30Z\", \"event\": \"X\"}, oops");
        // When
        int code = run("", "try", mapping.toString(), sample.toString());
        // Then
        assertThat(out.toString().lines()).hasSize(1);
        assertThat(err.toString()).contains("nothing behind it was read");
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void triesTheStandardInput() {
        // When
        int code =
                run(
                        "{\"id\": \"u\", \"at\": \"2026-08-21T10:15:30Z\", \"event\": \"X\"}",
                        "try",
                        "--format=ndjson",
                        mapping.toString(),
                        "-");
        // Then
        assertThat(out.toString()).contains("\"userId\":\"u\"");
        assertThat(code).isEqualTo(Cli.OK);
    }

    @Test
    void tellsAllThatIsWrongInAMapping() throws IOException {
        // Given
        Path wrong = write("wrong.yaml", "typ: identify\nusreId: u\n");
        Path sample = write("sample.json", "{}");
        // When
        int code = run("", "try", wrong.toString(), sample.toString());
        // Then
        assertThat(err.toString())
                .contains("wrong.yaml:1:1: unknown field 'typ'; did you mean 'type'?")
                .contains("wrong.yaml:2:1: unknown field 'usreId'; did you mean 'userId'?");
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void warnsOfIdsThatDoNotTellVersionsApart() throws IOException {
        // Given
        Path weak = write("weak.yaml", "{type: identify, userId: $.id, messageId: $.id}");
        // When
        int code = run("{\"id\": \"u\"}", "try", "--format", "json", weak.toString(), "-");
        // Then
        assertThat(err.toString()).contains("warning: ").contains("only says who is meant");
        assertThat(code).isEqualTo(Cli.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "try",
                "try MAPPING",
                "try nowhere.yaml -",
                "try MAPPING nowhere.json",
                "try MAPPING sample.xyz",
                "try MAPPING - --format=xyz",
                "try MAPPING - --fromat=json",
                "try MAPPING - --format=xml",
                "try MAPPING - --format=csv --option=delimitre=;",
                "try MAPPING - --format=json --option=delimiter=;",
                "tyr MAPPING -",
                "test nowhere",
                "lint nowhere",
                "lint MAPPING",
                "lint FOLDER FOLDER",
                "lint FOLDER --strickt",
                "test FOLDER/empty",
                "--port 80",
            })
    void answersTwoToWhatItDoesNotUnderstand(String line) throws IOException {
        // Given
        Files.createDirectories(folder.resolve("empty"));
        String[] args =
                line.replace("MAPPING", mapping.toString())
                        .replace("FOLDER", folder.toString())
                        .split(" ");
        // When
        int code = run("", args);
        // Then
        assertThat(err.toString()).isNotEmpty();
        assertThat(code).isEqualTo(Cli.USAGE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "try --help",
                "test --help",
                "lint --help",
                "schema --help",
                "--version"
            })
    void helps(String line) {
        // When
        int code = run("", line.split(" "));
        // Then
        assertThat(out.toString()).contains("aravan");
        assertThat(code).isEqualTo(Cli.OK);
    }

    @Test
    void runsTheTestsOfAllMappingsInAFolder() throws IOException {
        // Given
        write(
                "mappings/crm.test.yaml",
                """
                tests:
                  - name: an order
                    record: {id: u, at: "2026-08-21T10:15:30Z", event: Order, total: "42.50"}
                    events: [{type: track, event: Order, userId: u, timestamp: "2026-08-21T10:15:30.000Z", properties: {total: 42.50}}]
                  - name: a test account
                    record: {id: u, kind: test}
                    skipped: true
                """);
        write(
                "mappings/more/other.test.yaml",
                """
                mapping: ../crm.yaml
                tests:
                  - record: {id: u, event: Order}
                    rejected: [timestamp]
                """);
        // When
        int code = run("", "test", folder.toString());
        // Then
        assertThat(out.toString())
                .contains("crm.test.yaml: an order")
                .contains("other.test.yaml: line 3")
                .endsWith("3 passed, 0 failed\n");
        assertThat(code).isEqualTo(Cli.OK);
    }

    @Test
    void showsWhereATestFails() throws IOException {
        // Given
        Path tests =
                write(
                        "mappings/crm.test.yaml",
                        """
                        tests:
                          - name: an order
                            record: {id: u, at: "2026-08-21T10:15:30Z", event: Order, total: "42.50"}
                            events: [{type: track, event: Order, userId: u, timestamp: "2026-08-21T10:15:30.000Z", properties: {total: 42}}]
                        """);
        // When
        int code = run("", "test", tests.toString());
        // Then
        assertThat(out.toString())
                .isEqualTo(
                        "FAIL %s:2: an order\n       event 1: properties.total: expected 42 but was 42.50\n0 passed, 1 failed\n"
                                .formatted(tests));
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void countsAWrongFileAsAFailureAndRunsTheOthers() throws IOException {
        // Given
        write("mappings/a.yaml", "typ: x");
        write("mappings/a.test.yaml", "tests: [{record: {}, skipped: true}]");
        write("mappings/crm.test.yaml", "tests: [{record: {kind: test}, skipped: true}]");
        // When
        int code = run("", "test", folder.toString());
        // Then
        assertThat(out.toString())
                .contains("a.yaml:1:1: unknown field 'typ'")
                .contains("1 passed, 1 failed");
        assertThat(code).isEqualTo(Cli.FAILED);
    }

    @Test
    void lintsAHome() throws IOException {
        // Given
        Path home = folder.resolve("home");
        write(
                "home/routes/a.camel.yaml",
                "- route: {from: {uri: 'file:{{folder}}?readLock=changed', steps: [{to: {uri: caravan:events, parameters: {source: a, mapping: weak}}}]}}\n");
        write("home/mappings/weak.yaml", "{type: identify, userId: $.id, messageId: $.id}\n");
        // When
        int code = run("", "lint", home.toString());
        // Then
        assertThat(out.toString().lines())
                .hasSize(2)
                .anyMatch(
                        line -> line.startsWith(home + "/mappings/weak.yaml:1: warning: messageId"))
                .anyMatch(
                        line ->
                                line.equals(
                                        home
                                                + "/routes/a.camel.yaml:1: error: no value for {{folder}}: set it in application.properties or as the variable FOLDER"));
        assertThat(err.toString()).isEqualTo("2 files: 1 errors, 1 warnings\n");
        assertThat(code).isEqualTo(Cli.FAILED);
        // Then: who does not ask for values has a warning, which counts if they say so
        assertThat(run("", "lint", "--no-values", home.toString())).isEqualTo(Cli.OK);
        assertThat(run("", "lint", "--no-values", "--strict", home.toString()))
                .isEqualTo(Cli.FAILED);
    }

    @Test
    void printsTheSchema() {
        // When
        int code = run("", "schema");
        // Then
        assertThat(out.toString()).startsWith("{").contains("\"definitions\"");
        assertThat(code).isEqualTo(Cli.OK);
    }

    private int run(String in, String... args) {
        return new Cli(
                        () -> new SemanticNames(false, Set.of()),
                        OfflineSettings::of,
                        new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                        new PrintWriter(out),
                        new PrintWriter(err))
                .run(args);
    }

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
