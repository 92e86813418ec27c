package dev.caravan.cli.lint;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What placeholders stand for: parameters of a template or kamelet first, then the settings.
 *
 * @param own parameters with their values, which may have placeholders themselves
 */
record Values(Map<String, String> own, HomeSettings settings) {
    /** {@code {{name}}}, {@code {{name:default}}} or {@code {{?name}}}. */
    static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{(\\??)([^{}:]+)(:[^{}]*)?\\}\\}");

    private static final int DEEPEST = 5;

    /**
     * One placeholder.
     *
     * @param name without what stands around it
     * @param fallback what stands behind the colon
     */
    record Placeholder(String name, boolean optional, Optional<String> fallback) {
        static Placeholder of(Matcher match) {
            return new Placeholder(
                    match.group(2).strip(),
                    !match.group(1).isEmpty(),
                    Optional.ofNullable(match.group(3)).map(text -> text.substring(1)));
        }

        /** {@code env:NAME}: the name of a function, and what it is asked for. */
        boolean isOf(String function) {
            return name.equals(function) && fallback.isPresent();
        }
    }

    /** The text with everything filled in that is known; the rest stays as it is. */
    String resolve(String text) {
        String resolved = text;
        for (int depth = 0; depth < DEEPEST && resolved.contains("{{"); depth++) {
            resolved =
                    PLACEHOLDER
                            .matcher(resolved)
                            .replaceAll(
                                    match ->
                                            Matcher.quoteReplacement(
                                                    value((Matcher) match).orElse(match.group())));
        }
        return resolved;
    }

    private Optional<String> value(Matcher match) {
        Placeholder placeholder = Placeholder.of(match);
        String own = this.own.get(placeholder.name());
        if (own != null) {
            return Optional.of(own);
        }
        Optional<String> value = settings.value(placeholder.name());
        return value.isPresent() ? value : placeholder.fallback();
    }

    /** The same with more parameters, which win. */
    Values with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(own);
        all.putAll(more);
        return new Values(all, settings);
    }
}
