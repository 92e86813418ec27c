package dev.caravan.poll;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;

/** JSON as trees in which numbers stay as they were written. */
final class Trees {
    private static final ObjectReader JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
                    .build()
                    .readerFor(JsonNode.class);

    private Trees() {}

    /**
     * Reads one.
     *
     * @throws com.fasterxml.jackson.core.JacksonException if it is no JSON
     */
    static JsonNode read(byte[] json) throws IOException {
        return JSON.readTree(json);
    }
}
