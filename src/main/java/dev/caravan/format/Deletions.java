package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;

/**
 * A list of users to delete: each line is a user id, and becomes a {@code User Deleted}. Blank
 * lines do not count, nor white space around an id; an id that begins or ends with some has to come
 * as an event. There is nothing for a mapping to do.
 *
 * @param mayBeCut whether the last line must end like the others: the beginning of an id is another
 *     one
 */
public record Deletions(boolean mayBeCut, long unpackedLimit, int unpackedRatio) implements Format {
    @Override
    public RecordReader read(InputStream in) throws IOException {
        Bounds bounds = new Bounds(unpackedLimit, unpackedRatio);
        return new Entries(Unpacking.of(in, bounds), file -> new DeletionRecords(file, mayBeCut));
    }

    @Override
    public Format whole() {
        return new Deletions(false, unpackedLimit, unpackedRatio);
    }
}
