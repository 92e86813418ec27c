package dev.caravan.ingest;

import java.io.IOException;

/** A mapping that is not there, or has mistakes; the message names file, line and rule. */
public final class UnusableMappingException extends IOException {
    private static final long serialVersionUID = 1;

    UnusableMappingException(String message) {
        super(message);
    }
}
