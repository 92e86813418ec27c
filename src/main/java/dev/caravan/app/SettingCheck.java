package dev.caravan.app;

import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.EnvConfigSource;
import java.util.Collection;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;

/** Stops the start at a setting that nobody reads, or that would leave a door open. */
final class SettingCheck {
    private static final String PASSWORD = "caravan.login.password";

    private SettingCheck() {}

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
        String password = config.getConfigValue(PASSWORD).getRawValue();
        if (password != null && password.isBlank()) {
            throw new ConfigurationException(
                    PASSWORD + " is empty: set one, or leave the setting out for no login");
        }
    }
}
