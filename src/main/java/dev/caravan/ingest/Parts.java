package dev.caravan.ingest;

import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.journal.Appended;
import dev.caravan.journal.FileMark;
import dev.caravan.journal.Submission;
import dev.caravan.journal.WholeFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Stores readings in parts, some of which are on their way to the disk while the next is gathered.
 * What comes later is never stored when what came before was refused. Used by one thread, once.
 */
final class Parts implements ItemReader.Sink {
    private record Part(long firstRecord, CompletableFuture<Appended> stored) {}

    /**
     * The file that is stored, so that it is remembered how far.
     *
     * @param identity what the ids of its records derive from
     * @param own the identity of the file itself
     * @param records how many of its records are stored already, whether they are read again or not
     * @param checksum of these
     * @param known whether it is remembered already
     */
    record File(
            String name, String identity, String own, long records, long checksum, boolean known) {
        /** One that has ids of its own. */
        static File of(String name, String own, boolean known) {
            return new File(name, own, own, 0, 0, known);
        }

        /**
         * What to remember it by at the end. With ids of its own there is nothing to remember: read
         * again, it has the same.
         */
        private String wholeIdentity() {
            return identity.equals(own) ? identity : new WholeFile(identity, own).identity();
        }
    }

    /** How much is stored in one go, and how many such parts may be on their way. */
    enum Size {
        /** For what may be of any length. */
        OF_STREAMS(1_000, 1_000_000, 8),
        /** All of it in one go if the journal allows that. */
        OF_BODIES(Submission.MAX_ITEMS, Submission.MAX_BYTES, 1);

        final int items;
        final int bytes;
        final int inFlight;

        Size(int items, int bytes, int inFlight) {
            this.items = items;
            this.bytes = bytes;
            this.inFlight = inFlight;
        }
    }

    private final Intake intake;
    private final Origin origin;
    private final String place;
    private final Size size;

    private final Deque<Part> inFlight = new ArrayDeque<>();
    private List<Reading> part = new ArrayList<>();
    private long partBytes;
    private long record;
    private Receipt receipt = Receipt.NOTHING;
    private final @Nullable File file;
    private boolean remembered;
    private long marked;
    private long passed;
    private long checksum;

    Parts(Intake intake, Origin origin, String place, Size size) {
        this(intake, origin, place, size, null);
    }

    /**
     * Makes one.
     *
     * @param file null if nothing needs to be remembered of it
     */
    Parts(Intake intake, Origin origin, String place, Size size, @Nullable File file) {
        this.file = file;
        this.remembered = file != null && file.known();
        this.marked = file == null ? 0 : file.records();
        this.passed = marked;
        this.checksum = file == null ? 0 : file.checksum();
        this.intake = intake;
        this.origin = origin;
        this.place = place;
        this.size = size;
    }

    /** How many readings there were so far, and so the number of the next record. */
    long count() {
        return record;
    }

    /**
     * Takes one more; waits while enough parts are on their way.
     *
     * @throws Refused if a part was not stored; there is no going on
     */
    @Override
    public void add(Reading reading, long bytes) throws IOException {
        if (!part.isEmpty() && (part.size() >= size.items || partBytes + bytes > size.bytes)) {
            submit(mark(null, false));
        }
        part.add(reading);
        partBytes += bytes;
        record++;
    }

    @Override
    public void passed(long records, long sum) {
        if (records > passed) {
            passed = records;
            checksum = sum;
        }
    }

    /** How far the file is stored with the next part; null if that needs no remembering. */
    private @Nullable FileMark mark(@Nullable String broken, boolean done) {
        if (file == null || (done && !remembered)) {
            return null;
        }
        remembered = true;
        long before = marked;
        marked = passed;
        String identity = done ? file.wholeIdentity() : file.identity();
        return new FileMark(file.name(), identity, before, passed, checksum, broken, done);
    }

    /** What is to be remembered at the end. */
    private @Nullable FileMark lastMark(@Nullable Throwable failure) {
        if (failure == null) {
            return mark(null, true);
        } else if (failure instanceof UnreadableException broken) {
            return mark(String.valueOf(broken.getMessage()), false);
        }
        return part.isEmpty() ? null : mark(null, false);
    }

    /**
     * Hands over the rest.
     *
     * @param failure why there is no more, null if everything was read
     * @return what became of everything; completes when all parts have arrived, never before,
     *     whatever failed
     */
    CompletableFuture<Receipt> finish(@Nullable Throwable failure) {
        if (failure instanceof Refused) {
            return settled(failure.getCause());
        }
        try {
            FileMark last = lastMark(failure);
            if (!part.isEmpty() || last != null) {
                submit(last);
            }
            return settled(failure);
        } catch (Refused e) {
            return settled(e.getCause());
        } catch (IOException e) {
            return settled(e);
        }
    }

    private void submit(@Nullable FileMark mark) throws IOException {
        boolean refused =
                inFlight.stream().anyMatch(before -> before.stored().isCompletedExceptionally());
        while (refused ? !inFlight.isEmpty() : inFlight.size() >= size.inFlight) {
            awaitOldest();
        }
        long first = record - part.size();
        String where = first == 0 ? place : "%s, from record %d".formatted(place, first + 1);
        inFlight.add(new Part(first, intake.append(origin, where, part, null, mark)));
        part = new ArrayList<>();
        partBytes = 0;
    }

    private void awaitOldest() throws IOException {
        Part oldest = inFlight.remove();
        try {
            receipt = receipt.plus(oldest.stored().get(), oldest.firstRecord());
        } catch (ExecutionException e) {
            throw new Refused(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("stopped while waiting for the journal");
        }
    }

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
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(@Nullable Throwable cause) {
            super(cause);
        }
    }
}
