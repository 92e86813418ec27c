package dev.caravan.fake;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Unpacks and parses a body, and remembers which bytes each item of a batch took. */
final class BodyParser {

    private static final int MAX_PLAIN = 64 * 1024 * 1024;
    private static final ObjectMapper STRICT_JSON =
            new ObjectMapper(
                    JsonFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .build());
    private static final JsonNode NO_FIELDS = JsonNodeFactory.instance.objectNode();
    private static final JsonNode NO_ELEMENTS = JsonNodeFactory.instance.arrayNode();

    private BodyParser() {}

    static ParsedBody parse(WireRequest request, boolean batch) {
        try {
            return parse(unpacked(request), batch);
        } catch (IOException e) {
            return ParsedBody.broken(request.body(), "the body cannot be decompressed");
        }
    }

    /** Returns the items of a logged body, whole; none if it is malformed. */
    static List<JsonNode> itemsOf(String path, String body) {
        boolean batch = Endpoint.of(path).filter(Endpoint::isBatch).isPresent();
        return parse(body.getBytes(StandardCharsets.UTF_8), batch).elements().stream()
                .map(element -> element.raw().tree())
                .toList();
    }

    private static ParsedBody parse(byte[] plain, boolean batch) {
        try (JsonParser json = STRICT_JSON.createParser(plain)) {
            return batch ? batch(plain, json) : single(plain, json);
        } catch (IOException e) {
            return ParsedBody.broken(plain, "the body is not well-formed JSON");
        }
    }

    private static byte[] unpacked(WireRequest request) throws IOException {
        String encoding = request.header("content-encoding");
        if (encoding.isEmpty() || encoding.equalsIgnoreCase("identity")) {
            return request.body();
        }
        if (!encoding.equalsIgnoreCase("gzip")) {
            throw new IOException("unknown encoding " + encoding);
        }
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()))) {
            return in.readNBytes(MAX_PLAIN);
        }
    }

    private static ParsedBody single(byte[] plain, JsonParser json) throws IOException {
        json.nextToken();
        if (!(element(json) instanceof ObjectNode head) || json.nextToken() != null) {
            return ParsedBody.broken(plain, "the body is not one JSON object");
        }
        RawJson raw = new RawJson(plain, 0, plain.length);
        return new ParsedBody(plain, "", head, false, List.of(new ParsedBody.Element(head, raw)));
    }

    private static ParsedBody batch(byte[] plain, JsonParser json) throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            return ParsedBody.broken(plain, "the body is not one JSON object");
        }
        ObjectNode top = JsonNodeFactory.instance.objectNode();
        List<ParsedBody.Element> elements = new ArrayList<>();
        boolean hasBatch = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            if (json.nextToken() == JsonToken.START_ARRAY && field.equals("batch")) {
                hasBatch = true;
                readElements(plain, json, elements);
            } else {
                top.set(field, STRICT_JSON.<JsonNode>readTree(json));
            }
        }
        return json.nextToken() == null
                ? new ParsedBody(plain, "", top, hasBatch, elements)
                : ParsedBody.broken(plain, "the body is not one JSON object");
    }

    private static void readElements(
            byte[] plain, JsonParser json, List<ParsedBody.Element> elements) throws IOException {
        while (json.nextToken() != JsonToken.END_ARRAY) {
            int from = (int) json.currentTokenLocation().getByteOffset();
            JsonNode head = element(json);
            int to = (int) json.currentLocation().getByteOffset();
            if (from < 0) {
                throw new IOException("the body is not UTF-8, so its parser counts no bytes");
            }
            elements.add(new ParsedBody.Element(head, new RawJson(plain, from, to)));
        }
    }

    /**
     * Reads a value; of an object only what every call needs, for whole trees cost half of the
     * time.
     */
    private static JsonNode element(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return STRICT_JSON.readTree(json);
        }
        ObjectNode head = JsonNodeFactory.instance.objectNode();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            JsonToken value = json.nextToken();
            if (value.isScalarValue() || field.equals("traits")) {
                head.set(field, STRICT_JSON.<JsonNode>readTree(json));
            } else {
                json.skipChildren();
                head.set(field, value == JsonToken.START_OBJECT ? NO_FIELDS : NO_ELEMENTS);
            }
        }
        return head;
    }
}
