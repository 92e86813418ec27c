package dev.caravan.customerio;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/** Carries one request to Customer.io, or to what stands in for it. Thread-safe. */
interface Transport {
    /**
     * Posts JSON.
     *
     * @param path {@code /v1/...}
     * @param json the body, in UTF-8, not to be changed
     * @param retries how often the same was sent before, 0 for the first time
     * @param current asked when there is a connection, right before the bytes leave: whether they
     *     may still be sent. What it costs to connect or to wait may have overtaken them
     * @return the answer; fails with an {@link IOException} if none came, which is {@link
     *     Overtaken} if nothing was sent
     */
    CompletableFuture<Answer> post(String path, byte[] json, int retries, BooleanSupplier current);

    /** Posts what may be sent whatever happens. */
    default CompletableFuture<Answer> post(String path, byte[] json, int retries) {
        return post(path, json, retries, () -> true);
    }

    /** Nothing was sent, since it must not be sent any longer. */
    final class Overtaken extends IOException {
        private static final long serialVersionUID = 1;

        Overtaken() {
            super("a part of it must not be sent any longer");
        }
    }
}
