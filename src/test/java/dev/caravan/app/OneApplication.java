package dev.caravan.app;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The application as most tests want it: with keys of all kinds, and a folder of its own. */
public final class OneApplication implements QuarkusTestProfile {
    public static final String SECRET_KEY = "secret-key-of-the-shop";
    public static final String PUBLIC_KEY = "public-key-of-the-site";
    public static final String TRUSTED_KEY = "public-key-of-the-app";

    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>();
        settings.put("caravan.home", home().toString());
        settings.put("caravan.keys.shop", SECRET_KEY);
        settings.put("caravan.public-keys.site", PUBLIC_KEY);
        settings.put("caravan.public-keys.app", TRUSTED_KEY);
        settings.put("caravan.sources.app.erase", "allow");
        settings.put("quarkus.http.test-port", "0");
        settings.put("quarkus.management.test-port", "0");
        settings.put("quarkus.log.category.\"org.apache.activemq.audit\".level", "OFF");
        return settings;
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(Broker.class));
    }

    private static Path home() {
        try {
            Path home = Files.createTempDirectory("caravan-test");
            Path routes = Files.createDirectories(home.resolve("routes/destinations"));
            for (String name : List.of("picky.camel.yaml", "connectors.camel.yaml")) {
                try (InputStream file =
                        OneApplication.class.getResourceAsStream("/test-routes/" + name)) {
                    Files.copy(file, routes.resolve(name));
                }
            }
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
