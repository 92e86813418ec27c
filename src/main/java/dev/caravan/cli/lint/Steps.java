package dev.caravan.cli.lint;

import dev.caravan.mapping.Place;
import dev.caravan.mapping.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Walks through the tree of a route. */
final class Steps {
    private static final Set<String> NO_STEPS = Set.of("parameters", "properties", "headers");
    private static final Set<String> SENDS = Set.of("to", "toD", "wireTap", "poll");
    private static final Set<String> READS = Set.of("from", "poll", "pollEnrich");

    /** These name endpoints by an expression, of which only a constant is known here. */
    private static final Set<String> COMPUTES =
            Set.of("recipientList", "routingSlip", "dynamicRouter", "enrich");

    private static final Set<String> CONSTANTS = Set.of("constant", "simple", "expression");

    /** These name endpoints by a pattern. */
    private static final Set<String> PATTERNS = Set.of("interceptFrom", "interceptSendToEndpoint");

    private Steps() {}

    /** A step: its name, its value, and where its name stands. */
    record Step(String name, Yaml value, Place place) {
        /** Whether an option of it is {@code true}. */
        boolean has(String option) {
            Yaml.Scalar scalar = Trees.scalar(value, option);
            return scalar != null && scalar.text().equals("true");
        }

        /** Where it sends to, if it does. */
        Optional<EndpointUse> target() {
            if (name.equals("kamelet")) {
                return EndpointUse.ofKamelet(value);
            }
            return SENDS.contains(name) ? EndpointUse.of(value, false) : Optional.empty();
        }

        /** All places that it sends to, as far as that is known here. */
        List<EndpointUse> targets() {
            if (!COMPUTES.contains(name)) {
                return target().stream().toList();
            }
            List<EndpointUse> targets = new ArrayList<>();
            scalars(
                    name,
                    value,
                    (key, scalar) -> {
                        if (CONSTANTS.contains(key)) {
                            for (String uri : scalar.text().split(",")) {
                                targets.add(
                                        new EndpointUse(
                                                uri.strip(), false, Map.of(), scalar.place()));
                            }
                        }
                    });
            return targets;
        }
    }

    /** All steps of a route, those inside of others too. */
    static void each(Yaml body, Consumer<Step> visitor) {
        if (body instanceof Yaml.Members members) {
            members.members()
                    .forEach(
                            (key, member) -> {
                                if (key.equals("steps")
                                        && member.value() instanceof Yaml.Items all) {
                                    all.items().forEach(item -> step(item, visitor));
                                } else if (!NO_STEPS.contains(key)) {
                                    each(member.value(), visitor);
                                }
                            });
        } else if (body instanceof Yaml.Items list) {
            list.items().forEach(item -> each(item, visitor));
        }
    }

    private static void step(Yaml item, Consumer<Step> visitor) {
        if (item instanceof Yaml.Members members) {
            for (Map.Entry<String, Yaml.Member> entry : members.members().entrySet()) {
                Yaml value = entry.getValue().value();
                visitor.accept(new Step(entry.getKey(), value, entry.getValue().place()));
                each(value, visitor);
            }
        }
    }

    /** All endpoints that are named below a key. */
    static void endpoints(String key, Yaml node, Consumer<EndpointUse> visitor) {
        if (PATTERNS.contains(key)) {
            return;
        } else if (key.equals("kamelet")) {
            EndpointUse.ofKamelet(node).ifPresent(visitor);
        } else if (node instanceof Yaml.Members members && members.get("uri") != null) {
            EndpointUse.of(members, READS.contains(key)).ifPresent(visitor);
        } else if (node instanceof Yaml.Scalar && SENDS.contains(key)) {
            EndpointUse.of(node, READS.contains(key)).ifPresent(visitor);
        }
        if (node instanceof Yaml.Members members) {
            members.members()
                    .forEach(
                            (name, member) -> {
                                if (!NO_STEPS.contains(name)) {
                                    endpoints(name, member.value(), visitor);
                                }
                            });
        } else if (node instanceof Yaml.Items list) {
            list.items().forEach(item -> endpoints("", item, visitor));
        }
    }

    /** All scalars with the key that they stand under. */
    static void scalars(String key, Yaml node, BiConsumer<String, Yaml.Scalar> visitor) {
        if (node instanceof Yaml.Scalar scalar) {
            visitor.accept(key, scalar);
        } else if (node instanceof Yaml.Members members) {
            members.members().forEach((name, member) -> scalars(name, member.value(), visitor));
        } else if (node instanceof Yaml.Items list) {
            list.items().forEach(item -> scalars(key, item, visitor));
        }
    }
}
