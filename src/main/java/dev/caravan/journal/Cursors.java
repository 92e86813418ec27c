package dev.caravan.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Cursors of all partitions as they lie in a destination's row: eight bytes each. */
final class Cursors {
    private Cursors() {}

    static long[] all(long sequence, Partitions partitions) {
        long[] cursors = new long[partitions.count()];
        Arrays.fill(cursors, sequence);
        return cursors;
    }

    static byte[] toBytes(long[] cursors) {
        ByteBuffer bytes = ByteBuffer.allocate(cursors.length * Long.BYTES);
        bytes.asLongBuffer().put(cursors);
        return bytes.array();
    }

    static long[] fromBytes(byte[] bytes) {
        long[] cursors = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(cursors);
        return cursors;
    }
}
