package dev.caravan.format;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;

/** Hands text to a parser and keeps it, so that a record can be shown as it was written. */
final class Recorder extends Reader {
    /** A name, comment or value is not longer, so that the parser's memory is bounded. */
    static final int LONGEST_TOKEN = 8 << 20;

    private final MarkedText text;
    private char[] kept = new char[1 << 13];
    private int size;
    private long base;
    private int sinceKept;

    Recorder(MarkedText text) {
        this.text = text;
    }

    @Override
    public int read(char[] into, int from, int length) throws IOException {
        int count = text.read(into, from, length);
        if (count > 0) {
            sinceKept += count;
            if (sinceKept > LONGEST_TOKEN) {
                throw new BrokenException(
                        "something in it has more than %,d characters".formatted(LONGEST_TOKEN));
            }
            if (size + count > kept.length) {
                kept = Arrays.copyOf(kept, Math.max(kept.length * 2, size + count));
            }
            System.arraycopy(into, from, kept, size, count);
            size += count;
        }
        return count;
    }

    /** The parser got on. */
    void progress() {
        sinceKept = 0;
    }

    /** Lets go of what is before a place, in characters from the beginning. */
    void keepFrom(long place) {
        progress();
        int gone = (int) Math.min(size, Math.max(0, place - base));
        if (gone > kept.length / 2 || gone == size) {
            System.arraycopy(kept, gone, kept, 0, size - gone);
            size -= gone;
            base += gone;
            text.forgetMarks(base);
        }
    }

    boolean isMarked(long from, long to) {
        return text.isMarked(from, to);
    }

    /** What stands between two places; what is let go of is left out. */
    char[] slice(long from, long to) {
        int begin = (int) Math.max(0, from - base);
        int end = (int) Math.min(size, to - base);
        return begin >= end ? new char[0] : Arrays.copyOfRange(kept, begin, end);
    }

    @Override
    public void close() {
        // whoever opened the stream closes it
    }
}
