package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Values.Placeholder;
import dev.caravan.mapping.Nearest;
import dev.caravan.mapping.Yaml;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;

/** Placeholders that nothing stands behind, with which no route starts. */
final class PlaceholderCheck {
    /** Camel's functions whose values this machine, or this home, need not have. */
    private static final Set<String> ELSEWHERE =
            Set.of("sys", "bean", "service", "service.name", "service.host", "service.port");

    private static final Set<String> WORDS_FOR_PEOPLE = Set.of("description", "note", "title");

    private final HomeSettings settings;
    private final Findings findings;

    PlaceholderCheck(HomeSettings settings, Findings findings) {
        this.settings = settings;
        this.findings = findings;
    }

    /**
     * Looks through a tree.
     *
     * @param local what has a value inside of it: a template's parameters, a kamelet's properties
     */
    void check(Yaml tree, Collection<String> local, String file) {
        Steps.scalars(
                "",
                tree,
                (key, scalar) -> {
                    if (!WORDS_FOR_PEOPLE.contains(key)) {
                        check(scalar, local, file);
                    }
                });
    }

    private void check(Yaml.Scalar scalar, Collection<String> local, String file) {
        Matcher match = Values.PLACEHOLDER.matcher(scalar.text());
        while (match.find()) {
            Placeholder placeholder = Placeholder.of(match);
            if (placeholder.isOf("env")) {
                variable(placeholder, scalar, file);
            } else if (placeholder.fallback().isEmpty()
                    && !placeholder.optional()
                    && !ELSEWHERE.contains(placeholder.name())
                    && !local.contains(placeholder.name())
                    && settings.value(placeholder.name()).isEmpty()) {
                missing(placeholder.name(), scalar, local, file);
            }
        }
    }

    private void variable(Placeholder placeholder, Yaml.Scalar scalar, String file) {
        String asked = placeholder.fallback().orElse("");
        String name = asked.replaceFirst(":.*", "");
        if (!asked.contains(":") && settings.variable(name).isEmpty()) {
            findings.error(
                    file,
                    scalar.place(),
                    "no value for {{env:%s}}: the environment has no variable %s"
                            .formatted(name, name));
        }
    }

    private void missing(String name, Yaml.Scalar scalar, Collection<String> local, String file) {
        Collection<String> known = local.isEmpty() ? settings.names() : local;
        String near =
                Nearest.to(name, known).map(it -> "; did you mean {{" + it + "}}?").orElse("");
        findings.error(
                file,
                scalar.place(),
                "no value for {{%s}}: set it in application.properties or as the variable %s%s"
                        .formatted(name, variable(name), near));
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
