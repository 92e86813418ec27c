package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.EventReader;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.format.Checksum;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the items of something that may be longer than memory, one after the other. Used by one
 * thread, once.
 */
final class ItemReader {
    /** Where the items go. */
    interface Sink {
        /**
         * Takes one.
         *
         * @param bytes about how much it keeps in memory
         */
        void add(Reading reading, long bytes) throws IOException;

        /**
         * Everything up to here was handed on.
         *
         * @param records how many, as {@link dev.caravan.format.RecordReader} counts them
         * @param checksum of these
         */
        default void passed(long records, long checksum) {}
    }

    private final EventReader reader;
    private final Content content;
    private final boolean lines;
    private final Origin origin;
    private final String place;
    private final Sink sink;

    private final Checksum checksum = new Checksum();
    private long record;
    private long line;
    private @Nullable InputStream ahead;
    private JsonSplitter.@Nullable LongBatches batches;
    private @Nullable Envelope batch;
    private int batchNumber = -1;

    ItemReader(
            EventReader reader,
            Content content,
            boolean lines,
            Origin origin,
            String place,
            Sink sink) {
        this.reader = reader;
        this.content = content;
        this.lines = lines;
        this.origin = origin;
        this.place = place;
        this.sink = sink;
    }

    /**
     * Reads to the end.
     *
     * @throws NotJsonException if it is broken; everything before was handed on
     * @throws IOException if it cannot be read, or the sink throws it
     */
    void readAll() throws IOException {
        try (InputStream in = content.open()) {
            var splitter = new JsonSplitter(in, lines, JsonSplitter.ITEM_BYTES);
            while (splitter.next()) {
                int from = splitter.offset();
                line = splitter.line();
                checksum.add(splitter.text(), from, from + splitter.length());
                take(splitter);
                sink.passed(splitter.record() + 1, checksum.value());
            }
        } finally {
            if (ahead != null) {
                ahead.close();
            }
        }
    }

    private void take(JsonSplitter splitter) throws IOException {
        byte[] text = splitter.text();
        int offset = splitter.offset();
        int length = splitter.length();
        if (splitter.tooLong()) {
            add(tooLong(splitter), length);
        } else if (splitter.top() && !lines) {
            whole(splitter);
        } else if (splitter.longBatch() >= 0) {
            Envelope batch = batch(splitter.longBatch());
            add(
                    batch.read(reader, origin, text, offset, length, record),
                    length + batch.commonLength());
        } else {
            add(reader.read(text, offset, length, origin, record), length);
        }
    }

    private void add(Reading reading, long bytes) throws IOException {
        sink.add(
                reading instanceof Reading.SetAside no ? no.withPlace(placeOfItem()) : reading,
                bytes);
        record++;
    }

    private String placeOfItem() {
        String words = RecordPlaces.in(place).words(record);
        return lines ? words + ", line " + line : words;
    }

    /** Takes an object that stands for itself: an event, or a batch of them. */
    private void whole(JsonSplitter splitter) throws IOException {
        Optional<Envelope> envelope;
        try {
            envelope =
                    Envelope.parseUpTo(
                            Envelope.MAX_ITEMS,
                            splitter.text(),
                            splitter.offset(),
                            splitter.length());
        } catch (NotJsonException e) {
            add(setAside(splitter, String.valueOf(e.getMessage())), splitter.length());
            return;
        }
        if (envelope.isPresent()) {
            add(envelope.get(), splitter.length());
        } else {
            oneByOne(splitter);
        }
    }

    private void add(Envelope envelope, int length) throws IOException {
        int bytes = length / Math.max(1, envelope.size()) + envelope.commonLength();
        for (int i = 0; i < envelope.size(); i++) { // each by itself: what is common multiplies
            add(envelope.read(reader, origin, i, record), bytes);
        }
    }

    /** Takes a batch of more items than may be held at once. */
    private void oneByOne(JsonSplitter splitter) throws IOException {
        Envelope envelope;
        try {
            envelope =
                    Envelope.parseWithoutItems(
                            splitter.text(), splitter.offset(), splitter.length());
        } catch (NotJsonException e) {
            add(setAside(splitter, String.valueOf(e.getMessage())), splitter.length());
            return;
        }
        if (!envelope.batch()) {
            add(envelope, splitter.length());
            return;
        }
        JsonSplitter items = envelope.cut();
        while (items.next()) {
            byte[] text = items.text();
            int length = items.length();
            add(
                    envelope.read(reader, origin, text, items.offset(), length, record),
                    length + envelope.commonLength());
        }
    }

    /** What a long batch says for its items; some of it may stand behind them. */
    private Envelope batch(int number) throws IOException {
        if (batches == null) {
            ahead = content.open();
            batches = JsonSplitter.longBatches(ahead, JsonSplitter.ITEM_BYTES);
        }
        Envelope here = batch;
        while (here == null || batchNumber < number) {
            here = batches.next();
            if (here == null) {
                throw new IOException(place + " changed while it was read");
            }
            batchNumber++;
            batch = here;
        }
        return here;
    }

    private Reading tooLong(JsonSplitter splitter) {
        return setAside(
                splitter,
                "the item has more than %,d bytes; here are the first %,d of it, from byte %d of %s"
                        .formatted(
                                JsonSplitter.ITEM_BYTES,
                                splitter.length(),
                                splitter.position(),
                                place.isEmpty() ? "the body" : place));
    }

    private Reading setAside(JsonSplitter splitter, String reason) {
        int from = splitter.offset();
        return Intake.setAside(
                origin,
                record,
                reason,
                Arrays.copyOfRange(splitter.text(), from, from + splitter.length()));
    }
}
