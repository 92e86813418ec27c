package dev.caravan.app;

import dev.caravan.delivery.Run;
import dev.caravan.event.EventMap;
import dev.caravan.event.NotJsonException;
import dev.caravan.ingest.KafkaCommits;
import dev.caravan.ingest.RemoteFiles;
import dev.caravan.ingest.UnreadableException;
import dev.caravan.ingest.WebhookSignature;
import dev.caravan.journal.JournalUnavailableException;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/**
 * Classes that a route or kamelet may name or look into, which a native binary would not know
 * otherwise.
 */
@RegisterForReflection(
        targets = {
            ActiveMQConnectionFactory.class,
            EventMap.class,
            JournalUnavailableException.class,
            KafkaCommits.class,
            NotJsonException.class,
            RemoteFiles.class,
            Run.class,
            UnreadableException.class,
            WebhookSignature.class
        })
final class NamedInRoutes {
    private NamedInRoutes() {}
}
