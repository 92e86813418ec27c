package dev.caravan.app;

import dev.caravan.event.EventReader;
import dev.caravan.ingest.CustomerIoReports;
import dev.caravan.ingest.HttpEngine;
import dev.caravan.ingest.HttpRoom;
import dev.caravan.ingest.HttpSettings;
import dev.caravan.ingest.HttpStore;
import dev.caravan.ingest.InboxFiles;
import dev.caravan.ingest.InboxWatch;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.JmsMessage;
import dev.caravan.ingest.KafkaBatch;
import dev.caravan.ingest.Keys;
import dev.caravan.ingest.MappingFiles;
import dev.caravan.ingest.Sources;
import dev.caravan.journal.Journal;
import dev.caravan.journal.SqliteJournal;
import io.quarkus.arc.Unremovable;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.ConnectionFactory;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.camel.Processor;
import org.eclipse.microprofile.config.Config;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the parts and hands each what it needs; the routes find them by name. */
@Singleton
final class Wiring {
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    /** Part of the heap that large request bodies may take together. */
    private static final int HTTP_SHARE_OF_HEAP = 8;

    @Produces
    @Singleton
    Settings settings(CaravanConfig caravan, Config config) {
        SettingCheck.check(config, System.getenv());
        return new Settings(caravan);
    }

    @Produces
    @Singleton
    InstantSource clock() {
        return InstantSource.system();
    }

    /** Chance for any thread. */
    @Produces
    @Singleton
    RandomGenerator random() {
        return () -> ThreadLocalRandom.current().nextLong();
    }

    @Produces
    @Singleton
    Journal journal(Settings settings, InstantSource clock) {
        return SqliteJournal.open(settings.journal(), clock);
    }

    /** The journal closes last: beans are destroyed when all routes have stopped. */
    void close(@Disposes Journal journal) {
        journal.close();
    }

    @Produces
    @Singleton
    EventReader eventReader(Settings settings) {
        return new EventReader(settings.semanticNames());
    }

    @Produces
    @Singleton
    @Unremovable
    Intake intake(
            Journal journal,
            EventReader reader,
            Settings settings,
            InstantSource clock,
            RandomGenerator random) {
        var mappings = new MappingFiles(settings.home().resolve("mappings"));
        return new Intake(journal, reader, mappings, clock, random);
    }

    @Produces
    @Singleton
    @Unremovable
    Sources sources(Settings settings) {
        return settings.sources();
    }

    @Produces
    @Singleton
    Keys keys(Settings settings) {
        return settings.keys();
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("caravan-http")
    HttpEngine httpEngine(Router router) {
        return new HttpEngine(
                router, new HttpRoom(Runtime.getRuntime().maxMemory() / HTTP_SHARE_OF_HEAP));
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("http-store")
    HttpStore httpStore(Keys keys, Intake intake) {
        if (keys.isEmpty()) {
            LOG.warn(
                    "No write keys are set: only callers on this machine are taken, with any key,"
                            + " as the source 'local'; set caravan.keys.<source>"
                            + " (CARAVAN_KEYS_<SOURCE>) to let others in");
        }
        return new HttpStore(keys, intake);
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("http-settings")
    HttpSettings httpSettings() {
        return new HttpSettings();
    }

    /** Each endpoint that names it gets its own, for it remembers what it saw. */
    @Produces
    @Dependent
    @Unremovable
    @Named("inbox-files")
    InboxFiles inboxFiles(InstantSource clock) {
        return new InboxFiles(clock);
    }

    @Produces
    @Dependent
    @Unremovable
    @Named("inbox-watch")
    InboxWatch inboxWatch() {
        return new InboxWatch();
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("customerio-reports")
    Processor customerIoReports() {
        return new CustomerIoReports();
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("jms-message")
    Processor jmsMessage() {
        return new JmsMessage();
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("kafka-records")
    Processor kafkaRecords() {
        return KafkaBatch.records();
    }

    @Produces
    @Singleton
    @Unremovable
    @Named("kafka-commit")
    Processor kafkaCommit() {
        return KafkaBatch.commit();
    }

    /**
     * Connects to an Artemis broker when the JMS door opens; not before. Without an address it is
     * there all the same, since Camel looks at it for each JMS endpoint of a user, too.
     */
    @Produces
    @Singleton
    @Unremovable
    @Named("caravan-jms")
    ConnectionFactory jms(CaravanConfig config) {
        CaravanConfig.JmsConfig jms = config.jms();
        if (jms.url().isEmpty()) {
            return new NoBroker();
        }
        var factory = new ActiveMQConnectionFactory(jms.url().get());
        jms.username().ifPresent(factory::setUser);
        jms.password().ifPresent(factory::setPassword);
        return factory;
    }
}
