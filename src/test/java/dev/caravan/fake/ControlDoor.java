package dev.caravan.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@link FakeControl} over HTTP, for a fake in another process.
 *
 * <pre>
 *   GET  /_fake/requests?from=1&amp;limit=1000   received?from=0&amp;limit=1000   request-count
 *        message-ids   events   events?person=ID   events?anonymous=ID   persons   persons?id=ID
 *        suppressed   objects   relationships   metrics   ignored   switches
 *   POST /_fake/missing    ["messageId", ...]
 *        /_fake/script     {"clear": true, "enqueue": [behaviour, ...], "rules": [rule, ...]}
 *        /_fake/switches   {"anonymousMerging": false, ...}
 *        /_fake/clock      {"advance": "PT5M"} or {"set": "2026-08-21T10:15:30Z"}
 *        /_fake/down       {"span": "PT2S"}
 *        /_fake/reset
 * </pre>
 *
 * Behaviours and rules are {@link Behaviour} and {@link Rule} as JSON, fields that say nothing left
 * out. No key is asked.
 */
final class ControlDoor {

    static final String PREFIX = "/_fake/";

    private static final ObjectMapper JSON = FakeJson.MAPPER;
    private static final TypeReference<Set<String>> TEXTS = new TypeReference<>() {};
    private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

    private final FakeCustomerIo fake;

    ControlDoor(FakeCustomerIo fake) {
        this.fake = fake;
    }

    /** The body of {@code POST /_fake/script}; it is done in the order of the components. */
    record Orders(boolean clear, List<Behaviour> enqueue, List<Rule> rules) {
        Orders {
            enqueue = enqueue == null ? List.of() : enqueue;
            rules = rules == null ? List.of() : rules;
        }
    }

    WireAnswer answer(WireRequest request) {
        String what = request.path().substring(PREFIX.length());
        try {
            Object found =
                    request.method().equals("POST")
                            ? told(what, new String(request.body(), StandardCharsets.UTF_8))
                            : asked(what, parameters(request.query()));
            return WireAnswer.json(200, JSON.writeValueAsString(found));
        } catch (IOException | RuntimeException e) {
            return WireAnswer.json(
                    400, FakeJson.write(Map.of("error", String.valueOf(e.getMessage()))));
        }
    }

    private Object asked(String what, Map<String, String> parameters) {
        long from = Long.parseLong(parameters.getOrDefault("from", "0"));
        long limit = Long.parseLong(parameters.getOrDefault("limit", "1000"));
        return switch (what) {
            case "requests" -> fake.requests(from).stream().limit(limit).toList();
            case "request-count" -> fake.requestCount();
            case "received" -> fake.received((int) from).stream().limit(limit).toList();
            case "message-ids" -> fake.messageIds();
            case "events" -> events(parameters);
            case "persons" ->
                    parameters.containsKey("id")
                            ? fake.person(parameters.get("id")).map(List::of).orElse(List.of())
                            : fake.persons();
            case "suppressed" -> fake.suppressed();
            case "objects" -> fake.objects();
            case "relationships" -> fake.relationships();
            case "metrics" -> fake.metrics();
            case "ignored" -> fake.ignored();
            case "switches" -> fake.switches();
            default -> throw new IllegalArgumentException("nothing to read at " + what);
        };
    }

    private List<StoredEvent> events(Map<String, String> parameters) {
        if (parameters.containsKey("person")) {
            return fake.eventsOf(parameters.get("person"));
        }
        return parameters.containsKey("anonymous")
                ? fake.anonymousEventsOf(parameters.get("anonymous"))
                : fake.events();
    }

    private Object told(String what, String body) throws JsonProcessingException {
        switch (what) {
            case "missing" -> {
                return fake.missing(JSON.readValue(body, TEXTS));
            }
            case "script" -> follow(JSON.readValue(body, Orders.class));
            case "switches" -> fake.configure(JSON.readValue(body, FIELDS));
            case "clock" -> setClock(JSON.readValue(body, FIELDS));
            case "down" -> fake.goDown(Duration.parse(JSON.readTree(body).path("span").asText()));
            case "reset" -> fake.reset();
            default -> throw new IllegalArgumentException("nothing to do at " + what);
        }
        return Map.of();
    }

    private void follow(Orders orders) {
        if (orders.clear()) {
            fake.clearScript();
        }
        fake.enqueue(orders.enqueue().toArray(Behaviour[]::new));
        orders.rules().forEach(fake.script()::rule);
    }

    private void setClock(Map<String, Object> fields) {
        if (fields.containsKey("set")) {
            fake.setClock(Instant.parse(fields.get("set").toString()));
        }
        if (fields.containsKey("advance")) {
            fake.advanceClock(Duration.parse(fields.get("advance").toString()));
        }
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String value = pair.substring(equals + 1);
                parameters.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }
}
