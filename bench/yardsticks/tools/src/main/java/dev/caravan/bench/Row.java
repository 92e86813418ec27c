package dev.caravan.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What {@link Bare} stores of an event.
 *
 * @param json the event as it was read
 */
record Row(
        String messageId,
        String type,
        String name,
        String userId,
        String anonymousId,
        String timestamp,
        byte[] json) {

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Parses an event to its end, keeping the top-level fields that are columns.
     *
     * @throws IOException if it is not JSON, or no object
     */
    static Row parse(byte[] json) throws IOException {
        String messageId = null;
        String type = null;
        String name = null;
        String userId = null;
        String anonymousId = null;
        String timestamp = null;
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("not an object");
            }
            for (String field; (field = parser.nextFieldName()) != null; ) {
                JsonToken token = parser.nextToken();
                if (token != JsonToken.VALUE_STRING) {
                    parser.skipChildren();
                    continue;
                }
                switch (field) {
                    case "messageId" -> messageId = parser.getText();
                    case "type" -> type = parser.getText();
                    case "event" -> name = parser.getText();
                    case "userId" -> userId = parser.getText();
                    case "anonymousId" -> anonymousId = parser.getText();
                    case "timestamp" -> timestamp = parser.getText();
                    default -> {}
                }
            }
        }
        return new Row(messageId, type, name, userId, anonymousId, timestamp, json);
    }
}
