package dev.caravan.format;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.Limits;
import dev.caravan.event.NotJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of JSON as values, with numbers exact. */
final class JsonRecords implements RecordReader {
    private static final JsonFactory JSON =
            JsonFactory.builder().disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION).build();

    private final boolean lines;
    private final JsonSplitter splitter;
    private final Checksum checksum = new Checksum();
    private @Nullable Fault fault;
    private @Nullable Object value;

    JsonRecords(InputStream in, boolean lines) {
        this.lines = lines;
        this.splitter = new JsonSplitter(in, lines, RECORD_LENGTH);
    }

    @Override
    public boolean next() throws IOException {
        try {
            if (!splitter.next()) {
                return false;
            }
        } catch (NotJsonException e) {
            throw new BrokenException(String.valueOf(e.getMessage()));
        }
        checksum.add(splitter.text(), splitter.offset(), splitter.offset() + splitter.length());
        fault = null;
        value = null;
        if (splitter.tooLong()) {
            fault =
                    new Fault(
                            null,
                            "the record has more than %,d bytes; here are the first %,d"
                                    .formatted(RECORD_LENGTH, splitter.length()));
        } else {
            read();
        }
        return true;
    }

    private void read() throws IOException {
        try (JsonParser parser =
                JSON.createParser(splitter.text(), splitter.offset(), splitter.length())) {
            parser.nextToken();
            value = value(parser);
            if (parser.nextToken() != null) {
                fault = new Fault(null, "something follows the JSON value");
            }
        } catch (BadFieldException e) {
            fault = new Fault(e.field, String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            fault = new Fault(null, String.valueOf(NotJsonException.of(e).getMessage()));
        }
    }

    /** A field is JSON, but nothing to work with. */
    private static final class BadFieldException extends IOException {
        private static final long serialVersionUID = 1;
        final @Nullable String field;

        BadFieldException(@Nullable String field, String reason) {
            super(reason);
            this.field = field;
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            return null;
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> whole(parser);
            case VALUE_NUMBER_FLOAT -> decimal(parser);
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static Object whole(JsonParser parser) throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? parser.getBigIntegerValue()
                : (Object) parser.getLongValue();
    }

    private static BigDecimal decimal(JsonParser parser) throws IOException {
        BigDecimal decimal = null;
        try {
            decimal = parser.getDecimalValue();
        } catch (NumberFormatException e) { // its exponent takes more than 32 bits
            // told below
        }
        if (decimal == null || !Limits.isReadable(decimal)) {
            throw new BadFieldException(
                    parser.currentName(),
                    "it is a number with an exponent, or decimals, beyond %,d"
                            .formatted(Limits.NUMBER_SCALE));
        }
        return decimal;
    }

    private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            int before = object.size();
            object.put(name, value(parser));
            if (object.size() == before) {
                throw new BadFieldException(name, "the field stands twice");
            }
        }
        return object;
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(parser));
        }
        return array;
    }

    @Override
    public @Nullable Fault fault() {
        return fault;
    }

    @Override
    public @Nullable Object value() {
        return value;
    }

    @Override
    public String place() {
        return lines ? "line " + splitter.line() : "byte " + splitter.position();
    }

    @Override
    public byte[] raw() {
        int from = splitter.offset();
        return Arrays.copyOfRange(splitter.text(), from, from + splitter.length());
    }

    @Override
    public long checksum() {
        return checksum.value();
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("format", "json");
    }
}
