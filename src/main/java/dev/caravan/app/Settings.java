package dev.caravan.app;

import dev.caravan.console.Guard;
import dev.caravan.customerio.CustomerIoConfiguration;
import dev.caravan.delivery.Pace;
import dev.caravan.event.SemanticNames;
import dev.caravan.event.Source;
import dev.caravan.ingest.Keys;
import dev.caravan.ingest.Sources;
import dev.caravan.journal.JournalSettings;
import dev.caravan.journal.Partitions;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.MemorySize;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** Makes of the user's settings what the parts are built from; what is wrong stops the start. */
final class Settings {
    private final CaravanConfig config;

    Settings(CaravanConfig config) {
        this.config = config;
    }

    Path home() {
        return config.home().toAbsolutePath().normalize();
    }

    SemanticNames semanticNames() {
        return new SemanticNames(
                config.semantic().synonyms(),
                Set.copyOf(config.semantic().allow().orElse(List.of())));
    }

    JournalSettings journal() {
        try {
            return new JournalSettings(
                    home().resolve("data"),
                    new Partitions(config.journal().partitions()),
                    config.journal().retention(),
                    config.journal().dedupe(),
                    config.journal().maxSize().map(MemorySize::asLongValue).orElse(0L));
        } catch (IllegalArgumentException e) {
            throw wrong("caravan.journal", e);
        }
    }

    /** How fast and how patiently destinations are served. */
    Pace pace() {
        try {
            CaravanConfig.DeliveryConfig delivery = config.delivery();
            return Pace.DEFAULT
                    .withStuckAfter(delivery.stuckAfter())
                    .withShutdownTimeout(delivery.shutdownTimeout());
        } catch (IllegalArgumentException e) {
            throw wrong("caravan.delivery", e);
        }
    }

    /** The keys of all sources. */
    Keys keys() {
        Keys.Builder keys = Keys.builder();
        add(config.keys(), "caravan.keys", this::secret, keys);
        add(config.publicKeys(), "caravan.public-keys", this::open, keys);
        requireUsed();
        return keys.build();
    }

    private static void add(
            Map<String, Optional<String>> byKey,
            String setting,
            Function<String, Source> source,
            Keys.Builder keys) {
        bySource(byKey)
                .forEach(
                        (name, key) -> {
                            try {
                                keys.add(key.orElse(""), source.apply(name));
                            } catch (IllegalArgumentException e) {
                                throw wrong(setting + "." + name, e);
                            }
                        });
    }

    /** Without a cause: the message says all, and is what an operator is shown. */
    private static ConfigurationException wrong(String setting, IllegalArgumentException e) {
        return new ConfigurationException(setting + ": " + e.getMessage());
    }

    /**
     * The login on the management port.
     *
     * @param host where the port listens
     * @throws ConfigurationException if others than this machine could reach it without a login
     */
    Optional<Guard.Login> login(String host) {
        Optional<String> password = config.login().password();
        if (password.isEmpty() && !loopback(host)) {
            throw new ConfigurationException(
                    ("quarkus.management.host is '%s', which others can reach: set"
                                    + " caravan.login.password (CARAVAN_LOGIN_PASSWORD), or leave it at"
                                    + " 127.0.0.1")
                            .formatted(host));
        }
        return password.map(text -> new Guard.Login(config.login().user(), text));
    }

    private static boolean loopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    /** The options of Customer.io; without a key, those of the sandbox. */
    CustomerIoConfiguration customerIo() {
        CaravanConfig.CustomerIoConfig settings = config.customerio();
        var options = new CustomerIoConfiguration();
        Optional<String> key = settings.apiKey().filter(text -> !text.isBlank());
        key.ifPresent(options::setApiKey);
        options.setSandbox(key.isEmpty());
        options.setRegion(settings.region());
        settings.url().ifPresent(options::setUrl);
        options.setRate(settings.rate());
        try {
            options.check();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("caravan." + e.getMessage());
        }
        return options;
    }

    /** Sources that routes name: secret, unless their key is public. */
    Sources sources() {
        Set<String> open = bySource(config.publicKeys()).keySet();
        return name -> open.contains(name) ? open(name) : secret(name);
    }

    private Source secret(String name) {
        return new Source(name, true);
    }

    private Source open(String name) {
        CaravanConfig.SourceRules rules = bySource(config.sources()).get(name);
        boolean mayErase = rules != null && rules.erase() == CaravanConfig.Erase.ALLOW;
        return new Source(name, mayErase, true);
    }

    private void requireUsed() {
        Set<String> known = new HashSet<>(bySource(config.keys()).keySet());
        known.addAll(bySource(config.publicKeys()).keySet());
        for (String name : bySource(config.sources()).keySet()) {
            if (!known.contains(name)) {
                throw new ConfigurationException(
                        "caravan.sources.%s has rules, but caravan.public-keys has no key for it"
                                .formatted(name));
            }
        }
    }

    /**
     * The same by the sources' names as they are meant: the {@code _} of an environment variable
     * comes to us as a dot too, which no source's name has.
     */
    private static <T> Map<String, T> bySource(Map<String, T> byKey) {
        Map<String, T> bySource = new TreeMap<>();
        byKey.forEach((key, value) -> bySource.putIfAbsent(key.replace('.', '-'), value));
        byKey.forEach((key, value) -> bySource.replace(key, value));
        return bySource;
    }
}
