package dev.caravan.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes one event. An object or a list begins when the first thing in it is written, so that one
 * of which nothing is left leaves no trace. Used by one thread, for one event.
 */
final class JsonOut implements AutoCloseable {
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_CONTENT).build();
    private static final int DEEPEST = 500;
    private static final int ASCII = 127;

    private final ByteArrayBuilder bytes;
    private final JsonGenerator to;
    private @Nullable SerializableString[] names = new SerializableString[8];
    private boolean[] lists = new boolean[8];
    private int depth;
    private int begun;
    private boolean broken;
    private @Nullable SerializableString next;

    JsonOut() {
        bytes = new ByteArrayBuilder(512);
        try {
            to = JSON.createGenerator(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The name of what is written next; ignored by what stands in a list. */
    void name(@Nullable SerializableString name) {
        next = name;
    }

    void beginObject() {
        begin(false);
    }

    void beginList() {
        begin(true);
    }

    private void begin(boolean list) {
        if (depth == lists.length) {
            names = Arrays.copyOf(names, depth * 2);
            lists = Arrays.copyOf(lists, depth * 2);
        }
        names[depth] = next;
        lists[depth] = list;
        depth++;
        next = null;
    }

    /** Lets what was begun last stand even if there is nothing in it. */
    void insist() throws IOException {
        for (; !broken && begun < depth; begun++) {
            writeName(names[begun]);
            if (lists[begun]) {
                to.writeStartArray();
            } else {
                to.writeStartObject();
            }
        }
    }

    void end() throws IOException {
        depth--;
        next = null;
        if (!broken && begun > depth) {
            begun = depth;
            if (lists[depth]) {
                to.writeEndArray();
            } else {
                to.writeEndObject();
            }
        }
    }

    private void writeName(@Nullable SerializableString name) throws IOException {
        if (name != null && !to.getOutputContext().inArray()) {
            to.writeFieldName(name);
        }
    }

    /**
     * Writes a value. After one that cannot be written, nothing else is.
     *
     * @throws IllegalArgumentException if it has no place in JSON; the message says why
     */
    void value(@Nullable Object value) throws IOException {
        if (broken) {
            return;
        }
        SerializableString name = next;
        insist();
        writeName(name);
        next = null;
        try {
            write(value, depth);
        } catch (IllegalArgumentException e) {
            broken = true;
            throw e;
        }
    }

    /** Whether a value could not be written, so that what there is breaks off. */
    boolean isBroken() {
        return broken;
    }

    private void write(@Nullable Object value, int level) throws IOException {
        if (value instanceof String text) {
            text(text);
        } else if (value == null) {
            to.writeNull();
        } else if (value instanceof Boolean flag) {
            to.writeBoolean(flag);
        } else if (value instanceof Number number) {
            number(number);
        } else if (level > DEEPEST) {
            throw new IllegalArgumentException("it is nested deeper than " + DEEPEST);
        } else if (value instanceof Map<?, ?> map) {
            to.writeStartObject();
            for (Map.Entry<?, ?> member : map.entrySet()) {
                fieldName(String.valueOf(member.getKey()));
                write(member.getValue(), level + 1);
            }
            to.writeEndObject();
        } else if (value instanceof List<?> list) {
            to.writeStartArray();
            for (Object element : list) {
                write(element, level + 1);
            }
            to.writeEndArray();
        } else {
            throw new IllegalArgumentException(
                    "a value of " + value.getClass().getName() + " has no place in JSON");
        }
    }

    private void number(Number number) throws IOException {
        if (number instanceof Long || number instanceof Integer) {
            to.writeNumber(number.longValue());
        } else if (number instanceof BigInteger whole) {
            to.writeNumber(whole);
        } else {
            to.writeNumber(Texts.number(number));
        }
    }

    private void text(String text) throws IOException {
        boolean escape = hasHalfPair(text);
        if (escape) {
            to.setHighestNonEscapedChar(ASCII);
        }
        to.writeString(text);
        if (escape) {
            to.setHighestNonEscapedChar(0);
        }
    }

    private void fieldName(String name) throws IOException {
        boolean escape = hasHalfPair(name);
        if (escape) {
            to.setHighestNonEscapedChar(ASCII);
        }
        to.writeFieldName(name);
        if (escape) {
            to.setHighestNonEscapedChar(0);
        }
    }

    /** Half a surrogate pair is nothing in UTF-8, but JSON can say it by an escape. */
    static boolean hasHalfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                if (Character.isBmpCodePoint(text.codePointAt(i))) {
                    return true;
                }
                i++;
            }
        }
        return false;
    }

    byte[] toBytes() throws IOException {
        to.flush();
        return bytes.toByteArray();
    }

    @Override
    public void close() throws IOException {
        to.close();
        bytes.release();
    }
}
