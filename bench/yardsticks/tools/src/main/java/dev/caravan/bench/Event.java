package dev.caravan.bench;

import java.util.Objects;

/**
 * One event as JSON on one line.
 *
 * @param json UTF-8, without a line end
 * @param idOffset where the 36 characters of the message id start, to be overwritten
 */
record Event(byte[] json, int idOffset) {

    Event {
        Objects.requireNonNull(json, "json");
    }
}
