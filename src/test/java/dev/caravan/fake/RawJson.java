package dev.caravan.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON value as its bytes came over the wire. Kept instead of a tree, which takes ten times the
 * memory; it may share the array of the whole request.
 */
public final class RawJson {

    private final byte[] bytes;
    private final int from;
    private final int to;

    RawJson(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    static RawJson of(JsonNode node) {
        try {
            byte[] bytes = FakeJson.MAPPER.writeValueAsBytes(node);
            return new RawJson(bytes, 0, bytes.length);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the size in bytes. */
    public int length() {
        return to - from;
    }

    /** Returns the bytes as text, unchanged to the last blank. */
    public String text() {
        return new String(bytes, from, length(), StandardCharsets.UTF_8);
    }

    /** Returns the value, parsed anew on every call. */
    public JsonNode tree() {
        try {
            return FakeJson.MAPPER.readTree(bytes, from, length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawJson raw
                && Arrays.equals(bytes, from, to, raw.bytes, raw.from, raw.to);
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return text();
    }
}
