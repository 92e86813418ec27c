package dev.caravan.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Utf8Test {
    @Property
    void agreesWithThePlatformOnAnyBytes(@ForAll @Size(max = 24) byte[] bytes) {
        assertThat(Utf8.isValid(bytes, 0, bytes.length)).isEqualTo(decodes(bytes));
    }

    @Property
    void agreesWithThePlatformOnAnyTextCutAnywhere(@ForAll String text, @ForAll int cut) {
        // Given
        byte[] whole = text.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = Arrays.copyOf(whole, Math.floorMod(cut, whole.length + 1));
        // When
        boolean valid = Utf8.isValid(bytes, 0, bytes.length);
        // Then
        assertThat(valid).isEqualTo(decodes(bytes));
    }

    @Test
    void agreesWithThePlatformOnEveryFirstPairOfBytes() {
        for (int pair = 0xc000; pair <= 0xffff; pair++) {
            for (int third : new int[] {0x7f, 0x80, 0xbf, 0xc0}) {
                byte[] bytes = {(byte) (pair >> 8), (byte) pair, (byte) third, (byte) 0x80};
                if (Utf8.isValid(bytes, 0, 4) != decodes(bytes)
                        || Utf8.isValid(bytes, 0, 3) != decodes(Arrays.copyOf(bytes, 3))) {
                    fail("judged %x %x wrongly", pair, third);
                }
            }
        }
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
