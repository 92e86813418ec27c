package dev.caravan.poll;

/**
 * A source cannot be read, for a reason that is told in words of our own. They go to the log, so
 * they quote no record and no secret.
 */
final class FeedException extends Exception {
    private static final long serialVersionUID = 1;

    FeedException(String message) {
        super(message);
    }

    FeedException(String message, Throwable cause) {
        super(message, cause);
    }
}
