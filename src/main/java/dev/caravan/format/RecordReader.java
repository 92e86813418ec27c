package dev.caravan.format;

import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a file or message, one after the other, holding one at a time. A record that
 * is bad says so, and its neighbours are read all the same; where the whole is broken, reading
 * ends. Used by one thread.
 */
public interface RecordReader {
    /** The longest record, in characters (of JSON: bytes); far above what an event may have. */
    int RECORD_LENGTH = 1 << 20;

    /** So much of a record that is longer is kept for a person to look at. */
    int KEPT_OF_TOO_LONG = 32_000;

    /**
     * Goes on to the next record.
     *
     * @return false at the end
     * @throws BrokenException if there is no telling where the next record ends
     * @throws IOException if it cannot be read
     */
    boolean next() throws IOException;

    /** Why the record is none; null if it is one. */
    @Nullable Fault fault();

    /**
     * The record, if it has no {@link #fault}: a map of columns to texts; of XML, with {@code
     * @attribute}, {@code #text} and lists; of JSON, any value, with numbers as Long, BigInteger or
     * BigDecimal.
     */
    @Nullable Object value();

    /** Where the record begins, such as {@code line 18}; empty if its number says it all. */
    String place();

    /** The record as it was written, in UTF-8, for a person to mend; its beginning if too long. */
    byte[] raw();

    /**
     * A checksum of everything up to the end of this record, by which the beginning of a file is
     * known again; white space between records does not count.
     */
    long checksum();

    /**
     * What {@link Formats#alone} needs to read such a record when it stands for itself: values of
     * JSON, all that the rest of the file and the options say about it.
     */
    Map<String, Object> description();

    /**
     * What is wrong with a record.
     *
     * @param column the column's name or number; null if it is about the record as a whole
     * @param reason what is wrong, for a person; nothing of the content
     */
    record Fault(@Nullable String column, String reason) {}
}
