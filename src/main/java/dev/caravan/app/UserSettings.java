package dev.caravan.app;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Where a user's settings come from beside the usual places: {@code application.properties} in
 * {@code caravan.home} and in its {@code config/}, the latter first. Both win over what is in the
 * jar, the environment and {@code -D} win over both. So the packaged jar and the native binary take
 * settings without being built anew.
 *
 * <p>And the variables that name a source, which the usual rules cannot tell apart from others: in
 * {@code CARAVAN_PUBLIC_KEYS_MY_SHOP} the source is {@code my-shop}.
 */
public final class UserSettings implements ConfigSourceFactory {
    private static final String NAME = "application.properties";

    /** Above the jar's own (250) and the {@code config/} of the current folder (260). */
    private static final int ORDINAL = 265;

    /** Above the environment's own (300), below {@code -D} (400). */
    private static final int VARIABLES_ORDINAL = 301;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue value = context.getValue("caravan.home");
        Path home = Path.of(value == null || value.getValue() == null ? "." : value.getValue());
        List<ConfigSource> sources = new ArrayList<>();
        add(home.resolve(NAME), ORDINAL, sources);
        add(home.resolve("config").resolve(NAME), ORDINAL + 1, sources);
        sources.add(variables(context));
        return sources;
    }

    private static ConfigSource variables(ConfigSourceContext context) {
        Map<String, String> named = new HashMap<>();
        for (ConfigSource source : context.getConfigSources()) {
            if (source instanceof EnvConfigSource) {
                for (String variable : source.getPropertyNames()) {
                    SettingNames.ofSource(variable)
                            .ifPresent(name -> named.put(name, source.getValue(variable)));
                }
            }
        }
        return new PropertiesConfigSource(named, "variables that name a source", VARIABLES_ORDINAL);
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
