package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands of the packaged application. */
class PackagedCliIT {
    private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

    @TempDir Path home;

    @ParameterizedTest
    @ValueSource(strings = {"## Mappings", "## Checking before a start"})
    void doesWhatTheReadmeSaysAsItIsTyped(String title) throws Exception {
        // Given
        String readme = Files.readString(Path.of("README.md"));
        String section = readme.substring(readme.indexOf(title));
        String typed = between(section, "```sh\n", "```");
        String answered = between(section.substring(section.indexOf(typed)), "```\n\n```\n", "```");
        Process shell =
                new ProcessBuilder(
                                "sh",
                                "-c",
                                typed.replace(
                                        "java -jar target/",
                                        "\"%s\" -jar \"%s\"/"
                                                .formatted(
                                                        java(),
                                                        JAR.toAbsolutePath()
                                                                .getParent()
                                                                .getParent())))
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .start();
        // When
        String printed = output(shell);
        // Then
        assertThat(shell.waitFor()).isEqualTo(Cli.FAILED);
        assertThat(
                        printed.replaceAll(
                                        "\"messageId\":\"[0-9a-f]{32}\"", "\"messageId\":\"...\"")
                                .lines())
                .containsExactlyInAnyOrderElementsOf(answered.lines().toList());
    }

    @Test
    void takesTheUsersNamesOfEventsFromTheirSettings() throws Exception {
        // Given
        Files.writeString(
                home.resolve("m.yaml"),
                "{type: track, event: user deleted, userId: u, messageId: $.id}");
        Files.writeString(home.resolve("s.json"), "{\"id\": \"1\"}");
        // Then
        assertThat(run("try", "m.yaml", "s.json").waitFor()).isEqualTo(Cli.FAILED);
        // When
        Files.writeString(
                home.resolve("application.properties"), "caravan.semantic.allow=user deleted\n");
        Process allowed = run("try", "m.yaml", "s.json");
        // Then
        assertThat(output(allowed)).contains("\"event\":\"user deleted\"");
        assertThat(allowed.waitFor()).isEqualTo(Cli.OK);
    }

    @Test
    void lintsWithWhatIsInTheJar() throws Exception {
        // Given
        Files.createDirectories(home.resolve("routes"));
        Files.writeString(
                home.resolve("routes/a.camel.yaml"),
                """
                - route:
                    descripton: x
                    from:
                      uri: kamelet:sftp-sorce
                      steps:
                        - to: filee:x
                        - to: kafka:x?bokers=y
                        - to: direct:customerio-delivr
                """);
        // When
        Process lint = run("lint");
        // Then
        assertThat(output(lint).lines())
                .containsExactlyInAnyOrder(
                        "routes/a.camel.yaml:2: error: unknown key 'descripton' in 'route'; did you mean 'description'?",
                        "routes/a.camel.yaml:4: error: there is no kamelet 'sftp-sorce'; did you mean 'sftp-source'?",
                        "routes/a.camel.yaml:6: error: there is no component 'filee' in this jar; did you mean 'file'?",
                        "routes/a.camel.yaml:7: error: unknown option 'bokers' of 'kafka:'; did you mean 'brokers'?",
                        "routes/a.camel.yaml:8: error: no route begins at 'direct:customerio-delivr'; did you mean 'direct:customerio-deliver'?",
                        "1 files: 5 errors, 0 warnings");
        assertThat(lint.waitFor()).isEqualTo(Cli.FAILED);
        assertThat(home.resolve("data")).doesNotExist();
    }

    @Test
    void startsNoServerForACommandThatItDoesNotKnow() throws Exception {
        // When
        Process process = run("tyr");
        // Then
        assertThat(output(process)).contains("Unmatched argument").doesNotContain("Listening");
        assertThat(process.waitFor()).isEqualTo(Cli.USAGE);
        assertThat(home).isEmptyDirectory();
    }

    private Process run(String... args) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(java(), "-jar", JAR.toAbsolutePath().toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("CARAVAN_"));
        return builder.start();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
