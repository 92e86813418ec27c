package dev.caravan.ingest;

import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.Method;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.support.DefaultConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the requests of one endpoint, as {@link HttpEngine} says.
 *
 * <p>The exchange carries the unpacked body as bytes, the path's parameters as headers, and the
 * {@link HttpCall}. The answer is the exchange's body with the headers that the route set, 200
 * unless {@code CamelHttpResponseCode} says otherwise. A path {@code /v1/{call}} takes the
 * endpoints of the API and leaves all others to other routes.
 */
final class HttpConsumer extends DefaultConsumer implements PlatformHttpConsumer, Suspendable {
    /** Bytes of one call; a little above Customer.io's limit, which counts the event alone. */
    static final int SINGLE_BYTES = 32_768;

    /** Bytes of a batch: Customer.io's limit. */
    static final int BATCH_BYTES = 512_000;

    /**
     * What is too long is still heard to its end, or the caller might miss the answer; but not more
     * than this.
     */
    private static final long PATIENCE_BYTES = 64_000_000;

    /** Before Quarkus's own limit, which answers 413 where an SDK drops a batch at 400 only. */
    private static final int BEFORE_LIMITS = -3;

    /**
     * Bodies that are longer, or may be when unpacked, are read by a worker, so that the
     * connection's thread stays quick. So are all that are no calls of the API: a route of theirs
     * may wait until the journal has room for more.
     */
    private static final int WORKER_BYTES = 65_536;

    /** Bodies up to this count as nothing. */
    private static final int SMALL_BYTES = 16_384;

    private static final long ROOM_PATIENCE_MILLIS = 5_000;
    private static final long ROOM_PAUSE_MILLIS = 50;

    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{([^/}]+)\\}");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private static final Logger LOG = LoggerFactory.getLogger(HttpConsumer.class);

    private final boolean forCalls;
    private final Set<HttpMethod> methods;
    private final Router router;
    private final HttpRoom room;
    private final Duration slowestBody;
    private @Nullable Route route;

    HttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            Router router,
            HttpRoom room,
            Duration slowestBody) {
        super(endpoint, processor);
        this.forCalls = endpoint.getPath().contains("{call}");
        this.methods =
                Method.parseList(endpoint.getHttpMethodRestrict()).stream()
                        .map(method -> HttpMethod.valueOf(method.name()))
                        .collect(Collectors.toUnmodifiableSet());
        this.router = router;
        this.room = room;
        this.slowestBody = slowestBody;
    }

    @Override
    public PlatformHttpEndpoint getEndpoint() {
        return (PlatformHttpEndpoint) super.getEndpoint();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        String path = PATH_PARAMETER.matcher(getEndpoint().getPath()).replaceAll(":$1");
        Route added = router.route(getEndpoint().isMatchOnUriPrefix() ? path + "*" : path);
        added.order(BEFORE_LIMITS).handler(this::handle);
        route = added;
    }

    @Override
    protected void doStop() throws Exception {
        if (route != null) {
            route.remove();
            route = null;
        }
        super.doStop();
    }

    private void handle(RoutingContext ctx) {
        Optional<HttpCall.Endpoint> called =
                forCalls
                        ? HttpCall.Endpoint.of(ctx.pathParam("call"))
                        : Optional.of(HttpCall.Endpoint.BATCH);
        if (called.isEmpty() || !methods.contains(ctx.request().method())) {
            ctx.next();
        } else {
            new Arrival(ctx, called.get()).receive();
        }
    }

    /** A request until it is answered; all on the connection's thread, but for large bodies. */
    private final class Arrival {
        private final RoutingContext ctx;
        private final HttpServerRequest request;
        private final Context context;
        private final HttpCall call;
        private final HttpBody body;
        private final int limit;
        private boolean heard;
        private int taken;
        private long timer = -1;
        private long waitedMillis;
        private boolean answered;

        Arrival(RoutingContext ctx, HttpCall.Endpoint endpoint) {
            this.ctx = ctx;
            this.request = ctx.request();
            this.context = ctx.vertx().getOrCreateContext();
            this.call = new HttpCall(request, context, endpoint, this::hold);
            this.limit = call.batch() ? BATCH_BYTES : SINGLE_BYTES;
            this.body = new HttpBody(limit);
        }

        void receive() {
            if (isSuspended()) {
                answer(Answer.UNAVAILABLE);
                return;
            }
            if (request.headers().contains(HttpHeaders.EXPECT)) {
                ctx.response().writeContinue();
            }
            request.exceptionHandler(broken -> broken());
            request.handler(this::add);
            request.endHandler(end -> received());
            request.resume();
        }

        /** Nobody waits for an answer any more; what was heard to its end is still worked on. */
        private void broken() {
            if (!heard && !answered) {
                answered = true;
                release();
            }
        }

        private void add(Buffer chunk) {
            if (answered) {
                return;
            }
            body.add(chunk);
            if (timer < 0 && body.length() < announced()) { // most come in one piece
                timer = call.later(slowestBody.toMillis(), this::tooSlow);
            }
            if (body.length() > PATIENCE_BYTES) {
                hangUp(tooLong());
            } else if (taken == 0 && body.length() > SMALL_BYTES) {
                makeRoom();
            }
        }

        /** Takes room for the whole body, so that no two that came half can wait for each other. */
        private void makeRoom() {
            int wanted = (int) Math.min(limit, announced());
            if (room.take(wanted)) {
                taken = wanted;
                return;
            }
            request.pause();
            if (waitedMillis >= ROOM_PATIENCE_MILLIS) {
                hangUp(Answer.UNAVAILABLE);
                return;
            }
            waitedMillis += ROOM_PAUSE_MILLIS;
            call.later(ROOM_PAUSE_MILLIS, this::tryAgain);
        }

        private void tryAgain() {
            if (!answered) {
                makeRoom();
                if (taken > 0) {
                    request.resume();
                }
            }
        }

        /** How long the body is to be, as far as the caller says so. */
        private long announced() {
            try {
                String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
                return length == null ? Long.MAX_VALUE : Long.parseLong(length);
            } catch (NumberFormatException e) {
                return Long.MAX_VALUE;
            }
        }

        /** Answers somebody who is still sending, and listens no longer. */
        private void hangUp(Answer answer) {
            request.handler(ignored -> {});
            ctx.response().endHandler(written -> disconnect());
            answer(answer);
        }

        /** Over HTTP/2, calls of others may have the same connection. */
        private void disconnect() {
            if (request.version() == HttpVersion.HTTP_2) {
                ctx.response().reset();
            } else {
                request.connection().close();
            }
        }

        private void tooSlow() {
            if (!heard && !answered) {
                answered = true;
                release();
                disconnect();
            }
        }

        /** Keeps so much room of what it has, and gives back the rest. */
        private void keep(int bytes) {
            int less = taken - (bytes <= SMALL_BYTES ? 0 : bytes);
            if (less > 0) {
                room.giveBack(less);
                taken -= less;
            }
        }

        /** Takes so much room in all; what is small counts as nothing. */
        private boolean hold(int bytes) {
            int more = bytes - taken;
            if (bytes <= SMALL_BYTES || more <= 0) {
                return true;
            }
            boolean enough = room.take(more, taken);
            taken += enough ? more : 0;
            return enough;
        }

        private void release() {
            room.giveBack(taken);
            taken = 0;
            if (timer >= 0) {
                call.stop(timer);
                timer = -1;
            }
        }

        private void received() {
            if (answered) {
                return;
            }
            heard = true;
            if (timer >= 0) {
                call.stop(timer);
                timer = -1;
            }
            if (body.tooLong()) {
                answer(tooLong());
            } else if (body.length() > (forCalls ? WORKER_BYTES : 0)
                    || (packed() && limit > WORKER_BYTES)) {
                Vertx vertx = ctx.vertx();
                vertx.executeBlocking(
                        () -> {
                            process();
                            return null;
                        },
                        false);
            } else {
                process();
            }
        }

        private Answer tooLong() {
            return Answer.invalid(List.of("the body has more than %,d bytes".formatted(limit)));
        }

        private boolean packed() {
            return request.headers().contains(HttpHeaders.CONTENT_ENCODING);
        }

        private void process() {
            byte @Nullable [] plain;
            try {
                plain = plain();
            } catch (IOException e) {
                answer(Answer.invalid(List.of(e.getMessage())));
                return;
            }
            if (plain == null) {
                answer(Answer.UNAVAILABLE);
                return;
            }
            body.forget();
            call.body(plain);
            Exchange exchange = createExchange(false);
            exchange.setPattern(ExchangePattern.InOut);
            exchange.getIn().setBody(plain);
            for (Map.Entry<String, String> parameter : ctx.pathParams().entrySet()) {
                exchange.getIn().setHeader(parameter.getKey(), parameter.getValue());
            }
            call.attachTo(exchange);
            try {
                createUoW(exchange);
            } catch (Exception e) {
                exchange.setException(e);
                done(exchange);
                return;
            }
            getAsyncProcessor().process(exchange, doneSync -> done(exchange));
        }

        /** The body, unpacked; null if there is no room to do so. */
        private byte @Nullable [] plain() throws IOException {
            String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
            if (encoding == null || encoding.equalsIgnoreCase("identity")) {
                return body.bytes();
            } else if (!encoding.equalsIgnoreCase("gzip") && !encoding.equalsIgnoreCase("x-gzip")) {
                throw new IOException("the Content-Encoding must be gzip or absent");
            }
            if (!hold((int) body.length() + limit)) {
                return null; // however little came in, it may have that much when unpacked
            }
            try {
                byte[] plain = Gzip.unpack(body.bytes(), limit);
                keep(plain.length);
                return plain;
            } catch (Gzip.TooLongException e) {
                throw e;
            } catch (IOException e) {
                throw new IOException("the body is not gzip, or is cut off", e);
            }
        }

        private void done(Exchange exchange) {
            if (onOwnThread()) {
                answer(exchange);
            } else {
                call.resume(() -> answer(exchange));
            }
        }

        /** A worker has the same context. */
        private boolean onOwnThread() {
            return context == Vertx.currentContext() && Context.isOnEventLoopThread();
        }

        private void answer(Exchange exchange) {
            try {
                if (exchange.isFailed()) {
                    log(exchange, exchange.getException());
                    answer(Answer.FAILED);
                } else {
                    write(exchange);
                }
            } finally {
                doneUoW(exchange);
                releaseExchange(exchange, false);
            }
        }

        /** What a step says of its failure may quote the body. */
        private void log(Exchange exchange, @Nullable Exception failure) {
            String route = exchange.getFromRouteId();
            String error = failure == null ? "" : failure.getClass().getName();
            LOG.error("A call failed: route={} error={}", route, error);
            LOG.debug("A call failed: route={}", route, failure);
        }

        private void write(Exchange exchange) {
            if (!begin()) {
                return;
            }
            try {
                send(exchange);
            } catch (RuntimeException e) { // a status that is none, a header that HTTP has not
                log(exchange, e);
                if (!ctx.response().ended()) {
                    send(Answer.FAILED);
                }
            }
        }

        private void send(Exchange exchange) {
            Message message = exchange.getMessage();
            int status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class);
            if (status >= 500 && call.needsSilence()) {
                ctx.response().reset();
                return;
            }
            HttpServerResponse response = ctx.response().setStatusCode(status);
            response.headers().set(HttpHeaders.CONTENT_TYPE, JSON);
            if (message.hasHeaders()) {
                copyHeaders(exchange, message, response);
            }
            if (status == 204) {
                response.headers().remove(HttpHeaders.CONTENT_TYPE);
                response.end();
                return;
            }
            byte[] bytes = bytes(message.getBody(), message);
            response.end(Buffer.buffer(Unpooled.wrappedBuffer(bytes)));
        }

        private byte[] bytes(@Nullable Object answer, Message message) {
            if (answer instanceof byte[] known) {
                return known;
            } else if (answer == null) {
                return new byte[0];
            }
            byte[] converted = message.getBody(byte[].class);
            return converted == null
                    ? answer.toString().getBytes(StandardCharsets.UTF_8)
                    : converted;
        }

        private void copyHeaders(Exchange exchange, Message message, HttpServerResponse response) {
            HeaderFilterStrategy filter = getEndpoint().getHeaderFilterStrategy();
            for (Map.Entry<String, Object> header : message.getHeaders().entrySet()) {
                String name = header.getKey();
                if (header.getValue() != null
                        && ctx.pathParam(name) == null
                        && !filter.applyFilterToCamelHeaders(name, header.getValue(), exchange)) {
                    response.putHeader(name, header.getValue().toString());
                }
            }
        }

        /** Answers without a route. */
        private void answer(Answer answer) {
            if (!onOwnThread()) {
                call.resume(() -> answer(answer));
                return;
            }
            if (begin()) {
                send(answer);
            }
        }

        private void send(Answer answer) {
            if (answer.status() >= 500 && call.needsSilence()) {
                ctx.response().reset();
                return;
            }
            HttpServerResponse response = ctx.response().setStatusCode(answer.status());
            response.headers().set(HttpHeaders.CONTENT_TYPE, JSON);
            if (answer.retryAfterSeconds() > 0) {
                response.putHeader(
                        HttpHeaders.RETRY_AFTER, String.valueOf(answer.retryAfterSeconds()));
            }
            response.end(Buffer.buffer(Unpooled.wrappedBuffer(answer.body())));
        }

        /** Whether an answer can still be given. */
        private boolean begin() {
            release();
            boolean first = !answered;
            answered = true;
            return first && !ctx.response().ended() && !ctx.response().closed();
        }
    }
}
