package dev.caravan.ingest;

import dev.caravan.event.Json;
import dev.caravan.journal.Appended;
import dev.caravan.journal.Appended.SetAside;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/**
 * What a caller at the HTTP door is told. Success is exactly 200 and {@code "success":true}; a
 * refusal carries its reasons under every name that an SDK looks for.
 *
 * @param retryAfterSeconds when to come again, 0 if that makes no sense
 */
record Answer(int status, byte[] body, int retryAfterSeconds) {
    private static final Answer ONE_ACCEPTED = rendered(new Appended(1, 0, List.of()));
    static final Answer UNKNOWN_KEY =
            refusal(401, "unauthorized", List.of("the write key is missing or unknown"), 0);
    static final Answer LOCAL_ONLY =
            refusal(
                    401,
                    "unauthorized",
                    List.of(
                            "no write keys are set, so only callers on this machine are taken: set"
                                    + " caravan.keys.<source>, or caravan.public-keys.<source> for"
                                    + " browsers"),
                    0);

    /** The caller is not who it should be. */
    static Answer unauthorized(String reason) {
        return refusal(401, "unauthorized", List.of(reason), 0);
    }

    static final Answer UNAVAILABLE =
            refusal(503, "unavailable", List.of("events cannot be stored now; send them again"), 5);
    static final Answer FAILED =
            refusal(500, "internal_error", List.of("the request failed; send it again"), 0);

    /** Stored, as far as it consists of events. */
    static Answer ok(Appended appended) {
        boolean oneAccepted =
                appended.accepted() == 1
                        && appended.skipped() == 0
                        && appended.duplicates() == 0
                        && appended.setAside().isEmpty();
        return oneAccepted ? ONE_ACCEPTED : rendered(appended);
    }

    private static Answer rendered(Appended appended) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("success", true);
        putCounts(answer, appended);
        return new Answer(200, Json.toBytes(answer), 0);
    }

    private static void putCounts(Map<String, Object> answer, Appended appended) {
        answer.put("accepted", appended.accepted());
        if (appended.skipped() > 0) {
            answer.put("skipped", appended.skipped());
        }
        answer.put("duplicates", appended.duplicates());
        answer.put("setAside", appended.setAside().stream().map(Answer::item).toList());
    }

    private static Map<String, Object> item(SetAside item) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("index", item.index());
        shown.put("reason", item.reason());
        return shown;
    }

    /** Nothing was stored, and the same will never be. */
    static Answer invalid(List<String> reasons) {
        return refusal(400, "invalid_request", reasons, 0);
    }

    /**
     * What was to remove somebody does not, so that this is no success; but it is kept, where a
     * person can mend or approve it. The counts are those of a success.
     */
    static Answer keptAsDeadLetter(Appended appended) {
        String reason = appended.setAside().get(0).reason() + " (it is a dead letter now)";
        Map<String, Object> answer = refusal("invalid_request", List.of(reason));
        putCounts(answer, appended);
        return new Answer(400, Json.toBytes(answer), 0);
    }

    private static Answer refusal(
            int status, String code, List<String> reasons, int retryAfterSeconds) {
        return new Answer(status, Json.toBytes(refusal(code, reasons)), retryAfterSeconds);
    }

    private static Map<String, Object> refusal(String code, List<String> reasons) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("code", code);
        answer.put("message", reasons.get(0));
        answer.put("meta", Map.of("errors", reasons));
        answer.put("success", false);
        return answer;
    }

    /** Makes this the exchange's answer, and the end of its route if it is a refusal. */
    void give(Exchange exchange) {
        Message message = exchange.getMessage();
        message.setBody(body);
        if (status != 200) {
            message.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
            exchange.setRouteStop(true);
        }
        if (retryAfterSeconds > 0) {
            message.setHeader("Retry-After", retryAfterSeconds);
        }
    }
}
