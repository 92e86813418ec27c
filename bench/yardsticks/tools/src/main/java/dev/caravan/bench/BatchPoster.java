package dev.caravan.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/** Posts batches of events, a fixed number of requests in flight. */
final class BatchPoster {

    private static final byte[] HEAD = "{\"batch\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.US_ASCII);

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI target;
    private final int inFlight;
    private final Semaphore free;
    private final String credentials =
            "Basic "
                    + Base64.getEncoder().encodeToString("bench:".getBytes(StandardCharsets.UTF_8));
    private final AtomicReference<String> failure = new AtomicReference<>();

    BatchPoster(URI target, int inFlight) {
        this.target = target;
        this.inFlight = inFlight;
        this.free = new Semaphore(inFlight);
    }

    /** Sends a batch as soon as a request may start; does not wait for its answer. */
    void post(List<Row> rows) throws InterruptedException, IOException {
        HttpRequest request =
                HttpRequest.newBuilder(target)
                        .header("Content-Type", "application/json")
                        .header("Authorization", credentials)
                        .header("X-Strict-Mode", "1")
                        .POST(BodyPublishers.ofByteArray(body(rows)))
                        .build();
        free.acquire();
        check();
        client.sendAsync(request, BodyHandlers.ofString()).whenComplete(this::answered);
    }

    /** Waits until all that was posted is answered. */
    void finish() throws InterruptedException, IOException {
        free.acquire(inFlight);
        free.release(inFlight);
        check();
    }

    private void answered(HttpResponse<String> response, Throwable problem) {
        if (problem != null) {
            failure.compareAndSet(null, problem.toString());
        } else if (response.statusCode() != 200 || !response.body().contains("\"success\":true")) {
            failure.compareAndSet(null, response.statusCode() + " " + response.body());
        }
        free.release();
    }

    private void check() throws IOException {
        if (failure.get() != null) {
            throw new IOException("a batch was not taken: " + failure.get());
        }
    }

    private static byte[] body(List<Row> rows) {
        int length = HEAD.length + TAIL.length + rows.size() - 1;
        for (Row row : rows) {
            length += row.json().length;
        }
        byte[] body = new byte[length];
        System.arraycopy(HEAD, 0, body, 0, HEAD.length);
        int at = HEAD.length;
        for (int i = 0; i < rows.size(); i++) {
            if (i > 0) {
                body[at++] = ',';
            }
            byte[] json = rows.get(i).json();
            System.arraycopy(json, 0, body, at, json.length);
            at += json.length;
        }
        System.arraycopy(TAIL, 0, body, at, TAIL.length);
        return body;
    }
}
