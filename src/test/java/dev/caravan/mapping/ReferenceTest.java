package dev.caravan.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.caravan.event.EventReader;
import dev.caravan.event.Json;
import dev.caravan.event.SemanticNames;
import dev.caravan.mapping.Language.Scope;
import dev.caravan.mapping.Language.Word;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The reference and the schema in {@code docs/} say what the compiler does. After a change of
 * {@link Language}, {@code -Dreference.write=true} writes both anew.
 */
class ReferenceTest {
    private static final java.nio.file.Path REFERENCE = java.nio.file.Path.of("docs", "mapping.md");
    private static final java.nio.file.Path SCHEMA =
            java.nio.file.Path.of("docs", "mapping.schema.json");
    private static final Pattern WORDS =
            Pattern.compile("(<!-- words: ([A-Z_, ]+) -->\n).*?(<!-- end -->)", Pattern.DOTALL);
    private static final Pattern BLOCK =
            Pattern.compile("```(\\w+ ?\\w*)\n(.*?)```", Pattern.DOTALL);

    @Test
    void hasTheWordsOfTheLanguageInItsTables() throws IOException {
        // Given
        String reference = Files.readString(REFERENCE);
        String expected =
                WORDS.matcher(reference)
                        .replaceAll(
                                match ->
                                        Matcher.quoteReplacement(
                                                match.group(1)
                                                        + table(match.group(2))
                                                        + match.group(3)));
        // Then
        assertOrWrite(REFERENCE, expected);
        Set<String> scopes = new java.util.TreeSet<>();
        WORDS.matcher(reference)
                .results()
                .forEach(match -> scopes.addAll(Arrays.asList(match.group(2).split(", "))));
        assertThat(scopes)
                .containsExactlyInAnyOrder(
                        Arrays.stream(Scope.values()).map(Scope::name).toArray(String[]::new));
    }

    @Test
    void hasTheSchemaOfTheLanguage() throws IOException {
        assertOrWrite(SCHEMA, Schema.text());
    }

    private static void assertOrWrite(java.nio.file.Path file, String expected) throws IOException {
        if (Boolean.getBoolean("reference.write")) {
            Files.writeString(file, expected);
        }
        assertThat(file).hasContent(expected);
    }

    private static String table(String scopes) {
        Scope[] of = Arrays.stream(scopes.split(", ")).map(Scope::valueOf).toArray(Scope[]::new);
        var table = new StringBuilder("| word | takes | meaning |\n|---|---|---|\n");
        for (Word word : Language.words(of)) {
            table.append(
                    "| `%s` | %s | %s |\n"
                            .formatted(
                                    word.key(),
                                    word.shape().title(),
                                    word.meaning().replace("|", "\\|")));
        }
        return table.toString();
    }

    @Test
    void hasExamplesThatAreTrue() throws Exception {
        // Given
        List<String[]> blocks = blocks();
        int mappings = 0;
        Mapping mapping = null;
        Object record = null;
        for (String[] block : blocks) {
            switch (block[0]) {
                case "yaml mapping" -> {
                    // When
                    mapping = Mapping.parse("docs/example.yaml", block[1]);
                    // Then
                    mappings++;
                    assertThat(mapping.warnings()).isEmpty();
                    assertThat(complaints(block[1])).isEmpty();
                }
                case "json record" -> record = value(block[1]);
                case "json events" -> {
                    List<Object> made = new ArrayList<>();
                    for (Made one : mapping.events(record)) {
                        Object event = value(MappingTest.text(one));
                        assertThat(((java.util.Map<?, ?>) event).remove("messageId")).isNotNull();
                        made.add(event);
                    }
                    assertThat(Difference.between(value(block[1]), made)).isEmpty();
                }
                case "yaml tests" ->
                        assertThat(
                                        Examples.parse("docs/example.test.yaml", block[1])
                                                .run(
                                                        mapping,
                                                        new EventReader(
                                                                new SemanticNames(
                                                                        false, Set.of()))))
                                .allSatisfy(one -> assertThat(one.differences()).isEmpty());
                default -> {}
            }
        }
        assertThat(mappings).isGreaterThan(1);
    }

    private static List<String[]> blocks() throws IOException {
        List<String[]> blocks = new ArrayList<>();
        BLOCK.matcher(Files.readString(REFERENCE))
                .results()
                .forEach(match -> blocks.add(new String[] {match.group(1), match.group(2)}));
        return blocks;
    }

    private static Object value(String json) throws IOException {
        byte[] bytes = json.strip().getBytes(StandardCharsets.UTF_8);
        return Json.toValue(bytes, 0, bytes.length);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{typ: identify, userId: u}",
                "{type: identify, userId: {pth: $.x}}",
                "{type: identify, userId: u, traits: {a: {path: $.x, defualt: 1}}}",
                "{type: identify, userId: u, traits: {a: {path: $.x, trim: 3}}}",
                "{type: identify, userId: u, traits: {a: {path: x}}}",
                "{type: identify, userId: u, messageId: {key: [{pth: $.a}]}}",
                "{type: identify, userId: u, traits: {a: {path: $.x, type: nubmer}}}",
                "{type: identify, userId: u, when: {path: $.a, iss: D}}",
                "{userId: u, events: [{when: $.a, skipp: x}]}",
                "{userId: u}",
            })
    void hasASchemaThatRefusesWhatTheCompilerRefuses(String yaml) throws IOException {
        assertThat(complaints(yaml)).isNotEmpty();
        assertThat(problem(yaml)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: page, userId: u, name: Home, context: {page: {path: $.path, url: $.url}}, properties: {path: $.path, value: 3}}",
                "{type: identify, userId: 007x, traits: {a: {fields: {path: $.a}}, b: {each: $.b, fields: {value: $item}}, c: [1, $.d], e: {path: $.x, default: []}}}",
                "{type: identify, userId: $.a, messageId: {key: [$.a, {path: $.b, default: none}]}, traits: $.all, when: [$.x, {template: '{a}', is: [1, b]}]}",
                "{description: d, userId: u, events: [{when: {path: $.a, trim: true, is: D}, skip: x}, {when: otherwise, type: identify, each: $.list}]}",
            })
    void hasASchemaThatTakesWhatTheCompilerTakes(String yaml) throws IOException {
        assertThat(problem(yaml)).isEmpty();
        assertThat(complaints(yaml)).isEmpty();
    }

    private static Optional<String> problem(String yaml) {
        try {
            Mapping.parse("crm.yaml", yaml);
            return Optional.empty();
        } catch (MappingException e) {
            return Optional.of(e.getMessage());
        }
    }

    private static Set<?> complaints(String yaml) throws IOException {
        JsonSchema schema =
                JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(Schema.text());
        var problems = new Problems("example.yaml");
        Object value = Constants.of(Yaml.parse(yaml, problems).orElseThrow(), "", problems);
        return schema.validate(new ObjectMapper().writeValueAsString(value), InputFormat.JSON);
    }
}
