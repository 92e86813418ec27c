package dev.caravan.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The yardstick "bare": the least work that takes events from a file through a database on disk to
 * an API. One thread reads and parses, one inserts and commits, and what is committed is posted
 * while both go on. No duplicates are looked for, nobody's order is kept, nothing is tried again,
 * and it is nowhere noted what has been delivered.
 *
 * <p>{@code Bare --in events.ndjson --warmup other.ndjson --db rows.db (--url http://host:port |
 * --insert-only)}
 */
final class Bare {

    private static final int ROWS_A_TRANSACTION = 500;
    private static final int EVENTS_A_REQUEST = 100;
    private static final int REQUESTS_IN_FLIGHT = 8;
    private static final int TRANSACTIONS_AHEAD = 8;

    private final RowTable table;
    private final Optional<BatchPoster> poster;

    private Bare(RowTable table, Optional<BatchPoster> poster) {
        this.table = table;
        this.poster = poster;
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args, Set.of("in", "warmup", "db", "url", "insert-only"));
        Optional<BatchPoster> poster = Optional.empty();
        if (!options.has("insert-only")) {
            URI target = URI.create(options.text("url") + "/v1/batch");
            poster = Optional.of(new BatchPoster(target, REQUESTS_IN_FLIGHT));
        }
        try (RowTable table = new RowTable(Path.of(options.text("db")))) {
            Bare bare = new Bare(table, poster);
            if (options.has("warmup")) {
                bare.carry(Path.of(options.text("warmup")));
            }
            long start = System.nanoTime();
            long events = bare.carry(Path.of(options.text("in")));
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "events=%d seconds=%.3f rate=%.0f%n",
                    events,
                    seconds,
                    events / seconds);
        }
    }

    /**
     * Carries all events of a file.
     *
     * @return how many, once they are stored and their posts are answered
     */
    private long carry(Path file)
            throws InterruptedException, ExecutionException, IOException, SQLException {
        BlockingQueue<List<Row>> parsed = new ArrayBlockingQueue<>(TRANSACTIONS_AHEAD);
        FutureTask<Void> reading =
                new FutureTask<>(
                        () -> {
                            read(file, parsed);
                            return null;
                        });
        Thread reader = new Thread(reading, "reader");
        reader.setDaemon(true);
        reader.start();
        long events = 0;
        for (List<Row> rows; !(rows = parsed.take()).isEmpty(); ) {
            table.insert(rows);
            if (poster.isPresent()) {
                post(rows, poster.get());
            }
            events += rows.size();
        }
        reading.get();
        if (poster.isPresent()) {
            poster.get().finish();
        }
        return events;
    }

    /** Puts the events of a file into the queue, a transaction's worth each, an empty one last. */
    private static void read(Path file, BlockingQueue<List<Row>> parsed)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>(ROWS_A_TRANSACTION);
        try (InputStream in = Files.newInputStream(file)) {
            Lines lines = new Lines(in);
            for (byte[] line; (line = lines.next()) != null; ) {
                rows.add(Row.parse(line));
                if (rows.size() == ROWS_A_TRANSACTION) {
                    parsed.put(rows);
                    rows = new ArrayList<>(ROWS_A_TRANSACTION);
                }
            }
            if (!rows.isEmpty()) {
                parsed.put(rows);
            }
        } finally {
            parsed.put(List.of());
        }
    }

    private static void post(List<Row> rows, BatchPoster poster)
            throws InterruptedException, IOException {
        for (int i = 0; i < rows.size(); i += EVENTS_A_REQUEST) {
            poster.post(rows.subList(i, Math.min(rows.size(), i + EVENTS_A_REQUEST)));
        }
    }
}
