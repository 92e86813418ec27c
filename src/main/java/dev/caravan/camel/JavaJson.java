package dev.caravan.camel;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.EventMap;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Calendar;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Java values as routes make them (rows of a query, unmarshalled files, beans' maps) as JSON. Maps,
 * lists, arrays, texts, numbers, booleans and nulls are what they are; times become ISO-8601 texts,
 * with a zone if they have one; bytes become Base64; ids, addresses and constants their text. There
 * is no guessing about anything else.
 */
final class JavaJson {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();
    private static final int DEEPEST = 500;

    private static final int READABLE_VALUES = 100_000;

    private final JsonGenerator to;
    private final boolean exact;
    private int values;

    private JavaJson(JsonGenerator to, boolean exact) {
        this.to = to;
        this.exact = exact;
    }

    /**
     * The value as JSON in UTF-8.
     *
     * @throws IllegalArgumentException if it holds a value of another kind, a number that JSON does
     *     not have, or itself; the message names the class or rule
     */
    static byte[] toBytes(@Nullable Object value) {
        if (value instanceof EventMap event) {
            return event.json();
        }
        return toBytes(value, true);
    }

    /**
     * The value as JSON for a person to read: what JSON cannot say stands there as it calls itself.
     * {@code null} if there is too much of it, or it holds itself.
     */
    static byte[] forReading(@Nullable Object value) {
        try {
            return toBytes(value, false);
        } catch (IllegalArgumentException e) {
            return toBytes(null, true);
        }
    }

    private static byte[] toBytes(@Nullable Object value, boolean exact) {
        var text = new StringWriter();
        try (JsonGenerator to = JSON.createGenerator(text)) {
            new JavaJson(to, exact).write(value, 0);
        } catch (JacksonException e) { // such as a number too long to be written out
            throw new IllegalArgumentException(
                    "it does not become JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return utf8(text.toString());
    }

    /**
     * A JSON text in UTF-8. Half a surrogate pair, which UTF-8 cannot hold, is escaped as JSON can.
     */
    static byte[] utf8(String json) {
        StringBuilder escaped = null;
        for (int i = 0; i < json.length(); i++) {
            char c = json.charAt(i);
            boolean half = false;
            if (Character.isSurrogate(c)) {
                if (Character.isBmpCodePoint(json.codePointAt(i))) {
                    half = true;
                    if (escaped == null) {
                        escaped = new StringBuilder(json.length() + 16).append(json, 0, i);
                    }
                    escaped.append("\\u%04x".formatted((int) c));
                } else if (escaped != null) {
                    escaped.append(c);
                    c = json.charAt(i + 1);
                    i++;
                } else {
                    i++;
                }
            }
            if (escaped != null && !half) {
                escaped.append(c);
            }
        }
        return (escaped == null ? json : escaped.toString()).getBytes(StandardCharsets.UTF_8);
    }

    private void write(@Nullable Object value, int depth) throws IOException {
        if (depth > DEEPEST || (!exact && ++values > READABLE_VALUES)) {
            throw new IllegalArgumentException(
                    "it is nested more than %d deep, or holds itself".formatted(DEEPEST));
        } else if (value == null) {
            to.writeNull();
        } else if (value instanceof CharSequence || value instanceof Character) {
            to.writeString(value.toString());
        } else if (value instanceof Boolean bool) {
            to.writeBoolean(bool);
        } else if (value instanceof Number number) {
            writeNumber(number);
        } else if (value instanceof JsonNode tree) {
            to.writeRawValue(tree.toString());
        } else if (value instanceof EventMap event) {
            to.writeRawValue(new String(event.json(), StandardCharsets.UTF_8));
        } else if (value instanceof Map<?, ?> map) {
            writeMap(map, depth);
        } else if (value instanceof Iterable<?> values) {
            to.writeStartArray();
            for (Object element : values) {
                write(element, depth + 1);
            }
            to.writeEndArray();
        } else if (value instanceof byte[] bytes) {
            to.writeBinary(bytes);
        } else if (value.getClass().isArray()) {
            to.writeStartArray();
            for (int i = 0; i < Array.getLength(value); i++) {
                write(Array.get(value, i), depth + 1);
            }
            to.writeEndArray();
        } else if (value instanceof Optional<?> optional) {
            write(optional.orElse(null), depth + 1);
        } else {
            to.writeString(text(value));
        }
    }

    private void writeMap(Map<?, ?> map, int depth) throws IOException {
        to.writeStartObject();
        for (Map.Entry<?, ?> member : map.entrySet()) {
            to.writeFieldName(String.valueOf(member.getKey()));
            write(member.getValue(), depth + 1);
        }
        to.writeEndObject();
    }

    private void writeNumber(Number number) throws IOException {
        if (number instanceof BigInteger integer) {
            to.writeNumber(integer);
        } else if (number instanceof BigDecimal decimal) {
            to.writeNumber(decimal);
        } else if (number instanceof Double || number instanceof Float) {
            if (Double.isNaN(number.doubleValue()) || Double.isInfinite(number.doubleValue())) {
                if (exact) {
                    throw new IllegalArgumentException("JSON has no number " + number);
                }
                to.writeString(number.toString());
            } else {
                to.writeNumber(number.toString());
            }
        } else {
            to.writeNumber(new BigDecimal(number.toString()));
        }
    }

    private String text(Object value) {
        if (value instanceof java.sql.Date || value instanceof java.sql.Time) {
            return value.toString(); // a day, or a time of day: no instant
        } else if (value instanceof Date date) {
            return Instant.ofEpochMilli(date.getTime()).toString();
        } else if (value instanceof Calendar calendar) {
            return calendar.toInstant().toString();
        } else if (value instanceof ZonedDateTime time) {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
        } else if (value instanceof OffsetDateTime time) {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
        } else if (value instanceof Enum<?> constant) {
            return constant.name();
        } else if (value instanceof TemporalAccessor
                || value instanceof UUID
                || value instanceof URI
                || value instanceof URL
                || !exact) {
            return value.toString();
        }
        throw new IllegalArgumentException(
                "a value of %s does not become JSON".formatted(value.getClass().getName()));
    }
}
