package dev.caravan.camel;

/** A route, or the file of it, that cannot be; the message names it and what is wrong. */
public final class RouteFileException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    RouteFileException(String message) {
        super(message);
    }

    RouteFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
