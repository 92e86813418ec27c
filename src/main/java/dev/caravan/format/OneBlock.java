package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A record of a file without line ends that stands alone, in UTF-8: a line end in it is a character
 * like any other. It may be shorter than in its file, where a person wrote no blanks at its end;
 * and a line end behind it, as an editor puts there, is left out.
 */
final class OneBlock implements Frames {
    private final MarkedText in;
    private final int length;
    private char[] text = new char[0];
    private int to;

    /**
     * Makes one.
     *
     * @param length characters of a record
     */
    OneBlock(InputStream in, int length) {
        this.in = new MarkedText(in, StandardCharsets.UTF_8);
        this.length = length;
    }

    @Override
    public boolean next() throws IOException {
        to = 0;
        text = new char[length + 2];
        int count = 0;
        while (count >= 0) {
            to += count;
            if (to == text.length) {
                text = Arrays.copyOf(text, to * 2);
            }
            count = in.read(text, to, text.length - to);
        }
        if (to > length && isLineEnd()) {
            to = length;
        } else if (to > length) {
            throw new BrokenException(
                    "it has %d characters where 'recordLength' asks for %d".formatted(to, length));
        }
        return to > 0;
    }

    private boolean isLineEnd() {
        String behind = new String(text, length, to - length);
        return behind.equals("\n") || behind.equals("\r\n");
    }

    @Override
    public char[] text() {
        return text;
    }

    @Override
    public int from() {
        return 0;
    }

    @Override
    public int to() {
        return to;
    }

    @Override
    public String place() {
        return "byte 0";
    }

    @Override
    public boolean tooLong() {
        return false;
    }

    @Override
    public boolean isMarked() {
        return in.isMarked(0, to);
    }

    @Override
    public long length() {
        return to;
    }
}
