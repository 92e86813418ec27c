package dev.caravan.journal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Keeps from other users of the machine what holds persons' data: files are 0600, folders 0700,
 * where the file system knows such rights.
 */
final class OwnerOnly {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> FILE =
            PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> FOLDER =
            PosixFilePermissions.fromString("rwx------");

    private OwnerOnly() {}

    /** Makes a folder if it is missing; one that is there keeps the rights that it was given. */
    static void folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder.toAbsolutePath().getParent());
            Files.createDirectories(folder, rights(FOLDER));
        }
    }

    /** Makes an empty file, or takes the rights of others from one that is there. */
    static void file(Path file) throws IOException {
        try {
            Files.createFile(file, rights(FILE));
        } catch (FileAlreadyExistsException e) {
            close(file);
        }
    }

    /** Takes the rights of others from a file, if it is there and ours. */
    static void close(Path file) {
        try {
            if (POSIX && Files.isRegularFile(file)) {
                Files.setPosixFilePermissions(file, FILE);
            }
        } catch (IOException e) {
            // it is another's, or on a file system without rights: who set that up knows
        }
    }

    /** What makes a new file its owner's alone. */
    static FileAttribute<?>[] ofFile() {
        return rights(FILE);
    }

    private static FileAttribute<?>[] rights(Set<PosixFilePermission> permissions) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }
}
