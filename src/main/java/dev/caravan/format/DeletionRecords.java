package dev.caravan.format;

import dev.caravan.event.JsonSplitter;
import dev.caravan.event.Meaning;
import dev.caravan.event.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Lines of ids as deletions of these users; see {@link Deletions}. */
final class DeletionRecords implements RecordReader {
    private final JsonSplitter lines;
    private final Checksum checksum = new Checksum();
    private @Nullable Fault fault;
    private @Nullable Object value;

    DeletionRecords(InputStream in) {
        this.lines = new JsonSplitter(in, true, RECORD_LENGTH);
    }

    @Override
    public boolean next() throws IOException {
        if (!lines.next()) {
            return false;
        }
        int from = lines.offset();
        int to = from + lines.length();
        checksum.add(lines.text(), from, to);
        fault = null;
        value = null;
        if (lines.tooLong()) {
            fault = new Fault(null, "the line has more than %,d bytes".formatted(RECORD_LENGTH));
        } else if (!Utf8.isValid(lines.text(), from, lines.length())) {
            fault = new Fault(null, "it is not text in UTF-8");
        } else {
            value = deletion(new String(lines.text(), from, to - from, StandardCharsets.UTF_8));
        }
        return true;
    }

    private static Map<String, Object> deletion(String userId) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", "track");
        event.put("event", Meaning.USER_DELETED.eventName());
        event.put("userId", userId);
        return event;
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
        return ""; // an id a line: the number says it
    }

    @Override
    public byte[] raw() {
        int from = lines.offset();
        return Arrays.copyOfRange(lines.text(), from, from + lines.length());
    }

    @Override
    public long checksum() {
        return checksum.value();
    }

    @Override
    public Map<String, Object> description() {
        return Map.of("format", Formats.DELETIONS);
    }
}
