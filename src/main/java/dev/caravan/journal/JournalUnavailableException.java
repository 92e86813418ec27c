package dev.caravan.journal;

/** The journal cannot store now; nothing of the call was stored. The doors must refuse. */
public final class JournalUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JournalUnavailableException(String message) {
        super(message);
    }

    public JournalUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
