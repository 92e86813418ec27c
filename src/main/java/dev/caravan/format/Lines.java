package dev.caravan.format;

import java.io.IOException;
import java.util.Arrays;

/**
 * Cuts text into lines. A line end between quotes is part of the record, as in RFC 4180: a quote
 * opens at the beginning of a field, and two of them inside stand for one.
 *
 * <p>Lines end with LF, CR LF or CR. Where something follows a closing quote, the rest of the line
 * is taken as it stands, so that the next one is found.
 */
final class Lines implements Frames {
    /** In place of a delimiter, quote or line end where there is none. */
    static final int NONE = -1;

    private static final int FIRST_BUFFER = 1 << 16;
    private static final char END_OF_FILE = '\u001a';

    private enum State {
        /** At the beginning of a field. */
        BEGIN,
        /** In a field without quotes. */
        PLAIN,
        /** Between quotes. */
        QUOTED,
        /** Behind a quote that closes the field, or is the first of two. */
        CLOSED
    }

    private final MarkedText in;
    private final int delimiter;
    private final int quote;
    private final int nextLine;
    private final int limit;
    private final int room;

    private char[] buffer;
    private int start;
    private int pos;
    private int end;
    private long base;
    private boolean ended;

    private State state = State.BEGIN;
    private long line = 1;
    private long firstLine = 1;
    private long quoteLine;
    private boolean afterCr;
    private int field;
    private int stray;
    private int to;
    private long length;
    private long recordStart;
    private boolean tooLong;
    private char[] beginning = new char[0];

    /**
     * Makes one.
     *
     * @param delimiter {@link #NONE} for lines without fields
     * @param quote {@link #NONE} if there are no quotes
     * @param nextLine one more character that ends a line, {@link #NONE} if there is none
     * @param limit the longest record, in characters
     */
    Lines(MarkedText in, int delimiter, int quote, int nextLine, int limit) {
        this.in = in;
        this.delimiter = delimiter;
        this.quote = quote;
        this.nextLine = nextLine;
        this.limit = limit;
        this.room = limit + 1; // for the line end
        this.buffer = new char[Math.min(room, FIRST_BUFFER)];
    }

    @Override
    public boolean next() throws IOException {
        while (frame()) {
            if (tooLong || (to > start && !isEndOfFile())) {
                return true;
            }
        }
        return false;
    }

    /** The mark that old systems put behind the last record. */
    private boolean isEndOfFile() throws IOException {
        if (to - start != 1 || buffer[start] != END_OF_FILE) {
            return false;
        }
        skipLineFeed();
        return pos == end && !fillBehind();
    }

    private boolean frame() throws IOException {
        to = pos;
        start = pos;
        tooLong = false;
        skipLineFeed();
        start = pos;
        recordStart = base + pos;
        in.forgetMarks(recordStart);
        firstLine = line;
        field = 0;
        stray = -1;
        state = State.BEGIN;
        while (true) {
            while (pos < end) {
                if (step()) {
                    return true;
                }
            }
            if (!fill()) {
                return last();
            }
        }
    }

    /** What stands behind the last line end. */
    private boolean last() throws BrokenException {
        if (state == State.QUOTED) {
            throw new BrokenException(
                    "line %d: the quote that opens there is never closed".formatted(quoteLine));
        }
        endAt(pos);
        return tooLong || pos > start;
    }

    /** Takes one character, or a row of them that say nothing; true at the end of a record. */
    private boolean step() throws IOException {
        char c = buffer[pos++];
        if (state == State.QUOTED) {
            quoted(c);
            return false;
        } else if (c == '\n' || c == '\r' || c == nextLine) {
            endAt(pos - 1);
            count(c);
            return true;
        } else if (c == delimiter) {
            field++;
            state = State.BEGIN;
        } else if (c == quote && (state == State.BEGIN || state == State.CLOSED)) {
            state = State.QUOTED;
            quoteLine = line;
        } else {
            if (state == State.CLOSED && stray < 0) {
                stray = field;
            }
            state = State.PLAIN;
            plain();
        }
        return false;
    }

    private void endAt(int place) {
        to = place;
        length = base + place - recordStart;
    }

    /**
     * Behind a CR at the end of a record. Not before it is needed: a record that fills the buffer
     * would be too long with it.
     */
    private void skipLineFeed() throws IOException {
        if (afterCr && (pos < end || fillBehind()) && buffer[pos] == '\n') {
            pos++;
        }
        afterCr = false;
    }

    /** Reads on behind a whole record, whose end then lies at another place of the buffer. */
    private boolean fillBehind() throws IOException {
        int length = to - start;
        boolean more = fill();
        to = start + length;
        return more;
    }

    private void quoted(char first) {
        char c = first;
        while (true) {
            if (c == quote) {
                afterCr = false;
                state = State.CLOSED;
                return;
            } else if (c <= '\r' || c == nextLine) {
                count(c);
            } else {
                afterCr = false;
            }
            if (pos == end) {
                return;
            }
            c = buffer[pos++];
        }
    }

    private void plain() {
        char[] text = buffer;
        int at = pos;
        int stop = end;
        while (at < stop) {
            char c = text[at];
            if (c == delimiter || c == '\n' || c == '\r' || c == nextLine) {
                break;
            }
            at++;
        }
        pos = at;
    }

    private void count(char c) {
        if (c == '\r' || c == nextLine || (c == '\n' && !afterCr)) {
            line++;
        }
        afterCr = c == '\r';
    }

    /** Reads on, into room that it makes; false at the end of the text. */
    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (tooLong) {
            forget();
        } else if (end == buffer.length) {
            moveDown();
            if (end == room) {
                tooLong = true;
                beginning = Arrays.copyOf(buffer, Math.min(RecordReader.KEPT_OF_TOO_LONG, limit));
                forget();
            } else if (end > buffer.length / 2) {
                buffer = Arrays.copyOf(buffer, Math.min(room, buffer.length * 2));
            }
        }
        int count = in.read(buffer, end, buffer.length - end);
        ended = count < 0;
        end += Math.max(count, 0);
        return !ended;
    }

    private void forget() {
        in.forgetMarks(base + pos);
        base += pos;
        start = 0;
        pos = 0;
        end = 0;
    }

    private void moveDown() {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        base += start;
        pos -= start;
        end -= start;
        start = 0;
    }

    @Override
    public char[] text() {
        return tooLong ? beginning : buffer;
    }

    @Override
    public int from() {
        return tooLong ? 0 : start;
    }

    @Override
    public int to() {
        return tooLong ? beginning.length : to;
    }

    @Override
    public String place() {
        return "line " + firstLine;
    }

    @Override
    public boolean tooLong() {
        return tooLong;
    }

    @Override
    public boolean isMarked() {
        return in.isMarked(recordStart, base + pos);
    }

    @Override
    public long length() {
        return length;
    }

    /** The number, from 0, of the field whose closing quote is followed by more; -1 if none. */
    int stray() {
        return stray;
    }
}
