package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.caravan.event.NotJsonException;
import dev.caravan.journal.JournalUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileEndpoint;
import org.apache.camel.component.file.GenericFileOperations;
import org.apache.camel.component.file.strategy.GenericFileProcessStrategySupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a file in the inbox. It is taken when it was renamed or has been still for a
 * while; goes to {@code done/} when everything in it is on disk, to {@code failed/} when it can
 * never be read (what stood before the fault is stored); and stays where it is for any other
 * trouble, a change while it was read among them, so that it is read again, which stores nothing
 * twice. One that changed when all of it was stored, or has another in its place, is read as
 * another. While the journal cannot store, those behind it wait.
 *
 * <p>An earlier file of the same name is never overwritten: the later one gets a number.
 */
public final class InboxFiles extends GenericFileProcessStrategySupport<File> {
    /** How long a file must not have changed, by two looks at it. */
    static final Duration STILL = Duration.ofSeconds(2);

    /** A file that was last written this long ago is taken at the first look. */
    static final Duration OLD = Duration.ofSeconds(5);

    /** How soon behind its beginning the rights of a file may be set. */
    static final Duration ATTRIBUTES = Duration.ofMillis(10);

    /** A file that is empty, or ends in the middle of an item, most likely is being written. */
    static final Duration UNFINISHED = Duration.ofMinutes(1);

    /** How long a file rests that cannot be read for a reason of its own. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    /** How long all files rest when the journal could not store one. */
    static final Duration JOURNAL_PAUSE = Duration.ofSeconds(5);

    private static final int LAST_BYTES = 64;

    private static final Logger LOG = LoggerFactory.getLogger(InboxFiles.class);

    private final InstantSource clock;
    private Map<String, Look> looks = new HashMap<>();
    private Map<String, Look> looksBefore = Map.of();
    private final Map<String, Long> paused = new HashMap<>();
    private boolean waiting;
    private long waitsUntil;

    /** What a file was like, and since when. */
    private record Look(long size, long modifiedMillis, long sinceMillis) {
        static Look of(BasicFileAttributes file, long sinceMillis) {
            return new Look(file.size(), file.lastModifiedTime().toMillis(), sinceMillis);
        }

        boolean same(Look other) {
            return size == other.size && modifiedMillis == other.modifiedMillis;
        }
    }

    public InboxFiles(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean begin(
            GenericFileOperations<File> operations,
            GenericFileEndpoint<File> endpoint,
            Exchange exchange,
            GenericFile<File> file) {
        if (exchange.getProperty(ExchangePropertyKey.BATCH_INDEX, 0, Integer.class) == 0) {
            waiting = clock.millis() < waitsUntil;
            paused.values().removeIf(until -> until <= clock.millis());
            looksBefore = looks;
            looks = new HashMap<>();
        }
        if (paused.containsKey(file.getAbsoluteFilePath())) {
            return false;
        }
        try {
            Look look = look(file);
            if (look == null) {
                return false;
            }
            looks.put(file.getAbsoluteFilePath(), look);
            return !waiting && (renamed(file, look) || still(file, look));
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            pause(file, e);
            return false;
        }
    }

    private void pause(GenericFile<File> file, @Nullable Exception failure) {
        paused.put(file.getAbsoluteFilePath(), clock.millis() + PAUSE.toMillis());
        LOG.warn(
                "A file stays in the inbox and is read again in a minute: file={} reason={}",
                name(file),
                shown(failure));
    }

    /**
     * What a file is like; null if there is none, or it is a pipe or the like, which never ends.
     */
    private @Nullable Look look(GenericFile<File> file) throws IOException {
        BasicFileAttributes now;
        try {
            now = Files.readAttributes(path(file), BasicFileAttributes.class);
        } catch (NoSuchFileException e) {
            return null;
        }
        if (!now.isRegularFile()) {
            return null;
        }
        Look look = Look.of(now, clock.millis());
        Look before = looksBefore.get(file.getAbsoluteFilePath());
        return before != null && before.same(look) ? before : look;
    }

    private boolean still(GenericFile<File> file, Look look) throws IOException {
        long now = clock.millis();
        long seen = now - look.sinceMillis();
        long old = now - look.modifiedMillis();
        if (Math.max(seen, old) >= UNFINISHED.toMillis()) {
            return true;
        }
        return (seen >= STILL.toMillis() || old >= OLD.toMillis()) && endsWithAnItem(path(file));
    }

    /** Whether the last bytes are such as a whole file ends with, as far as its name tells. */
    private static boolean endsWithAnItem(Path file) throws IOException {
        try (SeekableByteChannel in = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(LAST_BYTES);
            in.position(Math.max(0, in.size() - LAST_BYTES));
            while (last.hasRemaining() && in.read(last) >= 0) {
                // reads on
            }
            return isEnd(
                    String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT),
                    new String(last.array(), 0, last.position(), ISO_8859_1));
        }
    }

    private static boolean isEnd(String name, String last) {
        String item = last.stripTrailing();
        boolean json = item.endsWith("}") || item.endsWith("]");
        if (name.endsWith(".json") || name.endsWith(".ndjson") || name.endsWith(".jsonl")) {
            return json;
        } else if (name.endsWith(".xml")) {
            return item.endsWith(">");
        }
        boolean packed = name.endsWith(".gz") || name.endsWith(".zip");
        return !packed && (last.endsWith("\n") || json);
    }

    /**
     * Whether it was renamed after it was last written, for then it is complete: writing changes
     * the times of content and status, renaming that of the status alone. So does who sets the
     * rights of a file that he has just begun; but renaming changes the folder's time, too.
     */
    private static boolean renamed(GenericFile<File> file, Look look) throws IOException {
        Path path = path(file);
        Optional<Instant> changed = FileStatus.changed(path);
        if (look.size() == 0 || changed.isEmpty()) {
            return false;
        }
        Instant status = changed.get();
        Instant written = Files.getLastModifiedTime(path).toInstant();
        Instant folder = Files.getLastModifiedTime(path.toAbsolutePath().getParent()).toInstant();
        boolean moved = folder.isAfter(written) && !folder.isAfter(status.plus(ATTRIBUTES));
        return status.isAfter(moved ? written : written.plus(ATTRIBUTES));
    }

    @Override
    public void commit(
            GenericFileOperations<File> operations,
            GenericFileEndpoint<File> endpoint,
            Exchange exchange,
            GenericFile<File> file)
            throws IOException {
        fileAway(file, "done");
    }

    /** Moves a file; null if it cannot be moved, which Camel would tell nobody, and stays. */
    private @Nullable Path fileAway(GenericFile<File> file, String folder) {
        try {
            return moveIfSame(file, folder);
        } catch (IOException e) {
            paused.put(file.getAbsoluteFilePath(), clock.millis() + PAUSE.toMillis());
            LOG.warn(
                    "A file was read, but cannot be moved, and is read again in a minute: file={} to={}/ reason={}",
                    name(file),
                    folder,
                    shown(e));
            return null;
        }
    }

    /** Moves a file that is what it was when it was taken; null if it is not, and stays. */
    private @Nullable Path moveIfSame(GenericFile<File> file, String folder) throws IOException {
        Look taken = looks.get(file.getAbsoluteFilePath());
        Look now = look(file);
        if (now == null) {
            LOG.warn("A file was gone from the inbox before it was moved: file={}", name(file));
            return null;
        }
        if (taken == null || !taken.same(now)) {
            warnOfChange(file);
            return null;
        }
        Path target = move(file, folder);
        BasicFileAttributes moved = Files.readAttributes(target, BasicFileAttributes.class);
        if (!taken.same(Look.of(moved, 0))) {
            putBack(target, file);
            return null;
        }
        return target;
    }

    private static void warnOfChange(GenericFile<File> file) {
        LOG.warn(
                "A file changed after it was read, and is read again when it is still: file={}",
                name(file));
    }

    /** It was renamed into the place of the other one between our look and the move. */
    private static void putBack(Path target, GenericFile<File> file) throws IOException {
        try {
            Files.move(target, path(file));
            warnOfChange(file);
        } catch (FileAlreadyExistsException e) {
            LOG.warn(
                    "A file was moved that is not stored, since the next of its name is there already: file={}",
                    FileNames.shown(target.toString()));
        }
    }

    @Override
    public void rollback(
            GenericFileOperations<File> operations,
            GenericFileEndpoint<File> endpoint,
            Exchange exchange,
            GenericFile<File> file)
            throws IOException {
        Exception unreadable = exchange.getException(UnreadableException.class);
        if (unreadable == null) {
            unreadable = exchange.getException(NotJsonException.class);
        }
        if (unreadable != null) {
            Path target = fileAway(file, "failed");
            LOG.warn(
                    "A file cannot be read to its end: file={} reason={}",
                    target == null ? name(file) : FileNames.shown(target.toString()),
                    unreadable.getMessage());
            return;
        }
        var changed = exchange.getException(ChangedFileException.class);
        if (changed != null) {
            waiting = true;
            LOG.warn(
                    "A file changed while it was read, and is read on when it is still: file={}",
                    name(file));
            return;
        }
        var unavailable = exchange.getException(JournalUnavailableException.class);
        if (unavailable != null) {
            waiting = true;
            waitsUntil = clock.millis() + JOURNAL_PAUSE.toMillis();
            LOG.warn(
                    "A file stays in the inbox until the journal can store: file={} reason={}",
                    name(file),
                    unavailable.getMessage());
            return;
        }
        pause(file, exchange.getException());
    }

    /**
     * What failed, without what was in the file: only errors of the file system and our own are
     * quoted.
     */
    private static String shown(@Nullable Exception failure) {
        if (failure == null) {
            return "";
        }
        String type = failure.getClass().getName();
        return failure instanceof FileSystemException || type.startsWith("dev.caravan.")
                ? FileNames.shown(failure.toString())
                : type;
    }

    private static Path move(GenericFile<File> file, String folder) throws IOException {
        Path from = path(file);
        Path into = Files.createDirectories(from.resolveSibling(folder));
        String name = from.getFileName().toString();
        Path target = into.resolve(name);
        for (int number = 2; ; number++) {
            try {
                return Files.move(from, target);
            } catch (FileAlreadyExistsException e) {
                target = into.resolve(FileNames.numbered(name, number));
            }
        }
    }

    private static Path path(GenericFile<File> file) {
        return Path.of(file.getAbsoluteFilePath());
    }

    private static String name(GenericFile<File> file) {
        return FileNames.shown(file.getFileNameOnly());
    }
}
