package dev.caravan.customerio;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * A request that the sandbox was sent in Customer.io's place.
 *
 * @param number its place among all, from 1
 * @param at when it came
 * @param path {@code /v1/...}
 * @param status what it was answered
 * @param items how many events it had, refused ones too
 * @param errors what strict mode would say against it, without values; empty if it was taken
 * @param body the JSON that was sent, in UTF-8, not to be changed; without the events that were
 *     taken out since
 */
public record SandboxRequest(
        long number,
        Instant at,
        String path,
        int status,
        int items,
        List<String> errors,
        byte[] body) {
    public SandboxRequest {
        errors = List.copyOf(errors);
    }

    /** The same with less in it. */
    SandboxRequest withBody(byte[] less) {
        return new SandboxRequest(number, at, path, status, items, errors, less);
    }

    /** The JSON that was sent. */
    public String json() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** Leaves out what was sent. */
    @Override
    public String toString() {
        return "request %d to %s with %d events, answered %d"
                .formatted(number, path, items, status);
    }
}
