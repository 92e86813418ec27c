package dev.caravan.camel;

import static dev.caravan.camel.Fixture.track;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.journal.LedgerState.Totals;
import jakarta.jms.Connection;
import jakarta.jms.Message;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JmsDestinationTest {
    @TempDir Path directory;

    private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
    private ActiveMQConnectionFactory connections;
    private Fixture caravan;

    @BeforeEach
    void begin() throws Exception {
        broker.setConfiguration(
                new ConfigurationImpl()
                        .setPersistenceEnabled(false)
                        .setSecurityEnabled(false)
                        .addAcceptorConfiguration("invm", "vm://71"));
        broker.start();
        connections = new ActiveMQConnectionFactory("vm://71");
        caravan = new Fixture(directory);
        caravan.camel.getRegistry().bind("broker", connections);
    }

    @AfterEach
    void end() throws Exception {
        caravan.close();
        connections.close();
        broker.stop();
    }

    @Test
    void sendsARunAsItsJson() throws Exception {
        // Given
        caravan.yaml(
                """
                - from:
                    uri: caravan:events
                    parameters: {destination: bus, batch: 10, erase: unsupported, from: beginning}
                    steps:
                      - to: jms:queue:runs?connectionFactory=#broker
                      - convertBodyTo: String
                      - to: jms:queue:texts?connectionFactory=#broker
                """);
        caravan.accept(track("A", "u1"), track("B", "u2"));
        // When
        caravan.start();
        Totals totals = caravan.settled("bus");
        // Then
        assertThat(totals.delivered()).isEqualTo(2);
        assertThat(received("runs"))
                .singleElement()
                .asString()
                .startsWith("[{\"type\":\"track\"")
                .contains("},{\"type\":\"track\"");
        assertThat(received("texts")).isEqualTo(received("runs"));
    }

    private List<String> received(String queue) throws Exception {
        List<String> received = new ArrayList<>();
        try (Connection connection = connections.createConnection();
                Session session = connection.createSession()) {
            connection.start();
            QueueBrowser browser = session.createBrowser(session.createQueue(queue));
            Enumeration<?> messages = browser.getEnumeration();
            for (Object message : Collections.list(messages)) {
                received.add(
                        message instanceof TextMessage text
                                ? text.getText()
                                : new String(((Message) message).getBody(byte[].class), UTF_8));
            }
        }
        return received;
    }
}
