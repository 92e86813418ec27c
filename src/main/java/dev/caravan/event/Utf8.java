package dev.caravan.event;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Tells text in UTF-8 from other bytes; stricter than the JSON parser, which lets some pass. */
public final class Utf8 {
    private Utf8() {}

    /** Whether the slice is UTF-8: no overlong forms, no encoded surrogates, nothing cut off. */
    public static boolean isValid(byte[] text, int offset, int length) {
        return isAscii(text, offset, length) || decodes(text, offset, length);
    }

    private static boolean isAscii(byte[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean decodes(byte[] text, int offset, int length) {
        if (new String(text, offset, length, StandardCharsets.UTF_8).indexOf('\ufffd') < 0) {
            return true;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text, offset, length));
            return true; // the replacement character itself stands in the text
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
