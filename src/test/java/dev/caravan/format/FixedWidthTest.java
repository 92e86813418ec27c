package dev.caravan.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.univocity.parsers.fixed.FieldAlignment;
import com.univocity.parsers.fixed.FixedWidthFields;
import com.univocity.parsers.fixed.FixedWidthWriter;
import com.univocity.parsers.fixed.FixedWidthWriterSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FixedWidthTest {
    private static final String COLUMNS = "id:5,name:10,balance:16-22";

    private static Reading read(String text, String... options) throws IOException {
        return Reading.of(Reading.format("fixed", options), text.getBytes(UTF_8));
    }

    @Test
    void readsColumnsByWidthAndByPlace() throws IOException {
        // When
        Reading reading =
                read("00001Ada         12.50\n00002Grace        7.25\n", "columns", COLUMNS);
        // Then
        assertThat(reading.values())
                .containsExactly(
                        Map.of("id", "00001", "name", "Ada", "balance", "12.50"),
                        Map.of("id", "00002", "name", "Grace", "balance", "7.25"));
    }

    @Test
    void keepsThePaddingIfToldTo() throws IOException {
        assertThat(read("1 Ada  \n", "columns", "id:2,name:5", "trim", "false").values())
                .containsExactly(Map.of("id", "1 ", "name", "Ada  "));
    }

    @Test
    void setsAsideALineThatIsTooShortOrTooLongAndGoesOn() throws IOException {
        // When
        Reading reading = read("1Ada\n2Al\n3Bob  \n4Bobby\n5Eve\n", "columns", "id:1,name:3");
        // Then
        assertThat(reading.faults())
                .containsExactly(
                        "it has 3 characters where the columns need 4; 'ragged: true' would take it",
                        "it has 6 characters, but the columns end at 4; 'ragged: true' would take it");
        assertThat(reading.records.get(1).raw()).isEqualTo("2Al");
        assertThat(reading.records.get(4).value()).isEqualTo(Map.of("id", "5", "name", "Eve"));
    }

    @Test
    void takesRaggedLinesIfToldTo() throws IOException {
        assertThat(read("1\n2Al\n", "columns", "id:1,name:3", "ragged", "true").values())
                .containsExactly(Map.of("id", "1"), Map.of("id", "2", "name", "Al"));
    }

    @Test
    void readsMainframeRecordsWithoutLineEnds() throws IOException {
        // Given
        Charset ebcdic = Charset.forName("IBM273");
        byte[] file = "00001MÜLLER    00002WEISS     ".getBytes(ebcdic);
        // When
        Reading reading =
                Reading.of(
                        Reading.format(
                                "fixed",
                                "columns",
                                "id:5,name:10",
                                "charset",
                                "IBM273",
                                "recordLength",
                                "15"),
                        file);
        // Then
        assertThat(reading.values())
                .containsExactly(
                        Map.of("id", "00001", "name", "MÜLLER"),
                        Map.of("id", "00002", "name", "WEISS"));
        assertThat(reading.records.get(1).place()).isEqualTo("byte 15");
        assertThat(reading.records.get(1).raw()).isEqualTo("00002WEISS     ");
    }

    @Test
    void readsLinesOfEbcdic() throws IOException {
        for (String name : List.of("IBM037", "IBM273", "IBM1047")) {
            byte[] file = "1A\u00852B\u0085".getBytes(Charset.forName(name));
            Reading reading =
                    Reading.of(
                            Reading.format("fixed", "columns", "id:1,n:1", "charset", name), file);
            assertThat(reading.values())
                    .as(name)
                    .containsExactly(Map.of("id", "1", "n", "A"), Map.of("id", "2", "n", "B"));
        }
    }

    @Test
    void readsARecordWithLineEndsInsideAsOneWhereItStandsAlone() throws IOException {
        // Given
        Format format =
                Reading.format(
                        "fixed",
                        "columns",
                        "id:2,note:6,n:2",
                        "charset",
                        "US-ASCII",
                        "recordLength",
                        "10");
        String file = "1 one\ntw 1\n2a\r\nb\n 22 3        ";
        RecordReader reader = format.read(new ByteArrayInputStream(file.getBytes(UTF_8)));
        List<Object> inFile = new ArrayList<>();
        List<Object> alone = new ArrayList<>();
        // When
        while (reader.next()) {
            inFile.add(reader.value());
            RecordReader one = Formats.alone(reader.description(), reader.raw());
            alone.add(one.value());
            Formats.requireEnd(one);
        }
        // Then
        assertThat(inFile)
                .containsExactly(
                        Map.of("id", "1", "note", "one\ntw", "n", "1"),
                        Map.of("id", "\n2", "note", "a\r\nb\n", "n", "22"),
                        Map.of("id", "3", "note", "", "n", ""));
        assertThat(alone).isEqualTo(inFile);
    }

    @Test
    void takesARecordWithoutLineEndsAsAPersonWritesIt() throws IOException {
        // Given
        RecordReader reader =
                Reading.format(
                                "fixed",
                                "columns",
                                "id:2,n:3",
                                "charset",
                                "US-ASCII",
                                "recordLength",
                                "8")
                        .read(new ByteArrayInputStream("1 2  xyz".getBytes(UTF_8)));
        reader.next();
        Map<String, Object> description = reader.description();
        // Then
        for (String mended : List.of("1 3  xyz", "1 3  ", "1 3  xyz\n", "1 3  xyz\r\n")) {
            RecordReader alone = Formats.alone(description, mended.getBytes(UTF_8));
            assertThat(alone.value()).as(mended).isEqualTo(Map.of("id", "1", "n", "3"));
        }
        assertThat(Formats.alone(description, "1 3".getBytes(UTF_8)).fault()).isNotNull();
        assertThatThrownBy(() -> Formats.alone(description, "1 3  xyz?".getBytes(UTF_8)))
                .hasMessage("it has 9 characters where 'recordLength' asks for 8");
        assertThatThrownBy(() -> Formats.alone(description, new byte[0]))
                .hasMessage("there is no record in it");
    }

    @Test
    void stopsAtALastRecordThatIsCutOff() throws IOException {
        // When
        Reading reading =
                read("1Ada2Bo", "columns", "id:1,n:3", "recordLength", "4", "charset", "US-ASCII");
        // Then
        assertThat(reading.values()).hasSize(1);
        assertThat(reading.broken)
                .isEqualTo("the record at byte 4 has 3 bytes where 'recordLength' asks for 4");
    }

    @Test
    void setsAsideARecordWithBytesOfAnotherCharset() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format(
                                "fixed",
                                "columns",
                                "id:1,n:3",
                                "recordLength",
                                "4",
                                "charset",
                                "US-ASCII"),
                        new byte[] {'1', 'A', (byte) 0xe4, 'a', '2', 'B', 'o', 'b'});
        // Then
        assertThat(reading.faults())
                .containsExactly("n: it has bytes that are not US-ASCII; is 'charset' right?");
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("id", "2", "n", "Bob"));
    }

    @Property(tries = 200)
    void readsBackWhatIsWrittenInEbcdic(@ForAll("rows") List<List<String>> rows)
            throws IOException {
        // Given
        Charset ebcdic = Charset.forName("IBM037");
        String text =
                rows.stream()
                        .map(row -> "%-8s%-3s%8s".formatted(row.get(0), row.get(1), row.get(2)))
                        .collect(Collectors.joining());
        // When
        Reading reading =
                Reading.of(
                        Reading.format(
                                "fixed",
                                "columns",
                                "a:8,b:3,c:8",
                                "charset",
                                "IBM037",
                                "recordLength",
                                "19"),
                        text.getBytes(ebcdic));
        // Then
        assertThat(reading.values())
                .isEqualTo(
                        rows.stream()
                                .map(
                                        row ->
                                                Map.of(
                                                        "a",
                                                        row.get(0),
                                                        "b",
                                                        row.get(1),
                                                        "c",
                                                        row.get(2)))
                                .toList());
    }

    @Property(tries = 200)
    void readsBackWhatALibraryWrites(@ForAll("rows") List<List<String>> rows) throws IOException {
        // Given
        var fields =
                new FixedWidthFields()
                        .addField("a", 8)
                        .addField("b", 3, FieldAlignment.RIGHT)
                        .addField("c", 9, FieldAlignment.CENTER);
        var settings = new FixedWidthWriterSettings(fields);
        settings.getFormat().setLineSeparator("\r\n");
        var text = new StringWriter();
        var writer = new FixedWidthWriter(text, settings);
        rows.forEach(writer::writeRow);
        writer.close();
        // When
        Reading reading = read(text.toString(), "columns", "a:8,b:3,c:9");
        // Then
        assertThat(reading.values())
                .isEqualTo(
                        rows.stream()
                                .map(
                                        row ->
                                                Map.of(
                                                        "a",
                                                        row.get(0),
                                                        "b",
                                                        row.get(1),
                                                        "c",
                                                        row.get(2)))
                                .toList());
    }

    @Property(tries = 200)
    void readsARecordThatStandsAloneAsInItsFile(@ForAll("rows") List<List<String>> rows)
            throws IOException {
        String text =
                rows.stream()
                        .map(row -> "%-8s%-3s%8s".formatted(row.get(0), row.get(1), row.get(2)))
                        .collect(Collectors.joining("\n"));
        RecordReader reader =
                Reading.format("fixed", "columns", "a:8,b:3,c:8")
                        .read(new java.io.ByteArrayInputStream(text.getBytes(UTF_8)));
        while (reader.next()) {
            RecordReader alone = Formats.alone(reader.description(), reader.raw());
            assertThat(alone.value()).isEqualTo(reader.value());
        }
    }

    @Provide
    Arbitrary<List<List<String>>> rows() {
        Arbitrary<String> cell = Arbitraries.strings().withChars("AB12.-äß").ofMaxLength(3);
        return cell.list().ofSize(3).list().ofMaxSize(6);
    }
}
