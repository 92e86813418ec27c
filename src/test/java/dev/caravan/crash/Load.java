package dev.caravan.crash;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Senders that never give up: one thread a person, each sending its events one after the other, the
 * same again until it is acknowledged, as an SDK with a queue does. Every fourth call is a batch.
 */
final class Load implements AutoCloseable {
    private final URI target;
    private final String key;
    private final int eventsEach;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final Map<String, List<String>> acknowledged = new ConcurrentHashMap<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Load(URI target, String key, int persons, int eventsEach) {
        this.target = target;
        this.key = key;
        this.eventsEach = eventsEach;
        for (int person = 0; person < persons; person++) {
            String userId = "person-" + person;
            acknowledged.put(userId, new ArrayList<>());
            threads.add(new Thread(() -> send(userId), "load-" + userId));
        }
        threads.forEach(Thread::start);
    }

    /** Waits until every event is acknowledged; returns them by person, in the order of sending. */
    Map<String, List<String>> await() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
        return acknowledged;
    }

    private void send(String userId) {
        int next = 0;
        while (next < eventsEach && !stopped) {
            int count = next % 4 == 0 ? Math.min(3, eventsEach - next) : 1;
            List<String> ids = new ArrayList<>();
            StringBuilder items = new StringBuilder();
            for (int i = 0; i < count; i++) {
                String id = userId + "-" + (next + i);
                ids.add(id);
                items.append(i == 0 ? "" : ",")
                        .append(
                                """
                                {"type":"track","userId":"%s","event":"Step Taken","messageId":"%s","properties":{"step":%d}}"""
                                        .formatted(userId, id, next + i));
            }
            String path = count == 1 ? "/v1/track" : "/v1/batch";
            String body = count == 1 ? items.toString() : "{\"batch\":[" + items + "]}";
            if (post(path, body)) {
                acknowledged.get(userId).addAll(ids);
                next += count;
            }
        }
    }

    private boolean post(String path, String body) {
        String basic =
                Base64.getEncoder().encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
        HttpRequest request =
                HttpRequest.newBuilder(target.resolve(path))
                        .timeout(Duration.ofSeconds(10))
                        .header("Authorization", "Basic " + basic)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
        } catch (IOException e) {
            pause();
            return false;
        } catch (InterruptedException e) {
            stopped = true;
            return false;
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
