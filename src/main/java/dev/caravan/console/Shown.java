package dev.caravan.console;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.Decision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as the operator API shows them. */
final class Shown {
    private static final JsonFactory JSON = new JsonFactory();

    private Shown() {}

    static Map<String, Object> letter(DeadLetter letter) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", letter.id());
        shown.put("destination", letter.destination() == null ? "door" : letter.destination());
        shown.put("source", letter.source());
        shown.put("place", letter.place());
        shown.put("messageId", letter.messageId());
        shown.put("type", letter.type());
        shown.put("name", letter.name());
        shown.put("rule", letter.rule());
        shown.put("reason", letter.reason());
        shown.put("status", letter.status());
        shown.put("attempts", letter.attempts());
        shown.put("sequence", letter.sequence());
        shown.put("at", time(letter.at()));
        return shown;
    }

    static Map<String, Object> decision(Decision decision) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", decision.id());
        shown.put("decision", decision.what().name().toLowerCase(Locale.ROOT));
        shown.put("by", decision.operator());
        shown.put("at", time(decision.at()));
        shown.put("source", decision.source());
        shown.put("rule", decision.rule());
        shown.put("deadLetter", decision.letter() == 0 ? null : decision.letter());
        shown.put("sequence", decision.sequence() == 0 ? null : decision.sequence());
        return shown;
    }

    /**
     * With the item: as JSON if it is that, else as text, else in Base64. And with what was said
     * for it outside of it.
     *
     * @param envelope JSON, or empty
     */
    static Map<String, Object> letterWithItem(DeadLetter letter, byte[] item, byte[] envelope) {
        Map<String, Object> shown = letter(letter);
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(item)).toString();
            Object value = jsonOrText(text);
            shown.put(value instanceof RawValue ? "item" : "text", value);
        } catch (CharacterCodingException e) {
            shown.put("base64", Base64.getEncoder().encodeToString(item));
        }
        if (envelope.length > 0) {
            shown.put("envelope", new RawValue(new String(envelope, StandardCharsets.UTF_8)));
        }
        return shown;
    }

    /**
     * The text, as the JSON that it is. Not as a tree: that could not write every number, and would
     * write {@code 1e9999} with all its digits.
     */
    static Object jsonOrText(String text) {
        return isJson(text) ? new RawValue(text) : text;
    }

    /** Whether the text is one JSON value and nothing else. */
    private static boolean isJson(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }

    static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }
}
