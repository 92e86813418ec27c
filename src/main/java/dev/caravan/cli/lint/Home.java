package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Finding.Severity;
import dev.caravan.mapping.Place;
import dev.caravan.mapping.Problems;
import dev.caravan.mapping.Yaml;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The files of a home, and the shipped ones that stand behind them. */
final class Home {
    private static final String ROUTE = ".camel.yaml";
    private static final String KAMELET = ".kamelet.yaml";
    private static final String TEST = ".test.yaml";
    private static final String INDEX = "routes/index.txt";
    private static final String A_SHIPPED_KAMELET = "kamelets/file-source.kamelet.yaml";

    private final Path folder;
    private final Findings findings;
    private int files;

    Home(Path folder, Findings findings) {
        this.folder = folder;
        this.findings = findings;
    }

    /** How many files of the user's were read. */
    int files() {
        return files;
    }

    // --- routes

    /** All that a start would load: the user's routes, and the shipped ones that they leave. */
    List<Source> routes() {
        Map<String, Optional<Source>> byName = new TreeMap<>();
        for (String name : shippedRoutes()) {
            byName.put(name, shipped("routes/" + name));
        }
        for (Path file : yaml("routes")) {
            String name = nameIn("routes", file);
            if (name.endsWith(ROUTE)) {
                byName.put(name, isEmpty(file) ? Optional.empty() : read(file));
            } else {
                notLoaded(file, "a route file's name ends in " + ROUTE);
            }
        }
        return byName.values().stream().flatMap(Optional::stream).toList();
    }

    private static List<String> shippedRoutes() {
        try {
            return Resources.text(INDEX)
                    .orElse("")
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + INDEX, e);
        }
    }

    /** An empty file takes the shipped one of its name away. */
    private boolean isEmpty(Path file) {
        Optional<String> text = text(file);
        boolean empty =
                text.isPresent()
                        && text.get()
                                .lines()
                                .allMatch(line -> line.isBlank() || line.strip().startsWith("#"));
        if (empty) {
            files++;
        }
        return empty;
    }

    // --- kamelets

    /** All kamelets, by the name under which a route finds them; the user's win. */
    Map<String, Kamelet> kamelets() {
        Map<String, Kamelet> byName = new TreeMap<>();
        try {
            for (String file : Resources.beside(A_SHIPPED_KAMELET)) {
                shipped(file)
                        .flatMap(Kamelet::of)
                        .ifPresent(kamelet -> byName.put(kameletName(file), kamelet));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the shipped kamelets", e);
        }
        for (Path file : yaml("kamelets")) {
            if (!file.toString().endsWith(KAMELET)) {
                notLoaded(file, "a kamelet's file ends in " + KAMELET);
                continue;
            }
            Optional<Source> source = read(file);
            Optional<Kamelet> kamelet = source.flatMap(Kamelet::of);
            kamelet.ifPresent(it -> byName.put(kameletName(file.toString()), it));
            if (source.isPresent() && kamelet.isEmpty()) {
                findings.error(
                        shown(file),
                        Place.START,
                        "a kamelet needs 'metadata' with 'name', and 'spec' with 'template'");
            }
        }
        return byName;
    }

    private static String kameletName(String file) {
        String name = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
        return name.substring(0, Math.max(0, name.length() - KAMELET.length()));
    }

    // --- mappings

    /** The mapping files, tests left out. */
    List<Path> mappings() {
        return yaml("mappings").stream().filter(file -> !file.toString().endsWith(TEST)).toList();
    }

    /** The tests beside them. */
    List<Path> tests() {
        return yaml("mappings").stream().filter(file -> file.toString().endsWith(TEST)).toList();
    }

    /** The name by which a route finds a mapping; empty for one in a folder of its own. */
    Optional<String> mappingName(Path file) {
        String name = nameIn("mappings", file);
        return name.contains("/") || !name.endsWith(".yaml")
                ? Optional.empty()
                : Optional.of(name.substring(0, name.length() - ".yaml".length()));
    }

    // --- properties

    /** The files of settings that are there. */
    List<Path> properties() {
        return Stream.of("application.properties", "config/application.properties")
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .toList();
    }

    // --- files

    /** How findings name a file: as it is found from where lint was called. */
    String shown(Path file) {
        Path shown = file.normalize();
        return shown.toString().replace('\\', '/');
    }

    /** The text of a file; a finding and empty if it has none. */
    Optional<String> text(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (CharacterCodingException e) {
            findings.error(shown(file), Place.START, "it is not text in UTF-8");
        } catch (IOException e) {
            findings.error(shown(file), Place.START, "it cannot be read: " + e.getMessage());
        }
        return Optional.empty();
    }

    /** Counts a file that was read by somebody else. */
    void count() {
        files++;
    }

    private Optional<Source> read(Path file) {
        files++;
        return text(file).flatMap(text -> parse(shown(file), text, true));
    }

    private Optional<Source> shipped(String resource) {
        try {
            return Resources.text(resource).flatMap(text -> parse(resource, text, false));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the shipped " + resource, e);
        }
    }

    private Optional<Source> parse(String name, String text, boolean mine) {
        var problems = new Problems(name);
        Optional<Yaml> root = Yaml.parse(text, problems);
        findings.add(problems.inOrder(), Severity.ERROR);
        return root.map(tree -> new Source(name, tree, mine));
    }

    private void notLoaded(Path file, String rule) {
        files++;
        findings.warning(shown(file), Place.START, "it is not loaded: " + rule);
    }

    private String nameIn(String part, Path file) {
        return folder.resolve(part).relativize(file).toString().replace('\\', '/');
    }

    private List<Path> yaml(String part) {
        Path parent = folder.resolve(part);
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(parent, FileVisitOption.FOLLOW_LINKS)) {
            all.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .filter(Files::isRegularFile)
                    .filter(file -> !isHidden(parent.relativize(file)))
                    .sorted()
                    .forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + parent, e);
        }
        return found;
    }

    private static boolean isHidden(Path relative) {
        for (Path part : relative) {
            if (part.toString().startsWith(".")) {
                return true;
            }
        }
        return false;
    }
}
