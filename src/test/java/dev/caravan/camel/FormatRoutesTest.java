package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.ingest.Receipt;
import dev.caravan.journal.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes that bring files and messages of foreign formats. */
class FormatRoutesTest {
    private static final String CONTACT =
            """
            type: identify
            userId: $.id
            messageId: {key: [$.id, $.changed]}
            traits:
              name: $.name
            """;

    @TempDir Path home;
    private Fixture caravan;

    @BeforeEach
    void open() throws IOException {
        caravan = new Fixture(home);
        Files.createDirectories(home.resolve("inbox/crm"));
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/crm-contact.yaml"), CONTACT);
    }

    @AfterEach
    void close() {
        caravan.close();
    }

    /** The example of the README, but for the time that a file has to be still. */
    private void contacts(String more) throws Exception {
        caravan.camel
                .getPropertiesComponent()
                .addInitialProperty("caravan.inbox", home.resolve("inbox").toString());
        caravan.yaml(
                        """
                        - route:
                            id: crm-contacts
                            from:
                              uri: file:{{caravan.inbox}}/crm
                              parameters:
                                include: ".*\\\\.csv(\\\\.gz)?"
                                readLock: changed
                                readLockMinAge: 300ms
                                readLockCheckInterval: 100
                                initialDelay: 0
                                delay: 100
                                moveFailed: failed
                              steps:
                                - to:
                                    uri: caravan:events
                                    parameters:
                                      source: crm
                                      format: csv
                                      mapping: crm-contact
                                      %s
                        """
                                .formatted(more))
                .start();
    }

    private void drop(String name, byte[] content) throws IOException {
        Path hidden = Files.write(home.resolve("inbox/crm/.hidden"), content);
        Files.move(hidden, home.resolve("inbox/crm").resolve(name));
    }

    private void awaitFile(String name) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> Files.exists(home.resolve("inbox/crm").resolve(name)));
    }

    private List<String> persons() {
        return caravan.stored().stream().map(entry -> entry.event().userId()).toList();
    }

    private static String json(Entry entry) {
        return new String(entry.event().json(), UTF_8);
    }

    @Test
    void takesAnExportByTheRouteOfTheReadme() throws Exception {
        // Given
        contacts("delimiter: \";\"\n              charset: windows-1252");
        // When
        drop(
                "export.csv",
                "id;name;changed\n1;Müller;2026\n2;\"a;b\";2026\n3;x\n"
                        .getBytes(Charset.forName("windows-1252")));
        awaitFile(".camel/export.csv");
        // Then
        assertThat(persons()).containsExactly("1", "2");
        assertThat(json(caravan.stored().get(0))).contains("\"name\":\"Müller\"");
        assertThat(caravan.deadLetters().get(0).place()).isEqualTo("export.csv, record 3, line 4");
    }

    @Test
    void unpacksAnExport() throws Exception {
        contacts("");
        Path packed = home.resolve("packed");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(packed))) {
            gzip.write("id,name,changed\n1,Ada,2026\n".getBytes(UTF_8));
        }
        drop("export.csv.gz", Files.readAllBytes(packed));
        awaitFile(".camel/export.csv.gz");
        assertThat(persons()).containsExactly("1");
    }

    @Test
    void filesAwayABrokenExportAndGoesOnWhenItComesMended() throws Exception {
        // Given
        contacts("");
        drop("export.csv", "id,name,changed\n1,Ada,2026\n2,\"Bob,2026\n".getBytes(UTF_8));
        awaitFile("failed/export.csv");
        assertThat(persons()).containsExactly("1");
        assertThat(caravan.journal.brokenFiles().get(0).broken())
                .isEqualTo(
                        "export.csv is broken at record 2: line 3: the quote that opens there is"
                                + " never closed");
        // When
        drop("export.csv", "id,name,changed\n1,Ada,2026\n2,\"Bob\",2026\n".getBytes(UTF_8));
        awaitFile(".camel/export.csv");
        // Then
        assertThat(persons()).containsExactly("1", "2");
        assertThat(caravan.journal.brokenFiles()).isEmpty();
    }

    @Test
    void waitsUntilAFileIsWholeThatIsStillBeingWritten() throws Exception {
        // Given
        contacts("");
        Path file = home.resolve("inbox/crm/slow.csv");
        // When
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write("id,name,changed\n1,Ada,2026\n".getBytes(UTF_8));
            for (int i = 2; i < 12; i++) {
                Thread.sleep(100); // a slow writer
                out.write((i + ",Bob,2026\n").getBytes(UTF_8));
            }
        }
        awaitFile(".camel/slow.csv");
        // Then
        assertThat(persons()).hasSize(11).doesNotHaveDuplicates();
    }

    @Test
    @Tag("soak")
    void takes10000SmallFilesInOneDrop() throws Exception {
        // Given
        for (int i = 0; i < 10_000; i++) {
            drop(i + ".csv", "id,name,changed\n%d,Ada,2026\n".formatted(i).getBytes(UTF_8));
        }
        // When
        contacts("");
        // Then
        Awaitility.await()
                .atMost(Duration.ofMinutes(10))
                .until(() -> caravan.journal.end() == 10_000);
        assertThat(persons()).hasSize(10_000).doesNotHaveDuplicates();
        assertThat(caravan.deadLetters()).isEmpty();
    }

    private Receipt send(String parameters, Object body) {
        Exchange exchange =
                caravan.camel
                        .createProducerTemplate()
                        .send(
                                "caravan:events?source=crm&" + parameters,
                                sent -> sent.getMessage().setBody(body));
        assertThat(exchange.getException()).isNull();
        return exchange.getProperty(CaravanConstants.RECEIPT, Receipt.class);
    }

    @Test
    void takesTextsMapsAndListsThroughAMapping() {
        caravan.start();
        // When
        send("format=csv&mapping=crm-contact", "id,name,changed\n1,Ada,1\n");
        send("mapping=crm-contact", Map.of("id", "2", "name", "Bob", "changed", 2));
        send(
                "mapping=crm-contact",
                List.of(Map.of("id", "3", "changed", 1), Map.of("id", "", "changed", 1)));
        send("mapping=crm-contact", "{\"id\":\"4\",\"changed\":1}");
        // Then
        assertThat(persons()).containsExactly("1", "2", "3", "4");
        assertThat(caravan.deadLetters()).hasSize(1);
    }

    @Test
    void setsAsideElementsOfAListThatAreNoRecordsAndGoesOn() {
        caravan.start();
        // When
        send(
                "mapping=crm-contact",
                List.of(
                        "{\n\"id\":\"1\",\"changed\":1}",
                        "{}, {}",
                        "{",
                        Map.of("id", "2", "changed", 1)));
        // Then
        assertThat(persons()).containsExactly("1", "2");
        assertThat(caravan.deadLetters()).hasSize(2);
    }

    @Test
    void takesXmlOfAMessage() {
        caravan.start();
        Receipt receipt =
                send(
                        "format=xml&record=/people/person&mapping=crm-contact",
                        "<people><person><id>1</id><changed>1</changed></person></people>");
        assertThat(receipt.accepted()).isEqualTo(1);
        assertThat(persons()).containsExactly("1");
    }

    @Test
    void takesAStreamOfRecords() {
        caravan.start();
        var stream = new java.io.ByteArrayInputStream("id,name,changed\n1,Ada,1\n".getBytes(UTF_8));
        assertThat(send("format=csv&mapping=crm-contact", stream).accepted()).isEqualTo(1);
    }
}
