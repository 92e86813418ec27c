package dev.caravan.cli.lint;

import dev.caravan.mapping.Nearest;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.tooling.model.BaseOptionModel;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;
import org.jspecify.annotations.Nullable;

/** The components in the jars, with the options that each says that it has. */
final class Components {
    private static final String SERVICES = "META-INF/services/org/apache/camel/component/";

    /** What Camel takes of each endpoint, whether or not its component lists it. */
    private static final Set<String> OF_ALL =
            Set.of(
                    "autowiredEnabled",
                    "bridgeErrorHandler",
                    "exceptionHandler",
                    "exchangePattern",
                    "lazyStartProducer",
                    "synchronous");

    private final Map<String, Optional<ComponentModel>> known = new HashMap<>();

    /** A component; empty if there is none of this scheme. */
    Optional<ComponentModel> find(String scheme) {
        return known.computeIfAbsent(scheme, this::read);
    }

    private Optional<ComponentModel> read(String scheme) {
        if (!scheme.matches("[A-Za-z0-9+.-]+")) {
            return Optional.empty();
        }
        try {
            Optional<String> service = Resources.text(SERVICES + scheme);
            if (service.isEmpty()) {
                return Optional.empty();
            }
            var properties = new Properties();
            properties.load(new StringReader(service.get()));
            String type = properties.getProperty("class", "");
            String folder = type.substring(0, type.lastIndexOf('.') + 1).replace('.', '/');
            return Resources.text("META-INF/" + folder + scheme + ".json")
                    .map(JsonMapper::generateComponentModel);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read what '" + scheme + "' is", e);
        }
    }

    /** Whether there is a component, even one that does not describe itself. */
    boolean has(String scheme) {
        return find(scheme).isPresent() || hasService(scheme);
    }

    private static boolean hasService(String scheme) {
        try {
            return Resources.text(SERVICES + scheme).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for '" + scheme + "'", e);
        }
    }

    /** All schemes that are beside the one that is surely there; for guesses. */
    List<String> schemes() {
        List<String> schemes = new ArrayList<>();
        for (String one : List.of("caravan", "direct", "file", "http", "kamelet", "jms", "log")) {
            try {
                for (String name : Resources.beside(SERVICES + one)) {
                    schemes.add(name.substring(SERVICES.length()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list components", e);
            }
        }
        return schemes.stream().distinct().toList();
    }

    /** What is wrong with one option of an endpoint; empty if nothing is, or nobody can tell. */
    Optional<String> endpointOption(ComponentModel component, String name, String value) {
        BaseOptionModel option = option(component.getEndpointOptions().stream(), name);
        if (option != null) {
            return value(name, value, option);
        } else if (OF_ALL.contains(name)
                || component.isLenientProperties()
                || !component.getApiOptions().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                "unknown option '%s' of '%s:'%s"
                        .formatted(
                                name,
                                component.getScheme(),
                                hint(name, component.getEndpointOptions().stream())));
    }

    /** What is wrong with one {@code camel.component.<scheme>.<option>}. */
    Optional<String> componentOption(ComponentModel component, String dashed, String value) {
        String name = camelCase(dashed);
        BaseOptionModel option = option(component.getComponentOptions().stream(), name);
        if (option != null) {
            return value(dashed, value, option);
        }
        return Optional.of(
                "unknown option '%s' of the component '%s'%s"
                        .formatted(
                                dashed,
                                component.getScheme(),
                                hint(name, component.getComponentOptions().stream())));
    }

    private static String hint(String name, Stream<? extends BaseOptionModel> options) {
        return Nearest.to(name, options.map(BaseOptionModel::getName).toList())
                .map(near -> "; did you mean '" + near + "'?")
                .orElse("");
    }

    private static @Nullable BaseOptionModel option(
            Stream<? extends BaseOptionModel> options, String name) {
        return options.filter(option -> isNamed(option, name)).findFirst().orElse(null);
    }

    /** {@code scheduler.xyz} is of the option that takes all with this prefix. */
    private static boolean isNamed(BaseOptionModel option, String name) {
        String prefix = option.getPrefix();
        String optional = option.getOptionalPrefix();
        return name.equals(option.getName())
                || (prefix != null && option.isMultiValue() && name.startsWith(prefix))
                || (optional != null && name.equals(optional + option.getName()));
    }

    private static String camelCase(String dashed) {
        var name = new StringBuilder();
        for (String word : dashed.split("-", -1)) {
            boolean first = name.isEmpty();
            name.append(
                    first || word.isEmpty()
                            ? word
                            : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return name.toString();
    }

    private static Optional<String> value(String name, String value, BaseOptionModel option) {
        List<String> words = option.getEnums();
        if (EndpointUse.open(value) || value.startsWith("#") || value.startsWith("RAW")) {
            return Optional.empty();
        } else if (words != null && !words.isEmpty()) {
            return words.stream().anyMatch(word -> same(word, value))
                    ? Optional.empty()
                    : Optional.of(
                            "'%s' cannot be '%s'%s"
                                    .formatted(name, value, Nearest.hint(value, words)));
        }
        return switch (String.valueOf(option.getType())) {
            case "boolean" ->
                    require(value.matches("(?i)true|false"), name, "true or false", value);
            case "integer" -> require(isWhole(value, option), name, "a whole number", value);
            case "number" ->
                    require(
                            value.matches("[+-]?[0-9.]+([eE][+-]?[0-9]+)?"),
                            name,
                            "a number",
                            value);
            default -> Optional.empty();
        };
    }

    /** Camel takes {@code 5s} for milliseconds. */
    private static boolean isWhole(String value, BaseOptionModel option) {
        boolean time = "long".equals(option.getJavaType());
        return value.matches("[+-]?[0-9]+") || (time && value.matches("([0-9]+(d|h|m|s|ms) ?)+"));
    }

    /** Camel takes enums in any case and with dashes. */
    private static boolean same(String word, String value) {
        return word.replaceAll("[-_]", "").equalsIgnoreCase(value.replaceAll("[-_]", ""));
    }

    private static Optional<String> require(boolean fits, String name, String what, String value) {
        return fits
                ? Optional.empty()
                : Optional.of("'%s' must be %s but is '%s'".formatted(name, what, value));
    }
}
