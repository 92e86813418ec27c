package dev.caravan.bench;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A Customer.io that takes whatever is posted under {@code /v1/}, answers {@code {"success":true}}
 * and counts. It judges nothing, so that it is never what a measurement waits for.
 *
 * <p>{@code FakeCustomerIo --port 9900}
 *
 * <ul>
 *   <li>{@code POST /v1/...}: counts the events, which is how often {@code "messageId"} occurs
 *   <li>{@code GET /count}: what has arrived since the start or the last reset
 *   <li>{@code GET /await?events=N&seconds=S}: answers when N events have arrived, or with 504
 *       after S seconds; the answer says when the first and the Nth arrived
 *   <li>{@code POST /reset}: forgets what has arrived
 * </ul>
 */
final class FakeCustomerIo {

    private static final String MARK = "\"messageId\"";
    private static final int PIECE_BYTES = 1 << 16;
    private static final Buffer SUCCESS = Buffer.buffer("{\"success\":true}");

    private final Vertx vertx;
    private final Arrivals arrivals = new Arrivals();
    private final List<Waiter> waiters = new ArrayList<>();

    private record Waiter(long events, HttpServerResponse response, long timer) {}

    private FakeCustomerIo(Vertx vertx) {
        this.vertx = vertx;
    }

    public static void main(String[] args) {
        Options options = Options.parse(args, Set.of("port"));
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        vertx.createHttpServer(
                        new HttpServerOptions()
                                .setHost("127.0.0.1")
                                .setPort(options.integer("port", 9900))
                                .setTcpNoDelay(true)
                                .setAcceptBacklog(1024)
                                .setMaxChunkSize(PIECE_BYTES)
                                .setDecompressionSupported(true)
                                .setHandle100ContinueAutomatically(true))
                .requestHandler(new FakeCustomerIo(vertx)::handle)
                .listen()
                .onSuccess(server -> System.out.println("listening on " + server.actualPort()))
                .onFailure(
                        failure -> {
                            System.err.println("cannot listen: " + failure);
                            vertx.close();
                        });
    }

    private void handle(HttpServerRequest request) {
        String path = request.path();
        if (request.method() == HttpMethod.POST && path.startsWith("/v1/")) {
            Occurrences marks = new Occurrences(MARK);
            request.handler(piece -> marks.add(piece.getBytes()));
            request.endHandler(end -> take(marks.found(), request.response()));
        } else if (path.equals("/count")) {
            json(request.response(), report(arrivals.events()));
        } else if (path.equals("/await")) {
            await(request);
        } else if (request.method() == HttpMethod.POST && path.equals("/reset")) {
            arrivals.clear();
            json(request.response(), report(0));
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    private void take(int events, HttpServerResponse response) {
        response.putHeader("Content-Type", "application/json").end(SUCCESS);
        arrivals.add(events, System.currentTimeMillis());
        if (!waiters.isEmpty()) {
            waiters.removeIf(this::answered);
        }
    }

    private void await(HttpServerRequest request) {
        long events = Long.parseLong(request.getParam("events"));
        long millis = 1000 * Long.parseLong(request.getParam("seconds", "600"));
        HttpServerResponse response = request.response();
        long timer = vertx.setTimer(millis, fired -> giveUp(response, events));
        Waiter waiter = new Waiter(events, response, timer);
        if (!answered(waiter)) {
            waiters.add(waiter);
        }
    }

    private boolean answered(Waiter waiter) {
        if (arrivals.events() < waiter.events()) {
            return false;
        }
        vertx.cancelTimer(waiter.timer());
        json(waiter.response(), report(waiter.events()));
        return true;
    }

    private void giveUp(HttpServerResponse response, long events) {
        waiters.removeIf(waiter -> waiter.response() == response);
        response.setStatusCode(504);
        json(response, report(events));
    }

    private String report(long reached) {
        return String.format(
                Locale.ROOT,
                "{\"events\":%d,\"requests\":%d,\"firstMillis\":%d,\"reachedMillis\":%d}%n",
                arrivals.events(),
                arrivals.requests(),
                arrivals.reachedMillis(1),
                arrivals.reachedMillis(reached));
    }

    private static void json(HttpServerResponse response, String body) {
        if (!response.closed()) {
            response.putHeader("Content-Type", "application/json").end(body);
        }
    }
}
