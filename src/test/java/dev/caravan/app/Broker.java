package dev.caravan.app;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.ServerSocket;
import java.util.Map;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** An Artemis broker in this process, reached as a stranger would: over TCP. */
public final class Broker implements QuarkusTestResourceLifecycleManager {
    private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();

    @Override
    public Map<String, String> start() {
        try {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            String url = "tcp://127.0.0.1:" + port;
            server.setConfiguration(
                    new ConfigurationImpl()
                            .setName("test")
                            .setPersistenceEnabled(false)
                            .setSecurityEnabled(false)
                            .addAcceptorConfiguration("tcp", url)
                            .addAddressSetting(
                                    "#",
                                    new AddressSettings()
                                            .setAutoCreateQueues(true)
                                            .setAutoDeleteQueues(false)
                                            .setMaxDeliveryAttempts(3)));
            server.start();
            return Map.of("caravan.jms.url", url, "test.broker", url);
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not start", e);
        }
    }

    @Override
    public void stop() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the broker does not stop", e);
        }
    }
}
