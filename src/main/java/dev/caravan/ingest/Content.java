package dev.caravan.ingest;

import java.io.IOException;
import java.io.InputStream;

/** Something to read that can be read again from its beginning, such as a file. */
@FunctionalInterface
public interface Content {
    /** Opens it anew; the caller closes it. */
    InputStream open() throws IOException;
}
