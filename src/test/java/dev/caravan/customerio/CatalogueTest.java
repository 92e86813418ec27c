package dev.caravan.customerio;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertyConfigurerGetter;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.Test;

class CatalogueTest {
    @Test
    void tellsToolsOfEveryOptionAndThatTheKeyIsSecret() throws Exception {
        // When
        JsonNode catalogue = catalogue();
        // Then
        assertThat(catalogue.path("component").path("syntax").textValue())
                .isEqualTo("customerio:operation");
        assertThat(catalogue.path("component").path("producerOnly").booleanValue()).isTrue();
        assertThat(catalogue.path("component").path("remote").booleanValue()).isTrue();
        JsonNode options = catalogue.path("properties");
        assertThat(options.fieldNames())
                .toIterable()
                .contains(
                        "operation",
                        "account",
                        "apiKey",
                        "region",
                        "url",
                        "sandbox",
                        "rate",
                        "connectTimeout",
                        "requestTimeout",
                        "gzip");
        options.forEach(option -> assertThat(option.path("description").textValue()).isNotEmpty());
        assertThat(options.path("apiKey").path("secret").booleanValue()).isTrue();
        assertThat(catalogue.path("componentProperties").path("apiKey").path("secret"))
                .isEqualTo(options.path("apiKey").path("secret"));
        assertThat(catalogue.path("headers").fieldNames())
                .toIterable()
                .allMatch(header -> header.startsWith("CamelCustomerIo"));
    }

    @Test
    void tellsTheDefaultsThatTheFieldsHave() throws Exception {
        // Given
        var configuration = new CustomerIoConfiguration();
        try (var camel = new DefaultCamelContext()) {
            var component = camel.getComponent("customerio", CustomerIoComponent.class);
            component.setConfiguration(configuration);
            var configurer =
                    (PropertyConfigurerGetter)
                            PluginHelper.getConfigurerResolver(camel)
                                    .resolvePropertyConfigurer("customerio-component", camel);
            JsonNode options = catalogue().path("componentProperties");
            for (var option : options.properties()) {
                // When
                JsonNode said = option.getValue().path("defaultValue");
                // Then
                if (!option.getValue().path("configurationField").isMissingNode()) {
                    Object value = configurer.getOptionValue(component, option.getKey(), true);
                    assertThat(value == null ? "" : value.toString())
                            .as(option.getKey())
                            .isEqualTo(said.asText());
                }
            }
        }
    }

    @Test
    void tellsTheVersionThatIsBuilt() throws Exception {
        // Given
        var pom =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(Path.of("pom.xml").toFile());
        // When
        String built = null;
        var children = pom.getDocumentElement().getChildNodes();
        for (int i = 0; i < children.getLength(); i++) {
            if (children.item(i).getNodeName().equals("version")) {
                built = children.item(i).getTextContent();
            }
        }
        // Then
        assertThat(Version.TEXT).isEqualTo(built);
    }

    private static JsonNode catalogue() throws Exception {
        String file = "/META-INF/dev/caravan/customerio/customerio.json";
        try (InputStream in = CatalogueTest.class.getResourceAsStream(file)) {
            return new ObjectMapper().readTree(in);
        }
    }
}
