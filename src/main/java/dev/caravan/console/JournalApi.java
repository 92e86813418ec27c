package dev.caravan.console;

import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalStatus;
import dev.caravan.journal.KnownFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The journal: its state, and copies of it. */
final class JournalApi {
    private static final Pattern FILE_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Journal journal;
    private final Path backups;
    private final InstantSource clock;

    /**
     * Makes one.
     *
     * @param backups the only folder that copies are written to
     */
    JournalApi(Journal journal, Path backups, InstantSource clock) {
        this.journal = journal;
        this.backups = backups;
        this.clock = clock;
    }

    void mount(Api api) {
        api.get("/api/journal", Set.of(), call -> shown(journal.status()))
                .post("/api/backup", Set.of("to"), this::backup);
    }

    private Map<String, Object> shown(JournalStatus status) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("writable", status.writable());
        shown.put("problem", status.problem());
        shown.put("warning", status.warning());
        shown.put("events", journal.end());
        shown.put("oldest", Shown.time(status.oldest()));
        shown.put("bytes", status.bytes());
        shown.put("maxBytes", status.maxBytes());
        shown.put("freeBytes", status.freeBytes());
        Map<String, Object> sources = new LinkedHashMap<>();
        status.sources()
                .forEach(
                        (name, totals) -> {
                            Map<String, Object> source = new LinkedHashMap<>();
                            source.put("accepted", totals.accepted());
                            source.put("duplicates", totals.duplicates());
                            source.put("setAside", totals.setAside());
                            sources.put(name, source);
                        });
        shown.put("sources", sources);
        shown.put("brokenFiles", journal.brokenFiles().stream().map(JournalApi::shown).toList());
        return shown;
    }

    private static Map<String, Object> shown(KnownFile file) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("source", file.source());
        shown.put("file", file.name());
        shown.put("records", file.records());
        shown.put("reason", file.broken());
        shown.put("at", Shown.time(file.at()));
        return shown;
    }

    private Map<String, Object> backup(ApiCall call) throws IOException {
        String name = call.text("to");
        if (name == null) {
            name = "journal-" + STAMP.format(clock.instant()) + ".db";
        } else if (!FILE_NAME.matcher(name).matches()) {
            throw ApiException.invalid(
                    "'to' is the name of a file in %s: letters, digits, '.', '-' and '_'"
                            .formatted(backups));
        }
        Path file = backups.resolve(name);
        if (Files.exists(file)) {
            throw new ApiException(409, "'%s' is there already".formatted(name));
        }
        journal.backup(file);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("file", file.toString());
        answer.put("bytes", Files.size(file));
        return answer;
    }
}
