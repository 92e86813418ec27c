package dev.caravan.ingest;

import java.io.IOException;

/**
 * A file is not as it was when it was looked at. If anything of it was stored, it is remembered how
 * far, so that nothing is stored twice when it is read again.
 */
public final class ChangedFileException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes one.
     *
     * @param name the file's name
     * @param expected its length when it was looked at, in bytes
     * @param actual its length now
     */
    public ChangedFileException(String name, long expected, long actual) {
        super(
                "%s changed: it had %,d bytes when it was looked at, and %,d when it was read"
                        .formatted(name, expected, actual));
    }
}
