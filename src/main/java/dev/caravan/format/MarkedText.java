package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import org.jspecify.annotations.Nullable;

/**
 * Text of a stream. Bytes that mean nothing in the charset become {@link #MARK}, and the place is
 * noted, so that the record they stand in can be told from its neighbours. A byte order mark at the
 * beginning is left out.
 */
final class MarkedText {
    static final char MARK = '\uFFFD';

    static final char BYTE_ORDER_MARK = '\uFEFF';

    /** What is wrong with a record that begins with a byte order mark. */
    static final String MARK_IN_THE_MIDDLE =
            "a byte order mark stands before it; was the file put together of several?";

    private static final int BUFFER = 1 << 16;

    private final InputStream in;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
    private long[] marks = new long[16];
    private int firstMark;
    private int endOfMarks;
    private long read;
    private boolean begun;
    private boolean ended;
    private boolean flushed;

    MarkedText(InputStream in, Charset charset) {
        this.in = in;
        this.decoder =
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        bytes.flip();
    }

    /**
     * Reads on.
     *
     * @return how many characters, 1 or more; -1 at the end
     * @throws BrokenException if the text begins with the mark of another charset
     */
    int read(char[] into, int from, int length) throws IOException {
        if (!begun) {
            begin();
        }
        CharBuffer out = CharBuffer.wrap(into, from, length);
        while (out.position() == from) {
            if (flushed) {
                return -1;
            } else if (!bytes.hasRemaining() && !ended) {
                fill();
            }
            decode(out, from);
        }
        read += out.position() - from;
        return out.position() - from;
    }

    private void decode(CharBuffer out, int from) throws IOException {
        while (true) {
            CoderResult result = decoder.decode(bytes, out, ended);
            if (result.isError()) {
                if (!out.hasRemaining()) {
                    return;
                }
                note(read + out.position() - from);
                out.put(MARK);
                bytes.position(bytes.position() + result.length());
            } else if (result.isOverflow()) {
                return;
            } else if (ended) {
                flushed = decoder.flush(out).isUnderflow();
                return;
            } else if (out.position() > from) {
                return;
            } else {
                fill();
            }
        }
    }

    private void note(long place) {
        if (endOfMarks == marks.length) {
            int count = endOfMarks - firstMark;
            long[] room = count > marks.length / 2 ? new long[marks.length * 2] : marks;
            System.arraycopy(marks, firstMark, room, 0, count);
            marks = room;
            firstMark = 0;
            endOfMarks = count;
        }
        marks[endOfMarks++] = place;
    }

    private void fill() throws IOException {
        bytes.compact();
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        if (count < 0) {
            ended = true;
        } else {
            bytes.position(bytes.position() + count);
        }
        bytes.flip();
    }

    /** Whether a mark stands between two places, in characters from the beginning. */
    boolean isMarked(long from, long to) {
        forgetMarks(from);
        return firstMark < endOfMarks && marks[firstMark] < to;
    }

    /** Lets go of the marks before a place. */
    void forgetMarks(long before) {
        while (firstMark < endOfMarks && marks[firstMark] < before) {
            firstMark++;
        }
    }

    private void begin() throws IOException {
        begun = true;
        while (bytes.remaining() < 4 && !ended) {
            fill();
        }
        Mark mark = Mark.of(bytes);
        Charset charset = decoder.charset();
        if (mark == null || isEbcdic(charset)) { // in EBCDIC these bytes are text
            return;
        }
        if (!mark.isOf(charset)) {
            throw new BrokenException(
                    "it begins with the mark of %s, but is read as %s; set 'charset: %s'"
                            .formatted(mark.charset, charset.name(), mark.charset));
        } else if (!charset.name().equals("UTF-16") && !charset.name().equals("UTF-32")) {
            bytes.position(bytes.position() + mark.length); // the decoders of those need it
        }
    }

    /** Whether the charset is no extension of ASCII, and no Unicode. */
    static boolean isEbcdic(Charset charset) {
        return !charset.name().startsWith("UTF-")
                && !" ".equals(new String(new byte[] {' '}, charset));
    }

    /** A byte order mark. */
    enum Mark {
        UTF_8("UTF-8", 0xef, 0xbb, 0xbf),
        UTF_32LE("UTF-32LE", 0xff, 0xfe, 0, 0),
        UTF_16LE("UTF-16LE", 0xff, 0xfe),
        UTF_16BE("UTF-16BE", 0xfe, 0xff),
        UTF_32BE("UTF-32BE", 0, 0, 0xfe, 0xff);

        final String charset;
        final int length;
        private final int[] mark;

        Mark(String charset, int... mark) {
            this.charset = charset;
            this.length = mark.length;
            this.mark = mark;
        }

        static @Nullable Mark of(ByteBuffer bytes) {
            for (Mark mark : values()) {
                if (mark.begins(bytes)) {
                    return mark;
                }
            }
            return null;
        }

        private boolean begins(ByteBuffer bytes) {
            if (bytes.remaining() < length) {
                return false;
            }
            for (int i = 0; i < length; i++) {
                if ((bytes.get(bytes.position() + i) & 0xff) != mark[i]) {
                    return false;
                }
            }
            return true;
        }

        /** Whether a text of this charset may begin so. */
        boolean isOf(Charset other) {
            return charset.startsWith(other.name());
        }
    }
}
