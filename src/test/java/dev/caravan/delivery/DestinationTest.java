package dev.caravan.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Reading;
import dev.caravan.journal.Entry;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationTest {
    private static final Destination CRM = Destination.of("crm", Destination.Erase.ROUTE);

    private static Entry entry(Reading.Accepted item) {
        return new Entry(1, "shop", VirtualTimer.START, 1, List.of(), item.event());
    }

    @ParameterizedTest
    @CsvSource({
        "Order *, Order Completed, true",
        "Order *, 'Order ', true",
        "Order *, Order, false",
        "Order *, order Completed, false",
        "*Order, My Order, true",
        "*, Anything, true",
        "Order (*), Order (1), true",
        "Order.*, OrderX, false",
        "'Cart Viewed, Order *', Cart Viewed, true",
        "'Cart Viewed, Order *', Cart, false"
    })
    void matchesNamesOfEvents(String events, String name, boolean wanted) {
        // Given
        Destination destination = CRM.withSelection(Selection.parse(null, events, null, null));
        // When
        Optional<String> rule = destination.skipRule(entry(Events.track("u", name)));
        // Then
        assertThat(rule.isEmpty()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({
        "'{}', true",
        "'{\"All\":false}', false",
        "'{\"All\":true}', true",
        "'{\"All\":false,\"crm\":true}', true",
        "'{\"All\":false,\"crm\":{\"option\":1}}', true",
        "'{\"crm\":false}', false",
        "'{\"Customer.io Data Pipelines\":false}', false",
        "'{\"crm\":true,\"Customer.io Data Pipelines\":false}', true",
        "'{\"crm\":null,\"All\":false}', false",
        "'{\"CRM\":false}', true",
        "'false', true"
    })
    void honoursTheSwitchesOfAnEvent(String integrations, boolean wanted) {
        // Given
        Destination destination = CRM.withIntegrations(List.of("Customer.io Data Pipelines"));
        Entry entry = entry(Events.with("u", "Order", "\"integrations\":" + integrations));
        // When
        Optional<String> rule = destination.skipRule(entry);
        // Then
        assertThat(rule.isEmpty()).isEqualTo(wanted);
    }

    @ParameterizedTest
    @ValueSource(strings = {"User Deleted", "User Suppressed", "User Unsuppressed"})
    void neverWithholdsWhatErasesOrEndsThat(String name) {
        // Given
        Destination destination =
                CRM.withSelection(
                        Selection.parse(
                                "page",
                                "Order *",
                                "other",
                                new Selection.Filter("none", event -> false)));
        // When
        Optional<String> rule = destination.skipRule(entry(Events.track("u", name)));
        // Then
        assertThat(rule).isEmpty();
    }

    @Test
    void namesWhatIsWrongWithAChoice() {
        // Given
        String types = "track, oder";
        // When, Then
        assertThatThrownBy(() -> Selection.parse(types, null, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'oder'")
                .hasMessageContaining("identify");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "../x", "ü"})
    void refusesNamesThatDoNotFitEverywhere(String name) {
        // Given, When, Then
        assertThatThrownBy(() -> Destination.of(name, Destination.Erase.ROUTE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + name + "'");
    }

    @Test
    void refusesABufferThatHoldsTooFewRuns() {
        // Given
        Destination destination = CRM.withBatch(100);
        // When, Then
        assertThatThrownBy(() -> destination.withPace(Pace.DEFAULT.withBuffer(399, 1_000_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("399");
    }
}
