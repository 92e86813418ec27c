package dev.caravan.customerio;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.caravan.delivery.Run;
import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.EventMap;
import dev.caravan.event.Json;
import dev.caravan.event.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events in what a route sends here: an {@link Event}, a map, a JSON object (as text,
 * bytes, stream or tree), or a list, array or JSON array of those; a {@link Run} is taken as it is
 * stored, without parsing.
 *
 * <p>Events of Caravan's own were checked on their way in; of them only the limits are looked at.
 * What is anything else is checked by {@link Rules}, since a refused event would take the request
 * that it travels in along. JSON text is sent on byte for byte.
 */
final class BodyReader {
    /** Bytes of JSON that one message may have; for more, split it before. */
    static final int LARGEST = 64 << 20;

    private static final JsonFactory JSON =
            JsonFactory.builder().disable(JsonFactory.Feature.INTERN_FIELD_NAMES).build();

    private static final ObjectMapper STRICT =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .build())
                    .build();

    private BodyReader() {}

    /** Whether {@link #read} knows the type of this body. */
    static boolean knows(@Nullable Object body) {
        return body == null
                || body instanceof Event
                || body instanceof Map
                || body instanceof Collection
                || body instanceof Object[]
                || body instanceof JsonNode
                || body instanceof CharSequence
                || body instanceof byte[]
                || body instanceof InputStream;
    }

    /**
     * Reads a body.
     *
     * @throws BodyException if there is no telling where events begin and end in it
     */
    static Body read(@Nullable Object body) throws BodyException {
        if (body instanceof Run run) {
            return run(run);
        } else if (body instanceof Collection<?> list) {
            return list(list);
        } else if (body instanceof Object[] array) {
            return list(Arrays.asList(array));
        } else if (body instanceof CharSequence || body instanceof byte[]) {
            return json(bytes(body));
        } else if (body instanceof InputStream stream) {
            return json(drain(stream));
        } else if (body instanceof JsonNode node && node.isArray()) {
            List<Item> items = new ArrayList<>(node.size());
            node.forEach(element -> items.add(item(element)));
            return new Body(items, true);
        } else if (body == null) {
            throw new BodyException("the message has no body");
        }
        return new Body(List.of(item(body)), false);
    }

    private static Body run(Run run) {
        List<Item> items = new ArrayList<>(run.size());
        for (int i = 0; i < run.size(); i++) {
            int place = i;
            Event event = run.entries().get(i).event();
            items.add(event(event).stoppedBy(() -> run.stopped(place)));
        }
        return new Body(items, true);
    }

    private static Body list(Collection<?> list) {
        List<Item> items = new ArrayList<>(list.size());
        for (Object element : list) {
            items.add(item(element));
        }
        return new Body(items, true);
    }

    private static Item item(@Nullable Object element) {
        if (element instanceof Event event) {
            return event(event);
        } else if (element instanceof EventMap map) {
            return event(map);
        } else if (element instanceof Map<?, ?> || element instanceof JsonNode) {
            return value(element);
        } else if (element instanceof CharSequence || element instanceof byte[]) {
            try {
                Body one = json(bytes(element));
                return one.list()
                        ? Item.refused("an event must be a JSON object")
                        : one.items().get(0);
            } catch (BodyException e) {
                return Item.refused(e.getMessage());
            }
        }
        return Item.refused(
                element == null
                        ? "there is null in place of an event"
                        : "a %s is no event: it takes a map, a JSON object or an Event"
                                .formatted(element.getClass().getName()));
    }

    private static Item event(Event event) {
        String name = event.call() == Call.PAGE ? null : event.name();
        return checked(
                event.call(),
                event.json(),
                event.call() == Call.TRACK ? "event" : "name",
                name,
                event.userId(),
                event.anonymousId(),
                event.messageId());
    }

    private static Item event(EventMap map) {
        Call call = Call.ofType(String.valueOf(map.get("type"))).orElseThrow();
        String name = call == Call.TRACK ? (String) map.get("event") : null;
        return checked(
                call,
                map.json(),
                "event",
                name,
                (String) map.get("userId"),
                (String) map.get("anonymousId"),
                (String) map.get("messageId"));
    }

    private static Item checked(
            Call call,
            byte[] json,
            String nameField,
            @Nullable String name,
            @Nullable String userId,
            @Nullable String anonymousId,
            @Nullable String messageId) {
        Optional<String> broken =
                Rules.tooLarge("the event", json.length, Limits.EVENT_BYTES)
                        .or(() -> Rules.tooLong("userId", userId, Limits.ID_BYTES))
                        .or(() -> Rules.tooLong("anonymousId", anonymousId, Limits.ID_BYTES))
                        .or(() -> Rules.tooLong(nameField, name, Limits.NAME_BYTES))
                        .or(() -> Rules.tooLong("messageId", messageId, Limits.MESSAGE_ID_BYTES));
        return broken.map(Item::refused).orElseGet(() -> Item.ready(call, json));
    }

    /** An event of Java values, or a tree. */
    private static Item value(Object value) {
        try {
            if (value instanceof Map<?, ?> map) {
                JsonValues.check(map);
            }
            return item(Json.toBytes(value));
        } catch (IllegalArgumentException e) {
            return Item.refused(String.valueOf(e.getMessage()));
        }
    }

    /** An event that fills the bytes, which are JSON. */
    private static Item item(byte[] json) {
        Optional<String> large = Rules.tooLarge("the event", json.length, Limits.EVENT_BYTES);
        if (large.isPresent()) {
            return Item.refused(large.get());
        }
        JsonNode event;
        try {
            event = STRICT.readTree(json);
        } catch (JacksonException e) {
            return Item.refused(
                    String.valueOf(e.getOriginalMessage()).startsWith("Duplicate field")
                            ? "a field stands twice in the event"
                            : "the event is not valid JSON");
        } catch (IOException e) {
            return Item.refused("the event is unreadable");
        }
        List<String> broken = Rules.broken(event, null);
        return broken.isEmpty()
                ? Item.ready(Rules.call(event).orElseThrow(), json)
                : Item.refused(String.join("; ", broken));
    }

    // --- JSON text

    private static Body json(byte[] text) throws BodyException {
        int start = utf8(text);
        List<Item> items = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(text, start, text.length - start)) {
            JsonToken first = parser.nextToken();
            boolean list = first == JsonToken.START_ARRAY;
            if (list) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(slice(parser, text, start));
                }
            } else if (first == JsonToken.START_OBJECT) {
                items.add(slice(parser, text, start));
            } else {
                throw new BodyException(
                        first == null
                                ? "the body is empty"
                                : "the body is neither a JSON object nor a JSON array");
            }
            if (parser.nextToken() != null) {
                throw new BodyException("something follows the JSON in the body");
            }
            return new Body(items, list);
        } catch (IOException e) {
            throw new BodyException("the body is not valid JSON");
        }
    }

    /** The value at the parser as an event; leaves the parser at the value's end. */
    private static Item slice(JsonParser parser, byte[] text, int origin) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return Item.refused("an event must be a JSON object");
        }
        int from = origin + (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        int to = origin + (int) parser.currentLocation().getByteOffset();
        Optional<String> large = Rules.tooLarge("the event", to - from, Limits.EVENT_BYTES);
        return large.isPresent()
                ? Item.refused(large.get())
                : item(Arrays.copyOfRange(text, from, to));
    }

    /** Where the text starts behind a byte order mark; JSON of other encodings is refused. */
    private static int utf8(byte[] text) throws BodyException {
        for (int i = 0; i < Math.min(4, text.length); i++) {
            if (text[i] == 0) {
                throw new BodyException("the body is not UTF-8");
            }
        }
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
        } catch (CharacterCodingException e) {
            throw new BodyException("the body is not UTF-8");
        }
        boolean marked =
                text.length >= 3
                        && text[0] == (byte) 0xEF
                        && text[1] == (byte) 0xBB
                        && text[2] == (byte) 0xBF;
        return marked ? 3 : 0;
    }

    private static byte[] bytes(Object text) throws BodyException {
        if (text instanceof byte[] bytes) {
            return bytes;
        }
        try {
            ByteBuffer utf8 =
                    StandardCharsets.UTF_8
                            .newEncoder()
                            .encode(CharBuffer.wrap((CharSequence) text));
            byte[] bytes = new byte[utf8.remaining()];
            utf8.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new BodyException("the body has half a surrogate pair");
        }
    }

    private static byte[] drain(InputStream stream) throws BodyException {
        try (stream) {
            byte[] bytes = stream.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new BodyException(
                        "the body has more than %,d bytes: split it before".formatted(LARGEST));
            }
            return bytes;
        } catch (IOException e) {
            throw new BodyException("the body cannot be read");
        }
    }
}
