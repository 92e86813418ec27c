package dev.caravan.customerio;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The way to Customer.io itself: strict mode always, redirects never, one deadline for a whole
 * request with its answer.
 *
 * @see <a href="https://docs.customer.io/integrations/api/cdp/">Pipelines API</a>
 */
final class HttpTransport implements Transport {
    private static final String USER_AGENT = "caravan/" + Version.TEXT;

    private final HttpClient http;
    private final String base;
    private final String authorization;
    private final Duration timeout;
    private final boolean gzip;
    private final InstantSource clock;
    private final Timer timer;
    private final Executor executor;

    /**
     * Makes one.
     *
     * @param http follows no redirects
     * @param timeout from the start of a request to the last byte of its answer
     * @param gzip whether to compress what is sent
     * @param executor completes the answers; its threads may block
     */
    HttpTransport(
            HttpClient http,
            Account account,
            Duration timeout,
            boolean gzip,
            InstantSource clock,
            Timer timer,
            Executor executor) {
        this.http = http;
        this.base = account.base().toString();
        this.authorization = account.authorization();
        this.timeout = timeout;
        this.gzip = gzip;
        this.clock = clock;
        this.timer = timer;
        this.executor = executor;
    }

    /** A pool of kept-alive HTTP/1.1 connections. */
    static HttpClient client(Duration connectTimeout, Executor executor) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout)
                .executor(executor)
                .build();
    }

    @Override
    public CompletableFuture<Answer> post(String path, byte[] json, int retries) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        CompletableFuture<HttpResponse<byte[]>> sending =
                http.sendAsync(request(path, json, retries), info -> new BoundedBody());
        Future<?> deadline = timer.after(timeout, () -> giveUp(sending, answer));
        sending.whenCompleteAsync(
                (response, failure) -> {
                    deadline.cancel(false);
                    finish(answer, response, failure);
                },
                executor);
        return answer;
    }

    private void giveUp(CompletableFuture<?> sending, CompletableFuture<Answer> answer) {
        sending.cancel(true);
        answer.completeExceptionally(
                new HttpTimeoutException("no answer within " + timeout.toMillis() + " ms"));
    }

    private void finish(
            CompletableFuture<Answer> answer,
            @Nullable HttpResponse<byte[]> response,
            @Nullable Throwable failure) {
        if (response != null) {
            answer.complete(
                    new Answer(
                            response.statusCode(),
                            response.headers()
                                    .firstValue("Retry-After")
                                    .flatMap(value -> RetryAfter.parse(value, clock)),
                            response.body()));
            return;
        }
        Throwable cause = cause(failure);
        if (cause instanceof CancellationException) {
            return; // given up, and said so
        } else if (cause instanceof RuntimeException) { // how the JDK meets some odd answers
            cause = new ProtocolException("the answer is not HTTP");
        }
        answer.completeExceptionally(cause);
    }

    private static Throwable cause(@Nullable Throwable failure) {
        Throwable cause = failure == null ? new IOException("no answer") : failure;
        while ((cause instanceof CompletionException || cause instanceof UncheckedIOException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private HttpRequest request(String path, byte[] json, int retries) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + path))
                        .header("Authorization", authorization)
                        .header("Content-Type", "application/json")
                        .header("User-Agent", USER_AGENT)
                        .header("X-Strict-Mode", "1");
        if (retries > 0) {
            request.header("X-Retry-Count", Integer.toString(retries));
        }
        if (gzip) {
            request.header("Content-Encoding", "gzip");
        }
        byte[] body = gzip ? compressed(json) : json;
        return request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build();
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
}
