package dev.caravan.customerio;

import static java.util.Objects.requireNonNull;

import dev.caravan.delivery.Outcome;
import dev.caravan.event.Limits;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends bodies to the Pipelines API within its limits: a single event to its own endpoint, a list
 * in as many batches as the limits ask for, one after the other. As soon as a batch is not settled,
 * the rest is not sent, so that no event overtakes an earlier one of the same person. What must not
 * be sent any longer when its turn has come, after waiting for a place or a connection, is skipped.
 * Thread-safe; blocks no thread.
 */
final class PipelinesClient {
    private static final byte[] HEAD = "{\"batch\":[".getBytes(StandardCharsets.UTF_8);
    private static final byte[] TAIL = "]}".getBytes(StandardCharsets.UTF_8);

    private final Transport transport;
    private final String host;
    private final @Nullable Pace pace;
    private final Timer timer;
    private final UnaryOperator<String> redact;

    /**
     * Makes one.
     *
     * @param host what reasons call the other side
     * @param pace shared by all that send for the same account, null for no limit
     * @param redact takes out of a text what no reason may repeat
     */
    PipelinesClient(
            Transport transport,
            String host,
            @Nullable Pace pace,
            Timer timer,
            UnaryOperator<String> redact) {
        this.transport = transport;
        this.host = host;
        this.pace = pace;
        this.timer = timer;
        this.redact = redact;
    }

    /**
     * Sends a body.
     *
     * @param retries how often it was sent before, 0 if never or not known
     * @return what became of it; fails only where this class is wrong
     */
    CompletableFuture<Report> send(Body body, int retries) {
        var delivery = new Delivery(body, retries);
        delivery.proceed();
        return delivery.report;
    }

    /** One body on its way. Its steps follow one another, perhaps on different threads. */
    private final class Delivery {
        private final List<Item> items;
        private final boolean list;
        private final int retries;
        private final @Nullable Outcome[] outcomes;
        private final CompletableFuture<Report> report = new CompletableFuture<>();
        private int next;

        /** What is left of a batch of which something must not be sent any longer. */
        private int[] left = {};

        private int requests;
        private int status;

        Delivery(Body body, int retries) {
            this.items = body.items();
            this.list = body.list();
            this.retries = retries;
            this.outcomes = new Outcome[items.size()];
        }

        /** Sends what is left; a loop where answers are there at once, so no deep recursion. */
        void proceed() {
            try {
                for (int[] batch = batch(); batch.length > 0; batch = batch()) {
                    CompletableFuture<Answer> answer = request(batch);
                    if (!answer.isDone()) {
                        int[] sent = batch;
                        answer.whenComplete((got, failure) -> resume(sent, answer));
                        return;
                    }
                    settle(batch, answer);
                }
                report.complete(new Report(Arrays.asList(outcomes), requests, status));
            } catch (RuntimeException | Error e) {
                report.completeExceptionally(e); // else whoever waits would wait for ever
            }
        }

        private void resume(int[] sent, CompletableFuture<Answer> answer) {
            try {
                settle(sent, answer);
            } catch (RuntimeException | Error e) {
                report.completeExceptionally(e);
                return;
            }
            proceed();
        }

        /** Takes the items of the next request; none if there is nothing left to send. */
        private int[] batch() {
            if (left.length > 0) {
                int[] again = left;
                left = new int[0];
                return again;
            }
            int[] batch = new int[Math.min(items.size() - next, Limits.BATCH_ITEMS)];
            int count = 0;
            int bytes = HEAD.length + TAIL.length - 1;
            for (; next < items.size() && count < batch.length; next++) {
                Item item = items.get(next);
                if (item.refusal() != null) {
                    outcomes[next] = item.refusal();
                    continue;
                }
                bytes += item.json().length + 1;
                if (bytes > Limits.BATCH_BYTES) {
                    break;
                }
                batch[count++] = next;
            }
            return Arrays.copyOf(batch, count);
        }

        private CompletableFuture<Answer> request(int[] batch) {
            requests++;
            Duration wait = pace == null ? Duration.ZERO : pace.take();
            if (wait.isZero()) {
                return post(batch);
            }
            CompletableFuture<Answer> answer = new CompletableFuture<>();
            timer.after(
                    wait,
                    () ->
                            post(batch)
                                    .whenComplete(
                                            (got, failure) -> {
                                                if (failure == null) {
                                                    answer.complete(got);
                                                } else {
                                                    answer.completeExceptionally(failure);
                                                }
                                            }));
            return answer;
        }

        private CompletableFuture<Answer> post(int[] batch) {
            try {
                if (list) {
                    return transport.post(
                            "/v1/batch", json(batch), retries, () -> isCurrent(batch));
                }
                Item item = items.get(batch[0]);
                return transport.post(
                        "/v1/" + requireNonNull(item.call()).type(),
                        item.json(),
                        retries,
                        () -> isCurrent(batch));
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        private boolean isCurrent(int[] batch) {
            for (int item : batch) {
                if (items.get(item).stopped().get().isPresent()) {
                    return false;
                }
            }
            return true;
        }

        /** Nothing of the batch was sent: skips what stopped it, and leaves the rest to be sent. */
        private void overtaken(int[] batch) {
            requests--;
            int count = 0;
            int[] rest = new int[batch.length];
            for (int item : batch) {
                Optional<String> rule = items.get(item).stopped().get();
                if (rule.isPresent()) {
                    outcomes[item] = new Outcome.Skipped(rule.get());
                } else {
                    rest[count++] = item;
                }
            }
            left = Arrays.copyOf(rest, count);
        }

        private byte[] json(int[] batch) {
            int length = HEAD.length + TAIL.length + batch.length - 1;
            for (int item : batch) {
                length += items.get(item).json().length;
            }
            byte[] json = Arrays.copyOf(HEAD, length);
            int at = HEAD.length;
            for (int item : batch) {
                if (at > HEAD.length) {
                    json[at++] = ',';
                }
                byte[] event = items.get(item).json();
                System.arraycopy(event, 0, json, at, event.length);
                at += event.length;
            }
            System.arraycopy(TAIL, 0, json, at, TAIL.length);
            return json;
        }

        private void settle(int[] sent, CompletableFuture<Answer> future) {
            List<Outcome> results;
            try {
                Answer answer = future.join();
                status = answer.status();
                results = AnswerReader.outcomes(answer, sent.length, redact);
            } catch (CompletionException | CancellationException e) {
                if (e.getCause() instanceof Transport.Overtaken) {
                    overtaken(sent);
                    return;
                }
                results = Collections.nCopies(sent.length, unanswered(e));
            }
            Outcome open = null;
            for (int i = 0; i < sent.length; i++) {
                Outcome outcome = results.get(i);
                outcomes[sent[i]] = outcome;
                open = open == null && isOpen(outcome) ? outcome : open;
            }
            if (open != null) {
                leaveRest(open);
            }
        }

        private void leaveRest(Outcome open) {
            Outcome behind = behind(open);
            for (; next < items.size(); next++) {
                Outcome refusal = items.get(next).refusal();
                outcomes[next] = refusal == null ? behind : refusal;
            }
        }
    }

    /** Whether an event with this outcome will be sent again, so that none may pass it. */
    private static boolean isOpen(Outcome outcome) {
        return !outcome.settled()
                || (outcome instanceof Outcome.Refused refused && refused.whole());
    }

    private static Outcome behind(Outcome open) {
        if (open instanceof Outcome.Paused || open instanceof Outcome.Refused) {
            return open; // a refusal of the whole: so that all of it is split, and at once
        }
        Optional<Duration> after =
                open instanceof Outcome.Retry retry ? retry.after() : Optional.empty();
        return new Outcome.Retry(after, 0, "not sent, because events before it are not settled");
    }

    /** What a request without an answer means. */
    private Outcome unanswered(RuntimeException failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof IOException e) {
            return Outcome.Retry.of(0, host + ": " + kind(e));
        } else if (cause instanceof RejectedExecutionException
                || cause instanceof CancellationException) {
            return Outcome.Retry.of(0, host + ": stopped while sending");
        }
        throw new IllegalStateException("a request could not be made", cause);
    }

    private static String kind(IOException failure) {
        if (failure instanceof HttpConnectTimeoutException) {
            return "no connection in time";
        } else if (failure instanceof HttpTimeoutException) {
            return "no answer in time";
        } else if (failure instanceof SSLException) {
            return "no trusted connection (" + failure.getClass().getSimpleName() + ")";
        } else if (failure instanceof UnknownHostException
                || failure.getCause() instanceof UnresolvedAddressException) {
            return "the name does not resolve";
        } else if (failure instanceof ConnectException
                || failure instanceof NoRouteToHostException) {
            return "no connection (" + failure.getClass().getSimpleName() + ")";
        } else if (failure instanceof ProtocolException) {
            return "the answer is not HTTP";
        }
        return "the connection broke (" + failure.getClass().getSimpleName() + ")";
    }
}
