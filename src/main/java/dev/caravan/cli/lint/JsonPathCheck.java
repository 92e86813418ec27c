package dev.caravan.cli.lint;

import com.jayway.jsonpath.InvalidPathException;
import com.jayway.jsonpath.JsonPath;
import dev.caravan.mapping.Functions;
import dev.caravan.mapping.Yaml;
import java.util.Optional;
import org.apache.camel.jsonpath.easypredicate.EasyPredicateParser;

/** JSONPath in routes, read as Camel's language reads it. */
final class JsonPathCheck {
    private final Findings findings;

    JsonPathCheck(Findings findings) {
        this.findings = findings;
    }

    void check(Yaml tree, String file) {
        if (tree instanceof Yaml.Members members) {
            members.members()
                    .forEach(
                            (key, member) -> {
                                if (key.equals("jsonpath")
                                        || (key.equals("language") && isJsonPath(member.value()))) {
                                    expression(member.value(), file);
                                } else {
                                    check(member.value(), file);
                                }
                            });
        } else if (tree instanceof Yaml.Items list) {
            list.items().forEach(item -> check(item, file));
        }
    }

    /** {@code language: {language: jsonpath, expression: ...}}. */
    private static boolean isJsonPath(Yaml value) {
        Yaml.Scalar name = Trees.scalar(value, "language");
        return name != null && name.text().equals("jsonpath");
    }

    private void expression(Yaml value, String file) {
        Yaml.Scalar text =
                value instanceof Yaml.Scalar scalar ? scalar : Trees.scalar(value, "expression");
        if (text == null || EndpointUse.open(text.text()) || text.text().contains("$simple{")) {
            return;
        }
        complaint(text.text())
                .ifPresent(
                        it ->
                                findings.error(
                                        file, text.place(), "'%s' %s".formatted(text.text(), it)));
    }

    private static Optional<String> complaint(String text) {
        try {
            String path = new EasyPredicateParser().parse(text);
            JsonPath.compile(path);
            // which the library finds out only when it has a document
            return path.endsWith("[")
                    ? Optional.of("is not JSONPath: the '[' at its end opens nothing")
                    : Functions.complaint(path).map("cannot be used here: "::concat);
        } catch (InvalidPathException | IllegalArgumentException e) {
            return Optional.of("is not JSONPath: " + told(e));
        } catch (StringIndexOutOfBoundsException e) {
            return Optional.of("is not JSONPath: it ends too early");
        }
    }

    /** Without the exceptions inside of exceptions. */
    private static String told(RuntimeException e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("index out of range")) {
            return "it ends too early";
        }
        return message.replaceAll("[a-z]+(\\.[a-z]+)+\\.\\w+Exception: ", "");
    }
}
