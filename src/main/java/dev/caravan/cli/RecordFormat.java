package dev.caravan.cli;

import dev.caravan.event.Json;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.NotJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** How a sample is cut into records. */
interface RecordFormat {
    /** Where the records go. */
    interface Sink {
        /**
         * Takes a record.
         *
         * @param number from 1
         */
        void record(long number, @Nullable Object record);

        /** Takes the reason why a record is none; its neighbours go on. */
        void broken(long number, String reason);
    }

    /**
     * Reads to the end.
     *
     * @throws IOException if the sample is broken so that no further record can be told; the
     *     message says where
     */
    void read(InputStream in, Sink sink) throws IOException;

    /** All of them by their names. */
    static Map<String, RecordFormat> byName() {
        Map<String, RecordFormat> formats = new TreeMap<>();
        formats.put("json", new JsonFormat(false));
        formats.put("ndjson", new JsonFormat(true));
        formats.put("jsonl", new JsonFormat(true));
        return formats;
    }

    /** The one that the ending of a file's name tells. */
    static Optional<RecordFormat> ofFile(String file) {
        String ending = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Optional.ofNullable(byName().get(ending));
    }

    /** JSON values one after the other, or in arrays; or one in each line. */
    record JsonFormat(boolean lines) implements RecordFormat {
        @Override
        public void read(InputStream in, Sink sink) throws IOException {
            var splitter = new JsonSplitter(in, lines, JsonSplitter.ITEM_BYTES);
            while (splitter.next()) {
                one(splitter, splitter.record() + 1, sink);
            }
        }

        private static void one(JsonSplitter splitter, long number, Sink sink) throws IOException {
            if (splitter.tooLong()) {
                sink.broken(
                        number,
                        "the record has more than %,d bytes".formatted(JsonSplitter.ITEM_BYTES));
                return;
            }
            Object record;
            try {
                record = Json.toValue(splitter.text(), splitter.offset(), splitter.length());
            } catch (NotJsonException e) {
                sink.broken(number, String.valueOf(e.getMessage()));
                return;
            }
            sink.record(number, record);
        }
    }
}
