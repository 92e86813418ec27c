package dev.caravan.cli.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.caravan.mapping.Problems;
import dev.caravan.mapping.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our reading of Camel's schema against that of a general validator. */
class DslSchemaTest {
    private static final Path ROUTES = Path.of("src/main/resources/routes");
    private static final DslSchema SCHEMA = DslSchema.load();
    private static final JsonSchema GENERAL = general();

    static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.walk(ROUTES)) {
            return files.filter(file -> file.toString().endsWith(".camel.yaml")).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void takesWhatTheGeneralValidatorTakes(Path file) throws IOException {
        // Given
        String yaml = Files.readString(file);
        // Then
        assertThat(refusals(yaml)).isEmpty();
        assertThat(ours(yaml)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{route: {from: {uri: 'direct:a', steps: [{chioce: {}}]}}}]",
                "[{route: {id: a}}]",
                "[{route: {from: {uri: 'direct:a'}}}]",
                "[{rout: {from: {uri: 'direct:a', steps: []}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{to: {urii: b}}]}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{to: [a]}]}}}]",
                "[{route: {from: {uri: 'direct:a', steps: {}}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{log: a, stop: {}}]}}}]",
                "[{route: {autoStartup: 3, from: {uri: 'direct:a', steps: []}}}]",
                "[{route: {startupOrder: x, from: {uri: 'direct:a', steps: []}}}]",
                "[{route: {shutdownRoute: Never, from: {uri: 'direct:a', steps: []}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{choice: {when: [{simple: a, steps: [{tto: b}]}]}}]}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{setBody: {simple: {expresion: a}}}]}}}]",
                "[{route: {from: {uri: 'direct:a', steps: [{marshal: {json: {librari: Jackson}}}]}}}]",
                "[{templatedRoute: {parameters: []}}]",
                "[{routeTemplate: {id: a, parameters: [{nam: b}], from: {uri: 'direct:a', steps: []}}}]",
                "[{beans: [{nmae: a, type: b}]}]",
                "{route: {from: {uri: 'direct:a', steps: []}}}",
                "[{onException: {exception: java.io.IOException, steps: []}}]"
            })
    void refusesWhatTheGeneralValidatorRefuses(String yaml) throws IOException {
        assertThat(GENERAL.validate(json(yaml), InputFormat.JSON)).isNotEmpty();
        assertThat(ours(yaml)).isNotEmpty();
    }

    @Test
    void takesPlaceholdersWhereTheSchemaWantsSomethingElse() {
        assertThat(
                        ours(
                                "[{route: {autoStartup: '{{on}}', startupOrder: '{{order}}', from: {uri: 'direct:a', steps: []}}}]"))
                .isEmpty();
    }

    /** Each line taken away, and each key misspelt, one at a time. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sources/http.camel.yaml",
                "sources/jms.camel.yaml",
                "templates/destination.camel.yaml"
            })
    void agreesWithTheGeneralValidatorOnEachMistakeInAFile(String name) throws IOException {
        // Given
        List<String> lines = Files.readAllLines(ROUTES.resolve(name));
        int wrong = 0;
        for (int i = 0; i < lines.size(); i++) {
            for (String mistake : List.of("", lines.get(i).replaceFirst("([A-Za-z]):", "$1x:"))) {
                List<String> mistaken = new ArrayList<>(lines);
                mistaken.set(i, mistake);
                String yaml = String.join("\n", mistaken);
                if (!isTree(yaml)) {
                    continue;
                }
                // When
                boolean refused = !refusals(yaml).isEmpty();
                wrong += refused ? 1 : 0;
                // Then
                assertThat(ours(yaml).isEmpty())
                        .as("line %d as '%s': %s, %s", i + 1, mistake, refusals(yaml), ours(yaml))
                        .isEqualTo(!refused);
            }
        }
        assertThat(wrong).isPositive();
    }

    private static boolean isTree(String yaml) {
        var problems = new Problems("file");
        return Yaml.parse(yaml, problems).isPresent() && problems.isEmpty();
    }

    private static List<ValidationMessage> refusals(String yaml) throws IOException {
        return GENERAL.validate(json(yaml), InputFormat.JSON).stream()
                .filter(it -> !it.getMessage().contains("integer found, string expected"))
                .toList();
    }

    private static List<Finding> ours(String yaml) {
        var findings = new Findings();
        var problems = new Problems("file");
        SCHEMA.checkFile(Yaml.parse(yaml, problems).orElseThrow(), "file", findings);
        assertThat(problems.isEmpty()).isTrue();
        return findings.inOrder();
    }

    private static String json(String yaml) throws IOException {
        return new ObjectMapper().writeValueAsString(new org.yaml.snakeyaml.Yaml().load(yaml));
    }

    private static JsonSchema general() {
        try (InputStream in = Resources.open("schema/camelYamlDsl.json")) {
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
