package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.camel.AddressTemplate.Address;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTemplateTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    u-1_.~              | /p/u-1_.~
                    a/b                 | /p/a%2Fb
                    ../x                | /p/..%2Fx
                    %2e%2e              | /p/%252e%252e
                    a#b?c=d&e           | /p/a%23b%3Fc%3Dd%26e
                    p+1@example.org     | /p/p%2B1%40example.org
                    two words           | /p/two%20words
                    ä😀                 | /p/%C3%A4%F0%9F%98%80
                    """)
    void encodesWhateverMeansSomethingInAnAddress(String userId, String path) {
        // When
        Address address = AddressTemplate.parse("/p/{userId}").expand(Map.of("userId", userId));
        // Then
        assertThat(address).isEqualTo(new Address(path, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ".."})
    void refusesAStepToAnotherPath(String userId) {
        assertThatThrownBy(
                        () ->
                                AddressTemplate.parse("/p/{userId}/all")
                                        .expand(Map.of("userId", userId)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'.' or '..'");
    }

    @Test
    void letsDotsStandBesideOtherText() {
        assertThat(
                        AddressTemplate.parse("/p/u-{userId}?by={userId}")
                                .expand(Map.of("userId", "..")))
                .isEqualTo(new Address("/p/u-..", "by=.."));
    }

    @Test
    void looksIntoObjects() {
        // Given
        Map<String, Object> event =
                Map.of(
                        "userId", "u",
                        "context", Map.of("device", Map.of("token", "t/1")),
                        "properties", Map.of("objectTypeId", 2));
        // When
        Address address =
                AddressTemplate.parse(
                                "/{userId}/devices/{context.device.token}?type={properties.objectTypeId}&x=1")
                        .expand(event);
        // Then
        assertThat(address).isEqualTo(new Address("/u/devices/t%2F1", "type=2&x=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{anonymousId}", "{context.device.token}", "{context}", "{empty}"})
    void refusesAnEventThatLacksAField(String field) {
        // Given
        var template = AddressTemplate.parse("/persons/" + field);
        Map<String, Object> event =
                Map.of("userId", "secret", "context", Map.of("device", "secret"), "empty", "");
        // Then
        assertThatThrownBy(() -> template.expand(event))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(field.substring(1, field.length() - 1))
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "persons/{userId}",
                "http://crm/{userId}",
                "/{}",
                "/{a",
                "/a}",
                "/{+a}",
                "/#{a}"
            })
    void refusesWhatIsNoTemplate(String template) {
        assertThatThrownBy(() -> AddressTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("template ");
    }
}
