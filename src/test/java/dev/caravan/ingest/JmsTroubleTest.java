package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.app.Broker;
import dev.caravan.event.EventReader;
import dev.caravan.event.SemanticNames;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.JournalUnavailableException;
import dev.caravan.journal.SqliteJournal;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JMS door while the journal cannot store, and without a broker. */
class JmsTroubleTest {
    private static final Broker BROKER = new Broker();
    private static String url;

    @TempDir Path folder;

    private Journal real;
    private LooseJournal journal;
    private DefaultCamelContext camel = new DefaultCamelContext();

    @BeforeAll
    static void startBroker() {
        url = BROKER.start().get("test.broker");
    }

    @AfterAll
    static void stopBroker() {
        BROKER.stop();
    }

    @BeforeEach
    void open() {
        real = SqliteJournal.open(JournalSettings.in(folder), InstantSource.system());
        journal = new LooseJournal(real);
    }

    @AfterEach
    void close() {
        camel.stop();
        real.close();
    }

    private void start(String broker) throws Exception {
        camel = new DefaultCamelContext();
        camel.getShutdownStrategy().setTimeout(3);
        camel.getPropertiesComponent().addInitialProperty("caravan.jms.url", broker);
        camel.getPropertiesComponent().addInitialProperty("caravan.jms.queue", "caravan");
        camel.getRegistry().bind("caravan-jms", new ActiveMQConnectionFactory(url));
        camel.getRegistry()
                .bind(
                        "intake",
                        new Intake(
                                journal.journal(),
                                new EventReader(new SemanticNames(false, Set.of())),
                                InstantSource.system(),
                                () -> ThreadLocalRandom.current().nextLong()));
        PluginHelper.getRoutesLoader(camel)
                .loadRoutes(
                        ResourceHelper.resolveMandatoryResource(
                                camel, "classpath:routes/sources/jms.camel.yaml"));
        camel.start();
    }

    @Test
    void keepsTheMessageInHandUntilTheJournalIsBackHoweverLong() throws Exception {
        // Given
        var attempts = new AtomicInteger();
        journal.onAppend(
                (real, submission) ->
                        attempts.incrementAndGet() <= 4 ? unavailable() : real.append(submission));
        start(url);
        // When
        send("{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}");
        // Then
        await().atMost(Duration.ofSeconds(30)).until(() -> real.end() == 1);
        assertThat(attempts).hasValue(5);
        await().until(() -> waiting() == 0);
        assertThat(real.end()).isEqualTo(1);
    }

    @Test
    void leavesTheMessageWithTheBrokerIfItStopsBeforeTheJournalIsBack() throws Exception {
        // Given
        var attempts = new AtomicInteger();
        journal.onAppend(
                (real, submission) -> {
                    attempts.incrementAndGet();
                    return unavailable();
                });
        start(url);
        send("{\"type\":\"track\",\"userId\":\"u\",\"event\":\"E\"}");
        await().until(() -> attempts.get() > 0);
        camel.stop();
        await().until(() -> waiting() == 1);
        // When
        journal.onAppend(Journal::append);
        start(url);
        // Then
        await().atMost(Duration.ofSeconds(30)).until(() -> real.end() == 1);
        await().until(() -> waiting() == 0);
    }

    @Test
    void staysClosedWithoutABroker() throws Exception {
        // When
        start("");
        // Then
        assertThat(camel.getRoutes()).isEmpty();
    }

    private static CompletableFuture<Appended> unavailable() {
        return CompletableFuture.failedFuture(new JournalUnavailableException("the disk is full"));
    }

    private static void send(String text) throws JMSException {
        try (var factory = new ActiveMQConnectionFactory(url);
                Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue("caravan"))
                    .send(session.createTextMessage(text));
        }
    }

    private static int waiting() throws JMSException {
        try (var factory = new ActiveMQConnectionFactory(url);
                Connection connection = factory.createConnection();
                Session session = connection.createSession();
                var browser = session.createBrowser(session.createQueue("caravan"))) {
            connection.start();
            int count = 0;
            var messages = browser.getEnumeration();
            while (messages.hasMoreElements()) {
                messages.nextElement();
                count++;
            }
            return count;
        }
    }
}
