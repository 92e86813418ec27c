package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;

/** How a file or message is told into records; see {@link Formats} for the options. */
public interface Format {
    /**
     * Begins to read. Gzip and zip are known by their first bytes and unpacked; the entries of an
     * archive are read one after the other, as if each were a file of its own.
     *
     * @param in not closed
     */
    RecordReader read(InputStream in) throws IOException;

    /** The same for what is known to be whole, as a message is and a file may not be. */
    default Format whole() {
        return this;
    }
}
