package dev.caravan.cli.lint;

import dev.caravan.camel.OptionCheck;
import dev.caravan.cli.lint.EndpointUse.Option;
import dev.caravan.mapping.Nearest;
import dev.caravan.mapping.Place;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.camel.tooling.model.ComponentModel;

/** Endpoints: is there such a component, does it have these options, is there such a target? */
final class EndpointCheck {
    private final Components components;
    private final Map<String, Kamelet> kamelets;
    private final MappingNames mappings;
    private final Findings findings;

    EndpointCheck(
            Components components,
            Map<String, Kamelet> kamelets,
            MappingNames mappings,
            Findings findings) {
        this.components = components;
        this.kamelets = kamelets;
        this.mappings = mappings;
        this.findings = findings;
    }

    /** Checks one that stands in a file of the user's. */
    void check(EndpointUse written, Values values, String file) {
        EndpointUse use = written.resolved(values);
        String scheme = use.scheme();
        if (scheme.isEmpty() || EndpointUse.open(scheme)) {
            return;
        }
        Optional<ComponentModel> component = components.find(scheme);
        if (component.isEmpty()) {
            if (!components.has(scheme)) {
                findings.error(
                        file,
                        use.place(),
                        "there is no component '%s' in this jar%s"
                                .formatted(scheme, near(scheme, components.schemes())));
            }
            return;
        }
        if (scheme.equals("kamelet")) {
            kamelet(use, file, component.get());
            return;
        }
        boolean ours = scheme.equals("caravan"); // knows better than its catalogue what can be
        use.options()
                .forEach(
                        (name, option) ->
                                components
                                        .endpointOption(component.get(), name, option.value())
                                        .filter(it -> !ours || it.startsWith("unknown"))
                                        .ifPresent(it -> findings.error(file, option.place(), it)));
        if (ours) {
            caravan(use, file);
        }
    }

    private static String near(String word, Collection<String> known) {
        return Nearest.to(word, known).map(it -> "; did you mean '" + it + "'?").orElse("");
    }

    // --- caravan:

    /** As the start would; also for a use of a template, which is told where it is used. */
    void caravan(EndpointUse use, String file) {
        String operation = use.path();
        Map<String, String> options = new LinkedHashMap<>();
        use.options()
                .forEach(
                        (name, option) -> {
                            if (EndpointUse.open(option.value()) && !name.equals("template")) {
                                return;
                            }
                            options.put(name, unwrapped(option.value()));
                        });
        if (use.options().size() == options.size()
                || (use.consumer() && !use.options().containsKey("erase"))) {
            OptionCheck.complaint(operation, options, use.consumer())
                    .ifPresent(it -> findings.error(file, placeOf(it, use), it));
        }
        String mapping = options.get("mapping");
        if (mapping != null) {
            mappings.complaint(mapping)
                    .ifPresent(
                            it -> findings.error(file, use.options().get("mapping").place(), it));
        }
    }

    private static String unwrapped(String value) {
        return value.matches("(?s)RAW\\(.*\\)|RAW\\{.*\\}")
                ? value.substring(4, value.length() - 1)
                : value;
    }

    /** The line of the option that the complaint names. */
    private static Place placeOf(String complaint, EndpointUse use) {
        String about = complaint.replaceFirst("^destination '[^']*': ", "");
        for (Map.Entry<String, Option> option : use.options().entrySet()) {
            if (about.matches("(?s)'?" + Pattern.quote(option.getKey()) + "\\b.*")) {
                return option.getValue().place();
            }
        }
        return use.place();
    }

    // --- kamelet:

    private void kamelet(EndpointUse use, String file, ComponentModel component) {
        String name = use.path().replaceFirst("/.*", "");
        if (name.equals("source") || name.equals("sink") || EndpointUse.open(name)) {
            return;
        }
        Kamelet kamelet = kamelets.get(name);
        if (kamelet == null) {
            findings.error(
                    file,
                    use.place(),
                    "there is no kamelet '%s'%s".formatted(name, near(name, kamelets.keySet())));
            return;
        }
        use.options().forEach((key, option) -> property(kamelet, key, option, component, file));
        for (String required : kamelet.required()) {
            Kamelet.Property property = kamelet.properties().get(required);
            boolean given = property != null && property.value().isPresent();
            if (!given && !use.options().containsKey(required)) {
                findings.error(
                        file, use.place(), "the kamelet '%s' needs '%s'".formatted(name, required));
            }
        }
    }

    private void property(
            Kamelet kamelet, String key, Option option, ComponentModel component, String file) {
        Kamelet.Property property = kamelet.properties().get(key);
        String value = option.value();
        if (property == null) {
            boolean ofAll =
                    component.getEndpointOptions().stream()
                            .anyMatch(known -> known.getName().equals(key));
            if (!ofAll) {
                findings.error(
                        file,
                        option.place(),
                        "unknown property '%s' of the kamelet '%s'%s"
                                .formatted(
                                        key,
                                        kamelet.name(),
                                        Nearest.hint(key, kamelet.properties().keySet())));
            }
        } else if (!EndpointUse.open(value) && !value.startsWith("RAW")) {
            if (!property.words().isEmpty() && !property.words().contains(value)) {
                findings.error(
                        file,
                        option.place(),
                        "'%s' cannot be '%s'%s"
                                .formatted(key, value, Nearest.hint(value, property.words())));
            } else if (!fits(property.type(), value)) {
                findings.error(
                        file,
                        option.place(),
                        "'%s' must be of the type %s but is '%s'"
                                .formatted(key, property.type(), value));
            }
        }
    }

    private static boolean fits(String type, String value) {
        return switch (type) {
            case "integer" -> value.matches("-?[0-9]+");
            case "number" -> value.matches("-?[0-9]+(\\.[0-9]+)?");
            case "boolean" -> value.matches("true|false");
            default -> true;
        };
    }
}
