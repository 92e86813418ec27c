package dev.caravan.bench;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Counts a fixed text in bytes that come in pieces, skipping ahead where it cannot be (Boyer,
 * Moore, Horspool).
 */
final class Occurrences {

    private final byte[] text;
    private final int[] skip;
    private byte[] tail = {};
    private int found;

    /**
     * @param text ASCII; where two would overlap, the count is undefined
     */
    Occurrences(String text) {
        this.text = text.getBytes(StandardCharsets.US_ASCII);
        this.skip = new int[256];
        int last = this.text.length - 1;
        Arrays.fill(skip, this.text.length);
        for (int i = 0; i < last; i++) {
            skip[this.text[i]] = last - i;
        }
    }

    /** Takes the next piece. */
    void add(byte[] piece) {
        int overlap = text.length - 1;
        byte[] seam = joined(tail, piece, Math.min(overlap, piece.length));
        found += count(seam) + count(piece);
        byte[] ending = piece.length >= overlap ? piece : seam;
        tail = Arrays.copyOfRange(ending, Math.max(0, ending.length - overlap), ending.length);
    }

    /** Returns how often the text occurred in all pieces, also across their seams. */
    int found() {
        return found;
    }

    private static byte[] joined(byte[] first, byte[] second, int ofSecond) {
        byte[] both = Arrays.copyOf(first, first.length + ofSecond);
        System.arraycopy(second, 0, both, first.length, ofSecond);
        return both;
    }

    private int count(byte[] bytes) {
        int last = text.length - 1;
        int count = 0;
        int at = last;
        while (at < bytes.length) {
            if (bytes[at] == text[last]
                    && Arrays.equals(bytes, at - last, at + 1, text, 0, text.length)) {
                count++;
                at += text.length;
            } else {
                at += skip[bytes[at] & 0xff];
            }
        }
        return count;
    }
}
