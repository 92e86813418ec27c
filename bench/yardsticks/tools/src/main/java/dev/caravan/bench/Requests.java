package dev.caravan.bench;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * POST requests to the Pipelines API, made once and sent again and again with new message ids, so
 * that making them costs next to nothing.
 */
final class Requests {

    private static final int POOL_EVENTS = 32_000;
    private static final int PERSONS = 50_000;

    private final List<Request> pool = new ArrayList<>();
    private final MessageIds ids;
    private int next;

    private record Request(byte[] bytes, int[] idOffsets) {}

    /**
     * @param target a call of one event or {@code /v1/batch}
     * @param batch events a request; 0 for a bare event
     * @param run makes the message ids differ from those of other runs
     */
    Requests(URI target, int batch, long run) {
        this.ids = new MessageIds(run);
        EventSource.Mix mix = batch == 0 ? EventSource.Mix.TRACK : EventSource.Mix.KNOWN;
        EventSource source = new EventSource(run, run, Instant.now(), PERSONS, mix);
        int eventsARequest = Math.max(1, batch);
        for (int i = 0; i < POOL_EVENTS / eventsARequest; i++) {
            List<Event> events = new ArrayList<>();
            for (int j = 0; j < eventsARequest; j++) {
                events.add(source.next());
            }
            pool.add(request(target, events, batch > 0));
        }
    }

    private static Request request(URI target, List<Event> events, boolean batch) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int[] idOffsets = new int[events.size()];
        body.writeBytes(ascii(batch ? "{\"batch\":[" : ""));
        for (int i = 0; i < idOffsets.length; i++) {
            body.writeBytes(ascii(i > 0 ? "," : ""));
            idOffsets[i] = body.size() + events.get(i).idOffset();
            body.writeBytes(events.get(i).json());
        }
        body.writeBytes(ascii(batch ? "]}" : ""));
        byte[] head = head(target, body.size());
        byte[] bytes = new byte[head.length + body.size()];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(body.toByteArray(), 0, bytes, head.length, body.size());
        for (int i = 0; i < idOffsets.length; i++) {
            idOffsets[i] += head.length;
        }
        return new Request(bytes, idOffsets);
    }

    private static byte[] head(URI target, int length) {
        String key = Base64.getEncoder().encodeToString(ascii("bench:"));
        return ascii(
                "POST "
                        + target.getRawPath()
                        + " HTTP/1.1\r\nHost: "
                        + target.getAuthority()
                        + "\r\nAuthorization: Basic "
                        + key
                        + "\r\nContent-Type: application/json\r\nContent-Length: "
                        + length
                        + "\r\n\r\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Returns the room that any of the requests needs. */
    int largest() {
        return pool.stream().mapToInt(request -> request.bytes().length).max().orElse(0);
    }

    /** Puts the next request into an empty buffer, with new message ids. */
    void fill(ByteBuffer buffer) {
        Request request = pool.get(next);
        next = next + 1 == pool.size() ? 0 : next + 1;
        for (int offset : request.idOffsets()) {
            ids.writeNext(request.bytes(), offset);
        }
        buffer.put(request.bytes());
    }
}
