package dev.caravan.cli.lint;

import dev.caravan.mapping.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.Optional;

/** The mappings that a route can name. */
record MappingNames(Collection<String> names) {

    /** What is wrong with a name; empty if there is a mapping of it, perhaps a broken one. */
    Optional<String> complaint(String name) {
        if (names.contains(name) || EndpointUse.open(name) || isShipped(name)) {
            return Optional.empty();
        } else if (name.endsWith(".yaml")) {
            return Optional.of("'mapping' is a name without '.yaml', but is '%s'".formatted(name));
        }
        return Optional.of(
                "there is no mappings/%s.yaml%s"
                        .formatted(name, names.isEmpty() ? "" : Nearest.hint(name, names)));
    }

    private static boolean isShipped(String name) {
        try {
            return Resources.text("mappings/" + name + ".yaml").isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for the mapping " + name, e);
        }
    }
}
