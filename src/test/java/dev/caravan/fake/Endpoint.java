package dev.caravan.fake;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A data path of the Pipelines API.
 *
 * @param call what the path's single item does, nothing for a batch
 */
record Endpoint(Optional<CallType> call) {

    private static final Map<String, Endpoint> BY_PATH = byPath();

    boolean isBatch() {
        return call.isEmpty();
    }

    /**
     * Returns the endpoint behind a path, long or short; a trailing slash makes it another path.
     */
    static Optional<Endpoint> of(String path) {
        return Optional.ofNullable(BY_PATH.get(path));
    }

    private static Map<String, Endpoint> byPath() {
        Map<String, Endpoint> paths = new HashMap<>();
        for (CallType call : CallType.values()) {
            Endpoint endpoint = new Endpoint(Optional.of(call));
            paths.put("/v1/" + call.word(), endpoint);
            paths.put("/v1/" + call.word().charAt(0), endpoint);
        }
        paths.put("/v1/batch", new Endpoint(Optional.empty()));
        paths.put("/v1/b", new Endpoint(Optional.empty()));
        return Map.copyOf(paths);
    }
}
