package dev.caravan.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What an operator does with the running process, over its API. */
final class RaceOperator {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final CaravanProcess caravan;
    private final Path inbox;
    private final Instant since = Instant.now().minusSeconds(1);
    private final HttpClient client = HttpClient.newHttpClient();

    RaceOperator(CaravanProcess caravan, Path inbox) {
        this.caravan = caravan;
        this.inbox = inbox;
    }

    void replay(String destination) throws IOException, InterruptedException {
        post("/api/destinations/" + destination + "/replay?from=" + since);
    }

    void replay(String destination, String userId) throws IOException, InterruptedException {
        String user = URLEncoder.encode(userId, StandardCharsets.UTF_8);
        post("/api/destinations/%s/replay?from=%s&userId=%s".formatted(destination, since, user));
    }

    void retryDeadLetters() throws IOException, InterruptedException {
        post("/api/dead-letters/retry");
    }

    long deadLetters() throws IOException, InterruptedException {
        return call("GET", "/api/dead-letters").path("count").asLong();
    }

    /** What is not settled yet, in words; empty if all is. Wakes up what waits to look again. */
    List<String> unsettled() throws IOException, InterruptedException {
        List<String> open = new ArrayList<>();
        for (JsonNode destination : call("GET", "/api/destinations").path("destinations")) {
            String name = destination.path("name").asText();
            boolean settled =
                    destination.path("lag").asLong() == 0
                            && Stream.of("inFlight", "heldPersons", "waitingPersons")
                                    .allMatch(field -> destination.path(field).asLong() == 0);
            if (!settled) {
                open.add(destination.toString());
            }
            if (!destination.path("state").asText().equals("RUNNING")) {
                post("/api/destinations/" + name + "/resume");
            }
            for (JsonNode job : call("GET", "/api/destinations/" + name + "/jobs").path("jobs")) {
                if (List.of("RUNNING", "WAITING").contains(job.path("state").asText())) {
                    open.add(name + " " + job);
                }
            }
        }
        if (Files.isDirectory(inbox)) {
            try (Stream<Path> files = Files.list(inbox)) {
                files.filter(Files::isRegularFile).map(Path::toString).forEach(open::add);
            }
        }
        return open;
    }

    private void post(String path) throws IOException, InterruptedException {
        call("POST", path);
    }

    private JsonNode call(String method, String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(caravan.management(path))
                        .timeout(Duration.ofSeconds(30))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(
                    "%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
        }
        return JSON.readTree(answer.body());
    }
}
