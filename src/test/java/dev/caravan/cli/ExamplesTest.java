package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.app.OfflineSettings;
import dev.caravan.cli.lint.Linter;
import dev.caravan.event.SemanticNames;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples and what their pages say, tried as it is typed there. */
class ExamplesTest {
    private static final Path FOLDER = Path.of("examples");
    private static final String COMMAND = "java -jar target/quarkus-app/quarkus-run.jar ";
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    static List<String> examples() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void areListedOnAPage() throws IOException {
        assertThat(examples()).hasSize(6);
        for (String example : examples()) {
            assertThat(Files.readString(FOLDER.resolve("README.md")))
                    .contains("](%s/)".formatted(example));
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void doWhatTheirPagesSay(String example) throws IOException {
        // Given
        String page = Files.readString(FOLDER.resolve(example).resolve("README.md"));
        List<String> commands = commands(between(page, "```sh\n", "```"));
        assertThat(commands)
                .extracting(line -> line.replaceAll(" .*", ""))
                .containsExactly("lint", "test", "try");
        // When
        Ran lint = run(commands.get(0));
        Ran test = run(commands.get(1));
        Ran tried = run(commands.get(2));
        // Then
        assertThat(lint.out()).isEmpty();
        assertThat(lint.code()).isEqualTo(Cli.OK);
        assertThat(test.out()).contains("ok ").endsWith(" 0 failed\n");
        assertThat(test.code()).isEqualTo(Cli.OK);
        assertThat(tried.out())
                .isEqualTo(
                        between(page.substring(page.indexOf("```\n\n```")), "```\n\n```\n", "```"));
        assertThat(tried.code()).isEqualTo(Cli.OK);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void missNothingButTheSecretThatTheirPageNames(String example) throws IOException {
        // Given
        Path home = FOLDER.resolve(example);
        String page = Files.readString(home.resolve("README.md"));
        Matcher secret = Pattern.compile("tells that `([A-Z_]+)` is missing").matcher(page);
        // When
        Linter.Report report = new Linter(home, OfflineSettings.of(home), true).run();
        // Then
        if (secret.find()) {
            assertThat(report.findings())
                    .singleElement()
                    .asString()
                    .contains("error: no value for")
                    .contains("as the variable " + secret.group(1));
        } else {
            assertThat(report.findings()).isEmpty();
        }
        assertThat(report.files()).isEqualTo(4);
    }

    private static List<String> commands(String shell) {
        return Stream.of(shell.replace("\\\n", " ").split("\n"))
                .filter(line -> line.startsWith(COMMAND))
                .map(line -> line.substring(COMMAND.length()))
                .toList();
    }

    private record Ran(int code, String out) {}

    private static Ran run(String line) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(line);
        while (word.find()) {
            words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        var out = new StringWriter();
        int code =
                new Cli(
                                () -> new SemanticNames(false, Set.of()),
                                OfflineSettings::of,
                                InputStream.nullInputStream(),
                                new PrintWriter(out),
                                new PrintWriter(new StringWriter()))
                        .run(words.toArray(String[]::new));
        return new Ran(code, out.toString());
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start) + start.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
