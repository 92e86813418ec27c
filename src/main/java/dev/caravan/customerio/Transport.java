package dev.caravan.customerio;

import java.util.concurrent.CompletableFuture;

/** Carries one request to Customer.io, or to what stands in for it. Thread-safe. */
interface Transport {
    /**
     * Posts JSON.
     *
     * @param path {@code /v1/...}
     * @param json the body, in UTF-8, not to be changed
     * @param retries how often the same was sent before, 0 for the first time
     * @return the answer; fails with an {@link java.io.IOException} if none came
     */
    CompletableFuture<Answer> post(String path, byte[] json, int retries);
}
