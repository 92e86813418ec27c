package dev.caravan.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    void stopsAtJsonWhoseBracketsDoNotMatch() throws IOException {
        Reading reading =
                Reading.of(Reading.format("json"), "[{\"a\":1},{\"a\":2]".getBytes(UTF_8));
        assertThat(reading.values()).hasSize(1);
        assertThat(reading.broken).isEqualTo("brackets do not match, at byte 15");
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
