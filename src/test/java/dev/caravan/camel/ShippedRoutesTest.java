package dev.caravan.camel;

import static dev.caravan.camel.Fixture.track;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.customerio.CustomerIoComponent;
import dev.caravan.customerio.SandboxRequest;
import dev.caravan.delivery.Run;
import dev.caravan.fake.FakeCustomerIo;
import dev.caravan.journal.Erasure;
import dev.caravan.journal.Erasures;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Settlement.Receipt.State;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Consumer;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.support.DefaultComponent;
import org.apache.camel.support.DefaultEndpoint;
import org.apache.camel.support.DefaultProducer;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedRoutesTest {
    @TempDir Path home;

    private Fixture caravan;
    private final Pipelines pipelines = new Pipelines();

    @BeforeEach
    void begin() throws Exception {
        caravan = new Fixture(home);
        caravan.openDoors(home);
        caravan.camel.addRoutes(new RouteFiles(home, Duration.ofSeconds(10)));
    }

    @AfterEach
    void end() {
        caravan.close();
    }

    @Test
    void sendsEachMeaningThroughItsOwnRoute() {
        // Given
        String properties = ",\"properties\":{\"objectId\":\"o\"}}";
        String context = ",\"context\":{\"device\":{\"token\":\"t\",\"type\":\"ios\"}}}";
        caravan.camel.addComponent("customerio", pipelines);
        caravan.start();
        // When
        caravan.accept(
                track("Order Paid", "u1"),
                "{\"type\":\"page\",\"name\":\"User Deleted\",\"userId\":\"u2\"}",
                "{\"type\":\"identify\",\"userId\":\"u3\",\"traits\":{\"event\":\"User Deleted\"}}",
                track("User Deleted", "u4"),
                track("User Suppressed", "u5"),
                track("User Unsuppressed", "u6"),
                track("Device Created or Updated", "u7").replace("}", context),
                track("Device Deleted", "u8").replace("}", context),
                track("Object Deleted", "u9").replace("}", properties),
                track("Relationship Deleted", "u10").replace("}", properties),
                track("Report Delivery Event", "u11"),
                track("Report Content Event", "u12"),
                track("Nutzer gelöscht 'User Deleted' \\\"q\\\"", "u13"));
        Totals totals = caravan.settled("customerio");
        // Then
        assertThat(totals).isEqualTo(new Totals(13, 0, 0));
        assertThat(pipelines.sent)
                .allSatisfy(
                        sent ->
                                assertThat(sent.names())
                                        .allMatch(name -> routeOf(name).equals(sent.route())));
    }

    @Test
    void reachesCustomerIosOwnComponentWithBatchesAndEachDeletionAlone() {
        // Given
        var customerIo = new CustomerIoComponent();
        customerIo.getConfiguration().setSandbox(true);
        caravan.camel.addComponent("customerio", customerIo);
        caravan.accept(
                track("A", "u1"), track("B", "u2"), track("User Deleted", "u1"), track("C", "u1"));
        // When
        caravan.start();
        Totals totals = caravan.settled("customerio");
        // Then
        assertThat(totals).isEqualTo(new Totals(3, 1, 0));
        List<String> requests =
                customerIo.sandbox().requests(0, 100).stream().map(SandboxRequest::json).toList();
        assertThat(requests).filteredOn(json -> json.contains("User Deleted")).hasSize(1);
        assertThat(requests)
                .filteredOn(json -> json.contains("User Deleted"))
                .noneMatch(json -> json.contains("\"u2\""));
        assertThat(String.join("", requests))
                .doesNotContain("\"A\"")
                .containsSubsequence("User Deleted", "\"C\"");
    }

    @Test
    void saysInTheReceiptOfADeletionWhatCustomerIoAnswered() throws Exception {
        // Given
        try (FakeCustomerIo customerIo = FakeCustomerIo.start("key")) {
            var component = new CustomerIoComponent();
            component.getConfiguration().setApiKey("key");
            component.getConfiguration().setUrl(customerIo.url().toString());
            caravan.camel.addComponent("customerio", component);
            caravan.start();
            // When
            caravan.accept(track("User Deleted", "u1"));
            caravan.settled("customerio");
        }
        // Then
        Erasure erasure = caravan.journal.erasures().list(Erasures.Filter.ALL, 0, 10).get(0);
        assertThat(erasure.receipts())
                .extracting(Erasure.Receipt::state, Erasure.Receipt::status)
                .containsExactly(Tuple.tuple(State.DONE, 200));
    }

    private static String routeOf(String name) {
        return switch (name) {
            case "track User Deleted" -> "customerio-person-deleted";
            case "track User Suppressed" -> "customerio-person-suppressed";
            case "track User Unsuppressed" -> "customerio-person-unsuppressed";
            case "track Device Created or Updated" -> "customerio-device-updated";
            case "track Device Deleted" -> "customerio-device-deleted";
            case "track Object Deleted" -> "customerio-object-deleted";
            case "track Relationship Deleted" -> "customerio-relationship-deleted";
            case "track Report Delivery Event" -> "customerio-delivery-reported";
            case "track Report Content Event" -> "customerio-content-reported";
            default -> "customerio-deliver";
        };
    }

    /** What came to Customer.io: from which route, and the events' types and names. */
    record Sent(String route, List<String> names) {}

    /** Stands for {@code customerio:} and takes everything. */
    static final class Pipelines extends DefaultComponent {
        final List<Sent> sent = new CopyOnWriteArrayList<>();

        @Override
        protected Endpoint createEndpoint(
                String uri, String remaining, Map<String, Object> parameters) {
            return new DefaultEndpoint(uri, this) {
                @Override
                public Producer createProducer() {
                    return new DefaultProducer(this) {
                        @Override
                        public void process(Exchange exchange) {
                            Run run = exchange.getMessage().getBody(Run.class);
                            sent.add(
                                    new Sent(
                                            org.apache.camel.support.ExchangeHelper.getAtRouteId(
                                                    exchange),
                                            run.stream()
                                                    .map(
                                                            event ->
                                                                    event.get("type")
                                                                            + " "
                                                                            + event.get("event"))
                                                    .toList()));
                        }
                    };
                }

                @Override
                public Consumer createConsumer(Processor processor) {
                    throw new UnsupportedOperationException();
                }
            };
        }
    }
}
