package dev.caravan.ingest;

import dev.caravan.event.Digest;
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
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.component.file.GenericFileOperations;
import org.apache.camel.component.file.remote.RemoteFileConfiguration;
import org.apache.camel.component.file.remote.SftpRemoteFile;
import org.apache.camel.component.file.strategy.GenericFileProcessStrategySupport;
import org.apache.camel.util.FileUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a file on an SFTP server, as {@link InboxFiles} has it for the inbox. It is taken
 * when it has not changed for a while; goes to {@code done/} beside it when everything in it is on
 * disk, to {@code failed/} when it can never be read; and stays where it is for any other trouble,
 * so that it is read again, which stores nothing twice. So does one that is not what it was when it
 * was taken, since its sender goes on with it, or has put another one in its place. For one
 * endpoint.
 *
 * <p>With {@link #setCopies}, a file is fetched first, and the copy is taken away when it has been
 * read.
 *
 * <p>An earlier file of the same name is never overwritten: the later one gets a number.
 */
public final class RemoteFiles extends GenericFileProcessStrategySupport<SftpRemoteFile<?>> {
    /** How long a file rests that could not be read. */
    static final Duration PAUSE = Duration.ofMinutes(1);

    /** How long all files rest when the journal could not store one. */
    static final Duration JOURNAL_PAUSE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(RemoteFiles.class);

    private final InstantSource clock;
    private Duration still = Duration.ofSeconds(3);
    private @Nullable Path copies;
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

    /**
     * Where files are fetched to, each endpoint's into a folder of its own in this one, which
     * nothing that a route says leads out of; set by a kamelet.
     */
    public void setCopies(String copies) {
        this.copies = Path.of(copies);
    }

    /** Takes copies away that a crash left. */
    @Override
    public void prepareOnStartup(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFileEndpoint<SftpRemoteFile<?>> endpoint)
            throws Exception {
        super.prepareOnStartup(operations, endpoint);
        if (copies == null) {
            return;
        }
        Path own = copies.resolve(folderOf(endpoint));
        endpoint.setLocalWorkDirectory(own.toString());
        if (!Files.isDirectory(own)) {
            return;
        }
        try (Stream<Path> left = Files.list(own)) {
            for (Path copy : left.filter(Files::isRegularFile).toList()) {
                Files.deleteIfExists(copy);
            }
        }
    }

    /** The same after a restart, and another one for each route that reads other files. */
    private static String folderOf(GenericFileEndpoint<?> endpoint) {
        var from = (RemoteFileConfiguration) endpoint.getConfiguration();
        return Digest.get()
                .add(from.remoteServerInformation())
                .add(String.valueOf(from.getDirectory()))
                .add(String.valueOf(endpoint.getInclude()))
                .toHash()
                .hex();
    }

    @Override
    public boolean begin(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFileEndpoint<SftpRemoteFile<?>> endpoint,
            Exchange exchange,
            GenericFile<SftpRemoteFile<?>> file) {
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
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFileEndpoint<SftpRemoteFile<?>> endpoint,
            Exchange exchange,
            GenericFile<SftpRemoteFile<?>> file)
            throws Exception {
        super.commit(operations, endpoint, exchange, file);
        removeCopy(file);
        fileAway(operations, file, "done", null);
    }

    @Override
    public void rollback(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFileEndpoint<SftpRemoteFile<?>> endpoint,
            Exchange exchange,
            GenericFile<SftpRemoteFile<?>> file)
            throws Exception {
        super.rollback(operations, endpoint, exchange, file);
        removeCopy(file);
        Exception unreadable = exchange.getException(UnreadableException.class);
        if (unreadable == null) {
            unreadable = exchange.getException(NotJsonException.class);
        }
        if (unreadable != null) {
            fileAway(operations, file, "failed", unreadable);
        } else if (exchange.getException(JournalUnavailableException.class) != null) {
            waitsUntil = clock.millis() + JOURNAL_PAUSE.toMillis();
        } else {
            pause(file);
            LOG.warn(
                    "A file stays where it is and is read again in a minute: file={} reason={}",
                    FileNames.shown(file.getFileName()),
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

    private void pause(GenericFile<?> file) {
        paused.put(file.getAbsoluteFilePath(), clock.millis() + PAUSE.toMillis());
    }

    /** Camel would tell nobody what is thrown here, and read the file again at once. */
    private void fileAway(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFile<SftpRemoteFile<?>> file,
            String folder,
            @Nullable Exception unreadable) {
        try {
            if (!isAsTaken(operations, file)) {
                LOG.warn(
                        "A file changed while it was read, and is read again: file={}",
                        FileNames.shown(file.getFileName()));
                return;
            }
            if (unreadable != null) {
                LOG.warn(
                        "A file cannot be read to its end: file={} reason={}",
                        FileNames.shown(file.getFileName()),
                        unreadable.getMessage());
            }
            move(operations, file, folder);
        } catch (GenericFileOperationFailedException e) {
            pause(file);
            LOG.warn(
                    "A file was read, but cannot be moved, and is read again in a minute: file={} to={}/ reason={}",
                    FileNames.shown(file.getFileName()),
                    folder,
                    (e.getCause() == null ? e : e.getCause()).getClass().getName());
        }
    }

    /** Whether it is what it was when it was taken, as far as the server tells. */
    private boolean isAsTaken(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFile<SftpRemoteFile<?>> file) {
        String path = file.getAbsoluteFilePath();
        Look taken = looks.get(path);
        for (SftpRemoteFile<?> now : operations.listFiles(FileUtil.onlyPath(path))) {
            if (now.getFilename().equals(file.getFileNameOnly())) {
                return taken != null
                        && taken.same(new Look(now.getFileLength(), now.getLastModified(), 0));
            }
        }
        return false;
    }

    private void move(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFile<SftpRemoteFile<?>> file,
            String folder) {
        String name = file.getFileNameOnly();
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String extension = dot < 0 ? "" : name.substring(dot);
        GenericFile<SftpRemoteFile<?>> target = target(operations, file, folder + "/" + name);
        for (int number = 2; operations.existsFile(target.getAbsoluteFilePath()); number++) {
            target = target(operations, file, folder + "/" + stem + "-" + number + extension);
        }
        renameFile(operations, file, target);
    }

    private static GenericFile<SftpRemoteFile<?>> target(
            GenericFileOperations<SftpRemoteFile<?>> operations,
            GenericFile<SftpRemoteFile<?>> file,
            String relative) {
        GenericFile<SftpRemoteFile<?>> target = operations.newGenericFile();
        file.copyFrom(file, target);
        target.changeFileName(relative);
        return target;
    }
}
