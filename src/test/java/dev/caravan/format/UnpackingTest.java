package dev.caravan.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

class UnpackingTest {
    private static final Format CSV = Reading.format("csv");

    private static byte[] gzip(InputStream content) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            content.transferTo(gzip);
        }
        return out.toByteArray();
    }

    private static byte[] gzip(String content) throws IOException {
        return gzip(new ByteArrayInputStream(content.getBytes(UTF_8)));
    }

    private static byte[] zip(String... namesAndContents) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                zip.putNextEntry(new ZipEntry(namesAndContents[i]));
                zip.write(namesAndContents[i + 1].getBytes(UTF_8));
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }

    @Test
    void unpacksGzip() throws IOException {
        assertThat(Reading.of(CSV, gzip("a\n1\n2\n")).values())
                .containsExactly(Map.of("a", "1"), Map.of("a", "2"));
    }

    @Test
    void readsAllMembersOfAGzip() throws IOException {
        // Given
        var both = new ByteArrayOutputStream();
        both.write(gzip("a\n1\n"));
        both.write(gzip("2\n"));
        InputStream atATime = // as a network gives it: nothing more is at hand
                new ByteArrayInputStream(both.toByteArray()) {
                    @Override
                    public int available() {
                        return 0;
                    }

                    @Override
                    public int read(byte[] into, int from, int length) {
                        return super.read(into, from, Math.min(length, 7));
                    }
                };
        // Then
        assertThat(Reading.of(CSV, atATime).values())
                .containsExactly(Map.of("a", "1"), Map.of("a", "2"));
    }

    @Test
    void readsTheEntriesOfAZipEachAsAFileOfItsOwn() throws IOException {
        // When
        Reading reading =
                Reading.of(CSV, zip("x/", "", "x/one.csv", "a,b\n1,2\n", "two.csv", "b,a\n3,4\n"));
        // Then
        assertThat(reading.values())
                .containsExactly(Map.of("a", "1", "b", "2"), Map.of("b", "3", "a", "4"));
        assertThat(reading.records)
                .extracting(Reading.Seen::place)
                .containsExactly("entry 1, line 2", "entry 2, line 2");
        assertThat(reading.checksums).doesNotHaveDuplicates();
    }

    @Test
    void neverUsesTheNamesOfEntries() throws IOException {
        // When
        Reading reading = Reading.of(CSV, zip("../../etc/passwd", "a\n1\n", "/tmp/x", "a\n\"2\n"));
        // Then
        assertThat(reading.values()).containsExactly(Map.of("a", "1"));
        assertThat(reading.broken)
                .isEqualTo("entry 2, line 2: the quote that opens there is never closed");
    }

    @Test
    void unpacksJsonAndXmlToo() throws IOException {
        assertThat(Reading.of(Reading.format("ndjson"), gzip("{\"a\":1}\n{\"a\":2}")).values())
                .containsExactly(Map.of("a", 1L), Map.of("a", 2L));
        assertThat(
                        Reading.of(
                                        Reading.format("json"),
                                        zip("1", "[{\"a\":1}]", "2", "{\"a\":2}"))
                                .values())
                .containsExactly(Map.of("a", 1L), Map.of("a", 2L));
        assertThat(
                        Reading.of(Reading.format("xml", "record", "/a/b"), gzip("<a><b>c</b></a>"))
                                .values())
                .containsExactly(Map.of("#text", "c"));
    }

    @Test
    void stopsWhereAGzipIsCutOffOrDamaged() throws IOException {
        // Given
        byte[] whole = gzip(new Repeated("a1\nb2\nc3\n", 300_000));
        // When
        Reading cut = Reading.of(CSV, Arrays.copyOf(whole, whole.length - 12));
        whole[whole.length - 6] ^= 1; // the check sum
        Reading damaged = Reading.of(CSV, whole);
        // Then
        assertThat(cut.records).isNotEmpty();
        assertThat(cut.broken)
                .matches(
                        "the gzip cannot be unpacked behind byte \\d+ of its content: it ends too early");
        assertThat(damaged.broken).endsWith("it is damaged");
        assertThat(Reading.of(CSV, new byte[] {0x1f, (byte) 0x8b, 1}).broken)
                .isEqualTo(
                        "the gzip cannot be unpacked behind byte 0 of its content: it is damaged");
    }

    @Test
    void losesNoMemberOfAGzipInSilence() throws IOException {
        // Given
        byte[] first = gzip("a\n1\n");
        byte[] both = joined(first, gzip("2\n3\n"));
        byte[] damaged = both.clone();
        damaged[first.length] ^= 1;
        // Then
        assertThat(Reading.of(CSV, damaged).broken).endsWith("it is damaged");
        assertThat(Reading.of(CSV, Arrays.copyOf(both, first.length + 7)).broken)
                .endsWith("it ends too early");
        assertThat(Reading.of(CSV, joined(first, "rubbish".getBytes(UTF_8))).broken)
                .endsWith("it is damaged");
        Reading padded = Reading.of(CSV, joined(both, new byte[512]));
        assertThat(padded.broken).isEmpty();
        assertThat(padded.values()).hasSize(3);
    }

    @Test
    void readsAGzipWithAllThatAHeaderMayHave() throws IOException {
        // Given
        byte[] plain = gzip("a\n1\n");
        var header = new ByteArrayOutputStream();
        header.write(plain, 0, 3);
        header.write(1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
        header.write(plain, 4, 6);
        header.writeBytes(new byte[] {3, 0, 'x', 'y', 'z', 'n', 0, 'c', 0});
        var crc = new CRC32();
        crc.update(header.toByteArray());
        header.write((int) crc.getValue());
        header.write((int) (crc.getValue() >> 8));
        byte[] rest = Arrays.copyOfRange(plain, 10, plain.length);
        // Then
        assertThat(Reading.of(CSV, joined(header.toByteArray(), rest)).values())
                .containsExactly(Map.of("a", "1"));
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    void readsAZipWhoseNamesAreOfAnOldCharset() throws IOException {
        // Given
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out, Charset.forName("IBM437"))) {
            zip.putNextEntry(new ZipEntry("Kündigungen.csv"));
            zip.write("a\n1\n".getBytes(UTF_8));
        }
        // When
        Reading reading = Reading.of(CSV, out.toByteArray());
        // Then
        assertThat(reading.broken).isEmpty();
        assertThat(reading.values()).containsExactly(Map.of("a", "1"));
    }

    @Test
    void leavesOutTheByteOrderMarkOfEachEntry() throws IOException {
        assertThat(
                        Reading.of(
                                        Reading.format("json"),
                                        zip("1", "\uFEFF[{\"a\":1}]", "2", "\uFEFF[{\"a\":2}]"))
                                .values())
                .containsExactly(Map.of("a", 1L), Map.of("a", 2L));
        assertThat(
                        Reading.of(
                                        Reading.format("ndjson"),
                                        zip("1", "\uFEFF{\"a\":1}", "2", "\uFEFF{\"a\":2}"))
                                .values())
                .containsExactly(Map.of("a", 1L), Map.of("a", 2L));
        assertThat(deleted(zip("1", "\uFEFF1\n2\n", "2", "\uFEFF3\n4\n")))
                .containsExactly("1", "2", "3", "4");
    }

    private static List<Object> deleted(byte[] content) throws IOException {
        return Reading.of(Reading.format("deletions"), content).values().stream()
                .map(event -> ((Map<?, ?>) event).get("userId"))
                .map(Object.class::cast)
                .toList();
    }

    @Test
    void stopsWhereAZipIsCutOffEvenBetweenEntries() throws IOException {
        // Given
        byte[] whole = zip("1", "a\n1\n", "2", "a\n2\n");
        byte[] one = zip("1", "a\n1\n");
        int directory =
                new String(one, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
        // When
        Reading between = Reading.of(CSV, Arrays.copyOf(whole, directory));
        Reading within = Reading.of(CSV, Arrays.copyOf(whole, directory - 18));
        // Then
        assertThat(between.values()).containsExactly(Map.of("a", "1"));
        assertThat(between.broken)
                .isEqualTo(
                        "entry 1, the zip archive is cut off behind it: its directory is missing");
        assertThat(within.broken).isNotEmpty();
    }

    @Test
    void findsNothingInAnEmptyZip() throws IOException {
        Reading reading = Reading.of(CSV, zip());
        assertThat(reading.records).isEmpty();
        assertThat(reading.broken).isEmpty();
    }

    @Test
    void stopsAtABomb() throws IOException {
        // Given
        byte[] bomb = gzip(new Repeated("0,".repeat(500) + "\n", 30_000_000));
        // When
        Reading reading = Reading.of(Reading.format("csv", "columns", "a", "ragged", "true"), bomb);
        // Then
        assertThat(reading.broken)
                .isEqualTo(
                        "it unpacks to more than 200 times its length; set 'unpackedRatio' if it is meant so");
        assertThat(reading.records.size()).isLessThan(20_000);
    }

    @Test
    void stopsAtABombInAZip() throws IOException {
        // Given
        var one = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(one)) {
            zip.putNextEntry(new ZipEntry("1"));
            new Repeated("0,".repeat(500) + "\n", 30_000_000).transferTo(zip);
        }
        var many = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(many)) {
            byte[] content = new byte[1_000_000];
            Arrays.fill(content, (byte) '0');
            for (int i = 0; i < 30; i++) {
                zip.putNextEntry(new ZipEntry("" + i));
                zip.write(content);
            }
        }
        Format format = Reading.format("csv", "columns", "a", "ragged", "true");
        // Then
        for (byte[] bomb : List.of(one.toByteArray(), many.toByteArray())) {
            assertThat(Reading.of(format, bomb).broken)
                    .endsWith(
                            "it unpacks to more than 200 times its length; set 'unpackedRatio' if it is meant so");
        }
    }

    @Test
    void readsAZipOfVeryManyEmptyEntries() throws IOException {
        // Given
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (int i = 0; i < 20_000; i++) {
                zip.putNextEntry(new ZipEntry("" + i));
            }
        }
        // When
        Reading reading = Reading.of(CSV, out.toByteArray());
        // Then
        assertThat(reading.records).isEmpty();
        assertThat(reading.broken).isEmpty();
    }

    @Test
    void stopsAtTheLimitThatIsSet() throws IOException {
        Format limited = Reading.format("csv", "unpackedLimit", "1K", "columns", "a");
        assertThat(Reading.of(limited, gzip("1\n".repeat(600))).broken)
                .isEqualTo(
                        "it unpacks to more than 1,024 bytes; set 'unpackedLimit' if it is meant so");
        assertThat(Reading.of(limited, gzip("1\n".repeat(512))).broken).isEmpty();
        assertThat(Reading.of(limited, zip("1", "1\n".repeat(400), "2", "1\n".repeat(400))).broken)
                .startsWith("entry 2, it unpacks to more than 1,024 bytes");
    }

    @Test
    void unpacksAStoredEntry() throws IOException {
        // Given
        byte[] content = "a\n1\n".getBytes(UTF_8);
        var crc = new CRC32();
        crc.update(content);
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            ZipEntry entry = new ZipEntry("x");
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write(content);
        }
        // Then
        assertThat(Reading.of(CSV, out.toByteArray()).values())
                .isEqualTo(List.of(Map.of("a", "1")));
    }
}
