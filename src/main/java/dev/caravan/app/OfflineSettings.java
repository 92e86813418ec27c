package dev.caravan.app;

import dev.caravan.cli.lint.HomeSettings;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The settings of a home, read and checked as a start does, but without one. */
public final class OfflineSettings implements HomeSettings {
    /** Above all that a user can set. */
    private static final int HOME_ORDINAL = 1000;

    /** As Quarkus has it. */
    private static final int JAR_ORDINAL = 250;

    private final SmallRyeConfig config;
    private final List<String> complaints = new ArrayList<>();

    private OfflineSettings(Path home) {
        SmallRyeConfigBuilder builder = builder(home).withMapping(CaravanConfig.class);
        SmallRyeConfig read;
        try {
            read = builder.build();
            check(
                    new Settings(read.getConfigMapping(CaravanConfig.class)),
                    read.getOptionalValue("quarkus.management.host", String.class)
                            .orElse("127.0.0.1"));
        } catch (ConfigValidationException e) {
            for (int i = 0; i < e.getProblemCount(); i++) {
                complaints.add(SettingCheck.told(e.getProblem(i).getMessage()));
            }
            read = withDefaults(builder(home)).build();
        }
        config = read;
        SettingNames.complaint(List.of(), System.getenv().keySet()).ifPresent(complaints::add);
    }

    /**
     * Reads those of a home. What is wrong in them is among its complaints.
     *
     * @param home wins over what is set as {@code caravan.home}
     */
    public static HomeSettings of(Path home) {
        return new OfflineSettings(home);
    }

    private static SmallRyeConfigBuilder builder(Path home) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .addDiscoveredConverters()
                .addDefaultSources()
                .withSources(jar())
                .withSources(
                        new PropertiesConfigSource(
                                Map.of("caravan.home", home.toString()),
                                "the folder that is looked at",
                                HOME_ORDINAL))
                .withSources(new UserSettings())
                .withMappingIgnore("caravan.**");
    }

    /** What the mapping would add if its values could all be read. */
    private static SmallRyeConfigBuilder withDefaults(SmallRyeConfigBuilder builder) {
        ConfigMappings.getProperties(ConfigMappings.ConfigClass.configClass(CaravanConfig.class))
                .forEach(
                        (name, property) -> {
                            if (property.hasDefaultValue() && !name.contains("*")) {
                                builder.withDefaultValue(
                                        name, String.valueOf(property.getDefaultValue()));
                            }
                        });
        return builder;
    }

    private static PropertiesConfigSource jar() {
        URL url = OfflineSettings.class.getResource("/application.properties");
        try {
            return new PropertiesConfigSource(url, JAR_ORDINAL);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the settings in the jar", e);
        }
    }

    private void check(Settings settings, String managementHost) {
        complain(settings::journal);
        complain(settings::pace);
        complain(settings::keys);
        complain(settings::semanticNames);
        complain(settings::customerIo);
        complain(() -> settings.login(managementHost));
    }

    private void complain(Runnable part) {
        try {
            part.run();
        } catch (ConfigurationException | IllegalArgumentException e) {
            complaints.add(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<String> value(String property) {
        try {
            return config.getOptionalValue(property, String.class);
        } catch (NoSuchElementException | IllegalArgumentException e) {
            return Optional.empty(); // it is there, but what it refers to is not
        }
    }

    @Override
    public Optional<String> variable(String name) {
        return Optional.ofNullable(System.getenv(name));
    }

    @Override
    public Collection<String> names() {
        return Stream.concat(
                        StreamSupport.stream(config.getPropertyNames().spliterator(), false)
                                .filter(name -> !name.matches("(quarkus|java|camel)\\..*")),
                        SettingNames.plain().stream())
                .filter(name -> value(name).isPresent())
                .distinct()
                .toList();
    }

    @Override
    public Optional<String> complaint(String property) {
        return SettingNames.complaint(List.of(property), List.of());
    }

    @Override
    public Optional<String> warning(String property) {
        return SettingNames.misspeltPrefixes(List.of(property), List.of()).stream().findFirst();
    }

    @Override
    public List<String> complaints() {
        return List.copyOf(complaints);
    }
}
