package dev.caravan.customerio;

/** A body that no events can be found in. The message quotes nothing of it. */
final class BodyException extends Exception {
    private static final long serialVersionUID = 1;

    BodyException(String message) {
        super(message, null, false, false);
    }
}
