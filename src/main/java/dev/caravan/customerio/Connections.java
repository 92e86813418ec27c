package dev.caravan.customerio;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A pool of kept-alive HTTP/1.1 connections, all on one event loop: a request never waits for
 * another thread between its parts. Thread-safe.
 */
final class Connections implements AutoCloseable {
    /** As many as there are requests; their number is limited where they are made. */
    private static final int MOST = 10_000;

    /**
     * Seconds, and up to {@link #CLEANER_MILLIS} more; servers close idle connections too, and a
     * request must not meet that.
     */
    private static final int KEEP_ALIVE = 10;

    /** How often those are closed whose time is over; each time wakes a resting process up. */
    private static final int CLEANER_MILLIS = 30_000;

    private final Vertx vertx;
    private final boolean ownsVertx;
    private final HttpClient http;
    private final Context loop;

    /**
     * Opens a pool; the connections follow as they are needed.
     *
     * @param shared the application's own, null to make one
     * @param threads has threads that belong to no event loop
     */
    Connections(@Nullable Vertx shared, Executor threads) {
        this.ownsVertx = shared == null;
        this.vertx = shared == null ? Vertx.vertx() : shared;
        this.loop = CompletableFuture.supplyAsync(vertx::getOrCreateContext, threads).join();
        this.http =
                vertx.httpClientBuilder()
                        .with(
                                new HttpClientOptions()
                                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                                        .setKeepAliveTimeout(KEEP_ALIVE))
                        .with(
                                new PoolOptions()
                                        .setHttp1MaxSize(MOST)
                                        .setCleanerPeriod(CLEANER_MILLIS))
                        .withConnectHandler(Connections::leaveErrorsToRequests)
                        .build();
    }

    /** Vert.x would log each as an error of its own, beside the request that hears of it. */
    private static void leaveErrorsToRequests(HttpConnection connection) {
        connection.exceptionHandler(failure -> {});
    }

    HttpClient http() {
        return http;
    }

    /** Runs something on the event loop, where it must not block. */
    void run(Runnable task) {
        loop.runOnContext(nothing -> task.run());
    }

    /** Runs something on the event loop later. */
    long after(long millis, Runnable task) {
        return vertx.setTimer(millis, id -> task.run());
    }

    void cancel(long timer) {
        vertx.cancelTimer(timer);
    }

    @Override
    public void close() {
        http.close();
        if (ownsVertx) {
            vertx.close();
        }
    }
}
