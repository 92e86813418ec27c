package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;

/**
 * Records that are JSON already: the elements of arrays and objects in a row, or one a line.
 *
 * @param lines whether each line is a record (NDJSON)
 */
public record JsonText(boolean lines, long unpackedLimit, int unpackedRatio) implements Format {
    @Override
    public RecordReader read(InputStream in) throws IOException {
        return new JsonRecords(unpacked(in), lines);
    }

    /** The text, out of gzip or zip if it is packed. */
    public InputStream unpacked(InputStream in) throws IOException {
        return Unpacking.joined(in, new Bounds(unpackedLimit, unpackedRatio));
    }
}
