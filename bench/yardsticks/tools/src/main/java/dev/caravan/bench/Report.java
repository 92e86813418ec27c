package dev.caravan.bench;

import static dev.caravan.bench.Goal.Comparison.AT_MOST;
import static dev.caravan.bench.Goal.Comparison.EXCESS_AT_MOST;
import static dev.caravan.bench.Goal.Comparison.RATIO_AT_LEAST;
import static dev.caravan.bench.Goal.Comparison.RATIO_AT_MOST;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Makes the table of figures from the samples, in Markdown on standard output.
 *
 * <p>{@code Report --samples samples.tsv}
 */
final class Report {

    private static final List<Goal> GOALS =
            List.of(
                    file("bare", 0.7),
                    file("sdk", 5),
                    file("plain-camel", 3),
                    new Goal(
                            "HTTP, one event a request, while delivering",
                            "http",
                            "caravan",
                            "no-op-door",
                            "requests/s",
                            RATIO_AT_LEAST,
                            0.6),
                    new Goal(
                            "the same, destination paused",
                            "http-paused",
                            "caravan",
                            "no-op-door",
                            "requests/s",
                            RATIO_AT_LEAST,
                            0.6),
                    new Goal(
                            "p99 at half of the highest rate, open loop, while delivering",
                            "http-p99",
                            "caravan",
                            "no-op-door",
                            "ms",
                            EXCESS_AT_MOST,
                            10),
                    new Goal(
                            "HTTP `/v1/batch` of 100, destination paused, against parse-and-insert",
                            "batch",
                            "caravan",
                            "bare",
                            "events/s",
                            RATIO_AT_LEAST,
                            0.7),
                    new Goal(
                            "draining out of a large backlog against a small one",
                            "backlog",
                            "large",
                            "small",
                            "events/s",
                            RATIO_AT_LEAST,
                            0.9),
                    new Goal(
                            "inserting with a full duplicate window against an empty one",
                            "seen",
                            "full",
                            "empty",
                            "events/s",
                            RATIO_AT_LEAST,
                            0.7),
                    new Goal(
                            "asking whether an event is erased, with a million erasures stored",
                            "erase-barrier",
                            "caravan",
                            null,
                            "ns of processor time",
                            AT_MOST,
                            1_000),
                    new Goal(
                            "start with a million erasures stored, against none",
                            "erase-start",
                            "erased",
                            "unerased",
                            "ms",
                            EXCESS_AT_MOST,
                            1_000),
                    new Goal(
                            "deletions against ordinary events in runs of one",
                            "erase-rate",
                            "erasures",
                            "events",
                            "per s",
                            RATIO_AT_LEAST,
                            0.5),
                    new Goal(
                            "CSV of 20 columns → mapping of 10 fields → journal, against the same by hand",
                            "csv",
                            "caravan",
                            "bare",
                            "rows/s",
                            RATIO_AT_LEAST,
                            0.5),
                    new Goal(
                            "the same against plain-camel, which stores nothing",
                            "csv",
                            "caravan",
                            "plain-camel",
                            "rows/s",
                            RATIO_AT_LEAST,
                            3),
                    new Goal(
                            "2 GB of CSV in one file: largest heap after a collection, `-Xmx168m`",
                            "csv-large",
                            "caravan",
                            null,
                            "MiB",
                            AT_MOST,
                            192),
                    new Goal(
                            "largest heap after a collection, `-Xmx168m`",
                            "heap",
                            "caravan",
                            null,
                            "MiB",
                            AT_MOST,
                            192),
                    new Goal("largest resident size", "rss", "caravan", null, "MB", AT_MOST, 400),
                    new Goal(
                            "start to first accepted event",
                            "start",
                            "caravan",
                            "empty-app",
                            "ms",
                            RATIO_AT_MOST,
                            1.5),
                    new Goal("idle", "idle", "caravan", null, "% of one core", AT_MOST, 1));

    private Report() {}

    private static Goal file(String yardstick, double reach) {
        return new Goal(
                "NDJSON file → journal → fake Customer.io, against " + yardstick,
                "file",
                "caravan",
                yardstick,
                "events/s",
                RATIO_AT_LEAST,
                reach);
    }

    public static void main(String[] args) throws IOException {
        Options options = Options.parse(args, Set.of("samples"));
        Samples samples = Samples.read(Path.of(options.text("samples")));
        StringBuilder table = new StringBuilder();
        table.append("| figure | reach | measured | reached | medians |\n|---|---|---|---|---|\n");
        for (Goal goal : GOALS) {
            table.append(goal.row(samples)).append('\n');
        }
        System.out.write(table.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }
}
