package dev.caravan.cli;

import dev.caravan.event.EventReader;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import dev.caravan.format.Format;
import dev.caravan.format.Formats;
import dev.caravan.format.RecordReader;
import dev.caravan.mapping.Made;
import dev.caravan.mapping.Mapping;
import dev.caravan.mapping.MappingException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** Shows what a mapping makes of a sample. */
@Command(
        name = "try",
        description = {
            "Shows the events that a mapping makes of a sample, one JSON object a line, as they would be stored.",
            "What is rejected is told on the error output, with its reason."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:each record became events, or was skipped on purpose",
            "1:something was rejected, or the mapping is wrong",
            "2:the command was not understood, or a file cannot be read"
        })
@RegisterForReflection(fields = true, methods = true)
final class TryCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    @ParentCommand private Cli cli;

    @Parameters(index = "0", paramLabel = "MAPPING", description = "such as mappings/crm.yaml")
    private Path mapping;

    @Parameters(
            index = "1",
            paramLabel = "SAMPLE",
            description = "a file of records, or - for the standard input")
    private String sample;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description =
                    "json, ndjson, csv, fixed or xml; default: by the ending of the sample's name")
    private @Nullable String format;

    @Option(
            names = {"-o", "--option"},
            paramLabel = "NAME=VALUE",
            description =
                    "an option of the format, as in a route, such as delimiter=';'; see docs/formats.md")
    private Map<String, String> options = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException {
        Format records = format();
        Mapping read;
        try {
            read = Mapping.parse(mapping.toString(), TextFiles.read(mapping));
        } catch (MappingException e) {
            e.problems().forEach(problem -> cli.err().println(problem));
            return Cli.FAILED;
        }
        read.warnings().forEach(warning -> cli.err().println("warning: " + warning));
        var trial = new Trial(cli, read, sampleName(), origin());
        try (InputStream in = open()) {
            trial.read(records.read(in));
        } catch (IOException e) {
            trial.stopped(String.valueOf(e.getMessage()));
        }
        return trial.end();
    }

    private Format format() {
        String name = format == null ? ofFile() : format.equals("jsonl") ? Formats.NDJSON : format;
        if (name.equals(Formats.DELETIONS)) {
            throw new UsageException(
                    "'--format deletions' needs no mapping: each line is the id of a user to delete");
        }
        try {
            return Formats.of(name, options());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** The format that the ending of the sample's name tells. */
    private String ofFile() {
        String file = sample.toLowerCase(Locale.ROOT).replaceAll("\\.(gz|zip)$", "");
        String ending = file.substring(file.lastIndexOf('.') + 1);
        if (Formats.hasLines(file)) {
            return Formats.NDJSON;
        } else if (ending.equals(Formats.JSON)
                || ending.equals(Formats.CSV)
                || ending.equals(Formats.XML)) {
            return ending;
        }
        throw new UsageException(
                "what is in %s? Add --format, one of %s"
                        .formatted(sampleName(), String.join(", ", Formats.NAMES)));
    }

    private Map<Formats.Option, String> options() {
        Map<Formats.Option, String> known = new EnumMap<>(Formats.Option.class);
        options.forEach((name, value) -> known.put(option(name), value));
        return known;
    }

    private static Formats.Option option(String name) {
        for (Formats.Option option : Formats.Option.values()) {
            if (option.text().equals(name)) {
                return option;
            }
        }
        throw new UsageException(
                "unknown option of a format '%s'; known are %s"
                        .formatted(
                                name,
                                Arrays.stream(Formats.Option.values())
                                        .map(Formats.Option::text)
                                        .collect(Collectors.joining(", "))));
    }

    private String sampleName() {
        return sample.equals(STANDARD_INPUT) ? "the standard input" : sample;
    }

    private Origin origin() {
        Source source = new Source("try", true);
        Instant now = Instant.now();
        Instant time = now;
        if (!sample.equals(STANDARD_INPUT)) {
            try {
                time = Files.getLastModifiedTime(Path.of(sample)).toInstant();
            } catch (IOException e) {
                throw new UsageException("there is no file " + sample, e);
            }
        }
        return Origin.of(source, now, MessageIds.derived("try", sample), time);
    }

    private InputStream open() throws IOException {
        return sample.equals(STANDARD_INPUT)
                ? cli.in()
                : new BufferedInputStream(Files.newInputStream(Path.of(sample)));
    }

    /** Runs each record through the mapping and the rules for events, and counts. */
    private static final class Trial {
        private final Cli cli;
        private final EventReader reader;
        private final Mapping mapping;
        private final String sample;
        private final Origin origin;
        private long records;
        private long events;
        private long rejected;
        private long skipped;

        Trial(Cli cli, Mapping mapping, String sample, Origin origin) {
            this.cli = cli;
            this.reader = cli.reader();
            this.mapping = mapping;
            this.sample = sample;
            this.origin = origin;
        }

        void read(RecordReader reading) throws IOException {
            while (reading.next()) {
                records++;
                RecordReader.Fault fault = reading.fault();
                if (fault == null) {
                    record(reading.value(), place(reading));
                } else {
                    String column =
                            fault.column() == null ? "" : "column '%s': ".formatted(fault.column());
                    rejected("%s: %s%s".formatted(place(reading), column, fault.reason()));
                }
            }
        }

        private void record(@Nullable Object record, String place) {
            for (Made made : mapping.events(record)) {
                if (made instanceof Made.Item item) {
                    item(item, place);
                } else if (made instanceof Made.Rejected refusal) {
                    rejected(refusal.message(place));
                } else if (made instanceof Made.Skipped) {
                    skipped++;
                }
            }
        }

        private void item(Made.Item item, String place) {
            Reading reading = reader.read(item.json(), 0, item.json().length, origin, events);
            if (reading instanceof Reading.Accepted accepted) {
                events++;
                cli.out().println(new String(accepted.event().json(), StandardCharsets.UTF_8));
            } else if (reading instanceof Reading.SetAside aside) {
                rejected("%s: %s (%s)".formatted(place, aside.reason(), aside.rule()));
            }
        }

        void stopped(String reason) {
            rejected("%s: %s; nothing behind it was read".formatted(sample, reason));
        }

        /** The number says it where a record has no line. */
        private String place(RecordReader reading) {
            String line = reading.place();
            String place = "%s, record %d".formatted(sample, records);
            return line.isEmpty() || line.startsWith("byte") ? place : place + ", " + line;
        }

        private void rejected(String story) {
            rejected++;
            cli.err().println(story);
        }

        int end() {
            cli.err()
                    .printf(
                            "%d records: %d events, %d rejections, %d skipped%n",
                            records, events, rejected, skipped);
            return rejected == 0 ? Cli.OK : Cli.FAILED;
        }
    }
}
