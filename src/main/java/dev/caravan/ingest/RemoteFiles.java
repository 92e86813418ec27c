package dev.caravan.ingest;

import dev.caravan.event.NotJsonException;
import dev.caravan.journal.JournalUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
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
 * What becomes of a file on another machine, as {@link InboxFiles} has it for the inbox. It is
 * taken when it has not changed for a while; goes to {@code done/} beside it when everything in it
 * is on disk, to {@code failed/} when it can never be read; and stays where it is for any other
 * trouble, so that it is read again, which stores nothing twice. For one endpoint.
 *
 * <p>Where the endpoint has a {@code localWorkDirectory}, which is for it alone, a file is fetched
 * into it first, and the copy is taken away when it has been read.
 *
 * <p>An earlier file of the same name is never overwritten: the later one gets a number.
 */
public final class RemoteFiles<T> extends GenericFileProcessStrategySupport<T> {
    /** How long a file rests that could not be read. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    /** How long all files rest when the journal could not store one. */
    static final Duration JOURNAL_PAUSE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(RemoteFiles.class);

    private final InstantSource clock;
    private Duration still = Duration.ofSeconds(3);
    private Map<String, Look> looks = new HashMap<>();
    private Map<String, Look> looksBefore = Map.of();
    private final Map<String, Long> paused = new HashMap<>();
    private long waitsUntil;

    /** What a file was like, and since when. */
    private record Look(long size, long modifiedMillis, long sinceMillis) {
        boolean same(Look other) {
            return size == other.size && modifiedMillis == other.modifiedMillis;
        }
    }

    public RemoteFiles() {
        this(InstantSource.system());
    }

    RemoteFiles(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * How long a file must not have changed, by two looks at it, in milliseconds; set by a kamelet.
     */
    public void setStill(long still) {
        this.still = Duration.ofMillis(still);
    }

    /** Takes copies away that a crash left. */
    @Override
    public void prepareOnStartup(
            GenericFileOperations<T> operations, GenericFileEndpoint<T> endpoint) throws Exception {
        super.prepareOnStartup(operations, endpoint);
        String folder = endpoint.getLocalWorkDirectory();
        if (folder == null || !Files.isDirectory(Path.of(folder))) {
            return;
        }
        try (Stream<Path> copies = Files.list(Path.of(folder))) {
            for (Path copy : copies.filter(Files::isRegularFile).toList()) {
                Files.deleteIfExists(copy);
            }
        }
    }

    @Override
    public boolean begin(
            GenericFileOperations<T> operations,
            GenericFileEndpoint<T> endpoint,
            Exchange exchange,
            GenericFile<T> file) {
        long now = clock.millis();
        if (exchange.getProperty(ExchangePropertyKey.BATCH_INDEX, 0, Integer.class) == 0) {
            paused.values().removeIf(until -> until <= now);
            looksBefore = looks;
            looks = new HashMap<>();
        }
        String path = file.getAbsoluteFilePath();
        var look = new Look(file.getFileLength(), file.getLastModified(), now);
        Look before = looksBefore.get(path);
        if (before != null && before.same(look)) {
            look = before;
        }
        looks.put(path, look);
        return now >= waitsUntil
                && !paused.containsKey(path)
                && now - look.sinceMillis() >= still.toMillis();
    }

    @Override
    public void commit(
            GenericFileOperations<T> operations,
            GenericFileEndpoint<T> endpoint,
            Exchange exchange,
            GenericFile<T> file)
            throws Exception {
        super.commit(operations, endpoint, exchange, file);
        removeCopy(file);
        move(operations, file, "done");
    }

    @Override
    public void rollback(
            GenericFileOperations<T> operations,
            GenericFileEndpoint<T> endpoint,
            Exchange exchange,
            GenericFile<T> file)
            throws Exception {
        super.rollback(operations, endpoint, exchange, file);
        removeCopy(file);
        Exception unreadable = exchange.getException(UnreadableException.class);
        if (unreadable == null) {
            unreadable = exchange.getException(NotJsonException.class);
        }
        if (unreadable != null) {
            move(operations, file, "failed");
            LOG.warn(
                    "A file cannot be read to its end: file={} reason={}",
                    file.getFileName(),
                    unreadable.getMessage());
        } else if (exchange.getException(JournalUnavailableException.class) != null) {
            waitsUntil = clock.millis() + JOURNAL_PAUSE.toMillis();
        } else {
            paused.put(file.getAbsoluteFilePath(), clock.millis() + PAUSE.toMillis());
            LOG.warn(
                    "A file stays where it is and is read again in a minute: file={} reason={}",
                    file.getFileName(),
                    shown(exchange.getException()));
        }
    }

    /** Camel does it, too, unless a step of the route took the header away that says where. */
    private static void removeCopy(GenericFile<?> file) throws IOException {
        if (file.getBody() instanceof File copy && !(file.getFile() instanceof File)) {
            Files.deleteIfExists(copy.toPath());
        }
    }

    /** What failed, without what was in the file: only our own errors are quoted. */
    private static String shown(@Nullable Exception failure) {
        if (failure == null) {
            return "";
        }
        return failure instanceof ChangedFileException
                ? String.valueOf(failure.getMessage())
                : failure.getClass().getName();
    }

    private void move(GenericFileOperations<T> operations, GenericFile<T> file, String folder)
            throws Exception {
        String name = file.getFileNameOnly();
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String extension = dot < 0 ? "" : name.substring(dot);
        GenericFile<T> target = target(operations, file, folder + "/" + name);
        for (int number = 2; operations.existsFile(target.getAbsoluteFilePath()); number++) {
            target = target(operations, file, folder + "/" + stem + "-" + number + extension);
        }
        renameFile(operations, file, target);
    }

    private static <T> GenericFile<T> target(
            GenericFileOperations<T> operations, GenericFile<T> file, String relative) {
        GenericFile<T> target = operations.newGenericFile();
        file.copyFrom(file, target);
        target.changeFileName(relative);
        return target;
    }
}
