package dev.caravan.cli.lint;

import dev.caravan.mapping.Yaml;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks into trees of YAML that may be of any shape. */
final class Trees {
    private Trees() {}

    /** What stands at the end of these keys, null if nothing does. */
    static @Nullable Yaml at(@Nullable Yaml node, String... path) {
        Yaml at = node;
        for (String key : path) {
            at = at instanceof Yaml.Members members ? members.get(key) : null;
        }
        return at;
    }

    /** The same, if it is a scalar. */
    static Yaml.@Nullable Scalar scalar(@Nullable Yaml node, String... path) {
        return at(node, path) instanceof Yaml.Scalar scalar ? scalar : null;
    }

    /** The texts of a list; empty if it is none. */
    static List<String> texts(@Nullable Yaml node) {
        List<String> texts = new ArrayList<>();
        if (node instanceof Yaml.Items list) {
            for (Yaml item : list.items()) {
                if (item instanceof Yaml.Scalar scalar) {
                    texts.add(scalar.text());
                }
            }
        }
        return texts;
    }
}
