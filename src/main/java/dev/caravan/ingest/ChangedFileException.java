package dev.caravan.ingest;

import java.io.IOException;

/** A file is not as it was when it was looked at. Nothing of it was stored. */
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
                "%s had %,d bytes when it was looked at, and %,d when it was fetched"
                        .formatted(name, expected, actual));
    }
}
