package dev.caravan.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file as it was when it was looked at, from which the ids of its records derive. At the end of
 * it we look again: had it changed, all of it would be stored, and stored once more under other ids
 * when it is read again. So its end cannot be read then, and it is remembered how far it is stored.
 *
 * @param name its name, for a message
 * @param size its length when it was looked at, in bytes
 */
public record FileContent(String name, Path path, long size, long modifiedMillis)
        implements Content {
    @Override
    public InputStream open() throws IOException {
        return new Watched(Files.newInputStream(path));
    }

    private void requireUnchanged() throws IOException {
        BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
        if (now.size() != size || now.lastModifiedTime().toMillis() != modifiedMillis) {
            throw new ChangedFileException(name, size, now.size());
        }
    }

    private final class Watched extends FilterInputStream {
        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            return checked(in.read());
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            return checked(in.read(into, from, length));
        }

        private int checked(int read) throws IOException {
            if (read < 0) {
                requireUnchanged();
            }
            return read;
        }
    }
}
