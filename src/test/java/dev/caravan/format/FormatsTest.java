package dev.caravan.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cvs||format must be json, ndjson, csv, fixed, xml, deletions but is 'cvs'",
                "json|delimiter=;|'delimiter' means nothing for 'format: json'; it is an option of csv",
                "csv|record=/a/b|'record' means nothing for 'format: csv'; it is an option of xml",
                "ndjson|charset=IBM037|'charset' means nothing for 'format: ndjson'; it is an option of csv, fixed, xml",
                "csv|delimiter=;;|delimiter must be one character, or tab, but is ';;'",
                "csv|delimiter=\"|'delimiter' and 'quote' must differ",
                "csv|header=false|with 'header: false' the columns have no names; add 'columns: <name>,<name>,...'",
                "csv|header=yes|header must be true, false or skip but is 'yes'",
                "csv|columns=a,b,a|the name 'a' stands twice, at columns 1 and 3",
                "csv|columns=a,,b|column 2 has no name",
                "csv|charset=latin-99|charset 'latin-99' is not known here; examples are UTF-8, ISO-8859-1, windows-1252, IBM037, IBM273 and IBM1047",
                "csv|ragged=allow|ragged must be true or false but is 'allow'",
                "csv|unpackedLimit=much|unpackedLimit must be a whole number but is 'MUCH'",
                "fixed||'format: fixed' needs to know the columns; add 'columns: <name>:<width>,...' or '<name>:<first>-<last>,...'",
                "fixed|columns=a,b|'a' is no column of fixed width: write name:width, or name:first-last with places from 1",
                "fixed|columns=a:9-3|'a:9-3' is no column of fixed width: write name:width, or name:first-last with places from 1",
                "fixed|columns=a:8;recordLength=4;charset=IBM037|the columns end at 8, behind 'recordLength: 4'",
                "fixed|columns=a:4;recordLength=4|'recordLength' counts bytes, so 'charset' must be one with a byte a character, such as ISO-8859-1 or IBM037, but is UTF-8",
                "xml||'format: xml' needs to know which elements are records; add 'record: /orders/order'",
                "xml|record=order|record must be the names of elements from the root on, such as /orders/order, with * for any, but is 'order'",
                "xml|record=//order|record must be the names of elements from the root on, such as /orders/order, with * for any, but is '//order'",
                "xml|record=/o:orders/o:order|record has the prefix 'o', which 'namespaces' does not name",
                "xml|record=/a/b;namespaces=urn:x|namespaces must be <prefix>=<namespace>, with commas between and none twice, but has 'urn:x'",
            })
    void refusesOptionsThatCannotBe(String name, String options, String reason) {
        String[] words =
                options == null
                                || options.equals("delimiter=;")
                                || options.startsWith("delimiter=;;")
                        ? new String[0]
                        : options.split(";");
        String[] pairs =
                options != null && words.length == 0
                        ? options.split("=", 2)
                        : Arrays.stream(words)
                                .flatMap(word -> Arrays.stream(word.split("=", 2)))
                                .toArray(String[]::new);
        assertThatThrownBy(() -> Reading.format(name, pairs))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(reason);
    }

    @Test
    void keepsNumbersOfJsonExact() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("json"),
                        "[{\"a\":12345678901234567890123,\"b\":0.10,\"c\":1,\"d\":null,\"e\":[true]}]"
                                .getBytes(UTF_8));
        // Then
        Map<?, ?> record = (Map<?, ?>) reading.records.get(0).value();
        assertThat(record.get("a")).isEqualTo(new BigInteger("12345678901234567890123"));
        assertThat(record.get("b")).isEqualTo(new BigDecimal("0.10"));
        assertThat(record.get("c")).isEqualTo(1L);
        assertThat(record.containsKey("d")).isTrue();
    }

    @Test
    void setsAsideWhatIsNotJsonAndGoesOn() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("ndjson"),
                        "{\"a\":1}\n{\"a\":01}\n{\"a\":1,\"a\":2}\n{\"a\":3}".getBytes(UTF_8));
        // Then
        assertThat(reading.faults())
                .hasSize(2)
                .anyMatch(fault -> fault.startsWith("not valid JSON"))
                .contains("a: the field stands twice");
        assertThat(reading.records.get(3).value()).isEqualTo(Map.of("a", 3L));
    }

    @Test
    void setsAsideANumberThatNobodyCanReadAndGoesOn() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("json"),
                        "[{\"n\":1e99999999999},{\"m\":[1e2147483647]},{\"n\":1e9999}]"
                                .getBytes(UTF_8));
        // Then
        assertThat(reading.faults())
                .hasSize(2)
                .first()
                .asString()
                .isEqualTo("n: it is a number with an exponent, or decimals, beyond 9,999");
        assertThat(reading.records.get(2).value()).isEqualTo(Map.of("n", new BigDecimal("1e9999")));
        assertThat(reading.broken).isEmpty();
    }

    @Test
    void stopsAtJsonWhoseBracketsDoNotMatch() throws IOException {
        Reading reading =
                Reading.of(Reading.format("json"), "[{\"a\":1},{\"a\":2]".getBytes(UTF_8));
        assertThat(reading.values()).hasSize(1);
        assertThat(reading.broken).isEqualTo("brackets do not match, at byte 15");
    }

    @ParameterizedTest
    @CsvSource({
        "csv, ragged=false",
        "csv, columns=a",
        "fixed, columns=a:1",
        "fixed, columns=a:1;recordLength=1;charset=US-ASCII",
        "json, unpackedRatio=100",
        "ndjson, unpackedRatio=100",
        "deletions, unpackedRatio=100",
    })
    void findsNothingInAnEmptyFile(String name, String options) throws IOException {
        Format format = Reading.format(name, options.split("[=;]"));
        for (byte[] empty :
                List.of(new byte[0], "\uFEFF".getBytes(UTF_8), "\n\n".getBytes(UTF_8))) {
            if (options.contains("recordLength") && empty.length > 0) {
                continue; // there each byte is a record
            }
            Reading reading = Reading.of(format, empty);
            assertThat(reading.records).isEmpty();
            assertThat(reading.broken).isEmpty();
        }
    }

    @Test
    void callsAnEmptyFileNoXml() throws IOException {
        assertThat(Reading.of(Reading.format("xml", "record", "/a/b"), new byte[0]).broken)
                .endsWith("it ends too early");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ndjson | unpackedRatio=100 | {\"a\":\" | x | \"}%n{\"a\":2}%n",
                "json | unpackedRatio=100 | [{\"a\":\" | x | \"},{\"a\":2}]",
                "json | unpackedRatio=100 | [ | [[[[ | %n",
                "fixed | columns=a:10 | 1 | x | %n2234567890%n",
            })
    void boundsARecordOf50Megabytes(
            String name, String option, String before, String middle, String after)
            throws IOException {
        // Given
        InputStream content =
                new SequenceInputStream(
                        new SequenceInputStream(
                                new ByteArrayInputStream(before.getBytes(UTF_8)),
                                new Repeated(middle, 50_000_000)),
                        new ByteArrayInputStream(after.formatted().getBytes(UTF_8)));
        // When
        Reading reading = Reading.of(Reading.format(name, option.split("=")), content);
        // Then
        if (middle.equals("x")) {
            assertThat(reading.records).hasSize(2);
            assertThat(reading.faults()).hasSize(1);
            assertThat(reading.records.get(0).raw().length()).isLessThanOrEqualTo(32_000);
        } else {
            assertThat(reading.broken).startsWith("it is nested too deep");
        }
    }

    @Test
    void deletesNobodyByALineThatIsHardlyAnId() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("deletions"),
                        "\uFEFF1\r\n2\r3\n\uFEFF4\n5\t6\n 7 \n".getBytes(UTF_8));
        // Then
        assertThat(reading.records)
                .extracting(
                        one -> one.value() instanceof Map<?, ?> map ? map.get("userId") + "" : "")
                .containsExactly("1", "", "", "", "7");
        assertThat(reading.faults().get(0)).startsWith("it has a control character");
        assertThat(reading.faults().get(1)).startsWith("a byte order mark stands before it");
        assertThat(reading.faults().get(2)).startsWith("it has a control character");
        assertThat(Reading.of(Reading.format("deletions"), "1\n".getBytes(UTF_16)).broken)
                .isEqualTo("it is not text in UTF-8, at byte 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"u-1\nu-12", "u-1\r\nu-12\r", "\n\nu-1\n\n  u-12  "})
    void deletesNobodyByAnIdThatMayBeCutOff(String file) throws IOException {
        // When
        Reading reading = Reading.of(Reading.format("deletions"), file.getBytes(UTF_8));
        // Then
        assertThat(reading.values())
                .extracting(one -> ((Map<?, ?>) one).get("userId") + "")
                .containsExactly("u-1");
        assertThat(reading.broken)
                .startsWith("the last line has no line end, so what stands in it");
    }

    @Test
    void takesTheLastIdOfAListThatEndsOrIsWhole() throws IOException {
        // Given
        Format list = Reading.format("deletions");
        // When
        List<Reading> readings =
                List.of(
                        Reading.of(list, "u-1\nu-12\n  ".getBytes(UTF_8)),
                        Reading.of(list.whole(), "u-1\nu-12".getBytes(UTF_8)));
        // Then
        assertThat(readings)
                .allSatisfy(
                        reading -> {
                            assertThat(reading.broken).isEmpty();
                            assertThat(reading.values()).hasSize(2);
                        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "csv | columns=id,name | 1,Müller",
                "fixed | columns=id:1,name:6 | 1Müller",
                "xml | record=/a/b | <a><b><id>1</id><name>Müller</name></b></a>",
            })
    void takesNoReplacementForBytesThatCouldNotBeRead(String name, String option, String content)
            throws IOException {
        // Given: read with the wrong charset
        Format format = Reading.format(name, option.split("=", 2));
        RecordReader reader = format.read(new ByteArrayInputStream(content.getBytes(ISO_8859_1)));
        reader.next();
        String raw = new String(reader.raw(), UTF_8);
        Map<String, Object> description = reader.description();
        // Then
        assertThat(reader.fault().reason()).contains("is 'charset' right?");
        assertThatThrownBy(() -> Formats.alone(description, raw.getBytes(UTF_8)))
                .isInstanceOf(BrokenException.class)
                .hasMessageContaining("in place of bytes that could not be read");
        RecordReader mended =
                Formats.alone(description, raw.replace('\uFFFD', 'ü').getBytes(UTF_8));
        assertThat(mended.fault()).isNull();
        assertThat(mended.value().toString()).contains("Müller");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"csv|columns=a;ragged=true", "fixed|columns=a:10;ragged=true"})
    void takesNoBeginningForAWholeRecord(String name, String options) throws IOException {
        // Given
        Format format =
                Reading.format(
                        name,
                        Arrays.stream(options.split(";"))
                                .flatMap(word -> Arrays.stream(word.split("=", 2)))
                                .toArray(String[]::new));
        RecordReader reader = format.read(new Repeated("x", RecordReader.RECORD_LENGTH + 1));
        reader.next();
        Map<String, Object> description = reader.description();
        byte[] raw = reader.raw();
        // Then
        assertThat(reader.fault()).isNotNull();
        assertThatThrownBy(() -> Formats.alone(description, raw))
                .hasMessage("it was too long, and this is only its beginning");
        assertThat(Formats.alone(description, "x".getBytes(UTF_8)).fault()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "csv|columns=id,mail|\uFEFF2,b@x",
                "csv|header=true|\uFEFFid,mail",
                "csv|columns=id,mail|\uFEFF\"2\",b@x",
                "csv|columns=id,mail|id,mail",
                "csv|header=true|id,mail",
                "csv|columns=no,adr;header=skip|id,mail",
                "fixed|columns=id:1,mail:3|\uFEFF2b@x",
            })
    void takesNoHeaderAndNoMarkInTheMiddleForAPerson(String name, String options, String line)
            throws IOException {
        // Given
        Format format =
                Reading.format(
                        name,
                        Arrays.stream(options.split(";"))
                                .flatMap(word -> Arrays.stream(word.split("=", 2)))
                                .toArray(String[]::new));
        String head = options.startsWith("columns=id") ? "" : "id,mail\n";
        String one = name.equals("csv") ? "1,a@x\n" : "1a@x\n";
        // When
        RecordReader reader =
                format.read(
                        new ByteArrayInputStream(
                                ("\uFEFF" + head + one + line + "\n" + one).getBytes(UTF_8)));
        reader.next();
        RecordReader.Fault first = reader.fault();
        reader.next();
        // Then
        assertThat(first).isNull();
        assertThat(reader.fault().reason()).contains("put together of several?");
        if (!line.startsWith("\uFEFF")) { // a mark at the very beginning is none in the middle
            assertThat(Formats.alone(reader.description(), reader.raw()).fault()).isNotNull();
        }
        reader.next();
        assertThat(reader.fault()).isNull();
        assertThat(reader.next()).isFalse();
    }

    @Test
    void wantsExactlyOneRecordWhereItStandsAlone() {
        Map<String, Object> csv =
                Map.of(
                        "format",
                        "csv",
                        "delimiter",
                        ",",
                        "quote",
                        "\"",
                        "columns",
                        java.util.List.of("a"),
                        "ragged",
                        false,
                        "trim",
                        false);
        assertThatThrownBy(() -> Formats.alone(csv, new byte[0]))
                .hasMessage("there is no record in it");
        assertThatThrownBy(() -> Formats.requireEnd(Formats.alone(csv, "1\n2".getBytes(UTF_8))))
                .hasMessage("there is more than one record in it");
    }
}
