package dev.caravan.camel;

/** An event has no address at a destination. The message names the field, never its value. */
final class NoAddressException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    NoAddressException(String message) {
        super(message);
    }
}
