package dev.caravan.format;

import java.io.IOException;

/**
 * What is read is broken: from some place on it cannot be told into records. The message tells the
 * place and the rule, never the content.
 */
public final class BrokenException extends IOException {
    private static final long serialVersionUID = 1;

    public BrokenException(String message) {
        super(message);
    }
}
