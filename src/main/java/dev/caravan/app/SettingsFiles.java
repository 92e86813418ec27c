package dev.caravan.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Reads a user's {@code application.properties} in {@code caravan.home} and in its {@code config/},
 * the latter first. Both win over what is in the jar, the environment and {@code -D} win over both.
 * So the packaged jar and the native binary take settings without being built anew.
 */
public final class SettingsFiles implements ConfigSourceFactory {
    private static final String NAME = "application.properties";

    /** Above the jar's own (250) and the {@code config/} of the current folder (260). */
    private static final int ORDINAL = 265;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue value = context.getValue("caravan.home");
        Path home =
                Path.of(value == null || value.getValue() == null ? "." : value.getValue());
        List<ConfigSource> sources = new ArrayList<>();
        add(home.resolve(NAME), ORDINAL, sources);
        add(home.resolve("config").resolve(NAME), ORDINAL + 1, sources);
        return sources;
    }

    private static void add(Path file, int ordinal, List<ConfigSource> sources) {
        if (!Files.isRegularFile(file)) {
            return;
        }
        try {
            sources.add(new PropertiesConfigSource(file.toUri().toURL(), ordinal));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the settings in " + file, e);
        }
    }
}
