package dev.caravan.app;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.EnvConfigSource;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops the start at a setting that nobody reads, or that would leave a door open. */
final class SettingCheck {
    private static final Logger LOG = LoggerFactory.getLogger(SettingCheck.class);
    private static final String PASSWORD = "caravan.login.password";

    private static final Pattern CODE = Pattern.compile("SRCFG\\d+: ?");
    private static final Pattern CONVERSION =
            Pattern.compile(
                    "config property (\\S+) with the config value \"(.*)\" threw an Exception whilst being converted (.*)",
                    Pattern.DOTALL);
    private static final Pattern EMPTY =
            Pattern.compile("config property (\\S+) is defined as the empty String");

    private SettingCheck() {}

    /** All that is wrong with the values of settings. */
    static String told(ConfigValidationException invalid) {
        return IntStream.range(0, invalid.getProblemCount())
                .mapToObj(i -> told(invalid.getProblem(i).getMessage()))
                .collect(Collectors.joining("; "));
    }

    /** The library tells of its exceptions; a person wants to know of the setting. */
    static String told(String problem) {
        Matcher empty = EMPTY.matcher(problem);
        if (empty.find()) {
            return empty.group(1) + " is empty: give it a value, or leave it out";
        }
        Matcher conversion = CONVERSION.matcher(problem);
        return conversion.find()
                ? "%s must be %s but is '%s'"
                        .formatted(
                                conversion.group(1),
                                wanted(conversion.group(3)),
                                conversion.group(2))
                : CODE.matcher(problem).replaceAll("");
    }

    /** What would do, of the exception that a value caused. */
    private static String wanted(String exception) {
        int words = exception.indexOf("allowed values: ");
        if (words >= 0) {
            return "one of "
                    + exception.substring(words + "allowed values: ".length()).replace(",", ", ");
        } else if (exception.contains("Duration")) {
            return "a time such as 30s, 15m, 7d or PT15M";
        } else if (exception.contains("KkMmGg")) {
            return "a size such as 500M or 20G";
        } else if (exception.contains("Expected a")) {
            return "a whole number";
        }
        return "another value (%s)".formatted(CODE.matcher(exception).replaceAll(""));
    }

    /**
     * Looks at all names, and whether a password is one.
     *
     * @throws ConfigurationException naming the first that is unknown, and what may be meant
     */
    static void check(Config config, Map<String, String> environment) {
        Collection<String> properties =
                StreamSupport.stream(config.getConfigSources().spliterator(), false)
                        .filter(source -> !(source instanceof EnvConfigSource))
                        .flatMap(source -> source.getPropertyNames().stream())
                        .distinct()
                        .toList();
        SettingNames.complaint(properties, environment.keySet())
                .ifPresent(
                        complaint -> {
                            throw new ConfigurationException(complaint);
                        });
        SettingNames.misspeltPrefixes(properties, environment.keySet())
                .forEach(hint -> LOG.warn("A setting is not read: {}", hint));
        String password = config.getConfigValue(PASSWORD).getRawValue();
        if (password != null && password.isBlank()) {
            throw new ConfigurationException(
                    PASSWORD + " is empty: set one, or leave the setting out for no login");
        }
    }
}
