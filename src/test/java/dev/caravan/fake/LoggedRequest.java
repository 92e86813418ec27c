package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A request as it came in, whatever became of it.
 *
 * @param number counts from 1 since the last reset, in order of arrival
 * @param beginNanos {@link System#nanoTime()} of the fake's process at the first byte
 * @param endNanos the same when the answer was written or the connection ended; 0 while under way
 * @param beginAt real time, whatever the fake's own clock says
 * @param endAt real time; the epoch while under way
 * @param headers by lower-case name
 * @param body after decompression
 * @param behaviour what the script made of it
 * @param status the status written, 0 if none was
 * @param storedItems items that were accepted into the state
 * @param fullyWritten whether the kernel took the whole answer; the peer may still not have read it
 */
public record LoggedRequest(
        long number,
        long beginNanos,
        long endNanos,
        Instant beginAt,
        Instant endAt,
        String method,
        String path,
        Map<String, String> headers,
        String body,
        Behaviour behaviour,
        int status,
        int storedItems,
        boolean fullyWritten) {

    /**
     * Returns the body's items as they stand there: the elements of a batch, else the body alone.
     */
    public List<JsonNode> items() {
        return BodyParser.itemsOf(path, body);
    }

    /** Whether the answer, or the lack of one, is settled. */
    public boolean isOver() {
        return endNanos != 0;
    }
}
