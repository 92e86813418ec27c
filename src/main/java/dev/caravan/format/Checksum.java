package dev.caravan.format;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A running checksum of 64 bits over a row of texts: enough to see that the beginning of a file is
 * another one, not to withstand somebody who makes it up.
 */
public final class Checksum {
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long PRIME = 0x9E37_79B9_7F4A_7C15L;

    private long value = PRIME;

    /** Adds a text; its end counts. */
    public void add(char[] text, int from, int to) {
        int at = from;
        for (; at + 4 <= to; at += 4) {
            add(
                    text[at]
                            | (long) text[at + 1] << 16
                            | (long) text[at + 2] << 32
                            | (long) text[at + 3] << 48);
        }
        long rest = 0;
        for (; at < to; at++) {
            rest = rest << 16 | text[at];
        }
        add(rest);
        add(to - from);
    }

    /** Adds bytes; their end counts. */
    public void add(byte[] bytes, int from, int to) {
        int at = from;
        for (; at + Long.BYTES <= to; at += Long.BYTES) {
            add((long) LONG.get(bytes, at));
        }
        long rest = 0;
        for (; at < to; at++) {
            rest = rest << 8 | (bytes[at] & 0xff);
        }
        add(rest);
        add(to - from);
    }

    /** Adds a number. */
    public void add(long number) {
        long mixed = (value ^ number) * PRIME;
        value = mixed ^ mixed >>> 29;
    }

    /** Of all that was added so far. */
    public long value() {
        return value;
    }
}
