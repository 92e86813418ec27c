package dev.caravan.format;

import dev.caravan.event.JsonSplitter;
import dev.caravan.event.Meaning;
import dev.caravan.event.NotJsonException;
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
    private final boolean mayBeCut;
    private final Checksum checksum = new Checksum();
    private @Nullable Fault fault;
    private @Nullable Object value;

    DeletionRecords(InputStream in, boolean mayBeCut) {
        this.mayBeCut = mayBeCut;
        this.lines = new JsonSplitter(in, true, RECORD_LENGTH);
    }

    @Override
    public boolean next() throws IOException {
        try {
            if (!lines.next()) {
                return false;
            }
        } catch (NotJsonException e) {
            throw new BrokenException(String.valueOf(e.getMessage()));
        }
        if (mayBeCut && lines.atEnd()) {
            throw new BrokenException(
                    "the last line has no line end, so what stands in it may be the beginning of an id:"
                            + " if it is whole, put a line end behind it");
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
            String userId = new String(lines.text(), from, to - from, StandardCharsets.UTF_8);
            fault = faultOf(userId);
            value = fault == null ? deletion(userId) : null;
        }
        return true;
    }

    /** Whether it is hardly one id: whoever is meant would stay. */
    private static @Nullable Fault faultOf(String line) {
        if (line.charAt(0) == MarkedText.BYTE_ORDER_MARK) {
            return new Fault(null, MarkedText.MARK_IN_THE_MIDDLE);
        } else if (line.chars().anyMatch(Character::isISOControl)) {
            return new Fault(
                    null,
                    "it has a control character; does each id stand in a line of its own, which ends"
                            + " with a line feed?");
        }
        return null;
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
