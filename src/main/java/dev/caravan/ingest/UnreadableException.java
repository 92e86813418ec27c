package dev.caravan.ingest;

import java.io.IOException;

/**
 * What was handed over is broken: from some place on it cannot be told into items. All items before
 * that place are stored, and reading it again stores none of them twice.
 */
public final class UnreadableException extends IOException {
    private static final long serialVersionUID = 1;

    private final long record;

    /**
     * Makes one.
     *
     * @param place what is broken, such as a file's name
     * @param record the number, from 0, of the item that cannot be read
     * @param cause tells the byte
     */
    UnreadableException(String place, long record, IOException cause) {
        super(
                "%s is broken at record %d: %s"
                        .formatted(
                                place.isEmpty() ? "the body" : place,
                                record + 1,
                                cause.getMessage()),
                cause);
        this.record = record;
    }

    /** The number, from 0, of the item that cannot be read; so many items come before it. */
    public long record() {
        return record;
    }
}
