package dev.caravan.ingest;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;

/** Gathers the body of a request as it arrives; what exceeds the limit is counted, not kept. */
final class HttpBody {
    private static final int SMALLEST = 1_024;

    private final int limit;
    private byte[] bytes = new byte[0];
    private long length;

    HttpBody(int limit) {
        this.limit = limit;
    }

    void add(Buffer chunk) {
        long total = length + chunk.length();
        if (total <= limit) {
            if (length == 0) {
                bytes = chunk.getBytes();
            } else {
                if (total > bytes.length) {
                    long room = Math.max(SMALLEST, Math.max(total, bytes.length * 2L));
                    bytes = Arrays.copyOf(bytes, (int) Math.min(limit, room));
                }
                chunk.getBytes(bytes, (int) length);
            }
        } else {
            bytes = new byte[0];
        }
        length = total;
    }

    /** Bytes that came in so far. */
    long length() {
        return length;
    }

    boolean tooLong() {
        return length > limit;
    }

    /** Lets go of the bytes. */
    void forget() {
        bytes = new byte[0];
    }

    /** All of it. */
    byte[] bytes() {
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, (int) length);
    }
}
