package dev.caravan.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The members of one JSON object as slices of the text they stand in. Reading checks the whole
 * object; writing copies slices, so a number, an escape or an unknown member comes out byte for
 * byte as it went in.
 */
public final class RawObject {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .build();

    /** Each level reads what is below it anew, which takes seconds of a body of 1,000 levels. */
    private static final int MOST_MERGED = 16;

    private static final int FEW = 16;
    private static final int FIRST_ROOM = 12;

    /** In bytes; the library has a limit that is much higher. */
    private static final int LONGEST_NAME = 10_000;

    private static final String[] NO_TEXTS = {};
    private static final int[] NO_PLACES = {};
    private static final JsonToken[] NO_KINDS = {};

    private final byte[] text;
    private int start;
    private int end;
    private int size;
    private String[] names = NO_TEXTS;
    private int[] nameStarts = NO_PLACES;
    private int[] valueStarts = NO_PLACES;
    private int[] valueEnds = NO_PLACES;
    private JsonToken[] kinds = NO_KINDS;
    private @Nullable String[] strings = NO_TEXTS;
    private @Nullable Set<String> unreadable;

    private RawObject(byte[] text) {
        this.text = text;
    }

    /**
     * Reads one object that fills the slice, which is known to be UTF-8 (see {@link Utf8}).
     *
     * @throws IOException if the slice is not exactly one JSON object; the message has no content
     */
    public static RawObject parse(byte[] text, int offset, int length) throws IOException {
        int to = offset + length;
        RawObject object = new RawObject(text);
        int end = object.scan(JsonScan.space(text, offset, to), to, null, JsonScan::value);
        boolean whole = end != JsonScan.UNKNOWN && JsonScan.space(text, end, to) == to;
        return whole ? object : parseUncommon(text, offset, length);
    }

    private static RawObject parseUncommon(byte[] text, int offset, int length) throws IOException {
        try (JsonParser parser = parser(text, offset, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new NotJsonException("it is not a JSON object");
            }
            RawObject object = read(parser, text, offset);
            if (parser.nextToken() != null) {
                throw new NotJsonException("something follows the JSON object");
            }
            return object;
        } catch (com.fasterxml.jackson.core.JacksonException e) {
            throw NotJsonException.of(e);
        }
    }

    /**
     * A parser over a slice, whose byte offsets count from the start of the slice.
     *
     * @throws NotJsonException if the slice is UTF-16 or UTF-32: the library would read it, but
     *     without byte offsets
     */
    static JsonParser parser(byte[] text, int offset, int length) throws IOException {
        for (int i = 0; i < Math.min(length, 4); i++) {
            if (text[offset + i] == 0 || (text[offset + i] & 0xff) >= 0xfe) {
                throw new NotJsonException("it is not text in UTF-8");
            }
        }
        return JSON.createParser(text, offset, length);
    }

    /** Reads an array in a way of its own: from its start, where the parser stands, to its end. */
    interface ArrayReader {
        void read(JsonParser parser) throws IOException;
    }

    /**
     * Reads the object that the parser stands at the start of, and leaves it at its end.
     *
     * @param origin where in {@code text} the parser's offset 0 is
     */
    static RawObject read(JsonParser parser, byte[] text, int origin) throws IOException {
        return read(parser, text, origin, null, JsonParser::skipChildren);
    }

    /** The same, but an array that is the member of this name is left to the array reader. */
    static RawObject read(
            JsonParser parser,
            byte[] text,
            int origin,
            @Nullable String array,
            ArrayReader arrayReader)
            throws IOException {
        RawObject object = new RawObject(text);
        object.start = origin + (int) parser.currentTokenLocation().getByteOffset();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            object.member(parser, origin, array, arrayReader);
        }
        object.end = origin + (int) parser.currentLocation().getByteOffset();
        return object;
    }

    private void member(
            JsonParser parser, int origin, @Nullable String array, ArrayReader arrayReader)
            throws IOException {
        String name = parser.currentName();
        int nameStart = origin + (int) parser.currentTokenLocation().getByteOffset();
        JsonToken kind = parser.nextToken();
        int valueStart = origin + (int) parser.currentTokenLocation().getByteOffset();
        String string = null;
        if (kind == JsonToken.VALUE_STRING) {
            string = parser.getText();
        } else if (kind == JsonToken.START_ARRAY && name.equals(array)) {
            arrayReader.read(parser);
        } else if (!skip(parser)) {
            unreadable = unreadable == null ? new TreeSet<>() : unreadable;
            unreadable.add(name);
        }
        int valueEnd = origin + (int) parser.currentLocation().getByteOffset();
        add(name, nameStart, valueStart, valueEnd, kind, string);
    }

    /** Goes to the end of a value; returns whether all numbers in it can be read. */
    private static boolean skip(JsonParser parser) throws IOException {
        boolean readable = true;
        int open = 0;
        while (true) {
            JsonToken token = parser.currentToken();
            if (token == null) {
                throw new NotJsonException("it ends too early");
            } else if (token.isStructStart()) {
                open++;
            } else if (token.isStructEnd()) {
                open--;
            } else {
                parser.finishToken();
                readable &= token != JsonToken.VALUE_NUMBER_FLOAT || isReadable(parser.getText());
            }
            if (open == 0) {
                return readable;
            }
            parser.nextToken();
        }
    }

    private static boolean isReadable(String number) {
        try {
            return Limits.isReadable(new BigDecimal(number));
        } catch (NumberFormatException e) { // its exponent takes more than 32 bits
            return false;
        }
    }

    /** Scans an array in a way of its own: from its start to its end, which it returns. */
    interface ArrayScan {
        int scan(byte[] text, int at, int to);
    }

    /**
     * Scans the object that starts at a place; an array that is the member of this name is left to
     * the array's scan.
     *
     * @return null if the library must read it
     */
    static @Nullable RawObject scanned(
            byte[] text, int at, int to, @Nullable String array, ArrayScan arrayScan) {
        RawObject object = new RawObject(text);
        return object.scan(at, to, array, arrayScan) == JsonScan.UNKNOWN ? null : object;
    }

    private int scan(int from, int to, @Nullable String array, ArrayScan arrayScan) {
        if (from == to || text[from] != '{') {
            return JsonScan.UNKNOWN;
        }
        start = from;
        int at = JsonScan.space(text, from + 1, to);
        if (at < to && text[at] == '}') {
            end = at + 1;
            return end;
        }
        while (at < to && text[at] == '"') {
            at = scanMember(at, to, array, arrayScan);
            at = at == JsonScan.UNKNOWN ? to : JsonScan.space(text, at, to);
            if (at < to && text[at] == '}') {
                end = at + 1;
                return end;
            } else if (at == to || text[at] != ',') {
                return JsonScan.UNKNOWN;
            }
            at = JsonScan.space(text, at + 1, to);
        }
        return JsonScan.UNKNOWN;
    }

    private int scanMember(int nameStart, int to, @Nullable String array, ArrayScan arrayScan) {
        int nameEnd = JsonScan.plainString(text, nameStart, to);
        int colon = JsonScan.colon(text, nameEnd, to);
        int valueStart = colon == JsonScan.UNKNOWN ? to : JsonScan.space(text, colon, to);
        JsonToken kind = valueStart == to ? null : JsonScan.kind(text[valueStart]);
        if (kind == null || nameEnd - nameStart > LONGEST_NAME) {
            return JsonScan.UNKNOWN;
        }
        String name = FieldNames.of(text, nameStart + 1, nameEnd - 1);
        String string = null;
        int valueEnd;
        if (kind == JsonToken.VALUE_STRING) {
            valueEnd = JsonScan.plainString(text, valueStart, to);
            if (valueEnd != JsonScan.UNKNOWN) {
                string = utf8(valueStart + 1, valueEnd - 1);
            }
        } else if (kind == JsonToken.START_ARRAY && name.equals(array)) {
            valueEnd = arrayScan.scan(text, valueStart, to);
        } else {
            valueEnd = JsonScan.value(text, valueStart, to);
        }
        if (valueEnd != JsonScan.UNKNOWN) {
            add(name, nameStart, valueStart, valueEnd, kind, string);
        }
        return valueEnd;
    }

    private String utf8(int from, int to) {
        return new String(text, from, to - from, StandardCharsets.UTF_8);
    }

    private void add(
            String name,
            int nameStart,
            int valueStart,
            int valueEnd,
            JsonToken kind,
            @Nullable String string) {
        if (size == names.length) {
            grow();
        }
        names[size] = name;
        nameStarts[size] = nameStart;
        valueStarts[size] = valueStart;
        valueEnds[size] = valueEnd;
        kinds[size] = kind;
        strings[size] = string;
        size++;
    }

    private void grow() {
        int room = Math.max(FIRST_ROOM, names.length * 2);
        names = Arrays.copyOf(names, room);
        nameStarts = Arrays.copyOf(nameStarts, room);
        valueStarts = Arrays.copyOf(valueStarts, room);
        valueEnds = Arrays.copyOf(valueEnds, room);
        kinds = Arrays.copyOf(kinds, room);
        strings = Arrays.copyOf(strings, room);
    }

    /** How many members there are. */
    int size() {
        return size;
    }

    String name(int member) {
        return names[member];
    }

    /** What it is; of a number not whether it is an integer. */
    JsonToken kind(int member) {
        return kinds[member];
    }

    /** The value of a text member, null for any other kind. */
    @Nullable String string(int member) {
        return strings[member];
    }

    /** The position of the first member of this name, -1 if there is none. */
    int find(String name) {
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** The text of the member of this name, null if it is absent or of another kind. */
    public @Nullable String text(String name) {
        int member = find(name);
        return member < 0 ? null : strings[member];
    }

    /** The member as an object, null if it is absent or of another kind. */
    public @Nullable RawObject object(String name) throws IOException {
        int member = find(name);
        if (member < 0 || kinds[member] != JsonToken.START_OBJECT) {
            return null;
        }
        return parse(text, valueStarts[member], valueEnds[member] - valueStarts[member]);
    }

    /** The whole object as it stands. */
    byte[] bytes() {
        return Arrays.copyOfRange(text, start, end);
    }

    /** The object as it stands, but for members of this name. */
    byte[] without(String name) {
        if (find(name) < 0) {
            return bytes();
        }
        var rest = new ByteArrayOutputStream(length());
        rest.write('{');
        for (int member = 0; member < size(); member++) {
            if (!name.equals(name(member))) {
                if (rest.size() > 1) {
                    rest.write(',');
                }
                copyMember(member, rest);
            }
        }
        rest.write('}');
        return rest.toByteArray();
    }

    /**
     * The name of a member in which a number is beyond {@link Limits#NUMBER_SCALE}, null if there
     * is none.
     */
    @Nullable String unreadable() {
        return unreadable == null ? null : unreadable.iterator().next();
    }

    /** Whether such a number is in a member of this name. */
    boolean isUnreadable(String name) {
        return unreadable != null && unreadable.contains(name);
    }

    /** Length of the object in bytes. */
    int length() {
        return end - start;
    }

    /** Length of {@code "name":value} in bytes, as it stands. */
    int memberLength(int member) {
        return valueEnds[member] - nameStarts[member];
    }

    /** Appends {@code "name":value} as it stands. */
    void copyMember(int member, ByteBuffer to) {
        to.put(text, nameStarts[member], memberLength(member));
    }

    private void copyMember(int member, ByteArrayOutputStream to) {
        to.write(text, nameStarts[member], memberLength(member));
    }

    /** Length of the value in bytes, as it stands. */
    int valueLength(int member) {
        return valueEnds[member] - valueStarts[member];
    }

    /** The value as a stream of its own. */
    InputStream openValue(int member) {
        return new ByteArrayInputStream(text, valueStarts[member], valueLength(member));
    }

    /** Feeds a member, without the white space between its tokens, to a digest. */
    void digestMember(int member, Digest digest) {
        digest.add(text, nameStarts[member], valueEnds[member]);
    }

    /** Whether the slice of the value has these ASCII letters in it; a cheap first look. */
    boolean valueContains(int member, String ascii) {
        int last = valueEnds[member] - ascii.length();
        for (int at = valueStarts[member]; at <= last; at++) {
            int i = 0;
            while (i < ascii.length() && text[at + i] == ascii.charAt(i)) {
                i++;
            }
            if (i == ascii.length()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The members of {@code base} under those of {@code over}: what both have is taken from {@code
     * over}, except that two objects are merged in the same way, {@value #MOST_MERGED} levels deep.
     */
    static byte[] merge(RawObject base, RawObject over) throws IOException {
        return merge(base, over, MOST_MERGED);
    }

    private static byte[] merge(RawObject base, RawObject over, int levels) throws IOException {
        var out = new ByteArrayOutputStream(base.length() + over.length());
        char separator = '{';
        for (int i = 0; i < base.size; i++) {
            if (over.find(base.names[i]) < 0) {
                out.write(separator);
                base.copyMember(i, out);
                separator = ',';
            }
        }
        for (int i = 0; i < over.size; i++) {
            out.write(separator);
            separator = ',';
            RawObject mine =
                    levels > 1 && over.kinds[i] == JsonToken.START_OBJECT
                            ? base.object(over.names[i])
                            : null;
            if (mine == null) {
                over.copyMember(i, out);
            } else {
                out.write(over.text, over.nameStarts[i], over.valueStarts[i] - over.nameStarts[i]);
                out.writeBytes(
                        merge(
                                mine,
                                parse(
                                        over.text,
                                        over.valueStarts[i],
                                        over.valueEnds[i] - over.valueStarts[i]),
                                levels - 1));
            }
        }
        if (separator == '{') {
            out.write('{');
        }
        out.write('}');
        return out.toByteArray();
    }

    /** What {@link #merge} makes, as an object. */
    static RawObject merged(RawObject base, RawObject over) throws IOException {
        byte[] both = merge(base, over);
        return parse(both, 0, both.length);
    }

    /** Whether there are two members of this name or more. */
    boolean standsTwice(String name) {
        int seen = 0;
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                seen++;
            }
        }
        return seen > 1;
    }

    /** The name of a member that stands twice, if one does. */
    @Nullable String duplicate() {
        if (size <= FEW) {
            for (int i = 1; i < size; i++) {
                for (int j = 0; j < i; j++) {
                    if (names[i].equals(names[j])) {
                        return names[i];
                    }
                }
            }
            return null;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < size; i++) {
            if (!seen.add(names[i])) {
                return names[i];
            }
        }
        return null;
    }
}
