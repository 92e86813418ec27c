package dev.caravan.ingest;

import dev.caravan.event.Json;
import dev.caravan.event.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a dead letter keeps about a record of a file or message beside its text, so that it can be
 * read again as it would have been there.
 *
 * @param description see {@link dev.caravan.format.RecordReader#description}
 * @param mapping null if the record is an event already
 * @param number the record's number, from 0
 * @param event the number, from 0, of the event among those of the record; -1 for all of them
 * @param about whom it is about, by which a deletion finds it: objects with the identifiers and the
 *     time of an event, as far as they are known
 */
record RecordEnvelope(
        Map<String, Object> description,
        @Nullable String mapping,
        long number,
        int event,
        List<Map<String, Object>> about) {
    private static final String RECORD = "record";
    private static final String MAPPING = "mapping";
    private static final String NUMBER = "number";
    private static final String EVENT = "event";

    /** Known to {@code dev.caravan.journal.LetterNames}. */
    private static final String ABOUT = "about";

    private static final List<String> IDENTIFIERS =
            List.of("userId", "anonymousId", "previousId", "timestamp");

    /** With what the origin says for the record. */
    byte[] toJson(Origin origin) {
        byte[] said = origin.toJson();
        Map<String, Object> all =
                said.length == 0 ? new LinkedHashMap<>() : new LinkedHashMap<>(Json.toMap(said));
        Map<String, Object> record = new LinkedHashMap<>(description);
        record.put(NUMBER, number);
        record.put(EVENT, event);
        if (mapping != null) {
            record.put(MAPPING, mapping);
        }
        if (!about.isEmpty()) {
            record.put(ABOUT, about);
        }
        all.put(RECORD, record);
        return Json.toBytes(all);
    }

    /** What {@link #toJson} wrote; empty for an item that stands for itself. */
    static Optional<RecordEnvelope> read(byte[] json) {
        if (json.length == 0 || !(Json.toMap(json).get(RECORD) instanceof Map<?, ?> record)) {
            return Optional.empty();
        }
        Map<String, Object> description = new LinkedHashMap<>();
        record.forEach((name, value) -> description.put(String.valueOf(name), value));
        Object mapping = description.remove(MAPPING);
        description.remove(ABOUT); // of no use to who reads it again
        return Optional.of(
                new RecordEnvelope(
                        description,
                        mapping == null ? null : mapping.toString(),
                        ((Number) description.remove(NUMBER)).longValue(),
                        ((Number) description.remove(EVENT)).intValue(),
                        List.of()));
    }

    /** Whom events, or what could be made of them, are about. */
    static List<Map<String, Object>> about(List<byte[]> events) {
        List<Map<String, Object>> about = new ArrayList<>();
        for (byte[] event : events) {
            Map<String, Object> all = Json.toMap(event);
            Map<String, Object> kept = new LinkedHashMap<>();
            for (String name : IDENTIFIERS) {
                if (all.get(name) instanceof String text) {
                    kept.put(name, text);
                }
            }
            if (all.get("traits") instanceof Map<?, ?> traits
                    && traits.get("email") instanceof String email) {
                kept.put("traits", Map.of("email", email));
            }
            if (!kept.isEmpty() && !about.contains(kept)) {
                about.add(kept);
            }
        }
        return about;
    }
}
