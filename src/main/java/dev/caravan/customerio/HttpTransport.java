package dev.caravan.customerio;

import io.netty.buffer.Unpooled;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The way to Customer.io itself: strict mode always, redirects never, one deadline for a whole
 * request with its answer. A proxy is taken from the JVM's settings ({@code https.proxyHost} ...).
 *
 * @see <a href="https://docs.customer.io/integrations/api/cdp/">Pipelines API</a>
 */
final class HttpTransport implements Transport {
    /** Bytes of an answer's body that are read; on a server that sends more it hangs up. */
    static final int ANSWER_BYTES = 64 * 1024;

    private static final String USER_AGENT = "caravan/" + Version.TEXT;

    private final Connections connections;
    private final URI base;
    private final @Nullable ProxyOptions proxy;
    private final String authorization;
    private final Duration connectTimeout;
    private final Duration timeout;
    private final boolean gzip;
    private final InstantSource clock;
    private final Executor executor;

    /**
     * Makes one.
     *
     * @param connectTimeout until a connection is there
     * @param timeout from the start of a request to the last byte of its answer
     * @param gzip whether to compress what is sent
     * @param executor completes the answers; its threads may block
     */
    HttpTransport(
            Connections connections,
            Account account,
            Duration connectTimeout,
            Duration timeout,
            boolean gzip,
            InstantSource clock,
            Executor executor) {
        this.connections = connections;
        this.base = account.base();
        this.proxy = proxy(base);
        this.authorization = account.authorization();
        this.connectTimeout = connectTimeout;
        this.timeout = timeout;
        this.gzip = gzip;
        this.clock = clock;
        this.executor = executor;
    }

    private static @Nullable ProxyOptions proxy(URI base) {
        ProxySelector selector = ProxySelector.getDefault();
        if (selector == null) {
            return null;
        }
        for (Proxy proxy : selector.select(base)) {
            if (proxy.address() instanceof InetSocketAddress address) {
                return new ProxyOptions()
                        .setType(
                                proxy.type() == Proxy.Type.SOCKS
                                        ? ProxyType.SOCKS5
                                        : ProxyType.HTTP)
                        .setHost(address.getHostString())
                        .setPort(address.getPort());
            }
        }
        return null;
    }

    @Override
    public CompletableFuture<Answer> post(
            String path, byte[] json, int retries, BooleanSupplier current) {
        var call = new Call(options(path, retries), body(json), current);
        connections.run(call::start);
        return call.result;
    }

    private RequestOptions options(String path, int retries) {
        boolean ssl = base.getScheme().equals("https");
        int port = base.getPort() >= 0 ? base.getPort() : ssl ? 443 : 80;
        var options =
                new RequestOptions()
                        .setMethod(HttpMethod.POST)
                        .setSsl(ssl)
                        .setHost(base.getHost())
                        .setPort(port)
                        .setURI(base.getRawPath() + path)
                        .setConnectTimeout(connectTimeout.toMillis())
                        .putHeader("Authorization", authorization)
                        .putHeader("Content-Type", "application/json")
                        .putHeader("User-Agent", USER_AGENT)
                        .putHeader("X-Strict-Mode", "1");
        if (proxy != null) {
            options.setProxyOptions(proxy);
        }
        if (retries > 0) {
            options.putHeader("X-Retry-Count", Integer.toString(retries));
        }
        if (gzip) {
            options.putHeader("Content-Encoding", "gzip");
        }
        return options;
    }

    private Buffer body(byte[] json) {
        return Buffer.buffer(Unpooled.wrappedBuffer(gzip ? compressed(json) : json));
    }

    private static byte[] compressed(byte[] json) {
        var out = new ByteArrayOutputStream(json.length / 4 + 64);
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** One request and its answer. All of it happens on the event loop, but for the result. */
    private final class Call {
        final CompletableFuture<Answer> result = new CompletableFuture<>();
        private final RequestOptions options;
        private final Buffer body;
        private final BooleanSupplier current;
        private final Buffer answered = Buffer.buffer(64);
        private long deadline;
        private @Nullable HttpClientRequest request;
        private boolean over;

        Call(RequestOptions options, Buffer body, BooleanSupplier current) {
            this.options = options;
            this.body = body;
            this.current = current;
        }

        void start() {
            deadline = connections.after(timeout.toMillis(), this::giveUp);
            connections
                    .http()
                    .request(options)
                    .onSuccess(this::connected)
                    .onFailure(failure -> fail(unconnected(failure)));
        }

        private void connected(HttpClientRequest request) {
            if (over) {
                request.reset();
                return;
            }
            if (!current.getAsBoolean()) {
                request.reset();
                fail(new Overtaken());
                return;
            }
            this.request = request;
            request.response()
                    .onSuccess(this::answering)
                    .onFailure(failure -> fail(broken(failure)));
            request.end(body);
        }

        private void answering(HttpClientResponse response) {
            response.exceptionHandler(failure -> fail(broken(failure)));
            response.endHandler(nothing -> finish(response));
            response.handler(
                    bytes -> {
                        int room = ANSWER_BYTES - answered.length();
                        answered.appendBuffer(bytes, 0, Math.min(room, bytes.length()));
                        if (bytes.length() >= room) {
                            finish(response);
                            hangUp();
                        }
                    });
        }

        private void finish(HttpClientResponse response) {
            if (end()) {
                Optional<Duration> after =
                        Optional.ofNullable(response.getHeader("Retry-After"))
                                .flatMap(value -> RetryAfter.parse(value, clock));
                var answer = new Answer(response.statusCode(), after, answered.getBytes());
                elsewhere(() -> result.complete(answer));
            }
        }

        private void giveUp() {
            fail(new HttpTimeoutException("no answer within " + timeout.toMillis() + " ms"));
            hangUp();
        }

        private void fail(IOException failure) {
            if (end()) {
                elsewhere(() -> result.completeExceptionally(failure));
            }
        }

        /** On a thread that may block; here if none can be started, or nobody would hear of it. */
        @SuppressWarnings("CatchingThrowable") // an OutOfMemoryError where no thread can be started
        private void elsewhere(Runnable completion) {
            try {
                executor.execute(completion);
            } catch (Throwable e) {
                completion.run();
            }
        }

        private boolean end() {
            boolean first = !over;
            over = true;
            connections.cancel(deadline);
            return first;
        }

        private void hangUp() {
            if (request != null) {
                request.reset();
            }
        }
    }

    private static IOException unconnected(Throwable failure) {
        return failure instanceof TimeoutException
                ? new HttpConnectTimeoutException("no connection in time")
                : broken(failure);
    }

    private static IOException broken(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException e) {
                return e;
            }
        }
        return failure instanceof VertxException
                ? new IOException("the connection was closed", failure)
                : new ProtocolException("the answer is not HTTP");
    }
}
