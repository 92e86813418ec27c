package dev.caravan.fake;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/**
 * A plain caller of the Pipelines API, so that the fake is tested from outside. JSON may use single
 * quotes.
 */
final class Calls {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;
    private final String key;

    Calls(URI url, String key) {
        this.url = url;
        this.key = key;
    }

    HttpResponse<String> strict(String path, String json) throws Exception {
        return send(request(path, json).header("X-Strict-Mode", "1"));
    }

    HttpResponse<String> permissive(String path, String json) throws Exception {
        return send(request(path, json));
    }

    /** Makes a strict call that must be accepted. */
    void accepted(String path, String json) throws Exception {
        HttpResponse<String> answer = strict(path, json);
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("refused: " + answer.body());
        }
    }

    HttpRequest.Builder request(String path, String json) {
        return to(path).header("Content-Type", "application/json")
                .header("Authorization", basic(key + ":"))
                .POST(BodyPublishers.ofString(json.replace('\'', '"')));
    }

    HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(url.resolve(path)).timeout(Duration.ofSeconds(10));
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return http.send(request.build(), BodyHandlers.ofString());
    }

    static String basic(String credentials) {
        byte[] bytes = credentials.getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(bytes);
    }
}
