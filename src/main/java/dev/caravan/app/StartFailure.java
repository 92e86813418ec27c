package dev.caravan.app;

import dev.caravan.camel.RouteFileException;
import dev.caravan.journal.JournalUnavailableException;
import io.quarkus.runtime.QuarkusBindException;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigValidationException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/**
 * Tells an operator why Caravan did not start. What a person has set or written is told in words
 * alone; anything else, with where it happened.
 */
final class StartFailure {
    /** A value of a route as Camel's messages may show it, which may be a secret. */
    private static final Pattern RAW =
            Pattern.compile("(?s)RAW[({].*?(?:[)}](?=&[A-Za-z]+=|\\s|$)|\\z)");

    private StartFailure() {}

    /** The words for a failure and its causes. */
    static String told(Throwable failure) {
        Deque<Throwable> innermostFirst = new ArrayDeque<>();
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Throwable next = failure; next != null && seen.add(next); next = next.getCause()) {
            innermostFirst.push(next);
        }
        for (Throwable cause : innermostFirst) {
            String words = words(cause);
            if (words != null) {
                return masked("Caravan did not start: " + words);
            }
        }
        return masked("Caravan did not start:\n" + trace(failure));
    }

    private static String masked(String words) {
        return RAW.matcher(words).replaceAll("RAW(xxxxxx)");
    }

    private static @Nullable String words(Throwable cause) {
        if (cause instanceof QuarkusBindException bind) {
            String setting = settingOf(bind.getPort());
            return "port %d of %s is in use by another process, or cannot be used: choose another with %s (%s)"
                    .formatted(
                            bind.getPort(),
                            bind.getHost(),
                            setting,
                            setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"));
        } else if (cause instanceof ConfigValidationException invalid) {
            return SettingCheck.told(invalid);
        } else if (cause instanceof FailedToCreateRouteException
                || cause instanceof FailedToStartRouteException
                || cause instanceof RouteFileException
                || cause instanceof JournalUnavailableException
                || cause instanceof ConfigurationException) {
            return String.valueOf(cause.getMessage());
        }
        return null;
    }

    private static String settingOf(int port) {
        Config config = ConfigProvider.getConfig();
        return Stream.of("quarkus.management.port", "quarkus.http.ssl-port")
                .filter(name -> String.valueOf(port).equals(config.getConfigValue(name).getValue()))
                .findFirst()
                .orElse("quarkus.http.port");
    }

    private static String trace(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }
}
