package dev.caravan.fake;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The true answer to a request and how many of its items were stored.
 *
 * @param storedItems 0 if the request was refused or dropped
 */
record Verdict(WireAnswer answer, int storedItems) {

    /** 200, which in permissive mode says nothing about what was stored. */
    static Verdict accepted(int storedItems) {
        return new Verdict(WireAnswer.json(200, "{\"success\":true}"), storedItems);
    }

    /** A body that satisfies every official client's parser. */
    static Verdict refused(int status, String code, List<String> errors, int storedItems) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("code", code);
        body.put("message", String.join("; ", errors));
        body.put("meta", Map.of("errors", errors));
        body.put("success", false);
        return new Verdict(WireAnswer.json(status, FakeJson.write(body)), storedItems);
    }

    Verdict with(Map<String, String> headers) {
        return new Verdict(answer.with(headers), storedItems);
    }
}
