package dev.caravan.customerio;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Answers as it is told, 200 where it is told nothing, and keeps what was posted. */
final class ScriptedTransport implements Transport {
    record Post(String path, String json, int retries) {}

    /** What happens before a connection is there. */
    Runnable connecting = () -> {};

    final List<Post> posts = new ArrayList<>();
    final Deque<Supplier<CompletableFuture<Answer>>> script = new ArrayDeque<>();

    void answer(int status, String body) {
        script.add(
                () ->
                        CompletableFuture.completedFuture(
                                new Answer(status, body.getBytes(StandardCharsets.UTF_8))));
    }

    void fail(Throwable failure) {
        script.add(() -> CompletableFuture.failedFuture(failure));
    }

    @Override
    public CompletableFuture<Answer> post(
            String path, byte[] json, int retries, BooleanSupplier current) {
        connecting.run();
        if (!current.getAsBoolean()) {
            return CompletableFuture.failedFuture(new Overtaken());
        }
        posts.add(new Post(path, new String(json, StandardCharsets.UTF_8), retries));
        return script.isEmpty()
                ? CompletableFuture.completedFuture(new Answer(200, new byte[0]))
                : script.remove().get();
    }
}
