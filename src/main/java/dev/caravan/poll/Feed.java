package dev.caravan.poll;

import org.jspecify.annotations.Nullable;

/**
 * Something that is read in rounds, each from where the progress says to what is the end just now.
 * Used by one thread at a time.
 */
interface Feed extends AutoCloseable {
    /**
     * Begins a round; one that was not finished is forgotten.
     *
     * @param progress the last one that was stored; null if none was
     * @throws Exception if it cannot be read; the message says why, and holds no secret
     */
    void begin(@Nullable String progress) throws Exception;

    /** Reads the next page of the round. */
    Page next() throws Exception;

    /** Hears that the page's records are on disk. */
    void stored(Page page) throws Exception;

    /** Ends the round, finished or not. */
    @Override
    void close();
}
