package dev.caravan.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of any length into its items without reading what is in them: lines, or JSON
 * values. Holds one item at a time, so memory is bounded by the limit for one.
 *
 * <p>As JSON a stream is a row of arrays and objects, with nothing but white space between them.
 * The elements of an array are items; an object is an item, and may be an {@link Envelope}. A batch
 * that is longer than the limit is cut into its items; what it says for all of them may stand
 * behind them, so {@link #longBatches} has to look for that first.
 *
 * <p>What is only wrong inside an item is the item's own affair: its brackets match, so its
 * neighbours are found. Where brackets do not match, or something else stands where an item, a
 * comma or an end must be, the stream is broken and the rest of it cannot be told apart.
 */
public final class JsonSplitter {
    /** The longest item by default, in bytes; far above what an event may have. */
    public static final int ITEM_BYTES = 1 << 20;

    private static final int FIRST_BUFFER = 1 << 16;
    private static final int KEPT_OF_TOO_LONG = 32_000;
    private static final int DEEPEST = 1 << 20;
    private static final int END = -1;

    /** Where in the stream we stand between two items. */
    private enum Place {
        /** Outside of everything. */
        TOP,
        /** At the start of an array. */
        FIRST,
        /** Behind an element of an array. */
        BEHIND
    }

    private final InputStream in;
    private final boolean lines;
    private final int limit;

    private byte[] buffer;
    private int pos;
    private int end;
    private long base;
    private boolean ended;
    private boolean begun;

    private Place place = Place.TOP;
    private boolean inBatch;
    private int longBatch = -1;
    private byte[] head = new byte[0];
    private @Nullable Queue<Envelope> batches;

    private long record = -1;
    private boolean top;
    private boolean fed;
    private long line;
    private int start = -1;
    private int length;
    private long itemPosition;
    private byte @Nullable [] beginning;
    private boolean[] squares = new boolean[64];

    /**
     * Makes one.
     *
     * @param in not closed
     * @param lines whether each line is an item (NDJSON); else the stream is JSON
     * @param limit the longest item in bytes, 64 or more, see {@link #ITEM_BYTES}
     */
    public JsonSplitter(InputStream in, boolean lines, int limit) {
        this.in = in;
        this.lines = lines;
        this.limit = limit;
        this.buffer = new byte[Math.min(limit, FIRST_BUFFER)];
    }

    /**
     * Goes on to the next item.
     *
     * @return false at the end of the stream
     * @throws NotJsonException if the stream is broken, with the byte where; there is no next item
     * @throws IOException if the stream cannot be read
     */
    public boolean next() throws IOException {
        start = -1;
        beginning = null;
        top = false;
        if (!begun) {
            begin();
        }
        boolean found = lines ? nextLine() : nextValue();
        if (found) {
            record++;
        }
        return found;
    }

    /** What holds the item, until the next call of {@link #next()}. */
    public byte[] text() {
        return beginning == null ? buffer : beginning;
    }

    /** Where in {@link #text()} the item begins. */
    public int offset() {
        return beginning == null ? start : 0;
    }

    /** Bytes that the item has in {@link #text()}. */
    public int length() {
        return beginning == null ? length : beginning.length;
    }

    /** Whether the item is longer than the limit: then only its beginning is at hand. */
    public boolean tooLong() {
        return beginning != null;
    }

    /** Whether the item is a line that the stream ends in, without a line feed. */
    public boolean atEnd() {
        return lines && !fed;
    }

    /** The item's number, from 0; blank lines do not count. */
    public long record() {
        return record;
    }

    /** The line that the item is, from 1, where lines are items; blank lines count. */
    public long line() {
        return line;
    }

    /** Where in the stream the item begins, in bytes from 0. */
    public long position() {
        return itemPosition;
    }

    /** Whether the item stands outside of any array, so that it may be a batch of items itself. */
    public boolean top() {
        return top;
    }

    /** The number, from 0, of the long batch that the item stands in; -1 if in none. */
    public int longBatch() {
        return inBatch ? longBatch : -1;
    }

    /** Whether this text, the first bytes of a stream, begins a batch that is longer than it. */
    public static boolean beginsLongBatch(byte[] text, int length) {
        int from = skipMark(text, length);
        return itemsOf(text, from, length - from) >= 0;
    }

    /**
     * What the long batches of a stream say for all of their items, one after the other: no more is
     * read of the stream than is needed for the next, and of those before none is held.
     */
    public static final class LongBatches {
        private final JsonSplitter splitter;
        private final Queue<Envelope> found = new ArrayDeque<>();
        private @Nullable NotJsonException broken;

        private LongBatches(JsonSplitter splitter) {
            this.splitter = splitter;
            splitter.batches = found;
        }

        /**
         * Reads to the end of the next long batch.
         *
         * @return an envelope without items; null if there is none any more
         * @throws NotJsonException if the stream is broken before the end of the batch
         * @throws IOException if the stream cannot be read
         */
        public @Nullable Envelope next() throws IOException {
            try {
                while (found.isEmpty() && broken == null && splitter.next()) {}
            } catch (NotJsonException e) { // perhaps behind the end of the batch
                broken = e;
            }
            Envelope next = found.poll();
            if (next == null && broken != null) {
                throw broken;
            }
            return next;
        }
    }

    /** Reads a stream to see what its long batches say for all of their items. */
    public static LongBatches longBatches(InputStream in, int limit) {
        return new LongBatches(new JsonSplitter(in, false, limit));
    }

    private static Envelope batch(byte[] head, byte[] tail) throws NotJsonException {
        var out = new ByteArrayOutputStream(head.length + tail.length + 1);
        out.writeBytes(head);
        out.write(']');
        out.writeBytes(tail);
        return Envelope.parse(out.toByteArray(), 0, out.size(), Envelope.Shape.BATCH, 0);
    }

    // --- lines

    private boolean nextLine() throws IOException {
        while (true) {
            mark();
            line++;
            toLineEnd();
            int from = start;
            int to = pos;
            if (beginning == null) {
                while (from < to && isSpace(buffer[from])) {
                    from++;
                }
                while (from < to && isSpace(buffer[to - 1])) {
                    to--;
                }
            }
            boolean more = pos < end || !ended;
            fed = pos < end;
            if (fed) {
                pos++;
            }
            if (beginning != null || from < to) {
                itemPosition += from - start;
                start = from;
                length = to - from;
                return true;
            } else if (!more) {
                return false;
            }
        }
    }

    /** Moves to the line's end, which is a line feed or the end of the stream. */
    private void toLineEnd() throws IOException {
        do {
            while (pos < end && buffer[pos] != '\n') {
                pos++;
            }
        } while (pos == end && fill());
    }

    // --- values

    private boolean nextValue() throws IOException {
        while (true) {
            int b = peek();
            switch (place) {
                case TOP -> {
                    if (b == END) {
                        return false;
                    } else if (b == '[') {
                        pos++;
                        place = Place.FIRST;
                    } else if (b != '{') {
                        throw broken("an object or an array was expected");
                    } else {
                        top = true;
                        mark();
                        if (container(0)) {
                            return true;
                        }
                        top = false;
                    }
                }
                case FIRST -> {
                    if (b != ']') {
                        return element(b);
                    }
                    leaveArray();
                }
                case BEHIND -> {
                    if (b == ',') {
                        pos++;
                        return element(peek());
                    } else if (b != ']') {
                        throw b == END
                                ? broken("it ends inside an array")
                                : broken("a comma or the end of the array was expected");
                    }
                    leaveArray();
                }
            }
        }
    }

    private void leaveArray() throws IOException {
        pos++;
        place = Place.TOP;
        if (inBatch) {
            inBatch = false;
            mark();
            squares[0] = false;
            container(1);
            if (beginning != null) {
                throw broken("too much stands behind the items of a batch");
            }
            if (batches != null) {
                batches.add(batch(head, Arrays.copyOfRange(buffer, start, start + length)));
            }
            start = -1;
        }
    }

    private boolean element(int b) throws IOException {
        place = Place.BEHIND;
        mark();
        switch (b) {
            case '{', '[' -> container(0);
            case '"' -> quoted();
            case ',', ']', '}', ':' -> throw broken("an item was expected");
            case END -> throw broken("it ends inside an array");
            default -> scalar();
        }
        return true;
    }

    private void scalar() throws IOException {
        while (true) {
            while (pos < end && !isDelimiter(buffer[pos])) {
                pos++;
            }
            if (pos < end) {
                length = pos - start;
                return;
            } else if (!fill()) {
                throw broken("it ends inside an array");
            }
        }
    }

    private void quoted() throws IOException {
        pos++;
        boolean escaped = false;
        while (true) {
            while (pos < end) {
                byte b = buffer[pos++];
                if (escaped) {
                    escaped = false;
                } else if (b == '\\') {
                    escaped = true;
                } else if (b == '"') {
                    length = pos - start;
                    return;
                }
            }
            if (!fill()) {
                throw broken("it ends inside a text");
            }
        }
    }

    /**
     * Moves behind the object or array.
     *
     * @param depth how many of its brackets are open already
     * @return false if it is a batch longer than the limit; then its array of items is entered
     */
    private boolean container(int depth) throws IOException {
        int open = depth;
        boolean quoted = false;
        boolean escaped = false;
        while (true) {
            byte[] text = buffer;
            int at = pos;
            int stop = end;
            while (at < stop) {
                byte b = text[at++];
                if (quoted) {
                    if (escaped) {
                        escaped = false;
                    } else if (b == '\\') {
                        escaped = true;
                    } else if (b == '"') {
                        quoted = false;
                    }
                } else if (b == '"') {
                    quoted = true;
                } else if (b == '{' || b == '[') {
                    push(open++, b == '[', at);
                } else if (b == '}' || b == ']') {
                    if (squares[--open] != (b == ']')) {
                        pos = at - 1;
                        throw broken("brackets do not match");
                    } else if (open == 0) {
                        pos = at;
                        length = at - start;
                        return true;
                    }
                }
            }
            pos = at;
            if (top && beginning == null && full() && enterLongBatch()) {
                return false;
            } else if (!fill()) {
                throw broken("it ends inside an object or an array");
            }
        }
    }

    private void push(int depth, boolean square, int at) throws NotJsonException {
        if (depth == squares.length) {
            if (depth >= DEEPEST) {
                pos = at;
                throw broken("it is nested too deep");
            }
            squares = Arrays.copyOf(squares, depth * 2);
        }
        squares[depth] = square;
    }

    private boolean enterLongBatch() {
        int items = itemsOf(buffer, start, end - start);
        if (items < 0) {
            return false;
        }
        head = Arrays.copyOfRange(buffer, start, start + items);
        pos = start + items;
        start = -1;
        inBatch = true;
        longBatch++;
        place = Place.FIRST;
        return true;
    }

    /**
     * Where, counted from {@code from}, the items of a batch begin whose end is not in the slice;
     * -1 if the slice holds no beginning of a batch.
     */
    private static int itemsOf(byte[] text, int from, int length) {
        try (JsonParser parser = RawObject.parser(text, from, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return -1;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken kind = parser.nextToken();
                if (name.equals("type")) {
                    return -1;
                } else if (name.equals("batch") && kind == JsonToken.START_ARRAY) {
                    int items = (int) parser.currentLocation().getByteOffset();
                    return isWhole(parser) ? -1 : items;
                }
                parser.skipChildren();
            }
            return -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private static boolean isWhole(JsonParser parser) {
        try {
            parser.skipChildren();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                parser.skipChildren();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    // --- bytes

    private void begin() throws IOException {
        begun = true;
        while (end < 4 && fill()) {}
        String foreign = foreign();
        if (foreign != null) {
            throw broken(foreign);
        }
        pos = skipMark(buffer, end);
    }

    /** What else the stream is, by its first bytes. */
    private @Nullable String foreign() {
        for (int i = 0; i < Math.min(end, 4); i++) {
            if (buffer[i] == 0 || (buffer[i] & 0xff) >= 0xfe) {
                return "it is not text in UTF-8";
            }
        }
        if (end > 1 && buffer[0] == 0x1f && (buffer[1] & 0xff) == 0x8b) {
            return "it is compressed by gzip and has to be unpacked first";
        } else if (end > 3 && buffer[0] == 'P' && buffer[1] == 'K' && buffer[2] == 3) {
            return "it is a ZIP archive and has to be unpacked first";
        }
        return null;
    }

    /** Length of the byte order mark of UTF-8, if the text has one. */
    private static int skipMark(byte[] text, int length) {
        return length > 2
                        && (text[0] & 0xff) == 0xef
                        && (text[1] & 0xff) == 0xbb
                        && (text[2] & 0xff) == 0xbf
                ? 3
                : 0;
    }

    /** An item begins here. */
    private void mark() {
        start = pos;
        itemPosition = base + pos;
    }

    /** The next byte that is no white space. */
    private int peek() throws IOException {
        while (true) {
            while (pos < end) {
                if (!isSpace(buffer[pos])) {
                    return buffer[pos];
                }
                pos++;
            }
            if (!fill()) {
                return END;
            }
        }
    }

    private boolean full() {
        return start == 0 && end == limit;
    }

    /** Reads on, into room that it makes; false at the end of the stream. */
    private boolean fill() throws IOException {
        if (ended) {
            return false;
        }
        if (beginning != null) {
            forget();
        } else if (end == buffer.length) {
            moveDown(start < 0 ? pos : start);
            if (end == limit) {
                beginning = Arrays.copyOf(buffer, Math.min(KEPT_OF_TOO_LONG, limit));
                forget();
            } else if (end > buffer.length / 2) {
                buffer = Arrays.copyOf(buffer, Math.min(limit, buffer.length * 2));
            }
        }
        int read = in.read(buffer, end, buffer.length - end);
        ended = read < 0;
        end += Math.max(read, 0);
        return !ended;
    }

    /** Lets go of what was scanned of an item that is too long to keep. */
    private void forget() {
        base += pos;
        pos = 0;
        end = 0;
        start = 0;
    }

    private void moveDown(int keep) {
        System.arraycopy(buffer, keep, buffer, 0, end - keep);
        base += keep;
        pos -= keep;
        end -= keep;
        if (start >= 0) {
            start -= keep;
        }
    }

    private NotJsonException broken(String what) {
        return new NotJsonException("%s, at byte %d".formatted(what, base + pos));
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private static boolean isDelimiter(byte b) {
        return isSpace(b) || b == ',' || b == ']' || b == '}' || b == '[' || b == '{' || b == '"';
    }
}
