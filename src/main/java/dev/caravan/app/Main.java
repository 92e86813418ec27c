package dev.caravan.app;

import dev.caravan.cli.Cli;
import dev.caravan.event.SemanticNames;
import io.quarkus.runtime.Quarkus;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Starts the server, or carries out a command without it. Named in {@code
 * quarkus.package.main-class}: with {@code @QuarkusMain} Camel would start only when the ports are
 * open already, and in tests not at all.
 */
public final class Main {
    private static final Logger LIBRARIES = Logger.getLogger("");

    private Main() {}

    public static void main(String... args) {
        if (args.length == 0) {
            Quarkus.run(args);
            return;
        }
        LIBRARIES.setLevel(Level.OFF); // what a command has to say, it says itself
        var out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(
                new Cli(Main::semanticNames, OfflineSettings::of, System.in, out, err).run(args));
    }

    /** The user's settings that say which events are destructive; read without a server. */
    private static SemanticNames semanticNames() {
        SmallRyeConfig config =
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .addDefaultSources()
                        .withSources(new UserSettings())
                        .build();
        return new SemanticNames(
                config.getOptionalValue("caravan.semantic.synonyms", Boolean.class).orElse(false),
                Set.copyOf(
                        config.getOptionalValues("caravan.semantic.allow", String.class)
                                .orElse(List.of())));
    }
}
