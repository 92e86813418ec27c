package dev.caravan.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Gives a file its name only when all of it is on disk. */
final class OnDisk {
    private OnDisk() {}

    /** Renames a file that was synced, and syncs the folder that says so. */
    static void rename(Path unfinished, Path file) throws IOException {
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        } catch (IOException e) {
            // not every system lets a folder be synced; then the move itself is what there is
        }
    }
}
