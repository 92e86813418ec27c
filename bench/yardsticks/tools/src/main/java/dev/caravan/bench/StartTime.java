package dev.caravan.bench;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Starts a server, posts an event every few milliseconds until one is accepted, prints how long
 * that took from the start of the process, and ends the server.
 *
 * <p>{@code StartTime --url http://127.0.0.1:8080/v1/track --log out.log [--seconds 60] -- java
 * -jar ...}. Prints {@code millis}. Exits with 1 if the server ended or took too long.
 */
final class StartTime {

    private static final byte[] SUCCESS = "\"success\":true".getBytes(StandardCharsets.US_ASCII);
    private static final long PAUSE_MILLIS = 5;

    private final URI url;
    private final Requests requests;
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);

    private StartTime(URI url) {
        this.url = url;
        this.requests = new Requests(url, 0, Instant.now().toEpochMilli());
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        int split = Arrays.asList(args).indexOf("--");
        Options options =
                Options.parse(Arrays.copyOf(args, split), Set.of("url", "log", "seconds"));
        StartTime start = new StartTime(URI.create(options.text("url")));
        ProcessBuilder server =
                new ProcessBuilder(Arrays.asList(args).subList(split + 1, args.length))
                        .redirectErrorStream(true)
                        .redirectOutput(new File(options.text("log")));
        long begin = System.nanoTime();
        Process process = server.start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        long limit = begin + TimeUnit.SECONDS.toNanos(options.number("seconds", 60));
        boolean accepted = false;
        while (!accepted && process.isAlive() && System.nanoTime() < limit) {
            accepted = start.accepted();
            if (!accepted) {
                Thread.sleep(PAUSE_MILLIS);
            }
        }
        double millis = (System.nanoTime() - begin) / 1e6;
        process.destroy();
        process.waitFor(30, TimeUnit.SECONDS);
        if (!accepted) {
            System.err.println("no event was accepted in " + (long) millis + " ms");
            System.exit(1);
        }
        System.out.printf(Locale.ROOT, "millis=%.0f%n", millis);
    }

    /** Posts one event over a new connection. */
    private boolean accepted() {
        try (SocketChannel channel =
                SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()))) {
            buffer.clear();
            requests.fill(buffer);
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            Answer answer = new Answer();
            while (!answer.complete()) {
                buffer.clear();
                if (channel.read(buffer) < 0) {
                    return false;
                }
                buffer.flip();
                answer.add(buffer);
            }
            return answer.status() == 200 && answer.bodyHolds(SUCCESS);
        } catch (IOException notYet) {
            return false;
        }
    }
}
