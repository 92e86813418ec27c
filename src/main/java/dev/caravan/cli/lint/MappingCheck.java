package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Finding.Severity;
import dev.caravan.mapping.Examples;
import dev.caravan.mapping.Mapping;
import dev.caravan.mapping.MappingException;
import dev.caravan.mapping.Nearest;
import dev.caravan.mapping.Place;
import dev.caravan.mapping.Problems;
import dev.caravan.mapping.Yaml;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Optional;

/** Mappings and their tests, read as a start reads them. */
final class MappingCheck {
    private final Home home;
    private final Findings findings;
    private final Collection<String> destinations;

    /**
     * Makes one.
     *
     * @param destinations all words by which {@code integrations} can name a destination
     */
    MappingCheck(Home home, Collection<String> destinations, Findings findings) {
        this.home = home;
        this.destinations = destinations;
        this.findings = findings;
    }

    void check() {
        home.mappings().forEach(this::mapping);
        home.tests().forEach(this::test);
    }

    private void mapping(Path file) {
        home.count();
        Optional<String> text = home.text(file);
        if (text.isEmpty()) {
            return;
        }
        try {
            Mapping mapping = Mapping.parse(home.shown(file), text.get());
            findings.add(mapping.warnings(), Severity.WARNING);
            integrations(text.get(), home.shown(file));
        } catch (MappingException e) {
            findings.add(e.problems(), Severity.ERROR);
        }
    }

    private void test(Path file) {
        home.count();
        Optional<String> text = home.text(file);
        if (text.isEmpty()) {
            return;
        }
        try {
            Examples examples = Examples.parse(home.shown(file), text.get());
            String beside = file.getFileName().toString().replace(".test.yaml", ".yaml");
            String named = examples.mapping().orElse(beside);
            if (!Files.exists(file.resolveSibling(named))) {
                findings.error(
                        home.shown(file),
                        Place.START,
                        "there is no mapping " + named + " beside it");
            }
        } catch (MappingException e) {
            findings.add(e.problems(), Severity.ERROR);
        }
    }

    /** A destination that is not there is switched off in vain. */
    private void integrations(String text, String file) {
        Yaml.parse(text, new Problems(file)).ifPresent(root -> integrations(root, file));
    }

    private void integrations(Yaml node, String file) {
        if (node instanceof Yaml.Items list) {
            list.items().forEach(item -> integrations(item, file));
        } else if (node instanceof Yaml.Members members) {
            if (members.get("integrations") instanceof Yaml.Members named
                    && !named.members().containsKey("path")) {
                named.members()
                        .forEach(
                                (name, member) -> {
                                    if (!destinations.contains(name)) {
                                        findings.warning(
                                                file,
                                                member.place(),
                                                "integrations: there is no destination '%s'%s"
                                                        .formatted(
                                                                name,
                                                                Nearest.hint(name, destinations)));
                                    }
                                });
            }
            if (members.get("events") instanceof Yaml.Items events) {
                integrations(events, file);
            }
        }
    }
}
