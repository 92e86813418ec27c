package dev.caravan.console;

import dev.caravan.event.Json;
import dev.caravan.journal.JournalUnavailableException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plain JSON over the management port's router: each call on a worker, each error with a reason.
 */
final class Api {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final long PATIENCE_SECONDS = 30;

    private static final int BEHIND_EVERYTHING = 100_000;
    private static final List<String> OF_QUARKUS =
            List.of("GET /q/health/live", "GET /q/health/ready", "GET /q/metrics");

    private final Router router;
    private final List<String> known = new ArrayList<>();

    /** Answers a call with what becomes JSON. */
    interface Handler {
        Object handle(ApiCall call) throws Exception;
    }

    Api(Router router) {
        this.router = router;
    }

    Api get(String path, Set<String> parameters, Handler handler) {
        return add(HttpMethod.GET, path, parameters, handler);
    }

    Api post(String path, Set<String> parameters, Handler handler) {
        return add(HttpMethod.POST, path, parameters, handler);
    }

    Api delete(String path, Set<String> parameters, Handler handler) {
        return add(HttpMethod.DELETE, path, parameters, handler);
    }

    private Api add(HttpMethod method, String path, Set<String> parameters, Handler handler) {
        router.route(method, path)
                .blockingHandler(
                        ctx -> {
                            answer(ctx, parameters, handler);
                            if (method != HttpMethod.GET) {
                                noteWho(ctx);
                            }
                        },
                        false);
        known.add(method + " " + path.replaceAll(":(\\w+)", "{$1}"));
        return this;
    }

    /** Answers whatever is not there with the list of what is. */
    void orElseTell() {
        List<String> there = new ArrayList<>(OF_QUARKUS);
        there.addAll(known);
        Map<String, Object> answer = new LinkedHashMap<>(error("there is nothing at this path"));
        answer.put("calls", there);
        router.route().order(BEHIND_EVERYTHING).handler(ctx -> send(ctx, 404, answer));
    }

    /** The values of parameters are left out: they may name a person. */
    private static void noteWho(RoutingContext ctx) {
        LOG.info(
                "An operator's call: operator={} method={} path={} statusCode={}",
                Guard.operator(ctx),
                ctx.request().method(),
                ctx.normalizedPath(),
                ctx.response().getStatusCode());
    }

    private static void answer(RoutingContext ctx, Set<String> parameters, Handler handler) {
        try {
            send(ctx, 200, handler.handle(ApiCall.of(ctx, parameters)));
        } catch (ApiException e) {
            send(ctx, e.status(), error(e.getMessage()));
        } catch (IllegalArgumentException e) {
            send(ctx, 400, error(String.valueOf(e.getMessage())));
        } catch (NoSuchElementException e) {
            send(ctx, 404, error(String.valueOf(e.getMessage())));
        } catch (IllegalStateException e) {
            send(ctx, 409, error(String.valueOf(e.getMessage())));
        } catch (JournalUnavailableException e) {
            send(ctx, 503, error(String.valueOf(e.getMessage())));
        } catch (Exception e) {
            LOG.error("A call of the operator API failed: path={}", ctx.normalizedPath(), e);
            send(ctx, 500, error("the call failed; the log says why"));
        }
    }

    static Map<String, Object> error(String message) {
        return Map.of("error", message);
    }

    static void send(RoutingContext ctx, int status, Object answer) {
        ctx.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .end(Buffer.buffer(Json.toBytes(answer)));
    }

    /** Waits for something that the journal does. */
    static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } catch (TimeoutException e) {
            throw new JournalUnavailableException("the journal did not answer in time", e);
        }
    }
}
