package dev.caravan.ingest;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what the inbox has kept long enough: files hold persons' data. Counted from the day a
 * file was moved, not from the day it was written.
 */
public final class InboxRetention implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(InboxRetention.class);

    private final Path inbox;
    private final Duration kept;
    private final InstantSource clock;

    public InboxRetention(Path inbox, Duration kept, InstantSource clock) {
        this.inbox = inbox;
        this.kept = kept;
        this.clock = clock;
    }

    @Override
    public void run() {
        Instant oldest = clock.instant().minus(kept);
        for (String folder : List.of("done", "failed")) {
            try {
                sweep(inbox.resolve(folder), oldest);
            } catch (IOException | RuntimeException e) {
                LOG.warn("Cannot remove old files: folder={}", inbox.resolve(folder), e);
            }
        }
    }

    private static void sweep(Path folder, Instant oldest) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        && movedAt(file).isBefore(oldest)) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debug("Nothing was moved yet: folder={}", folder);
        }
    }

    /**
     * When the file was moved: renaming changes a file's status. Where the system does not tell,
     * the later of its other times.
     */
    private static Instant movedAt(Path file) throws IOException {
        Optional<Instant> changed = FileStatus.changed(file);
        if (changed.isPresent()) {
            return changed.get();
        }
        var times = Files.readAttributes(file, BasicFileAttributes.class);
        Instant modified = times.lastModifiedTime().toInstant();
        Instant created = times.creationTime().toInstant();
        return created.isAfter(modified) ? created : modified;
    }
}
