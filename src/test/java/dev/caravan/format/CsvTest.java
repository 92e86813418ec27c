package dev.caravan.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CsvTest {
    private static final int MEGABYTE = 1_000_000;

    private static Reading read(String text, String... options) throws IOException {
        return Reading.of(Reading.format("csv", options), text.getBytes(UTF_8));
    }

    @Test
    void readsRecordsByTheNamesOfTheHeader() throws IOException {
        // When
        Reading reading = read("id,name\r\n1,Ada\r\n2,\"Grace\"\r\n");
        // Then
        assertThat(reading.values())
                .containsExactly(
                        Map.of("id", "1", "name", "Ada"), Map.of("id", "2", "name", "Grace"));
        assertThat(reading.faults()).isEmpty();
        assertThat(reading.broken).isEmpty();
    }

    @Test
    void knowsQuotesLineEndsAndDelimitersInsideOfQuotes() throws IOException {
        // When
        Reading reading = read("id,text\n1,\"a \"\"word\"\", and\r\nmore\"\n2,it\"s\n");
        // Then
        assertThat(reading.records.get(0).value())
                .isEqualTo(Map.of("id", "1", "text", "a \"word\", and\r\nmore"));
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("id", "2", "text", "it\"s"));
        assertThat(reading.records)
                .extracting(Reading.Seen::place)
                .containsExactly("line 2", "line 4");
    }

    @Test
    void keepsTheRecordAsItWasWritten() throws IOException {
        // When
        Reading reading = read("id,text\n1,\"a \"\"b\"\"\"\r\n");
        // Then
        assertThat(reading.records.get(0).raw()).isEqualTo("1,\"a \"\"b\"\"\"");
    }

    @Test
    void takesARecordAsLongAsItMayBeWhateverItsLineEnd() throws IOException {
        String longest = "x".repeat(RecordReader.RECORD_LENGTH);
        for (String end : List.of("\n", "\r\n", "\r", "")) {
            // When
            Reading reading = read("a\n1\n" + longest + end);
            // Then
            assertThat(reading.faults()).isEmpty();
            assertThat(reading.records).hasSize(2);
            assertThat(read("a\n" + longest + "x" + end).faults())
                    .singleElement()
                    .asString()
                    .startsWith("the record has 1,048,577 characters");
        }
        assertThat(read("a\n" + longest + "\r\n1\r\n\u001a\r\n").values())
                .containsExactly(Map.of("a", longest), Map.of("a", "1"));
    }

    @Test
    void takesOtherDelimitersAndQuotes() throws IOException {
        assertThat(read("id;n\n1;'a;b'\n", "delimiter", ";", "quote", "'").values())
                .containsExactly(Map.of("id", "1", "n", "a;b"));
        assertThat(read("id\tn\n1\t\"a\n", "delimiter", "tab", "quote", "none").values())
                .containsExactly(Map.of("id", "1", "n", "\"a"));
    }

    @Test
    void takesNamesThatAreGivenInPlaceOfAHeader() throws IOException {
        assertThat(read("1,2\n", "columns", "a, b").values())
                .containsExactly(Map.of("a", "1", "b", "2"));
        assertThat(read("x,x\n1,2\n", "columns", "a,b", "header", "skip").values())
                .containsExactly(Map.of("a", "1", "b", "2"));
        assertThat(read("a,b\n1,2\n", "columns", "a,b", "header", "true").values())
                .containsExactly(Map.of("a", "1", "b", "2"));
        assertThat(read("b,a\n1,2\n", "columns", "a,b", "header", "true").broken)
                .isEqualTo(
                        "line 1 is no header by which the columns can be known: it has other columns"
                                + " than 'columns' says");
    }

    @Test
    void setsAsideARecordWithAnotherNumberOfColumnsAndGoesOn() throws IOException {
        // When
        Reading reading = read("a,b\n1,2\n3\n4,5,6\n7,8\n");
        // Then
        assertThat(reading.faults())
                .containsExactly(
                        "it has 1 columns where 2 are expected; 'ragged: true' would take it",
                        "it has 3 columns where 2 are expected; 'ragged: true' would take it");
        assertThat(reading.records.get(1).raw()).isEqualTo("3");
        assertThat(reading.records.get(3).value()).isEqualTo(Map.of("a", "7", "b", "8"));
    }

    @Test
    void takesRaggedRecordsIfToldTo() throws IOException {
        assertThat(read("a,b\n3\n4,5,6\n", "ragged", "true").values())
                .containsExactly(Map.of("a", "3"), Map.of("a", "4", "b", "5"));
    }

    @Test
    void goesOnInTheNextLineWhenSomethingFollowsAClosingQuote() throws IOException {
        // When
        Reading reading = read("a,b\n1,\"x\"y\n\"2\" ,z\n3,w\n");
        // Then
        assertThat(reading.faults())
                .containsExactly(
                        "b: something follows the closing quote; a quote inside of quotes is written twice",
                        "a: something follows the closing quote; a quote inside of quotes is written twice");
        assertThat(reading.records.get(2).value()).isEqualTo(Map.of("a", "3", "b", "w"));
    }

    @Test
    void stopsAtAQuoteThatIsNeverClosed() throws IOException {
        // When
        Reading reading = read("a,b\n1,x\n2,\"y\n3,z\n");
        // Then
        assertThat(reading.values()).hasSize(1);
        assertThat(reading.broken).isEqualTo("line 3: the quote that opens there is never closed");
    }

    @Test
    void teachesWhatToDoWithAColumnThatStandsTwice() throws IOException {
        assertThat(read("id,name,id\n1,2,3\n").broken)
                .isEqualTo(
                        "line 1 is no header by which the columns can be known: the name 'id' stands"
                                + " twice, at columns 1 and 3; give the names with 'columns', and"
                                + " 'header: skip' to leave out this line");
        assertThat(read("id,,x\n1,2,3\n").broken).contains("column 2 has no name");
    }

    @Test
    void setsAsideAHeaderThatStandsInTheMiddle() throws IOException {
        // When
        Reading reading = read("id,name\n1,a\nid,name\n2,b\n");
        // Then
        assertThat(reading.records.get(1).fault()).startsWith("the header stands here again");
        assertThat(reading.records.get(2).value()).isEqualTo(Map.of("id", "2", "name", "b"));
    }

    @Test
    void findsNothingInAnEmptyFile() throws IOException {
        assertThat(read("").records).isEmpty();
        assertThat(read("").broken).isEmpty();
        assertThat(read("\n\n").records).isEmpty();
        assertThat(read("id,name\n").records).isEmpty();
        assertThat(read("\uFEFF").records).isEmpty();
    }

    @Test
    void leavesOutBlankLinesAndTheEndMarkOfOldSystems() throws IOException {
        assertThat(read("a,b\n\n1,2\r\n\r\n3,4\n\u001a").values())
                .containsExactly(Map.of("a", "1", "b", "2"), Map.of("a", "3", "b", "4"));
    }

    @Test
    void readsAllLineEnds() throws IOException {
        assertThat(read("a\r1\r\n2\n3").values())
                .containsExactly(Map.of("a", "1"), Map.of("a", "2"), Map.of("a", "3"));
    }

    @Test
    void keepsWhiteSpaceUnlessToldToTrim() throws IOException {
        assertThat(read("a, b\n 1 ,\" 2 \"\n").values())
                .containsExactly(Map.of("a", " 1 ", "b", " 2 "));
        assertThat(read("a, b\n 1 ,\" 2 \"\n", "trim", "true").values())
                .containsExactly(Map.of("a", "1", "b", " 2 "));
    }

    @Test
    void readsCodePagesAndByteOrderMarks() throws IOException {
        Charset windows = Charset.forName("windows-1252");
        assertThat(
                        Reading.of(
                                        Reading.format("csv", "charset", "windows-1252"),
                                        "n\nMüller €\n".getBytes(windows))
                                .values())
                .containsExactly(Map.of("n", "Müller €"));
        assertThat(read("\uFEFFid\n1\n").values()).containsExactly(Map.of("id", "1"));
        assertThat(
                        Reading.of(
                                        Reading.format("csv", "charset", "UTF-16LE"),
                                        "\uFEFFid\nä\n".getBytes(UTF_16LE))
                                .values())
                .containsExactly(Map.of("id", "ä"));
        Charset ebcdic = Charset.forName("IBM1047");
        assertThat(
                        Reading.of(
                                        Reading.format("csv", "charset", "IBM1047"),
                                        "id,n\u00851,\"a\u0085b\"\u00852,c".getBytes(ebcdic))
                                .values())
                .containsExactly(Map.of("id", "1", "n", "a\u0085b"), Map.of("id", "2", "n", "c"));
    }

    @Test
    void setsAsideARecordWithBytesOfAnotherCharset() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("csv"), "id,name\n1,Müller\n2,Ada\n".getBytes(ISO_8859_1));
        // Then
        assertThat(reading.faults())
                .containsExactly("name: it has bytes that are not UTF-8; is 'charset' right?");
        assertThat(reading.records.get(0).raw()).isEqualTo("1,M\uFFFDller");
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("id", "2", "name", "Ada"));
    }

    @Test
    void takesAMarkOfAnotherCharsetForAWrongOption() throws IOException {
        Reading reading = Reading.of(Reading.format("csv"), "\uFEFFid\n1\n".getBytes(UTF_16LE));
        assertThat(reading.broken)
                .isEqualTo(
                        "it begins with the mark of UTF-16LE, but is read as UTF-8; set 'charset: UTF-16LE'");
    }

    @Test
    void takesTheReplacementCharacterForTextIfItWasWrittenSo() throws IOException {
        assertThat(read("a\n\uFFFD\n").values()).containsExactly(Map.of("a", "\uFFFD"));
    }

    @Test
    void boundsARecordOf50Megabytes() throws IOException {
        // Given
        InputStream head = new ByteArrayInputStream("id,text\n1,".getBytes(UTF_8));
        InputStream tail = new ByteArrayInputStream("\n2,b\n".getBytes(UTF_8));
        InputStream all =
                new SequenceInputStream(
                        new SequenceInputStream(head, new Repeated("x", 50 * MEGABYTE)), tail);
        // When
        Reading reading = Reading.of(Reading.format("csv"), all);
        // Then
        assertThat(reading.records.get(0).fault())
                .isEqualTo(
                        "the record has 50,000,002 characters, the limit is 1,048,576; here are the"
                                + " first 32,000");
        assertThat(reading.records.get(0).raw()).hasSize(32_000);
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("id", "2", "text", "b"));
    }

    @Test
    void boundsAQuotedRecordOf50MegabytesThatEndsInTheNextLines() throws IOException {
        // Given
        InputStream head = new ByteArrayInputStream("id,text\n1,\"".getBytes(UTF_8));
        InputStream tail = new ByteArrayInputStream("\"\n2,b\n".getBytes(UTF_8));
        InputStream all =
                new SequenceInputStream(
                        new SequenceInputStream(head, new Repeated("line\n", 50 * MEGABYTE)), tail);
        // When
        Reading reading = Reading.of(Reading.format("csv"), all);
        // Then
        assertThat(reading.records).hasSize(2);
        assertThat(reading.records.get(1).place()).isEqualTo("line 10000003");
    }

    @Test
    void knowsTheBeginningOfAFileAgain() throws IOException {
        // Given
        Reading broken = read("id,n\n1,a\n2,b\n3,\"c\n");
        Reading mended = read("id,n\n1,a\n2,b\n3,c\n");
        Reading other = read("id,n\n1,a\n2,B\n3,c\n");
        Reading otherHeader = read("n,id\n1,a\n2,b\n");
        // Then
        assertThat(mended.checksums.subList(0, 2)).isEqualTo(broken.checksums);
        assertThat(other.checksums.get(1)).isNotEqualTo(broken.checksums.get(1));
        assertThat(otherHeader.checksums.get(0)).isNotEqualTo(broken.checksums.get(0));
    }

    @Property(tries = 200)
    void readsBackWhatAnotherLibraryWrites(
            @ForAll("tables") List<List<String>> table, @ForAll("delimiters") char delimiter)
            throws IOException {
        // Given
        int columns = table.get(0).size();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
            names.add("c" + i);
        }
        StringWriter text = new StringWriter();
        try (CsvWriter writer =
                CsvWriter.builder()
                        .fieldSeparator(delimiter)
                        .quoteStrategy(QuoteStrategies.EMPTY)
                        .build(text)) {
            writer.writeRecord(names);
            table.forEach(writer::writeRecord);
        }
        // When
        Reading reading = read(text.toString(), "delimiter", String.valueOf(delimiter));
        // Then
        assertThat(reading.faults()).isEmpty();
        assertThat(reading.values()).isEqualTo(table.stream().map(row -> row(names, row)).toList());
    }

    /** The library that reads is another one than writes here. */
    @Property(tries = 200)
    void readsBackWhatJacksonWrites(
            @ForAll("tables") List<List<String>> table,
            @ForAll("delimiters") char delimiter,
            @ForAll boolean windows)
            throws IOException {
        // Given
        String columns = names(table.get(0).size());
        CsvSchema schema =
                CsvSchema.emptySchema()
                        .withColumnSeparator(delimiter)
                        .withLineSeparator(windows ? "\r\n" : "\n");
        CsvMapper mapper =
                CsvMapper.builder()
                        .enable(CsvGenerator.Feature.ALWAYS_QUOTE_STRINGS) // else not a lone LF
                        .build();
        StringWriter text = new StringWriter();
        try (SequenceWriter writer = mapper.writer(schema).writeValues(text)) {
            for (List<String> row : table) {
                writer.write(row.toArray(String[]::new));
            }
        }
        // When
        Reading reading =
                read(text.toString(), "delimiter", String.valueOf(delimiter), "columns", columns);
        // Then
        List<String> names = List.of(columns.split(","));
        assertThat(reading.faults()).isEmpty();
        assertThat(reading.values()).isEqualTo(table.stream().map(row -> row(names, row)).toList());
    }

    @Property(tries = 200)
    void readsARecordThatStandsAloneAsInItsFile(@ForAll("tables") List<List<String>> table)
            throws IOException {
        // Given
        StringWriter text = new StringWriter();
        try (CsvWriter writer =
                CsvWriter.builder().quoteStrategy(QuoteStrategies.EMPTY).build(text)) {
            writer.writeRecord(table.get(0).stream().map(cell -> "c" + cell.hashCode()).toList());
            table.forEach(writer::writeRecord);
        }
        RecordReader reader =
                Reading.format("csv", "header", "skip", "columns", names(table.get(0).size()))
                        .read(new ByteArrayInputStream(text.toString().getBytes(UTF_8)));
        while (reader.next()) {
            // When
            RecordReader alone = Formats.alone(reader.description(), reader.raw());
            // Then
            assertThat(alone.value()).isEqualTo(reader.value());
            Formats.requireEnd(alone);
        }
    }

    @Property(tries = 300)
    void neverLosesTrackWhateverTheText(@ForAll("scraps") String text) throws IOException {
        // When
        Reading reading = read("a,b\n" + text);
        // Then
        long lines = text.lines().filter(line -> !line.isEmpty()).count();
        assertThat((long) reading.records.size()).isLessThanOrEqualTo(lines);
        if (!text.contains("\"")) {
            assertThat(reading.broken).isEmpty();
            assertThat((long) reading.records.size()).isEqualTo(lines);
        }
    }

    private static String names(int count) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add("n" + i);
        }
        return String.join(",", names);
    }

    private static Map<String, Object> row(List<String> names, List<String> cells) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            row.put(names.get(i), cells.get(i));
        }
        return row;
    }

    @Provide
    Arbitrary<List<List<String>>> tables() {
        Arbitrary<String> cells =
                Arbitraries.oneOf(
                        Arbitraries.strings().withChars("ab,;\t\"\r\n 'ä€").ofMaxLength(12),
                        Arbitraries.strings().excludeChars('\uFFFE', '\uFFFF').ofMaxLength(5));
        return Arbitraries.integers()
                .between(1, 6)
                .flatMap(
                        columns ->
                                cells.filter(CsvTest::isText)
                                        .list()
                                        .ofSize(columns)
                                        .list()
                                        .ofMinSize(1)
                                        .ofMaxSize(8));
    }

    /** Whether it comes back from UTF-8 as it went in. */
    private static boolean isText(String text) {
        return new String(text.getBytes(UTF_8), UTF_8).equals(text)
                && text.indexOf('\uFEFF') < 0
                && !text.equals("\u001a");
    }

    @Provide
    Arbitrary<Character> delimiters() {
        return Arbitraries.of(',', ';', '\t', '|');
    }

    @Provide
    Arbitrary<String> scraps() {
        return Arbitraries.strings().withChars("a,\"\n\r ").ofMaxLength(40);
    }

    @Test
    void showsARowAsAMap() throws IOException {
        Object row = read("a,b\n1,\n").records.get(0).value();
        assertThat((Map<?, ?>) row).hasSize(2);
        assertThat(row)
                .asInstanceOf(
                        org.assertj.core.api.InstanceOfAssertFactories.map(
                                String.class, Object.class))
                .containsExactly(entry("a", "1"), entry("b", ""));
    }
}
