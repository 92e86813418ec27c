package dev.caravan.fake;

import java.time.Instant;
import java.util.Map;

/**
 * One HTTP request, read to its last byte.
 *
 * @param path without the query
 * @param query without the question mark, empty if there is none
 * @param headers by lower-case name; repeated ones joined by a comma
 * @param body as sent, so perhaps still compressed
 * @param beginNanos {@link System#nanoTime()} at the first byte
 * @param beginAt real time at the first byte, whatever the fake's own clock says
 */
record WireRequest(
        String method,
        String path,
        String query,
        Map<String, String> headers,
        byte[] body,
        long beginNanos,
        Instant beginAt) {

    /** Returns the header's value, or an empty text if it was not sent. */
    String header(String lowerCaseName) {
        return headers.getOrDefault(lowerCaseName, "");
    }
}
