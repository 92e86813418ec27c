package dev.caravan.journal;

/**
 * The journal cannot store now. The doors must refuse: as a rule nothing of the call is stored, but
 * it may be, if the writer was only late or the disk failed behind the last byte. Whoever brings it
 * again must give it the same ids, so that it is stored once.
 */
public final class JournalUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalUnavailableException(String message) {
        super(message);
    }

    public JournalUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
