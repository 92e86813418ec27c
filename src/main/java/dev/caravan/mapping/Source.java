package dev.caravan.mapping;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a value comes from. */
sealed interface Source permits Source.Constant, Source.AtPath, Source.Template, Key {
    /** The value; {@link Path#ABSENT} if there is none, null if there is a null. */
    @Nullable Object find(Scope scope);

    /** The paths that it follows. */
    List<Path> paths();

    /** Always the same. */
    record Constant(@Nullable Object value) implements Source {
        @Override
        public @Nullable Object find(Scope scope) {
            return value;
        }

        @Override
        public List<Path> paths() {
            return List.of();
        }
    }

    /** What a path finds. */
    record AtPath(Path path) implements Source {
        @Override
        public @Nullable Object find(Scope scope) {
            return scope.find(path);
        }

        @Override
        public List<Path> paths() {
            return List.of(path);
        }
    }

    /**
     * A text with values in it.
     *
     * @param parts texts and {@link Path}s
     * @param whole whether each path has to find something
     */
    record Template(List<Object> parts, boolean whole, Place place, String field)
            implements Source {
        @Override
        public Object find(Scope scope) {
            var text = new StringBuilder();
            boolean any = false;
            for (Object part : parts) {
                if (!(part instanceof Path path)) {
                    text.append(part);
                    continue;
                }
                Object value = scope.find(path);
                if (value == Path.ABSENT || value == null || "".equals(value)) {
                    if (whole) {
                        return Path.ABSENT;
                    }
                    continue;
                }
                String of = Texts.of(value);
                if (of == null) {
                    scope.reject(
                            place,
                            field,
                            Made.Rule.TYPE,
                            "{%s} of the template is an object or a list, which has no text"
                                    .formatted(path));
                    return Path.ABSENT;
                }
                any = true;
                text.append(of);
            }
            return any ? text.toString().strip() : Path.ABSENT;
        }

        @Override
        public List<Path> paths() {
            return parts.stream().filter(Path.class::isInstance).map(Path.class::cast).toList();
        }
    }
}
