package dev.caravan.ingest;

import dev.caravan.event.Envelope;
import dev.caravan.event.EventReader;
import dev.caravan.event.JsonSplitter;
import dev.caravan.event.NotJsonException;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.journal.Appended;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One reading of something long: items are stored in parts, some of which are on their way to the
 * disk while the next is being read. Used by one thread, once.
 */
final class IntakeStream {
    static final int PART_ITEMS = 1_000;
    static final int PART_BYTES = 1_000_000;
    static final int PARTS_IN_FLIGHT = 4;

    private record Part(long firstRecord, CompletableFuture<Appended> stored) {}

    private final Intake intake;
    private final EventReader reader;
    private final Content content;
    private final boolean lines;
    private final Origin origin;
    private final String place;

    private final Deque<Part> inFlight = new ArrayDeque<>();
    private List<Reading> part = new ArrayList<>();
    private int partBytes;
    private long record;
    private Receipt receipt = Receipt.NOTHING;
    private JsonSplitter.@Nullable LongBatches batches;

    IntakeStream(
            Intake intake,
            EventReader reader,
            Content content,
            boolean lines,
            Origin origin,
            String place) {
        this.intake = intake;
        this.reader = reader;
        this.content = content;
        this.lines = lines;
        this.origin = origin;
        this.place = place;
    }

    /**
     * Reads to the end, waiting for the disk where it is slower.
     *
     * @return what became of everything; completes when the last part is on disk
     */
    CompletableFuture<Receipt> read() {
        try {
            Throwable failure = readItems();
            submit();
            return settled(failure);
        } catch (PartFailed e) {
            return settled(e.getCause());
        }
    }

    /** Reads on as far as it can be read; returns what ended it before its end, null if nothing. */
    private @Nullable Throwable readItems() throws PartFailed {
        try (InputStream in = content.open()) {
            var splitter = new JsonSplitter(in, lines, JsonSplitter.ITEM_BYTES);
            while (splitter.next()) {
                take(splitter);
            }
            return null;
        } catch (PartFailed e) {
            throw e;
        } catch (NotJsonException e) {
            return new UnreadableException(place, record, e);
        } catch (IOException | RuntimeException e) {
            return e;
        }
    }

    private void take(JsonSplitter splitter) throws IOException {
        if (splitter.tooLong()) {
            add(tooLong(splitter), splitter.length());
        } else if (splitter.top() && !lines) {
            whole(splitter);
        } else if (splitter.longBatch() >= 0) {
            add(
                    batch(splitter.longBatch())
                            .read(
                                    reader,
                                    origin,
                                    splitter.text(),
                                    splitter.offset(),
                                    splitter.length(),
                                    record),
                    splitter.length());
        } else {
            add(
                    reader.read(
                            splitter.text(), splitter.offset(), splitter.length(), origin, record),
                    splitter.length());
        }
    }

    /** Takes an object that stands for itself: an event, or a batch of them. */
    private void whole(JsonSplitter splitter) throws IOException {
        Envelope envelope;
        try {
            envelope =
                    Envelope.parse(
                            splitter.text(),
                            splitter.offset(),
                            splitter.length(),
                            Envelope.Shape.ANY,
                            Integer.MAX_VALUE);
        } catch (NotJsonException e) {
            add(setAside(splitter, String.valueOf(e.getMessage())), splitter.length());
            return;
        }
        int bytes = splitter.length() / Math.max(1, envelope.size());
        for (Reading reading : envelope.read(reader, origin, record)) {
            add(reading, bytes);
        }
    }

    private Envelope batch(int number) throws IOException {
        if (batches == null) {
            try (InputStream again = content.open()) {
                batches = JsonSplitter.longBatches(again, JsonSplitter.ITEM_BYTES);
            }
        }
        if (number >= batches.found().size()) {
            throw batches.broken() == null
                    ? new IOException("%s changed while it was read".formatted(place))
                    : batches.broken();
        }
        return batches.found().get(number);
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
        return new Reading.SetAside(
                Reading.Rule.INVALID,
                reason,
                origin.ids().repeatable() ? origin.ids().idOf(record) : null,
                Arrays.copyOfRange(splitter.text(), from, from + splitter.length()));
    }

    private void add(Reading reading, int bytes) throws IOException {
        part.add(reading);
        partBytes += bytes;
        record++;
        if (part.size() >= PART_ITEMS || partBytes >= PART_BYTES) {
            submit();
            while (inFlight.size() >= PARTS_IN_FLIGHT) {
                awaitOldest();
            }
        }
    }

    /**
     * Hands the part over, unless one before it was refused: what comes later in a file must not be
     * stored earlier.
     */
    private void submit() throws PartFailed {
        for (Part before : inFlight) {
            if (before.stored().isCompletedExceptionally()) {
                throw new PartFailed(before.stored().handle((stored, cause) -> cause).join());
            }
        }
        if (part.isEmpty()) {
            return;
        }
        long first = record - part.size();
        String where = first == 0 ? place : "%s, from record %d".formatted(place, first + 1);
        inFlight.add(new Part(first, intake.append(origin, where, part, false)));
        part = new ArrayList<>();
        partBytes = 0;
    }

    private void awaitOldest() throws IOException {
        Part oldest = inFlight.remove();
        try {
            receipt = receipt.plus(oldest.stored().get(), oldest.firstRecord());
        } catch (ExecutionException e) {
            throw new PartFailed(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while waiting for the journal");
        }
    }

    /** Completes when all parts on their way have arrived; never before, whatever failed. */
    private CompletableFuture<Receipt> settled(@Nullable Throwable failure) {
        CompletableFuture<?>[] parts =
                inFlight.stream().map(Part::stored).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(parts)
                .thenApply(
                        nothing -> {
                            if (failure != null) {
                                throw new CompletionException(failure);
                            }
                            Receipt all = receipt;
                            for (Part stored : inFlight) {
                                all = all.plus(stored.stored().join(), stored.firstRecord());
                            }
                            return all;
                        });
    }

    /** The journal did not store a part. */
    private static final class PartFailed extends IOException {
        private static final long serialVersionUID = 1;

        PartFailed(@Nullable Throwable cause) {
            super(cause);
        }
    }
}
