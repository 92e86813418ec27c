package dev.caravan.journal;

import java.nio.ByteBuffer;

/**
 * A Bloom filter whose eight bits for an id lie in one cache line. With 16 bits an id it says
 * "maybe" to about one new id in a thousand.
 *
 * @see <a href="https://arxiv.org/abs/2101.01719">Split block Bloom filters</a>
 */
final class SeenFilter {
    static final int BITS_AN_ID = 16;

    private static final int WORDS_A_LINE = 8;

    /** Words that are stored in one row: a whole filter would be copied three times over. */
    private static final int PART = 16 * 1024;

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

    /** How many parts it is stored in. */
    int parts() {
        return (words.length + PART - 1) / PART;
    }

    byte[] part(int part) {
        int from = part * PART;
        int count = Math.min(PART, words.length - from);
        ByteBuffer bytes = ByteBuffer.allocate(count * Long.BYTES);
        bytes.asLongBuffer().put(words, from, count);
        return bytes.array();
    }

    /** Takes the state that {@link #part} gave. */
    void fill(int part, byte[] bytes) {
        ByteBuffer.wrap(bytes).asLongBuffer().get(words, part * PART, bytes.length / Long.BYTES);
    }

    private int line(long low) {
        return (int) (low >>> 16) & (words.length - WORDS_A_LINE);
    }

    private static long bit(long high, int word) {
        return 1L << (high >>> (word * 6));
    }
}
