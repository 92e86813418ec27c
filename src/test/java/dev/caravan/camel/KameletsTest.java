package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.ingest.CustomerIoReports;
import dev.caravan.ingest.JmsMessage;
import dev.caravan.ingest.KafkaBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Route;
import org.apache.camel.spi.PropertiesComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;

/** What each shipped kamelet owes to its user. */
class KameletsTest {
    private static final Path FOLDER = Path.of("src/main/resources/kamelets");
    private static final Path PAGE = Path.of("docs/connectors.md");
    private static final Pattern SECRET = Pattern.compile("password|secret|token|.*Jaas.*");
    private static final Pattern EXAMPLE = Pattern.compile("(?s)```yaml\n(.*?)```");

    static List<Path> kamelets() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".kamelet.yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void describesItselfAndEachProperty(Path file) {
        // Given
        Map<String, Object> kamelet = yaml(file);
        // When
        Map<String, Object> definition = map(kamelet, "spec", "definition");
        // Then
        assertThat(map(kamelet, "metadata").get("name") + ".kamelet.yaml")
                .isEqualTo(file.getFileName().toString())
                .endsWith("-source.kamelet.yaml");
        assertThat(definition).containsKeys("title", "description", "properties");
        map(definition, "properties")
                .forEach(
                        (name, property) ->
                                assertThat(map(property))
                                        .as(name)
                                        .containsKeys("title", "description", "type"));
        assertThat(map(definition, "properties").keySet())
                .containsAll(list(definition.get("required")));
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void marksItsSecrets(Path file) {
        map(yaml(file), "spec", "definition", "properties")
                .forEach(
                        (name, property) -> {
                            boolean secret = SECRET.matcher(name).matches();
                            assertThat("password".equals(map(property).get("format")))
                                    .as(name)
                                    .isEqualTo(secret);
                            assertThat(map(property).containsKey("x-descriptors"))
                                    .as(name)
                                    .isEqualTo(secret);
                        });
    }

    @ParameterizedTest
    @MethodSource("kamelets")
    void usesEachPropertyAndNoOther(Path file) throws IOException {
        // Given
        String template = Files.readString(file).replaceAll("(?s).*\n  template:", "");
        // When
        List<String> used =
                Pattern.compile("\\{\\{\\??([A-Za-z]+)\\}\\}")
                        .matcher(template)
                        .results()
                        .map(match -> match.group(1))
                        .distinct()
                        .toList();
        // Then
        List<String> known =
                List.copyOf(map(yaml(file), "spec", "definition", "properties").keySet());
        assertThat(used).containsAll(known);
        assertThat(used)
                .filteredOn(name -> !known.contains(name))
                .allMatch(List.of("broker", "signature", "files")::contains);
    }

    @Test
    void hasAnExampleOfEachOnThePageWithParametersThatThereAre() throws IOException {
        // Given
        Map<String, Map<String, Object>> examples = new TreeMap<>();
        EXAMPLE.matcher(Files.readString(PAGE))
                .results()
                .map(match -> (List<?>) new Yaml().load(match.group(1)))
                .map(routes -> map(map(map(routes.get(0)), "route").get("from")))
                .forEach(
                        from ->
                                examples.put(
                                        String.valueOf(from.get("uri")).replace("kamelet:", ""),
                                        map(from, "parameters")));
        // Then
        for (Path file : kamelets()) {
            String name = file.getFileName().toString().replace(".kamelet.yaml", "");
            Map<String, Object> definition = map(yaml(file), "spec", "definition");
            assertThat(examples).containsKey(name);
            assertThat(map(definition, "properties").keySet())
                    .as(name)
                    .containsAll(examples.get(name).keySet());
            assertThat(examples.get(name).keySet())
                    .as(name)
                    .containsAll(
                            list(definition.get("required")).stream()
                                    .filter(
                                            required ->
                                                    !map(map(definition, "properties")
                                                                    .get(required))
                                                            .containsKey("default"))
                                    .toList());
        }
    }

    @Test
    void takesEachExampleOfThePage(@TempDir Path home) throws Exception {
        // Given
        String page = Files.readString(PAGE);
        String routes =
                EXAMPLE.matcher(page)
                        .results()
                        .map(match -> match.group(1))
                        .collect(Collectors.joining("\n"));
        Files.createDirectories(home.resolve("mappings"));
        for (String name : List.of("crm-contact", "order")) {
            Files.writeString(
                    home.resolve("mappings/" + name + ".yaml"), "type: identify\nuserId: $.id\n");
        }
        try (var caravan = new Fixture(home)) {
            caravan.openDoors(home);
            properties(page, home, caravan);
            caravan.camel.getRegistry().bind("jms-message", new JmsMessage());
            caravan.camel.getRegistry().bind("kafka-records", KafkaBatch.records());
            caravan.camel.getRegistry().bind("kafka-commit", KafkaBatch.commit());
            caravan.camel.getRegistry().bind("customerio-reports", new CustomerIoReports());
            caravan.camel.setAutoStartup(false);
            // When
            caravan.routes(home, routes + "\n" + configuration()).start();
            // Then
            assertThat(caravan.camel.getRoutes())
                    .extracting(Route::getId)
                    .contains("crm-sftp", "orders-topic", "customerio-reports")
                    .hasSize(2 * kamelets().size());
        }
    }

    /** What the route of the JMS door has beside it. */
    private static String configuration() throws IOException {
        String shipped =
                Files.readString(Path.of("src/main/resources/routes/sources/jms.camel.yaml"));
        return shipped.substring(0, shipped.indexOf("- route:\n"));
    }

    private static void properties(String page, Path home, Fixture caravan) {
        PropertiesComponent properties = caravan.camel.getPropertiesComponent();
        properties.addInitialProperty("caravan.home", home.toString());
        Pattern.compile("RAW\\(\\{\\{([a-z.-]+)}}\\)")
                .matcher(page)
                .results()
                .forEach(match -> properties.addInitialProperty(match.group(1), "hush&%20"));
    }

    private static Map<String, Object> yaml(Path file) {
        try {
            return map(new Yaml().load(Files.readString(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value, String... path) {
        Map<String, Object> map = (Map<String, Object>) value;
        for (String name : path) {
            map = (Map<String, Object>) map.get(name);
        }
        return map;
    }

    @SuppressWarnings("unchecked")
    private static List<String> list(Object value) {
        return value == null ? List.of() : (List<String>) value;
    }
}
