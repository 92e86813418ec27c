package dev.caravan.camel;

/** A route file that cannot be loaded; the message names it, what is wrong, and where. */
public final class RouteFileException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    RouteFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
