package dev.caravan.app;

import dev.caravan.mapping.Nearest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The names of all settings, so that a misspelt one stops the start: a key that is not read would
 * leave a door open or shut without a word. {@code *} stands for the name of a source.
 */
final class SettingNames {
    private static final String PREFIX = "caravan.";
    private static final String VARIABLE_PREFIX = "CARAVAN_";

    private static final List<String> KNOWN =
            List.of(
                    "caravan.home",
                    "caravan.inbox",
                    "caravan.inbox.retention",
                    "caravan.keys.*",
                    "caravan.public-keys.*",
                    "caravan.sources.*.erase",
                    "caravan.journal.partitions",
                    "caravan.journal.retention",
                    "caravan.journal.dedupe",
                    "caravan.journal.max-size",
                    "caravan.semantic.synonyms",
                    "caravan.semantic.allow",
                    "caravan.customerio.api-key",
                    "caravan.customerio.region",
                    "caravan.customerio.url",
                    "caravan.customerio.rate",
                    "caravan.jms.url",
                    "caravan.jms.queue",
                    "caravan.jms.username",
                    "caravan.jms.password",
                    "caravan.delivery.stuck-after",
                    "caravan.delivery.shutdown-timeout",
                    "caravan.login.user",
                    "caravan.login.password");

    private static final List<Pattern> PROPERTIES =
            KNOWN.stream()
                    .map(name -> Pattern.compile(quoted(name, "(?:[A-Za-z0-9-]+|\"[^\"]+\")")))
                    .toList();
    private static final List<Pattern> VARIABLES =
            KNOWN.stream()
                    .map(name -> Pattern.compile(quoted(variable(name), "[A-Za-z0-9_]+")))
                    .toList();

    /**
     * What Kubernetes sets in each pod of a namespace that has a Service named {@code caravan}; it
     * is no setting of ours.
     */
    private static final Pattern OF_KUBERNETES =
            Pattern.compile(
                    "CARAVAN_(SERVICE_HOST|SERVICE_PORT(_.+)?|PORT(_\\d+_(TCP|UDP|SCTP)(_.+)?)?)");

    private SettingNames() {}

    /**
     * The first complaint about these names, if there is any.
     *
     * @param properties names of properties; those outside of {@code caravan.} are not looked at
     * @param variables names of environment variables, likewise
     */
    static Optional<String> complaint(Collection<String> properties, Collection<String> variables) {
        return Stream.concat(
                        properties.stream()
                                .filter(name -> name.startsWith(PREFIX))
                                .filter(name -> unknown(name, PROPERTIES))
                                .map(name -> complaint("setting", name, KNOWN.stream())),
                        variables.stream()
                                .filter(name -> name.startsWith(VARIABLE_PREFIX))
                                .filter(name -> !OF_KUBERNETES.matcher(name).matches())
                                .filter(name -> unknown(name, VARIABLES))
                                .map(
                                        name ->
                                                complaint(
                                                        "environment variable",
                                                        name,
                                                        KNOWN.stream()
                                                                .map(SettingNames::variable))))
                .findFirst();
    }

    /**
     * What is said of names that are hardly meant for others: {@code caravn.home}. They stop no
     * start, since they could be.
     */
    static List<String> misspeltPrefixes(
            Collection<String> properties, Collection<String> variables) {
        return Stream.concat(
                        properties.stream()
                                .filter(name -> isMisspelt(name, PREFIX))
                                .map(name -> complaint("setting", name, KNOWN.stream())),
                        variables.stream()
                                .filter(name -> isMisspelt(name, VARIABLE_PREFIX))
                                .map(
                                        name ->
                                                complaint(
                                                        "environment variable",
                                                        name,
                                                        KNOWN.stream()
                                                                .map(SettingNames::variable))))
                .sorted()
                .toList();
    }

    private static boolean isMisspelt(String name, String prefix) {
        int end = name.indexOf(prefix.charAt(prefix.length() - 1)) + 1;
        String own = name.substring(0, end);
        return end > 0 && !own.equals(prefix) && Nearest.to(own, List.of(prefix)).isPresent();
    }

    /** All settings that are of no source. */
    static List<String> plain() {
        return KNOWN.stream().filter(name -> !name.contains("*")).toList();
    }

    /**
     * The setting of a source that an environment variable means, the source's name in lower case
     * with {@code -} for {@code _}; empty for any other variable.
     */
    static Optional<String> ofSource(String variable) {
        for (String name : KNOWN) {
            int star = name.indexOf('*');
            if (star < 0) {
                continue;
            }
            String before = variable(name.substring(0, star));
            String after = variable(name.substring(star + 1));
            if (variable.length() > before.length() + after.length()
                    && variable.startsWith(before)
                    && variable.endsWith(after)) {
                String source =
                        variable.substring(before.length(), variable.length() - after.length());
                String said = source.toLowerCase(Locale.ROOT).replace('_', '-');
                return Optional.of(name.replace("*", said));
            }
        }
        return Optional.empty();
    }

    private static boolean unknown(String name, List<Pattern> known) {
        return known.stream().noneMatch(pattern -> pattern.matcher(name).matches());
    }

    private static String complaint(String kind, String name, Stream<String> known) {
        return "unknown %s '%s'; did you mean '%s'?"
                .formatted(kind, name, nearest(name, known.toList()));
    }

    private static String nearest(String name, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> changes(name, candidate)))
                .orElseThrow()
                .replace("*", "<source>");
    }

    /**
     * How many letters must come and go to make the name fit; what {@code *} stands for is free.
     */
    private static int changes(String name, String pattern) {
        int[] row = new int[pattern.length() + 1];
        for (int j = 1; j <= pattern.length(); j++) {
            row[j] = row[j - 1] + (pattern.charAt(j - 1) == '*' ? 0 : 1);
        }
        for (int i = 1; i <= name.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= pattern.length(); j++) {
                char expected = pattern.charAt(j - 1);
                int above = row[j];
                row[j] =
                        expected == '*'
                                ? Math.min(above, row[j - 1])
                                : Math.min(
                                        diagonal + (name.charAt(i - 1) == expected ? 0 : 2),
                                        1 + Math.min(above, row[j - 1]));
                diagonal = above;
            }
        }
        return row[pattern.length()];
    }

    private static String variable(String property) {
        return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static String quoted(String name, String star) {
        return Stream.of(name.split("\\*", -1))
                .map(Pattern::quote)
                .reduce((a, b) -> a + star + b)
                .orElseThrow();
    }
}
