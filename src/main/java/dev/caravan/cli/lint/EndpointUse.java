package dev.caravan.cli.lint;

import dev.caravan.mapping.Place;
import dev.caravan.mapping.Yaml;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint as it stands in a route.
 *
 * @param uri with its query, if it has one
 * @param consumer whether the route reads from it
 * @param parameters that stand beside the URI
 */
record EndpointUse(String uri, boolean consumer, Map<String, Yaml.Scalar> parameters, Place place) {
    private static final Pattern PAIR =
            Pattern.compile("([^=&]+)=(RAW\\(.*?\\)(?=&|$)|RAW\\{.*?\\}(?=&|$)|[^&]*)");

    /** An option's value and where it stands. */
    record Option(String value, Place place) {}

    /** The endpoint of {@code {uri: ..., parameters: {...}}}, or of a text. */
    static Optional<EndpointUse> of(Yaml node, boolean consumer) {
        if (node instanceof Yaml.Scalar scalar) {
            return Optional.of(new EndpointUse(scalar.text(), consumer, Map.of(), scalar.place()));
        } else if (node instanceof Yaml.Members members
                && members.get("uri") instanceof Yaml.Scalar uri) {
            return Optional.of(
                    new EndpointUse(
                            uri.text(), consumer, scalars(members.get("parameters")), uri.place()));
        }
        return Optional.empty();
    }

    /** The endpoint of {@code kamelet: name} or {@code kamelet: {name: ..., parameters: ...}}. */
    static Optional<EndpointUse> ofKamelet(Yaml node) {
        if (node instanceof Yaml.Members members
                && members.get("name") instanceof Yaml.Scalar name) {
            return Optional.of(
                    new EndpointUse(
                            "kamelet:" + name.text(),
                            false,
                            scalars(members.get("parameters")),
                            name.place()));
        }
        return of(node, false)
                .map(use -> new EndpointUse("kamelet:" + use.uri, false, Map.of(), use.place));
    }

    private static Map<String, Yaml.Scalar> scalars(@Nullable Yaml node) {
        Map<String, Yaml.Scalar> scalars = new LinkedHashMap<>();
        if (node instanceof Yaml.Members members) {
            members.members()
                    .forEach(
                            (name, member) -> {
                                if (member.value() instanceof Yaml.Scalar scalar) {
                                    scalars.put(
                                            name,
                                            new Yaml.Scalar(
                                                    scalar.text(), scalar.plain(), member.place()));
                                }
                            });
        }
        return scalars;
    }

    /** The same with what stands for placeholders. */
    EndpointUse resolved(Values values) {
        Map<String, Yaml.Scalar> resolved = new LinkedHashMap<>();
        parameters.forEach(
                (name, scalar) ->
                        resolved.put(
                                name,
                                new Yaml.Scalar(
                                        values.resolve(scalar.text()),
                                        scalar.plain(),
                                        scalar.place())));
        return new EndpointUse(values.resolve(uri), consumer, resolved, place);
    }

    /** Its component, empty where only the start knows it. */
    String scheme() {
        int colon = address().indexOf(':');
        String scheme = colon < 0 ? address() : address().substring(0, colon);
        return scheme.contains("{") ? "" : scheme;
    }

    /** What stands between the scheme and the query, without slashes in front. */
    String path() {
        int colon = address().indexOf(':');
        return colon < 0 ? "" : address().substring(colon + 1).replaceFirst("^/+", "");
    }

    /** The URI without its query. */
    String address() {
        int query = queryStart();
        return query < 0 ? uri : uri.substring(0, query);
    }

    /** All options, those of the query first. */
    Map<String, Option> options() {
        Map<String, Option> options = new LinkedHashMap<>();
        int query = queryStart();
        if (query >= 0) {
            Matcher pair = PAIR.matcher(uri.substring(query + 1));
            while (pair.find()) {
                options.put(pair.group(1), new Option(decoded(pair.group(2)), place));
            }
        }
        parameters.forEach(
                (name, scalar) -> options.put(name, new Option(scalar.text(), scalar.place())));
        return options;
    }

    /** The {@code ?} of an optional placeholder begins no query. */
    private int queryStart() {
        int query = uri.indexOf('?');
        while (query > 0 && uri.startsWith("{{?", query - 2)) {
            query = uri.indexOf('?', query + 1);
        }
        return query;
    }

    private static String decoded(String value) {
        if (value.startsWith("RAW(") || value.startsWith("RAW{") || value.contains("{{")) {
            return value;
        }
        try {
            return URLDecoder.decode(value, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return value; // a '%' that stands for itself
        }
    }

    /** Whether something in it is known only at the start. */
    static boolean open(String text) {
        return text.contains("{{") || text.contains("${");
    }
}
