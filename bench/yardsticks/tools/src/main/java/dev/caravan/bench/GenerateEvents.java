package dev.caravan.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;

/**
 * Writes events as NDJSON.
 *
 * <p>{@code GenerateEvents --events 500000 --out events.ndjson [--run 1] [--seed 1] [--persons
 * 50000] [--mix visitors|known|track]}. Files that differ in {@code --run} share no message id.
 */
final class GenerateEvents {

    private GenerateEvents() {}

    public static void main(String[] args) throws IOException {
        Options options =
                Options.parse(args, Set.of("events", "out", "run", "seed", "persons", "mix"));
        long events = options.number("events");
        EventSource source =
                new EventSource(
                        options.number("seed", 1),
                        options.number("run", 1),
                        Instant.now().minus(Duration.ofHours(6)),
                        options.integer("persons", 50_000),
                        EventSource.Mix.valueOf(
                                options.text("mix", "visitors").toUpperCase(Locale.ROOT)));
        long bytes = 0;
        try (OutputStream out =
                new BufferedOutputStream(
                        Files.newOutputStream(Path.of(options.text("out"))), 1 << 20)) {
            for (long i = 0; i < events; i++) {
                byte[] json = source.next().json();
                out.write(json);
                out.write('\n');
                bytes += json.length + 1;
            }
        }
        System.out.printf(
                Locale.ROOT, "events=%d bytes_per_event=%d%n", events, bytes / Math.max(1, events));
    }
}
