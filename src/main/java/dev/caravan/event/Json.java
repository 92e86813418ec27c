package dev.caravan.event;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON to and from Java values without loss: whole numbers of any size, exact decimals. */
public final class Json {
    private static final TypeReference<LinkedHashMap<String, Object>> MAP =
            new TypeReference<>() {};

    private static final ObjectMapper MAPPER =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                    .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                    .build();

    private static final ObjectReader INEXACT =
            MAPPER.reader().without(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private Json() {}

    /** The object as a read-only map in the order of its members. */
    public static Map<String, Object> toMap(byte[] json) {
        try {
            return Collections.unmodifiableMap(MAPPER.readValue(json, MAP));
        } catch (IOException e) {
            throw new UncheckedIOException("an event's own JSON is unreadable", e);
        }
    }

    /**
     * Any JSON text as maps, lists, texts, numbers (Integer, Long, BigInteger, BigDecimal),
     * booleans and nulls.
     *
     * @throws IOException if the slice is not exactly one JSON value
     */
    public static @Nullable Object toValue(byte[] json, int offset, int length) throws IOException {
        try (JsonParser parser = MAPPER.createParser(json, offset, length)) {
            Object value = MAPPER.readValue(parser, Object.class);
            if (parser.nextToken() != null) {
                throw new NotJsonException("something follows the JSON value");
            }
            return value;
        } catch (JacksonException e) {
            throw NotJsonException.of(e);
        }
    }

    /**
     * Any JSON text as a tree. Where numbers are beyond {@link Limits#NUMBER_SCALE} they are
     * inexact.
     *
     * @throws IOException if the text is not JSON
     */
    public static JsonNode toTree(byte[] json) throws IOException {
        try {
            return MAPPER.readTree(json);
        } catch (IOException | NumberFormatException e) {
            return INEXACT.readTree(json);
        }
    }

    /**
     * Maps, lists, texts, numbers, booleans and nulls as JSON in UTF-8.
     *
     * @throws IllegalArgumentException if a value is of another kind
     */
    public static byte[] toBytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "a value of " + value.getClass().getName() + " does not become JSON", e);
        }
    }

    /** The text in quotes, escaped. */
    static String quote(String text) {
        return new String(toBytes(text), java.nio.charset.StandardCharsets.UTF_8);
    }
}
