package dev.caravan.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.InputStream;

/** A text over and over, for so many bytes. */
final class Repeated extends InputStream {
    private final byte[] text;
    private final long length;
    private long at;

    Repeated(String text, long length) {
        this.text = text.getBytes(UTF_8);
        this.length = length;
    }

    @Override
    public int read() {
        return at == length ? -1 : text[(int) (at++ % text.length)] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int count) {
        if (at == length) {
            return -1;
        }
        int real = (int) Math.min(count, length - at);
        for (int i = 0; i < real; i++) {
            into[from + i] = text[(int) (at++ % text.length)];
        }
        return real;
    }
}
