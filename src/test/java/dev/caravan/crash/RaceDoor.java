package dev.caravan.crash;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The ways in, for a sender that does not give up: the same again until it is acknowledged. */
final class RaceDoor {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI target;
    private final String authorization;
    private final Path drafts;
    private final Path inbox;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private volatile boolean closed;

    RaceDoor(URI target, String key, Path drafts, Path inbox) {
        this.target = target;
        this.authorization =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
        this.drafts = drafts;
        this.inbox = inbox;
    }

    /**
     * Sends one event, or several in a batch, and returns when they are acknowledged.
     *
     * @throws IllegalStateException if they are refused or set aside, or the race is over
     */
    void send(List<Map<String, Object>> events) throws InterruptedException {
        boolean single = events.size() == 1;
        String path = single ? "/v1/" + events.get(0).get("type") : "/v1/batch";
        String body = text(single ? events.get(0) : Map.of("batch", events));
        HttpRequest request =
                HttpRequest.newBuilder(target.resolve(path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", authorization)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        while (!isAcknowledged(request)) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private boolean isAcknowledged(HttpRequest request) throws InterruptedException {
        if (closed) {
            throw new IllegalStateException("not acknowledged before the race was over");
        }
        try {
            HttpResponse<String> answer =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 503) {
                return false;
            }
            JsonNode told = JSON.readTree(answer.body());
            if (answer.statusCode() != 200 || !told.path("setAside").isEmpty()) {
                throw new IllegalStateException(
                        "answered %d %s".formatted(answer.statusCode(), answer.body()));
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Drops a complete file into the inbox. */
    void drop(String name, List<Map<String, Object>> events) throws IOException {
        Path draft = drafts.resolve(name);
        Files.writeString(
                draft, events.stream().map(RaceDoor::text).collect(Collectors.joining("\n")));
        Files.createDirectories(inbox);
        Files.move(draft, inbox.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    void close() {
        closed = true;
    }

    private static String text(Map<String, Object> json) {
        try {
            return JSON.writeValueAsString(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
