package dev.caravan.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Whether bytes are UTF-8. The JSON parser lets overlong forms and encoded surrogates pass, which
 * we would then hand on byte for byte.
 *
 * @see <a href="https://www.unicode.org/versions/Unicode15.0.0/ch03.pdf">Unicode, table 3-7</a>
 */
final class Utf8 {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /** Whether the slice is well-formed UTF-8 from its first byte to its last. */
    static boolean isValid(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            if (at + Long.BYTES <= to && ((long) LONG.get(text, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
            } else if (text[at] >= 0) {
                at++;
            } else {
                int length = sequence(text, at, to);
                if (length == 0) {
                    return false;
                }
                at += length;
            }
        }
        return true;
    }

    /** Length of the sequence that begins here with a byte above ASCII, 0 if it is none. */
    private static int sequence(byte[] text, int at, int to) {
        int first = text[at] & 0xff;
        if (first >= 0xc2 && first <= 0xdf) {
            return follows(text, at + 1, to, 0x80, 0xbf) ? 2 : 0;
        } else if (first >= 0xe0 && first <= 0xef) {
            int low = first == 0xe0 ? 0xa0 : 0x80;
            int high = first == 0xed ? 0x9f : 0xbf;
            return follows(text, at + 1, to, low, high) && follows(text, at + 2, to, 0x80, 0xbf)
                    ? 3
                    : 0;
        } else if (first >= 0xf0 && first <= 0xf4) {
            int low = first == 0xf0 ? 0x90 : 0x80;
            int high = first == 0xf4 ? 0x8f : 0xbf;
            return follows(text, at + 1, to, low, high)
                            && follows(text, at + 2, to, 0x80, 0xbf)
                            && follows(text, at + 3, to, 0x80, 0xbf)
                    ? 4
                    : 0;
        }
        return 0;
    }

    private static boolean follows(byte[] text, int at, int to, int low, int high) {
        return at < to && (text[at] & 0xff) >= low && (text[at] & 0xff) <= high;
    }
}
