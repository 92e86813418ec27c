package dev.caravan.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Posts events over keep-alive connections and checks each answer: 200 with {@code "success":true}.
 * One thread, so that it leaves the machine to the server.
 *
 * <p>{@code HttpLoad --url http://127.0.0.1:8080/v1/track [--batch 100] [--rate 5000]
 * [--connections 64] [--warmup 10] [--seconds 10] [--run 1]}. Without {@code --rate} the loop is
 * closed: each connection sends when it has its answer. With it the loop is open, and a latency
 * counts from when the request was due; since the selector waits in whole milliseconds, up to one
 * of these is the generator's own.
 *
 * <p>Prints {@code requests} and {@code rate} within the measured time, {@code p50}, {@code p99},
 * {@code p999} and {@code max} in milliseconds, and {@code total} requests with those of the
 * warm-up; wrong answers count in none of them. Exits with 1 if any answer was wrong.
 */
final class HttpLoad {

    private static final byte[] SUCCESS = "\"success\":true".getBytes(StandardCharsets.US_ASCII);
    private static final int ERRORS_AT_MOST = 100;
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final InetSocketAddress target;
    private final Requests requests;
    private final Pace pace;
    private final long warmupNanos;
    private final long endNanos;
    private final Selector selector = Selector.open();
    private final ByteBuffer in = ByteBuffer.allocateDirect(1 << 16);
    private final Deque<Connection> idle = new ArrayDeque<>();
    private final List<Connection> ready = new ArrayList<>();
    private final Latencies latencies = new Latencies();
    private final int connections;
    private long start;
    private long sent;
    private long answered;
    private long answeredInTime;
    private int errors;
    private String firstError;

    private HttpLoad(URI url, Options options) throws IOException {
        long run = options.number("run", System.nanoTime());
        target = new InetSocketAddress(url.getHost(), url.getPort());
        requests = new Requests(url, options.integer("batch", 0), run);
        pace =
                options.has("rate")
                        ? Pace.perSecond(options.decimal("rate", 0))
                        : Pace.asFastAsAnswered();
        warmupNanos = (long) (options.decimal("warmup", 10) * 1e9);
        endNanos = warmupNanos + (long) (options.decimal("seconds", 10) * 1e9);
        connections = options.integer("connections", 64);
        for (int i = 0; i < connections; i++) {
            ByteBuffer out = ByteBuffer.allocateDirect(requests.largest());
            idle.add(new Connection(target, selector, out));
        }
    }

    public static void main(String[] args) throws IOException {
        Options options =
                Options.parse(
                        args,
                        Set.of("url", "batch", "rate", "connections", "warmup", "seconds", "run"));
        HttpLoad load = new HttpLoad(URI.create(options.text("url")), options);
        load.drive();
        System.out.println(load.report());
        if (load.errors > 0) {
            System.err.println(load.errors + " wrong answers, the first: " + load.firstError);
            System.exit(1);
        }
    }

    private void drive() throws IOException {
        start = System.nanoTime();
        while (errors < ERRORS_AT_MOST) {
            long elapsed = System.nanoTime() - start;
            sendWhatIsDue(elapsed);
            if (allAnswered(elapsed) || elapsed > endNanos + PATIENCE_NANOS) {
                break;
            }
            selector.select(1);
            for (SelectionKey key : selector.selectedKeys()) {
                ready.add((Connection) key.attachment());
            }
            selector.selectedKeys().clear();
            for (Connection connection : ready) {
                proceed(connection);
            }
            ready.clear();
        }
        if (idle.size() < connections && errors < ERRORS_AT_MOST) {
            wrong(connections - idle.size() + " requests were not answered in time");
        }
    }

    /** Returns whether all requests that were due before the end are done, late ones included. */
    private boolean allAnswered(long elapsed) {
        return idle.size() == connections && pace.dueNanos(sent, elapsed) >= endNanos;
    }

    private void sendWhatIsDue(long elapsed) throws IOException {
        while (!idle.isEmpty()) {
            long due = pace.dueNanos(sent, elapsed);
            if (due > elapsed || due >= endNanos) {
                return;
            }
            Connection connection = idle.poll();
            sent++;
            try {
                connection.send(requests, start + due);
            } catch (IOException e) {
                replace(connection, e);
            }
        }
    }

    private void proceed(Connection connection) throws IOException {
        Answer answer;
        try {
            answer = connection.proceed(in);
        } catch (IOException e) {
            replace(connection, e);
            return;
        }
        if (answer == null) {
            return;
        }
        count(connection, answer);
        if (answer.keepAlive()) {
            idle.add(connection);
        } else {
            reconnect(connection);
        }
    }

    private void count(Connection connection, Answer answer) {
        long now = System.nanoTime();
        if (answer.status() != 200 || !answer.bodyHolds(SUCCESS)) {
            wrong(answer.status() + " " + answer.body());
            return;
        }
        answered++;
        if (now - start >= warmupNanos && now - start < endNanos) {
            answeredInTime++;
        }
        if (connection.dueNanos() - start >= warmupNanos) {
            latencies.add(now - connection.dueNanos());
        }
    }

    private void replace(Connection connection, IOException problem) throws IOException {
        wrong(problem.toString());
        reconnect(connection);
    }

    private void reconnect(Connection connection) throws IOException {
        connection.close();
        idle.add(new Connection(target, selector, connection.out()));
    }

    private void wrong(String what) {
        errors++;
        if (firstError == null) {
            firstError = what;
        }
    }

    private String report() {
        return String.format(
                Locale.ROOT,
                "requests=%d rate=%.0f p50=%.2f p99=%.2f p999=%.2f max=%.2f total=%d errors=%d",
                answeredInTime,
                answeredInTime / ((endNanos - warmupNanos) / 1e9),
                latencies.millis(0.5),
                latencies.millis(0.99),
                latencies.millis(0.999),
                latencies.millis(1),
                answered,
                errors);
    }
}
