package dev.caravan.camel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.app.OneApplication;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import org.apache.camel.CamelContext;
import org.apache.camel.component.http.HttpComponent;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@Tag("application")
@TestProfile(OneApplication.class)
class HttpTimeoutsTest {
    @Inject CamelContext camel;

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void waitsForAUsersDestinationForSecondsAndNotMinutes(String scheme) {
        // When
        HttpComponent component = camel.getComponent(scheme, HttpComponent.class);
        // Then
        assertThat(component.getConnectTimeout()).isEqualTo(10_000);
        assertThat(component.getConnectionRequestTimeout()).isEqualTo(10_000);
        assertThat(component.getResponseTimeout()).isEqualTo(30_000);
        assertThat(component.getSoTimeout()).isEqualTo(30_000);
        assertThat(component.getConnectionsPerRoute()).isEqualTo(1_000);
        assertThat(component.getMaxTotalConnections()).isEqualTo(10_000);
    }
}
