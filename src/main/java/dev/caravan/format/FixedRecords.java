package dev.caravan.format;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The records of one file of fixed width. */
final class FixedRecords implements RecordReader {
    private final FixedWidth format;
    private final Columns columns;
    private final Frames frames;
    private final int length;
    private final Checksum checksum = new Checksum();
    private @Nullable Fault fault;
    private @Nullable Row row;

    FixedRecords(FixedWidth format, Frames frames) {
        this.format = format;
        this.columns = format.columns();
        this.frames = frames;
        this.length = format.length();
    }

    @Override
    public boolean next() throws IOException {
        if (!frames.next()) {
            return false;
        }
        checksum.add(frames.text(), frames.from(), frames.to());
        checksum.add(frames.length());
        fault = faultOf();
        row = fault == null ? row() : null;
        return true;
    }

    private @Nullable Fault faultOf() {
        int actual = frames.to() - frames.from();
        if (frames.tooLong()) {
            return new Fault(
                    null,
                    "the record has %,d characters, the limit is %,d; here are the first %,d"
                            .formatted(frames.length(), RECORD_LENGTH, KEPT_OF_TOO_LONG));
        } else if (actual > 0 && frames.text()[frames.from()] == MarkedText.BYTE_ORDER_MARK) {
            return new Fault(null, MarkedText.MARK_IN_THE_MIDDLE);
        } else if (frames.isMarked()) {
            return new Fault(
                    marked(),
                    "it has bytes that are not %s; is 'charset' right?"
                            .formatted(format.charset().name()));
        } else if (format.ragged()) {
            return null;
        } else if (actual < length) {
            return new Fault(
                    null,
                    "it has %d characters where the columns need %d; 'ragged: true' would take it"
                            .formatted(actual, length));
        } else if (format.recordLength() == 0 && !isBlank(frames.from() + length, frames.to())) {
            return new Fault(
                    null,
                    "it has %d characters, but the columns end at %d; 'ragged: true' would take it"
                            .formatted(actual, length));
        }
        return null;
    }

    private @Nullable String marked() {
        for (FixedWidth.Field field : format.fields()) {
            String value = value(field);
            if (value != null && value.indexOf(MarkedText.MARK) >= 0) {
                return field.name();
            }
        }
        return null;
    }

    private boolean isBlank(int from, int to) {
        for (int i = from; i < to; i++) {
            if (frames.text()[i] != ' ') {
                return false;
            }
        }
        return true;
    }

    private Row row() {
        @Nullable String[] values = new String[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(format.fields().get(i));
        }
        return new Row(columns, values);
    }

    /** Null if the record ends before the column begins. */
    private @Nullable String value(FixedWidth.Field field) {
        char[] text = frames.text();
        int from = frames.from() + field.from();
        int to = Math.min(frames.from() + field.to(), frames.to());
        if (from >= to) {
            return null;
        }
        while (format.trim() && from < to && isPadding(text[from])) {
            from++;
        }
        while (format.trim() && from < to && isPadding(text[to - 1])) {
            to--;
        }
        return new String(text, from, to - from);
    }

    private static boolean isPadding(char c) {
        return c == ' ' || c == 0;
    }

    @Override
    public @Nullable Fault fault() {
        return fault;
    }

    @Override
    public @Nullable Object value() {
        return row;
    }

    @Override
    public String place() {
        return frames.place();
    }

    @Override
    public byte[] raw() {
        return new String(frames.text(), frames.from(), frames.to() - frames.from())
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long checksum() {
        return checksum.value();
    }

    @Override
    public Map<String, Object> description() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", "fixed");
        all.put(
                "columns",
                format.fields().stream()
                        .map(FixedWidth.Field::toString)
                        .collect(Collectors.joining(",")));
        all.put("ragged", format.ragged());
        all.put("trim", format.trim());
        if (format.recordLength() > 0) {
            all.put(Formats.LENGTH, format.recordLength()); // a byte is a character there
        }
        if (frames.isMarked()) {
            all.put(Formats.UNREADABLE, true);
        }
        if (frames.tooLong()) {
            all.put(Formats.CUT, true);
        }
        return all;
    }
}
