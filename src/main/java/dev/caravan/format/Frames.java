package dev.caravan.format;

import java.io.IOException;

/** Cuts text into records without reading what is in them. */
interface Frames {
    /**
     * Goes on to the next record that is not empty.
     *
     * @return false at the end
     */
    boolean next() throws IOException;

    /** What holds the record, until the next call of {@link #next()}. */
    char[] text();

    int from();

    /** Behind the record's last character; its line end is not part of it. */
    int to();

    /** Where the record begins, for a person. */
    String place();

    /** Whether it is longer than {@link RecordReader#RECORD_LENGTH}: here is its beginning. */
    boolean tooLong();

    /** Whether something in it is not of the charset. */
    boolean isMarked();

    /** How many characters the record has, more than are here if it is too long. */
    long length();
}
