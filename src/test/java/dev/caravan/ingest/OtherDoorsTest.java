package dev.caravan.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.app.OneApplication;
import dev.caravan.event.Json;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Entry;
import dev.caravan.journal.Journal;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file door and the JMS door, as the shipped routes open them. */
@QuarkusTest
@Tag("application")
@TestProfile(OneApplication.class)
class OtherDoorsTest {
    @Inject Journal journal;

    @ConfigProperty(name = "caravan.home")
    Path home;

    @ConfigProperty(name = "test.broker")
    String broker;

    // --- files

    @Test
    void takesAnNdjsonFileAndFilesItAway() throws IOException {
        // Given
        String run = run();
        String lines =
                IntStream.range(0, 2_500)
                        .mapToObj(i -> track(run + i))
                        .collect(Collectors.joining("\n"));
        // When
        drop(run + ".ndjson", lines);
        // Then
        awaitFile("done", run + ".ndjson");
        for (int i : List.of(0, 999, 1_000, 2_499)) {
            assertThat(journal.find(run + i)).hasSize(1);
            assertThat(journal.find(run + i).get(0).source()).isEqualTo("files");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[%s,%s]", "{\"batch\":[%s,%s]}", "%s\n%s"})
    void takesJsonFilesOfAllShapes(String shape) throws IOException {
        // Given
        String run = run();
        // When
        drop(run + ".json", shape.formatted(track(run + 1), track(run + 2)));
        // Then
        awaitFile("done", run + ".json");
        assertThat(journal.find(run + 1)).hasSize(1);
        assertThat(journal.find(run + 2)).hasSize(1);
    }

    @Test
    void givesEventsOfAFileItsTimeAndTheSameIdsWhenItComesAgain() throws IOException {
        // Given
        String run = run();
        String event = "{\"type\":\"track\",\"userId\":\"%s\",\"event\":\"E\"}".formatted(run);
        long before = journal.end();
        Instant written = Instant.parse("2026-01-02T03:04:05Z");
        drop(run + ".json", event, written);
        awaitFile("done", run + ".json");
        // When
        Files.move(inbox().resolve("done/" + run + ".json"), inbox().resolve(run + ".json"));
        awaitFile("done", run + ".json");
        // Then
        List<Entry> stored = ofPerson(run, before);
        assertThat(stored).hasSize(1);
        assertThat(stored.get(0).event().occurredAt()).isEqualTo(written);
    }

    @Test
    void putsAFileAsideThatBreaksOffAndKeepsWhatStoodBefore() throws IOException {
        // Given
        String run = run();
        // When
        drop(
                run + ".json",
                "[" + track(run + 1) + "," + track(run + 2).substring(0, 20),
                Instant.now().minusSeconds(1));
        // Then
        awaitFile("failed", run + ".json");
        assertThat(journal.find(run + 1)).hasSize(1);
        assertThat(inbox().resolve("done/" + run + ".json")).doesNotExist();
    }

    @Test
    void makesDeadLettersOfBadLinesThatSayWhere() throws IOException {
        // Given
        String run = run();
        // When
        drop(run + ".ndjson", track(run + 1) + "\nnonsense\n" + track(run + 3));
        // Then
        awaitFile("done", run + ".ndjson");
        assertThat(journal.find(run + 3)).hasSize(1);
        assertThat(letters("files"))
                .anySatisfy(letter -> assertThat(letter.place()).startsWith(run + ".ndjson"));
    }

    @Test
    void leavesFilesOfOtherKindsAndFoldersAlone() throws IOException {
        // Given
        String run = run();
        Files.createDirectories(inbox().resolve(run + ".d"));
        Files.writeString(inbox().resolve(run + ".d/inner.json"), track(run + 1));
        Files.writeString(inbox().resolve(run + ".csv"), "a,b");
        Files.writeString(inbox().resolve("." + run + ".json"), track(run + 2));
        // When
        drop(run + "-z.json", track(run + 3));
        // Then
        awaitFile("done", run + "-z.json");
        assertThat(inbox().resolve(run + ".csv")).exists();
        assertThat(inbox().resolve(run + ".d/inner.json")).exists();
        assertThat(inbox().resolve("." + run + ".json")).exists();
    }

    // --- JMS

    @Test
    void takesTextAndBytesFromTheQueueInOrder() throws JMSException {
        // Given
        String run = run();
        // When
        send(
                (session, producer) -> {
                    producer.send(session.createTextMessage(track(run + 1)));
                    BytesMessage bytes = session.createBytesMessage();
                    bytes.writeBytes(
                            ("{\"batch\":[" + track(run + 2) + "," + track(run + 3) + "]}")
                                    .getBytes(StandardCharsets.UTF_8));
                    producer.send(bytes);
                });
        // Then
        await().until(() -> !journal.find(run + 3).isEmpty());
        Entry first = journal.find(run + 1).get(0);
        Entry last = journal.find(run + 3).get(0);
        assertThat(first.source()).isEqualTo("jms");
        assertThat(first.sequence()).isLessThan(last.sequence());
        awaitEmptyQueue();
    }

    @Test
    void takesAMessageThatIsSentAgainWithItsTimeButIsNotSteeredByItsProperties()
            throws JMSException {
        // Given
        String run = run();
        // When
        send(
                (session, producer) -> {
                    TextMessage message = session.createTextMessage(track(run));
                    message.setStringProperty("CamelFileName", "../../evil");
                    message.setStringProperty("CamelBeanMethodName", "toString");
                    message.setStringProperty("CaravanSource", "shop");
                    producer.send(message);
                });
        // Then
        await().until(() -> !journal.find(run).isEmpty());
        assertThat(journal.find(run).get(0).source()).isEqualTo("jms");
        awaitEmptyQueue();
    }

    @Test
    void makesADeadLetterOfAMessageThatIsNoJsonAndGoesOn() throws JMSException {
        // Given
        String run = run();
        long before = journal.deadLetters().count(Filter.ALL);
        // When
        send(
                (session, producer) -> {
                    producer.send(session.createTextMessage("{ this is no JSON"));
                    producer.send(session.createTextMessage(""));
                    producer.send(session.createTextMessage(track(run)));
                });
        // Then
        await().until(() -> !journal.find(run).isEmpty());
        assertThat(journal.deadLetters().count(Filter.ALL)).isEqualTo(before + 2);
        awaitEmptyQueue();
    }

    // --- helpers

    private interface Sending {
        void send(Session session, MessageProducer producer) throws JMSException;
    }

    private void send(Sending sending) throws JMSException {
        try (var factory = new ActiveMQConnectionFactory(broker);
                Connection connection = factory.createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            sending.send(session, session.createProducer(session.createQueue("caravan")));
            session.commit();
        }
    }

    private void awaitEmptyQueue() {
        await().until(
                        () -> {
                            try (var factory = new ActiveMQConnectionFactory(broker);
                                    Connection connection = factory.createConnection();
                                    Session session = connection.createSession();
                                    QueueBrowser browser =
                                            session.createBrowser(session.createQueue("caravan"))) {
                                connection.start();
                                return !browser.getEnumeration().hasMoreElements();
                            }
                        });
    }

    private static String run() {
        return "r" + UUID.randomUUID().toString().substring(0, 8) + "-";
    }

    private static String track(String id) {
        return "{\"type\":\"track\",\"event\":\"Seen\",\"userId\":\"u\",\"messageId\":\"%s\"}"
                .formatted(id);
    }

    private Path inbox() {
        return home.resolve("inbox");
    }

    private void drop(String name, String content) throws IOException {
        drop(name, content, Instant.now());
    }

    private void drop(String name, String content, Instant modified) throws IOException {
        Path file = home.resolve(name);
        Files.writeString(file, content);
        Files.setLastModifiedTime(file, FileTime.from(modified));
        Files.createDirectories(inbox());
        Files.move(file, inbox().resolve(name));
    }

    private void awaitFile(String folder, String name) {
        await().until(
                        () ->
                                Files.exists(inbox().resolve(folder).resolve(name))
                                        && !Files.exists(inbox().resolve(name)));
    }

    private List<DeadLetter> letters(String source) {
        return journal.deadLetters()
                .list(new Filter("door", source, null, null, null, null, null), 0, 1_000);
    }

    private List<Entry> ofPerson(String userId, long after) throws IOException {
        List<Entry> all =
                journal.read(after, journal.end(), 10_000, Long.MAX_VALUE, person -> true)
                        .entries();
        return all.stream().filter(entry -> userId.equals(user(entry))).toList();
    }

    private static String user(Entry entry) {
        try {
            JsonNode event = Json.toTree(entry.event().json());
            return event.path("userId").textValue();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
