package dev.caravan.customerio;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.event.Call;
import dev.caravan.event.Json;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for Customer.io where there is no API key: answers as its strict mode does, and keeps
 * the last requests in memory for looking at. Nothing leaves the process. Thread-safe.
 */
public final class Sandbox implements Transport {
    /** Requests that are kept. */
    static final int KEPT_REQUESTS = 1_000;

    /** Bytes of bodies that are kept. */
    static final int KEPT_BYTES = 16 << 20;

    /** What Customer.io takes for one event, by the larger reading of 32 KB. */
    private static final int EVENT_BYTES = 32 * 1024;

    /** What Customer.io takes for a batch, by the larger reading of 500 KB. */
    private static final int BATCH_BYTES = 500 * 1024;

    private static final int SHOWN_ERRORS = 100;

    private static final ObjectMapper STRICT =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private static final byte[] SUCCESS = Json.toBytes(Map.of("success", true));

    private final InstantSource clock;
    private final int keptRequests;
    private final long keptBytes;
    private final Deque<SandboxRequest> kept = new ArrayDeque<>();
    private long bytes;
    private long count;

    Sandbox(InstantSource clock) {
        this(clock, KEPT_REQUESTS, KEPT_BYTES);
    }

    Sandbox(InstantSource clock, int keptRequests, long keptBytes) {
        this.clock = clock;
        this.keptRequests = keptRequests;
        this.keptBytes = keptBytes;
    }

    /**
     * The requests kept, oldest first.
     *
     * @param after only those with a higher number; 0 for all
     * @param limit at most so many, the oldest of them
     */
    public synchronized List<SandboxRequest> requests(long after, int limit) {
        return kept.stream().filter(request -> request.number() > after).limit(limit).toList();
    }

    /** The newest of the requests kept, oldest of them first. */
    public synchronized List<SandboxRequest> newest(int limit) {
        return kept.stream().skip(Math.max(0, kept.size() - limit)).toList();
    }

    /** How many requests came since the start, whether they are kept or not. */
    public synchronized long count() {
        return count;
    }

    /** Forgets the requests kept; the numbers go on. */
    public synchronized void clear() {
        kept.clear();
        bytes = 0;
    }

    /**
     * Takes events out of the requests kept; a request that has none left is forgotten.
     *
     * @param which asked for each event in a request that was JSON
     */
    public void remove(BiPredicate<SandboxRequest, JsonNode> which) {
        List<SandboxRequest> all;
        synchronized (this) {
            all = List.copyOf(kept);
        }
        Map<Long, Optional<SandboxRequest>> changed = new HashMap<>();
        for (SandboxRequest request : all) {
            Optional<SandboxRequest> left = without(request, which);
            if (left.isEmpty() || left.get() != request) {
                changed.put(request.number(), left);
            }
        }
        replace(changed);
    }

    private synchronized void replace(Map<Long, Optional<SandboxRequest>> changed) {
        List<SandboxRequest> before = List.copyOf(kept);
        kept.clear();
        bytes = 0;
        for (SandboxRequest request : before) {
            changed.getOrDefault(request.number(), Optional.of(request))
                    .ifPresent(
                            left -> {
                                kept.add(left);
                                bytes += left.body().length;
                            });
        }
    }

    /** The request with what is left of it; itself if that is all, empty if it is nothing. */
    private static Optional<SandboxRequest> without(
            SandboxRequest request, BiPredicate<SandboxRequest, JsonNode> which) {
        JsonNode body;
        try {
            body = STRICT.readTree(request.body());
        } catch (IOException e) {
            return Optional.of(request);
        }
        if (!(body.path("batch") instanceof ArrayNode events)) {
            return which.test(request, body) ? Optional.empty() : Optional.of(request);
        }
        ArrayNode left = STRICT.createArrayNode();
        for (JsonNode event : events) {
            if (!which.test(request, event)) {
                left.add(event);
            }
        }
        if (left.size() == events.size()) {
            return Optional.of(request);
        } else if (left.isEmpty()) {
            return Optional.empty();
        }
        ((ObjectNode) body).set("batch", left);
        return Optional.of(request.withBody(Json.toBytes(body)));
    }

    @Override
    public CompletableFuture<Answer> post(
            String path, byte[] json, int retries, BooleanSupplier current) {
        if (!current.getAsBoolean()) {
            return CompletableFuture.failedFuture(new Overtaken());
        }
        var check = new Check();
        int status = check.status(path, json);
        keep(path, json, status, check);
        return CompletableFuture.completedFuture(
                new Answer(status, status == 200 ? SUCCESS : refusal(check.errors)));
    }

    private synchronized void keep(String path, byte[] json, int status, Check check) {
        count++;
        kept.add(
                new SandboxRequest(
                        count, clock.instant(), path, status, check.items, check.errors, json));
        bytes += json.length;
        while (kept.size() > keptRequests || (bytes > keptBytes && kept.size() > 1)) {
            bytes -= kept.remove().body().length;
        }
    }

    private static byte[] refusal(List<String> errors) {
        return Json.toBytes(
                Map.of(
                        "success",
                        false,
                        "code",
                        "invalid_request",
                        "message",
                        errors.get(0),
                        "meta",
                        Map.of("errors", errors)));
    }

    /** What is wrong with one request. */
    private static final class Check {
        final List<String> errors = new ArrayList<>();
        int items;

        int status(String path, byte[] json) {
            boolean batch = path.equals("/v1/batch");
            Optional<Call> call =
                    path.startsWith("/v1/") ? Call.ofType(path.substring(4)) : Optional.empty();
            if (!batch && call.isEmpty()) {
                errors.add("there is nothing at this path");
                return 404;
            }
            JsonNode body = parse(json);
            if (body != null && batch) {
                batch(body, json.length);
            } else if (body != null) {
                items = 1;
                event("", body, json.length, call.orElseThrow());
            }
            return errors.isEmpty() ? 200 : 400;
        }

        private @Nullable JsonNode parse(byte[] json) {
            try {
                JsonNode body = STRICT.readTree(json);
                if (body.isObject()) {
                    return body;
                }
                errors.add("the body must be a JSON object");
            } catch (IOException e) {
                errors.add("the body is not valid JSON");
            }
            return null;
        }

        private void batch(JsonNode body, int length) {
            Rules.tooLarge("the request", length, BATCH_BYTES).ifPresent(errors::add);
            JsonNode events = body.path("batch");
            items = events.isArray() ? events.size() : 0;
            if (items == 0) {
                errors.add("field 'batch' must be an array of events");
            }
            for (int i = 0; i < items; i++) {
                JsonNode event = events.get(i);
                event("batch[" + i + "]: ", event, Json.toBytes(event).length, null);
            }
        }

        private void event(String place, JsonNode event, int length, @Nullable Call implied) {
            Rules.tooLarge("the event", length, EVENT_BYTES).ifPresent(error -> add(place + error));
            Rules.broken(event, implied).forEach(error -> add(place + error));
        }

        private void add(String error) {
            if (errors.size() < SHOWN_ERRORS) {
                errors.add(error);
            }
        }
    }
}
