package dev.caravan.fake;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Judges a request as a whole: path, method, key, sizes; then lets {@link Intake} take its items.
 */
final class Judge {

    private final Switches switches;
    private final Intake intake;

    Judge(Switches switches, Clock clock) {
        this.switches = switches;
        this.intake = new Intake(switches, clock);
    }

    /**
     * Gives the true answer and applies to the state what deserves it.
     *
     * @param refused places in the batch whose items a script wants left out
     */
    Verdict judge(
            long number, WireRequest request, ParsedBody body, Set<Integer> refused, State state) {
        Optional<Endpoint> endpoint = Endpoint.of(request.path());
        if (endpoint.isEmpty()) {
            return Verdict.refused(404, "not_found", List.of("no such path"), 0);
        }
        if (!request.method().equals("POST")) {
            return Verdict.refused(405, "method_not_allowed", List.of("only POST"), 0)
                    .with(Map.of("Allow", "POST"));
        }
        if (switches.wrongRegion()) {
            return Verdict.accepted(0);
        }
        boolean strict = request.header("x-strict-mode").equals("1");
        if (!hasValidKey(request, body)) {
            return refusal(number, 401, "unauthorized", "bad or missing key", strict, state);
        }
        String fault = faultOf(request, body, endpoint.get());
        if (!fault.isEmpty()) {
            return refusal(number, 400, "invalid_request", fault, strict, state);
        }
        int limit = endpoint.get().isBatch() ? Limits.BATCH : Limits.CALL;
        if (body.plain().length > limit) {
            String size = "the body must not exceed " + limit + " bytes";
            return refusal(
                    number, switches.oversizeStatus(), "invalid_request", size, strict, state);
        }
        return intake.take(number, endpoint.get(), body, strict, refused, state);
    }

    private static Verdict refusal(
            long number, int status, String code, String why, boolean strict, State state) {
        if (strict) {
            return Verdict.refused(status, code, List.of(why), 0);
        }
        state.ledger().ignore(new Ignored(number, -1, "", why));
        return Verdict.accepted(0);
    }

    private boolean hasValidKey(WireRequest request, ParsedBody body) {
        String authorization = request.header("authorization");
        return authorization.isEmpty()
                ? switches.keys().contains(Item.textOf(body.top(), "writeKey"))
                : switches.keys().contains(keyIn(authorization));
    }

    /** Returns the user name of Basic credentials whose password is empty, else an empty text. */
    private static String keyIn(String authorization) {
        if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return "";
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(authorization.substring(6).strip());
            String credentials = new String(decoded, StandardCharsets.UTF_8);
            int colon = credentials.indexOf(':');
            return colon == credentials.length() - 1 && colon > 0
                    ? credentials.substring(0, colon)
                    : "";
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private String faultOf(WireRequest request, ParsedBody body, Endpoint endpoint) {
        String type = request.header("content-type").split(";")[0].strip();
        if (!type.equalsIgnoreCase("application/json") && !type.equalsIgnoreCase("text/plain")) {
            return "Content-Type must be application/json but was '" + type + "'";
        }
        if (!body.fault().isEmpty() || !endpoint.isBatch()) {
            return body.fault();
        }
        return batchFault(body);
    }

    private String batchFault(ParsedBody body) {
        if (!body.hasBatch() || body.elements().isEmpty()) {
            return "batch must be an array that is not empty";
        }
        if (body.elements().size() > switches.maxBatchItems()) {
            return "batch must not hold more than " + switches.maxBatchItems() + " items";
        }
        List<String> faults = new ArrayList<>(0);
        ObjectNode top = body.top();
        ItemRules.demandTime(top, "sentAt", faults);
        ItemRules.demandText(top, "messageId", faults);
        ItemRules.demandObject(top, "context", faults);
        ItemRules.demandObject(top, "integrations", faults);
        return String.join("; ", faults);
    }
}
