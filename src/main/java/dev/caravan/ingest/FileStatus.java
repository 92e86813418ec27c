package dev.caravan.ingest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;

/** What a file system knows of a file beyond its size and the time of its last writing. */
final class FileStatus {
    private FileStatus() {}

    /**
     * When the file was last written, renamed or given other attributes; empty where the system
     * does not tell.
     */
    static Optional<Instant> changed(Path file) throws IOException {
        try {
            return Optional.of(((FileTime) Files.getAttribute(file, "unix:ctime")).toInstant());
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
