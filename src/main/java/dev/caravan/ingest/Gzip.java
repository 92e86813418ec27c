package dev.caravan.ingest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Unpacks bodies in bounded memory. */
final class Gzip {
    private Gzip() {}

    /**
     * Unpacks all of it.
     *
     * @param limit bytes that it may have when unpacked
     * @throws TooLongException if it has more
     * @throws IOException if it is not gzip, is cut off, or its check sum is wrong
     */
    static byte[] unpack(byte[] packed, int limit) throws IOException {
        int buffer = Math.max(512, Math.min(packed.length, 16_384));
        try (var in = new GZIPInputStream(new ByteArrayInputStream(packed), buffer)) {
            byte[] plain = in.readNBytes(limit + 1);
            if (plain.length > limit) {
                throw new TooLongException(limit);
            }
            return plain;
        }
    }

    /** More bytes than may be. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1;

        TooLongException(int limit) {
            super("the body has more than %,d bytes".formatted(limit));
        }
    }
}
