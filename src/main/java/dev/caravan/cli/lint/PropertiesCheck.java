package dev.caravan.cli.lint;

import dev.caravan.mapping.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings: names that nobody reads, and values that a start would refuse. */
final class PropertiesCheck {
    private static final Pattern OF_COMPONENT =
            Pattern.compile("camel\\.component\\.([A-Za-z0-9+-]+)\\.([A-Za-z0-9-]+)");
    private static final String ENVIRONMENT = "environment";

    private final Home home;
    private final HomeSettings settings;
    private final Components components;
    private final Findings findings;

    PropertiesCheck(Home home, HomeSettings settings, Components components, Findings findings) {
        this.home = home;
        this.settings = settings;
        this.components = components;
        this.findings = findings;
    }

    void check() {
        List<PropertiesFile> files = new ArrayList<>();
        for (Path file : home.properties()) {
            home.count();
            home.text(file).flatMap(text -> parse(home.shown(file), text)).ifPresent(files::add);
        }
        files.forEach(this::names);
        settings.complaints().forEach(complaint -> tell(complaint, files));
    }

    private Optional<PropertiesFile> parse(String file, String text) {
        try {
            return Optional.of(PropertiesFile.parse(file, text));
        } catch (IOException | IllegalArgumentException e) {
            findings.error(file, Place.START, "these are no properties: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void names(PropertiesFile file) {
        for (PropertiesFile.Entry entry : file.entries()) {
            Optional<String> complaint = settings.complaint(entry.key());
            Matcher component = OF_COMPONENT.matcher(entry.key());
            if (complaint.isEmpty() && component.matches()) {
                complaint =
                        components
                                .find(component.group(1))
                                .flatMap(
                                        model ->
                                                components.componentOption(
                                                        model, component.group(2), entry.value()));
            }
            complaint.ifPresent(it -> findings.error(file.name(), place(entry), it));
            settings.warning(entry.key())
                    .ifPresent(it -> findings.warning(file.name(), place(entry), it));
        }
    }

    /** A value is told where it stands; the last file that has it wins. */
    private void tell(String complaint, List<PropertiesFile> files) {
        String dotted = complaint.replaceFirst(": ", ".");
        PropertiesFile where = null;
        PropertiesFile.Entry said = null;
        for (PropertiesFile file : files) {
            for (PropertiesFile.Entry entry : file.entries()) {
                Pattern key = Pattern.compile(Pattern.quote(entry.key()) + "(?![A-Za-z0-9.-])");
                boolean named = key.matcher(complaint).find() || key.matcher(dotted).find();
                if (named && (said == null || entry.key().length() >= said.key().length())) {
                    where = file;
                    said = entry;
                }
            }
        }
        if (where == null || said == null) {
            findings.error(ENVIRONMENT, new Place(0, 0), complaint);
        } else {
            findings.error(where.name(), place(said), complaint);
        }
    }

    private static Place place(PropertiesFile.Entry entry) {
        return new Place(entry.line(), 1);
    }
}
