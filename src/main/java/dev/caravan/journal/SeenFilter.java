package dev.caravan.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A Bloom filter whose eight bits for an id lie in one cache line. With 16 bits an id it says
 * "maybe" to about one new id in a thousand.
 *
 * @see <a href="https://arxiv.org/abs/2101.01719">Split block Bloom filters</a>
 */
final class SeenFilter {
    static final int BITS_AN_ID = 16;

    private static final int WORDS_A_LINE = 8;

    private final long[] words;

    /** An empty filter for this many ids; a power of two and at least 64. */
    SeenFilter(int ids) {
        words = new long[ids / Long.SIZE * BITS_AN_ID];
    }

    void add(long high, long low) {
        int line = line(low);
        for (int i = 0; i < WORDS_A_LINE; i++) {
            words[line + i] |= bit(high, i);
        }
    }

    boolean mayHave(long high, long low) {
        int line = line(low);
        for (int i = 0; i < WORDS_A_LINE; i++) {
            if ((words[line + i] & bit(high, i)) == 0) {
                return false;
            }
        }
        return true;
    }

    byte[] toBytes() {
        ByteBuffer bytes =
                ByteBuffer.allocate(words.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(words);
        return bytes.array();
    }

    /** Takes the state that {@link #toBytes()} gave. */
    void fill(byte[] bytes) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(words);
    }

    private int line(long low) {
        return (int) (low >>> 16) & (words.length - WORDS_A_LINE);
    }

    private static long bit(long high, int word) {
        return 1L << (high >>> (word * 6));
    }
}
