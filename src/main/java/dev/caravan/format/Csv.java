package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/**
 * Values with delimiters between them, a record a line, as RFC 4180 has it.
 *
 * @param quote {@link Lines#NONE} if there are none
 * @param columns the names of the columns; null to take them from the header
 * @param header what the first line is
 * @param ragged whether a record may have fewer columns (which are absent then) or more (which are
 *     left out)
 * @param trim whether spaces around values without quotes are left out
 */
record Csv(
        char delimiter,
        int quote,
        Charset charset,
        @Nullable Columns columns,
        Header header,
        boolean ragged,
        boolean trim,
        Bounds bounds)
        implements Format {
    /** What the first line is. */
    enum Header {
        /** Names of the columns; if they are given, too, it must say the same. */
        TRUE,
        /** A record. */
        FALSE,
        /** Nothing that counts. */
        SKIP
    }

    @Override
    public RecordReader read(InputStream in) throws IOException {
        return new Entries(Unpacking.of(in, bounds), content -> new CsvRecords(this, content));
    }
}
