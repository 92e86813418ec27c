package dev.caravan.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is scanned is what the JSON library would have read. */
class JsonScanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SAMPLE =
            """
            {"type":"track", "userId":"u-1","event":"Ördered 😀","properties":{"total":-12.50E+3,
            "list":[1,true,false,null,[],{}, {"a":"\\u00e9\\n\\"x"}],"":0}, "timestamp":"2026-01-01T00:00:00Z",
            "context":{"ip":null}, "x":[ ], "n":0, "userId2":-0.0e-7}""";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "01",
                "-",
                "1.",
                ".5",
                "1e",
                "1e+",
                "+1",
                "tru",
                "nul",
                "falsE",
                "\"a",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\u0001\"",
                "[1,]",
                "[,1]",
                "[1 2]",
                "{\"a\"}",
                "{\"a\":1,}",
                "{a:1}",
                "[",
                "]",
                "{",
                "'a'",
                "NaN",
                "Infinity",
                "0x1",
                "\"\n\"",
                "/* */1",
                "{\"a\":}",
                "[1}",
                "{\"a\":1]"
            })
    void takesNothingThatIsNoJson(String value) {
        // Given
        byte[] text = value.getBytes(UTF_8);

        // When
        int end = JsonScan.value(text, 0, text.length);

        // Then
        assertThat(end == text.length).isFalse();
    }

    @Test
    void leavesDeepAndLongToTheLibrary() {
        // Given
        byte[] deep = ("[".repeat(65) + "]".repeat(65)).getBytes(UTF_8);
        byte[] longNumber = "1".repeat(101).getBytes(UTF_8);

        // When
        int ofDeep = JsonScan.value(deep, 0, deep.length);
        int ofLong = JsonScan.value(longNumber, 0, longNumber.length);

        // Then
        assertThat(ofDeep).isEqualTo(JsonScan.UNKNOWN);
        assertThat(ofLong).isEqualTo(JsonScan.UNKNOWN);
    }

    @Test
    void readsTheMembersThatTheLibraryReads() throws IOException {
        // Given
        byte[] text = SAMPLE.getBytes(UTF_8);

        // When
        RawObject scanned = RawObject.scanned(text, 0, text.length, null, JsonScan::value);

        // Then
        assertThat(scanned).isNotNull();
        assertSameAsLibrary(scanned, text);
    }

    /** Whatever is done to a text: what the scan takes, the library takes, and finds the same. */
    @Test
    void takesNoDamagedTextThatTheLibraryRefuses() throws IOException {
        // Given
        var chance = new Random(7);
        byte[] alphabet = "{}[]\",:\\ue0123.-+ tfn\n\u0001x".getBytes(UTF_8);
        int taken = 0;

        for (int round = 0; round < 30_000; round++) {
            byte[] text = SAMPLE.getBytes(UTF_8);
            for (int change = chance.nextInt(3); change >= 0; change--) {
                text = damaged(text, chance, alphabet);
            }
            if (!Utf8.isValid(text, 0, text.length)) {
                continue;
            }

            // When
            RawObject scanned = RawObject.scanned(text, 0, text.length, null, JsonScan::value);

            // Then
            if (scanned != null) {
                taken++;
                assertSameAsLibrary(scanned, text);
            }
        }
        assertThat(taken).isGreaterThan(1000);
    }

    private static byte[] damaged(byte[] text, Random chance, byte[] alphabet) {
        int at = chance.nextInt(text.length);
        byte other = alphabet[chance.nextInt(alphabet.length)];
        return switch (chance.nextInt(3)) {
            case 0 -> {
                byte[] changed = text.clone();
                changed[at] = other;
                yield changed;
            }
            case 1 -> {
                byte[] shorter = new byte[text.length - 1];
                System.arraycopy(text, 0, shorter, 0, at);
                System.arraycopy(text, at + 1, shorter, at, shorter.length - at);
                yield shorter;
            }
            default -> {
                byte[] longer = new byte[text.length + 1];
                System.arraycopy(text, 0, longer, 0, at);
                longer[at] = other;
                System.arraycopy(text, at, longer, at + 1, text.length - at);
                yield longer;
            }
        };
    }

    private static void assertSameAsLibrary(RawObject scanned, byte[] text) throws IOException {
        byte[] whole = scanned.bytes();
        try (JsonParser parser = new JsonFactory().createParser(whole)) {
            parser.nextToken();
            RawObject read = RawObject.read(parser, whole, 0);
            assertThat(parser.nextToken()).isNull();
            assertThat(scanned.size()).as(new String(text, UTF_8)).isEqualTo(read.size());
            for (int i = 0; i < read.size(); i++) {
                assertThat(scanned.name(i)).isEqualTo(read.name(i));
                assertThat(scanned.string(i)).isEqualTo(read.string(i));
                assertThat(numberless(scanned.kind(i))).isEqualTo(numberless(read.kind(i)));
                assertThat(scanned.openValue(i)).hasBinaryContent(read.openValue(i).readAllBytes());
            }
        }
        assertThat(JSON.readTree(whole)).isInstanceOf(ObjectNode.class);
    }

    private static JsonToken numberless(JsonToken kind) {
        return kind == JsonToken.VALUE_NUMBER_FLOAT ? JsonToken.VALUE_NUMBER_INT : kind;
    }
}
