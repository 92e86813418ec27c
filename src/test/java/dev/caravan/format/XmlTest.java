package dev.caravan.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class XmlTest {
    private static final String[] ORDERS = {"record", "/orders/order"};

    private static Reading read(String text, String... options) throws IOException {
        return Reading.of(Reading.format("xml", options), text.getBytes(UTF_8));
    }

    @Test
    void readsElementsAtAPath() throws IOException {
        // When
        Reading reading =
                read(
                        """
                        <?xml version="1.0" encoding="UTF-8"?>
                        <orders day="1"><!-- none -->
                          <order id="7"><total>42.50</total><note/>
                            <item sku="a">1</item><item sku="b"><n>2</n></item></order>
                          <other><order id="8"/></other>
                          <order>paid &amp; <![CDATA[<sent>]]></order>
                        </orders>
                        """,
                        ORDERS);
        // Then
        assertThat(reading.broken).isEmpty();
        assertThat(reading.values())
                .containsExactly(
                        Map.of(
                                "@id",
                                "7",
                                "total",
                                "42.50",
                                "note",
                                "",
                                "item",
                                List.of(
                                        Map.of("@sku", "a", "#text", "1"),
                                        Map.of("@sku", "b", "n", "2"))),
                        Map.of("#text", "paid & <sent>"));
        assertThat(reading.records)
                .extracting(Reading.Seen::place)
                .containsExactly("line 3", "line 6");
        assertThat(reading.records.get(1).raw())
                .isEqualTo("<order>paid &amp; <![CDATA[<sent>]]></order>");
    }

    @Test
    void goesByLocalNamesOrByNamespaces() throws IOException {
        // Given
        String text =
                "<o:orders xmlns:o='urn:o' xmlns='urn:d'><o:order x='1' o:x='2'><a>b</a></o:order></o:orders>";
        // Then
        assertThat(read(text, ORDERS).faults())
                .containsExactly(
                        "@x: two attributes have this name; set 'namespaces' to tell them apart");
        assertThat(
                        read(text, "record", "/p:orders/p:order", "namespaces", "p=urn:o, d=urn:d")
                                .values())
                .containsExactly(Map.of("@x", "1", "@p:x", "2", "d:a", "b"));
        assertThat(read(text, "record", "/p:orders/*", "namespaces", "p=urn:o").values())
                .containsExactly(Map.of("@x", "1", "@p:x", "2", "{urn:d}a", "b"));
    }

    @Test
    void readsARecordThatStandsAloneAsInItsFile() throws IOException {
        // Given
        String text =
                "<o:s xmlns:o='urn:o&amp;'><o:g xmlns='urn:d'><o:r><a o:b='c'>d</a></o:r></o:g></o:s>";
        RecordReader reader =
                Reading.format("xml", "record", "/p:s/p:g/p:r", "namespaces", "p=urn:o&")
                        .read(new ByteArrayInputStream(text.getBytes(UTF_8)));
        assertThat(reader.next()).isTrue();
        // When
        RecordReader alone = Formats.alone(reader.description(), reader.raw());
        // Then
        assertThat(alone.value()).isEqualTo(reader.value());
        assertThat(alone.value()).isEqualTo(Map.of("{urn:d}a", Map.of("@p:b", "c", "#text", "d")));
        Formats.requireEnd(alone);
    }

    @Test
    void readsWhatIsNilAsNull() throws IOException {
        // When
        Reading reading =
                read(
                        "<orders xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><order>"
                                + "<a xsi:nil='true'/><b xsi:nil='1' x='2'></b><b>3</b><b xsi:nil='true'/>"
                                + "<c xsi:nil='false'>4</c><d nil='true'/></order></orders>",
                        ORDERS);
        // Then
        Map<?, ?> order = (Map<?, ?>) reading.values().get(0);
        assertThat(order.containsKey("a")).isTrue();
        assertThat(order.get("a")).isNull();
        assertThat((List<?>) order.get("b")).isEqualTo(Arrays.asList(null, "3", null));
        assertThat(order.get("c")).isEqualTo(Map.of("@nil", "false", "#text", "4"));
        assertThat(order.get("d")).isEqualTo(Map.of("@nil", "true"));
    }

    @Test
    void readsLongAndManyAttributes() throws IOException {
        // Given
        var many = new StringBuilder();
        for (int i = 0; i < 1_100; i++) {
            many.append(" x").append(i).append("='1'");
        }
        // When
        Reading reading =
                read(
                        "<orders><order a='%s'/><order%s/><order a='%s'/><order/></orders>"
                                .formatted("y".repeat(600_000), many, "y".repeat(2_000_000)),
                        ORDERS);
        // Then
        assertThat(reading.broken).isEmpty();
        assertThat(reading.records).hasSize(4);
        assertThat((Map<?, ?>) reading.records.get(1).value()).hasSize(1_100);
        assertThat(reading.faults())
                .singleElement()
                .asString()
                .startsWith("the record has 2,000,013 characters");
    }

    @Test
    void namesALimitAsSuch() throws IOException {
        assertThat(read("<orders><order>\n" + "<e>".repeat(100_000), ORDERS).broken)
                .matches("line 2, column \\d+: it is beyond the .*depth limit \\(1000\\)");
    }

    @Test
    void findsTheCharset() throws IOException {
        String declared = "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>ä</b></a>";
        Format format = Reading.format("xml", "record", "/a/b");
        Object expected = Map.of("#text", "ä");
        assertThat(Reading.of(format, declared.getBytes(ISO_8859_1)).values())
                .containsExactly(expected);
        assertThat(Reading.of(format, "\uFEFF<a><b>ä</b></a>".getBytes(UTF_8)).values())
                .containsExactly(expected);
        assertThat(Reading.of(format, "\uFEFF<a><b>ä</b></a>".getBytes(UTF_16BE)).values())
                .containsExactly(expected);
        assertThat(
                        Reading.of(
                                        format,
                                        "<?xml version='1.0' encoding='IBM273'?><a><b>ä</b></a>"
                                                .getBytes(Charset.forName("IBM273")))
                                .values())
                .containsExactly(expected);
        assertThat(read("<?xml version='1.0' encoding='no-such'?><a/>", "record", "/a/b").broken)
                .isEqualTo("its encoding 'no-such' is not known here");
    }

    @Test
    void setsAsideARecordWithBytesOfAnotherCharset() throws IOException {
        // When
        Reading reading =
                Reading.of(
                        Reading.format("xml", "record", "/a/b"),
                        "<a><b>ä</b><b>c</b></a>".getBytes(ISO_8859_1));
        // Then
        assertThat(reading.faults())
                .containsExactly("it has bytes that are not UTF-8; is 'charset' right?");
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("#text", "c"));
    }

    @Test
    void stopsWhereItIsNotWellFormed() throws IOException {
        // When
        Reading reading = read("<orders><order/>\n<order></b></order></orders>", ORDERS);
        // Then
        assertThat(reading.values()).hasSize(1);
        assertThat(reading.broken).matches("line 2, column \\d+: it is not well-formed XML");
        assertThat(read("<orders><order/>\n<order>", ORDERS).broken)
                .matches("line 2, column \\d+: it ends too early");
        assertThat(read("", ORDERS).broken).contains("it ends too early");
        assertThat(read("<orders><order/></orders><more/>", ORDERS).broken).isNotEmpty();
    }

    @Test
    void tellsThatTheRootIsAnother() throws IOException {
        assertThat(read("<rows><order/></rows>", ORDERS).broken)
                .isEqualTo(
                        "line 1: the root element has another name than 'record: /orders/order' says");
    }

    @Test
    void takesNoDoctypeAndSoNoBomb() throws IOException {
        assertThat(
                        read(
                                        "<!DOCTYPE orders [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b"
                                                + " '&a;&a;&a;&a;&a;&a;&a;&a;'>]><orders><order>&b;</order></orders>",
                                        ORDERS)
                                .broken)
                .isEqualTo("line 1: a DOCTYPE is not taken");
    }

    @Test
    void fetchesNoExternalEntity() throws IOException {
        assertThat(
                        read(
                                        "<!DOCTYPE o SYSTEM 'file:///etc/passwd'"
                                                + " [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><orders><order>&x;</order></orders>",
                                        ORDERS)
                                .broken)
                .isEqualTo("line 1: a DOCTYPE is not taken");
        assertThat(read("<orders><order>&x;</order></orders>", ORDERS).broken).isNotEmpty();
    }

    @Test
    void setsAsideARecordThatIsNestedTooDeepAndGoesOn() throws IOException {
        // Given
        String deep = "<e>".repeat(150) + "</e>".repeat(150);
        // When
        Reading reading =
                read("<orders><order>" + deep + "</order><order>2</order></orders>", ORDERS);
        // Then
        assertThat(reading.faults()).containsExactly("e: elements are nested more than 100 deep");
        assertThat(reading.records.get(1).value()).isEqualTo(Map.of("#text", "2"));
    }

    @Test
    void stopsWhereElementsAreNestedWithoutEnd() throws IOException {
        assertThat(read("<orders><order>" + "<e>".repeat(100_000), ORDERS).broken).isNotEmpty();
    }

    @Test
    void boundsARecordOf50Megabytes() throws IOException {
        // Given
        InputStream all =
                around(
                        "<orders><order><t>",
                        new Repeated("text\n", 50_000_000),
                        "</t></order><order/></orders>");
        // When
        Reading reading = Reading.of(Reading.format("xml", ORDERS), all);
        // Then
        assertThat(reading.broken).isEmpty();
        assertThat(reading.records.get(0).fault())
                .isEqualTo(
                        "the record has 50,000,022 characters, the limit is 1,048,576; here are the"
                                + " first 32,000");
        assertThat(reading.records.get(0).raw()).hasSize(32_000);
        assertThat(reading.records).hasSize(2);
    }

    @Test
    void boundsARecordOfManyElements() throws IOException {
        // Given
        InputStream all =
                around(
                        "<orders><order>",
                        new Repeated("<e a='1'/>", 5_000_000),
                        "</order><order/></orders>");
        // When
        Reading reading = Reading.of(Reading.format("xml", ORDERS), all);
        // Then
        assertThat(reading.records.get(0).fault())
                .startsWith("the record has 5,000,015 characters");
        assertThat(reading.records).hasSize(2);
    }

    @Test
    void stopsAtANameOrValueWithoutEnd() throws IOException {
        Format format = Reading.format("xml", ORDERS);
        assertThat(
                        Reading.of(format, around("<orders><", new Repeated("x", 20_000_000), "/>"))
                                .broken)
                .isNotEmpty();
        assertThat(
                        Reading.of(
                                        format,
                                        around("<orders a='", new Repeated("x", 20_000_000), "'/>"))
                                .broken)
                .isNotEmpty();
        assertThat(
                        Reading.of(
                                        format,
                                        around(
                                                "<orders><!-- ",
                                                new Repeated("x", 20_000_000),
                                                "--></orders>"))
                                .broken)
                .isNotEmpty();
    }

    @Test
    void keepsRecordsOfALongFileApart() throws IOException {
        // Given
        String order = "<order id='äb'>\n<n>1</n></order>\n";
        long length = 10_000L * order.getBytes(UTF_8).length;
        InputStream all = around("<orders>", new Repeated(order, length), "</orders>");
        // When
        Reading reading = Reading.of(Reading.format("xml", ORDERS), all);
        // Then
        assertThat(reading.records).hasSize(10_000);
        assertThat(reading.records)
                .allMatch(seen -> seen.raw().equals("<order id='äb'>\n<n>1</n></order>"));
        assertThat(reading.records.get(9_999).place()).isEqualTo("line 19999");
    }

    private static InputStream around(String before, InputStream middle, String after) {
        return new SequenceInputStream(
                new SequenceInputStream(new ByteArrayInputStream(before.getBytes(UTF_8)), middle),
                new ByteArrayInputStream(after.getBytes(UTF_8)));
    }
}
