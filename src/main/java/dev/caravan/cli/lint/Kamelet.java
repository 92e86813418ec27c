package dev.caravan.cli.lint;

import dev.caravan.mapping.Place;
import dev.caravan.mapping.Yaml;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A kamelet as routes use it.
 *
 * @param properties by name
 * @param required names of properties that must be given
 * @param template what it makes a route of
 */
record Kamelet(
        Source source,
        String name,
        Place namePlace,
        Map<String, Property> properties,
        List<String> required,
        Yaml.Members template) {

    /**
     * A property.
     *
     * @param words what it may be; empty for anything
     */
    record Property(String type, Optional<String> value, List<String> words) {}

    /** Reads one; empty if it has no name or template. */
    static Optional<Kamelet> of(Source source) {
        Yaml.Scalar name = Trees.scalar(source.root(), "metadata", "name");
        Yaml definition = Trees.at(source.root(), "spec", "definition");
        if (name == null
                || !(Trees.at(source.root(), "spec", "template")
                        instanceof Yaml.Members template)) {
            return Optional.empty();
        }
        Map<String, Property> properties = new LinkedHashMap<>();
        if (Trees.at(definition, "properties") instanceof Yaml.Members members) {
            members.members().forEach((key, member) -> properties.put(key, property(member)));
        }
        return Optional.of(
                new Kamelet(
                        source,
                        name.text(),
                        name.place(),
                        properties,
                        Trees.texts(Trees.at(definition, "required")),
                        template));
    }

    private static Property property(Yaml.Member member) {
        Yaml.Scalar type = Trees.scalar(member.value(), "type");
        Yaml.Scalar value = Trees.scalar(member.value(), "default");
        return new Property(
                type == null ? "string" : type.text(),
                Optional.ofNullable(value).map(Yaml.Scalar::text),
                Trees.texts(Trees.at(member.value(), "enum")));
    }

    /** Its properties' values before anybody has set one. */
    Map<String, String> defaults() {
        Map<String, String> values = new LinkedHashMap<>();
        properties.forEach((key, property) -> property.value().ifPresent(v -> values.put(key, v)));
        return values;
    }
}
