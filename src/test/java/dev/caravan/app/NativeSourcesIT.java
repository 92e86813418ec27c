package dev.caravan.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a native binary would be made of: classes that are found by name at run time are registered,
 * and so are the files that routes, kamelets and mappings are read from. This shows registration
 * alone; whether the binary links and runs is for the workflow that builds it.
 */
class NativeSourcesIT {
    private static final Path SOURCES = Path.of("target", "native-sources");
    private static final Path REGISTERED = Path.of("META-INF", "native-image");

    private static List<String> reflected;
    private static JsonNode resources;

    @BeforeAll
    static void read() throws IOException {
        try (var files = Files.list(SOURCES)) {
            Path jar =
                    files.filter(file -> file.toString().endsWith("-runner.jar"))
                            .findFirst()
                            .orElseThrow();
            reflected =
                    StreamSupport.stream(json(jar, "reflect-config.json").spliterator(), false)
                            .map(entry -> entry.path("name").asText())
                            .toList();
            resources = json(jar, "resource-config.json");
        }
    }

    private static JsonNode json(Path jar, String name) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            var entry = file.getEntry(REGISTERED.resolve(name).toString());
            return new ObjectMapper().readTree(file.getInputStream(entry));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.caravan.camel.CaravanComponent",
                "dev.caravan.camel.CaravanEndpointConfigurer",
                "dev.caravan.customerio.CustomerIoComponent",
                "dev.caravan.customerio.CustomerIoEndpointConfigurer",
                "dev.caravan.delivery.Run",
                "dev.caravan.event.EventMap",
                "dev.caravan.poll.PollEndpointConfigurer",
                "dev.caravan.ingest.KafkaCommits",
                "dev.caravan.ingest.RemoteFiles",
                "dev.caravan.ingest.WebhookSignature",
                "org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory",
                "org.apache.camel.component.file.FileEndpointConfigurer",
                "org.apache.camel.component.file.remote.SftpEndpointConfigurer",
                "org.apache.camel.component.kafka.KafkaEndpointConfigurer",
                "org.apache.camel.component.http.HttpEndpointConfigurer",
                "org.apache.camel.component.jms.JmsEndpointConfigurer",
                "org.apache.camel.component.platform.http.PlatformHttpEndpointConfigurer",
                "org.apache.camel.component.kamelet.KameletComponent",
                "org.apache.camel.jsonpath.JsonPathLanguage"
            })
    void registersWhatRoutesNameAtRunTime(String type) {
        assertThat(reflected).contains(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "routes/sources/http.camel.yaml",
                "routes/sources/file.camel.yaml",
                "routes/sources/jms.camel.yaml",
                "routes/destinations/customerio.camel.yaml",
                "kamelets/kafka-source.kamelet.yaml",
                "META-INF/dev/caravan/customerio/customerio.json"
            })
    void carriesTheShippedRoutes(String resource) {
        assertThat(resources.findValuesAsText("pattern"))
                .anyMatch(pattern -> Pattern.matches(pattern, resource));
    }

    @Test
    void carriesItsLibraries() throws IOException {
        try (var libraries = Files.list(SOURCES.resolve("lib"))) {
            assertThat(libraries.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.contains("sqlite-jdbc"))
                    .anyMatch(name -> name.contains("artemis-jakarta-client"));
        }
    }
}
