package dev.caravan.console;

import dev.caravan.customerio.Sandbox;
import dev.caravan.customerio.SandboxRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the sandbox was sent in place of Customer.io. */
final class SandboxApi {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;

    private final Sandbox sandbox;

    SandboxApi(Sandbox sandbox) {
        this.sandbox = sandbox;
    }

    void mount(Api api) {
        api.get("/api/sandbox/requests", Set.of("after", "limit"), this::requests)
                .delete(
                        "/api/sandbox/requests",
                        Set.of(),
                        call -> {
                            sandbox.clear();
                            return Map.of("cleared", true);
                        });
    }

    /** The newest; with {@code after}, a number, page by page what came behind it. */
    private Map<String, Object> requests(ApiCall call) {
        long after = call.number("after", 0, Long.MAX_VALUE, -1);
        int limit = (int) call.number("limit", 1, MOST, USUAL);
        List<SandboxRequest> found =
                after < 0 ? sandbox.newest(limit) : sandbox.requests(after, limit);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("count", sandbox.count());
        answer.put("requests", found.stream().map(SandboxApi::shown).toList());
        answer.put(
                "next", after < 0 || found.size() < limit ? null : found.get(limit - 1).number());
        return answer;
    }

    static Map<String, Object> shown(SandboxRequest request) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("number", request.number());
        shown.put("at", Shown.time(request.at()));
        shown.put("path", request.path());
        shown.put("status", request.status());
        shown.put("items", request.items());
        shown.put("errors", request.errors());
        shown.put("body", Shown.jsonOrText(request.json()));
        return shown;
    }
}
