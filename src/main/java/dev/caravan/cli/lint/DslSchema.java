package dev.caravan.cli.lint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.mapping.Nearest;
import dev.caravan.mapping.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The language of routes, as Camel's own JSON Schema of its YAML describes it, which comes in the
 * jar of the reader that will read them. Read by us and not by a general validator, whose answer to
 * a misspelt key is that none of a hundred alternatives fits.
 *
 * <p>Of a schema's alternatives all keys are known, and each value is looked at by the alternatives
 * that take its kind. A value with a placeholder fits everywhere.
 */
final class DslSchema {
    private static final String RESOURCE = "schema/camelYamlDsl.json";
    private static final String DEFINITIONS = "#/items/definitions/";

    private final JsonNode root;
    private final IdentityHashMap<JsonNode, Shape> shapes = new IdentityHashMap<>();

    private DslSchema(JsonNode root) {
        this.root = root;
    }

    static DslSchema load() {
        try (InputStream in = Resources.open(RESOURCE)) {
            if (in == null) {
                throw new IOException("it is not there");
            }
            return new DslSchema(new ObjectMapper().readTree(in));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read Camel's " + RESOURCE, e);
        }
    }

    /** What a schema with all its alternatives says. */
    private static final class Shape {
        private final Set<String> types = new LinkedHashSet<>();
        private final Map<String, JsonNode> members = new LinkedHashMap<>();
        private final Set<String> required = new LinkedHashSet<>();
        private final List<String> words = new ArrayList<>();
        private @Nullable JsonNode items;
        private boolean closed;
        private boolean single;

        boolean takes(String type) {
            return types.isEmpty() || types.contains(type);
        }
    }

    /** Checks a file of routes: a list of objects with one key each. */
    void checkFile(Yaml file, String name, Findings findings) {
        if (file instanceof Yaml.Items list) {
            list.items().forEach(item -> new Check(name, findings).node(item, items(), ""));
        } else {
            findings.error(name, file.place(), "must be a list, such as '- route:'");
        }
    }

    /** Checks the value of a key that can stand in a file of routes, such as {@code from}. */
    void check(Yaml node, String key, String name, Findings findings) {
        new Check(name, findings).node(node, items().path("properties").path(key), key);
    }

    private JsonNode items() {
        return root.path("items");
    }

    // --- shapes

    private Shape shape(JsonNode schema) {
        Shape known = shapes.get(schema);
        if (known == null) {
            known = new Shape();
            flatten(schema, known, true);
            shapes.put(schema, known);
        }
        return known;
    }

    private void flatten(JsonNode schema, Shape shape, boolean demands) {
        if (schema.has("$ref")) {
            String name = schema.path("$ref").asText().substring(DEFINITIONS.length());
            flatten(items().path("definitions").path(name), shape, demands);
        }
        if (schema.has("type")) {
            shape.types.add(schema.path("type").asText());
        }
        schema.path("properties")
                .fields()
                .forEachRemaining(
                        member -> {
                            JsonNode before = shape.members.get(member.getKey());
                            if (before == null || before.isEmpty()) {
                                shape.members.put(member.getKey(), member.getValue());
                            }
                        });
        boolean closed =
                schema.has("additionalProperties")
                        && !schema.path("additionalProperties").asBoolean(true);
        // an expression lists all its languages but is not said to be closed
        shape.closed |= closed || (schema.has("anyOf") && schema.has("properties"));
        shape.single |= schema.path("maxProperties").asInt() == 1;
        if (demands || closed) {
            schema.path("required").forEach(key -> shape.required.add(key.asText()));
        }
        schema.path("enum").forEach(word -> shape.words.add(word.asText()));
        if (schema.has("items") && shape.items == null) {
            shape.items = schema.path("items");
        }
        for (String alternatives : List.of("oneOf", "anyOf")) {
            schema.path(alternatives).forEach(one -> flatten(one, shape, false));
        }
    }

    // --- checking

    /** Walks one file. */
    private final class Check {
        private final String file;
        private final Findings findings;

        Check(String file, Findings findings) {
            this.file = file;
            this.findings = findings;
        }

        void node(Yaml node, JsonNode schema, String key) {
            Shape shape = shape(schema);
            if (node instanceof Yaml.Members members) {
                members(members, shape, key);
            } else if (node instanceof Yaml.Items list) {
                list(list, shape, key);
            } else if (node instanceof Yaml.Scalar scalar) {
                scalar(scalar, shape, key);
            }
        }

        private void members(Yaml.Members node, Shape shape, String key) {
            if (!shape.takes("object")) {
                wrongKind(node, shape, key);
                return;
            }
            Set<String> keys = node.members().keySet();
            if (shape.single && keys.size() > 1) {
                findings.error(
                        file,
                        node.place(),
                        "%s belong into items of their own: write '-' before each"
                                .formatted(quoted(keys)));
            }
            for (Map.Entry<String, Yaml.Member> member : node.members().entrySet()) {
                JsonNode schema = shape.members.get(member.getKey());
                if (schema != null) {
                    node(member.getValue().value(), schema, member.getKey());
                } else if (shape.closed) {
                    findings.error(
                            file,
                            member.getValue().place(),
                            unknown(member.getKey(), key, shape.members.keySet()));
                }
            }
            for (String required : shape.required) {
                if (!keys.contains(required)) {
                    findings.error(
                            file,
                            node.place(),
                            "%s needs '%s'"
                                    .formatted(key.isEmpty() ? "it" : "'" + key + "'", required));
                }
            }
        }

        private static String unknown(String word, String key, Set<String> known) {
            return "unknown key '%s'%s%s"
                    .formatted(
                            word,
                            key.isEmpty() ? "" : " in '" + key + "'",
                            Nearest.hint(word, known));
        }

        private void list(Yaml.Items list, Shape shape, String key) {
            JsonNode items = shape.items;
            if (!shape.takes("array")) {
                wrongKind(list, shape, key);
            } else if (items != null) {
                list.items().forEach(item -> node(item, items, key));
            }
        }

        private void scalar(Yaml.Scalar scalar, Shape shape, String key) {
            String text = scalar.text();
            if (text.contains("{{") || shape.takes("string")) {
                word(scalar, shape, key);
            } else if (shape.takes("boolean")) {
                require(text.matches("true|false"), scalar, key, "must be true or false");
            } else if (shape.takes("number")) {
                require(text.matches("-?[0-9]+(\\.[0-9]+)?"), scalar, key, "must be a number");
            } else {
                wrongKind(scalar, shape, key);
            }
        }

        private void word(Yaml.Scalar scalar, Shape shape, String key) {
            String text = scalar.text();
            boolean known = shape.words.isEmpty() || shape.words.contains(text);
            if (!known && !text.contains("{{") && !text.startsWith("#")) {
                findings.error(
                        file,
                        scalar.place(),
                        "'%s' cannot be '%s'%s"
                                .formatted(key, text, Nearest.hint(text, shape.words)));
            }
        }

        private void require(boolean fits, Yaml.Scalar scalar, String key, String rule) {
            if (!fits) {
                findings.error(
                        file,
                        scalar.place(),
                        "'%s' %s but is '%s'".formatted(key, rule, scalar.text()));
            }
        }

        private void wrongKind(Yaml node, Shape shape, String key) {
            String is =
                    node instanceof Yaml.Items
                            ? "a list"
                            : node instanceof Yaml.Members ? "an object" : "a text";
            String wanted =
                    shape.types.stream().map(this::named).collect(Collectors.joining(" or "));
            findings.error(
                    file,
                    node.place(),
                    "%s must be %s but is %s"
                            .formatted(key.isEmpty() ? "it" : "'" + key + "'", wanted, is));
        }

        private String named(String type) {
            return switch (type) {
                case "array" -> "a list";
                case "object" -> "an object";
                case "string" -> "a text";
                case "number" -> "a number";
                default -> "true or false";
            };
        }

        private static String quoted(Set<String> keys) {
            return keys.stream().map(key -> "'" + key + "'").collect(Collectors.joining(" and "));
        }
    }
}
