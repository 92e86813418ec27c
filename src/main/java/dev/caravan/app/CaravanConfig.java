package dev.caravan.app;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a user may set. Durations are ISO-8601 ({@code P7D}) or short ({@code 7d}, {@code
 * 15m}); sizes are bytes or end in {@code K}, {@code M}, {@code G}. Each name is an environment
 * variable too: {@code caravan.journal.max-size} is {@code CARAVAN_JOURNAL_MAX_SIZE}. A source's
 * name in an environment variable is written in lower case with {@code -} for {@code _}: {@code
 * CARAVAN_KEYS_MY_SHOP} is the key of the source {@code my-shop}.
 *
 * @see SettingNames
 */
@ConfigMapping(prefix = "caravan")
public interface CaravanConfig {
    /** The working folder: {@code routes/}, {@code kamelets/}, {@code mappings/}, {@code data/}. */
    @WithDefault(".")
    Path home();

    /** Where files are dropped. */
    @WithDefault("${caravan.home}/inbox")
    Path inbox();

    /** How long {@code done/} and {@code failed/} keep a file of the inbox. */
    @WithName("inbox.retention")
    @WithDefault("P7D")
    Duration inboxRetention();

    /** Write keys of secret sources, by the source's name. */
    Map<String, Optional<String>> keys();

    /** Write keys that stand in browsers and apps, by the source's name. */
    Map<String, Optional<String>> publicKeys();

    /** What single sources may do, by name. */
    Map<String, SourceRules> sources();

    JournalConfig journal();

    SemanticConfig semantic();

    CustomerIoConfig customerio();

    JmsConfig jms();

    DeliveryConfig delivery();

    LoginConfig login();

    /** What a source may do. */
    interface SourceRules {
        /** Whether destructive events of a public source are carried out without approval. */
        @WithDefault("approve")
        Erase erase();
    }

    /** How destructive events of a public source are treated. */
    enum Erase {
        /** At once. */
        ALLOW,
        /** A person approves each first. */
        APPROVE
    }

    /** The journal. */
    interface JournalConfig {
        /** Fixed when the journal is made. */
        @WithDefault("64")
        int partitions();

        /** How long delivered events stay for replay and looking up. */
        @WithDefault("P7D")
        Duration retention();

        /** How long message ids are remembered. */
        @WithDefault("P30D")
        Duration dedupe();

        /** What it may take on disk; unset: what the disk has. */
        Optional<MemorySize> maxSize();
    }

    /** The names of semantic events. */
    interface SemanticConfig {
        /** Whether the usual other names are taken for the canonical ones. */
        @WithDefault("false")
        boolean synonyms();

        /** Names that look like a destructive one but are ordinary events of the user. */
        Optional<List<String>> allow();
    }

    /** Customer.io's Pipelines API. */
    interface CustomerIoConfig {
        /** The Pipelines key; without it events go to the built-in sandbox. */
        Optional<String> apiKey();

        /** {@code us} or {@code eu}. */
        @WithDefault("us")
        String region();

        /** Base address in place of the region's. */
        Optional<String> url();

        /** Requests in 3 seconds, 0 for no limit. */
        @WithDefault("3000")
        int rate();
    }

    /** The JMS door. */
    interface JmsConfig {
        /** The broker's address; the door is closed without it. */
        Optional<String> url();

        /** The queue to read. */
        @WithDefault("caravan")
        String queue();

        Optional<String> username();

        Optional<String> password();
    }

    /** Delivery to all destinations. */
    interface DeliveryConfig {
        /** After how long an event that fails alone becomes a dead letter. */
        @WithDefault("PT15M")
        Duration stuckAfter();

        /**
         * How long attempts under way may take to end when Caravan stops. Those that take longer
         * are made again after the next start.
         */
        @WithDefault("PT10S")
        Duration shutdownTimeout();
    }

    /** The login on the management port; a must where it is not on loopback. */
    interface LoginConfig {
        @WithDefault("operator")
        String user();

        /** Unset: no login. */
        Optional<String> password();
    }
}
