package dev.caravan.customerio;

import java.time.Duration;
import java.util.Optional;

/**
 * What came back for one request.
 *
 * @param status the HTTP status
 * @param retryAfter how long the answer asks to wait
 * @param body the answer's body, cut to a sane length
 */
record Answer(int status, Optional<Duration> retryAfter, byte[] body) {
    Answer(int status, byte[] body) {
        this(status, Optional.empty(), body);
    }
}
