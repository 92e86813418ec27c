package dev.caravan.ingest;

import dev.caravan.event.Json;
import dev.caravan.event.Origin;
import java.util.LinkedHashMap;
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
 */
record RecordEnvelope(
        Map<String, Object> description, @Nullable String mapping, long number, int event) {
    private static final String RECORD = "record";
    private static final String MAPPING = "mapping";
    private static final String NUMBER = "number";
    private static final String EVENT = "event";

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
        return Optional.of(
                new RecordEnvelope(
                        description,
                        mapping == null ? null : mapping.toString(),
                        ((Number) description.remove(NUMBER)).longValue(),
                        ((Number) description.remove(EVENT)).intValue()));
    }
}
