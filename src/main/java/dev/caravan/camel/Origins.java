package dev.caravan.camel;

import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.Source;
import dev.caravan.ingest.Intake;
import dev.caravan.ingest.Records;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.component.file.GenericFile;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an exchange says about where its events come from: the time of those that carry none, and
 * ids for those that have none.
 *
 * <ul>
 *   <li>From a file: its modification time; ids from its name, modification time, size and the
 *       record's number, so that the same drop read again is the same events.
 *   <li>From a JMS message: {@code JMSTimestamp}; ids from {@code JMSMessageID}, so that a
 *       redelivery is the same events.
 *   <li>From a Kafka record: its timestamp; ids from topic, partition and offset.
 *   <li>From {@link Records} of a connector, or what it identified: the time that it knows, else
 *       when they were read; ids from their keys.
 *   <li>Else: when the exchange was created; ids that are new each time.
 * </ul>
 *
 * <p>What a route made of a file or message (a part of it, or another record) has ids from its own
 * content too, and from its place in the splits. Headers are believed only if the exchange began at
 * a consumer that sets them itself.
 */
final class Origins {
    private static final Set<String> JMS =
            Set.of("jms", "sjms", "sjms2", "activemq", "activemq6", "amqp");

    private static final Logger LOG = LoggerFactory.getLogger(Origins.class);

    private final Intake intake;
    private final AtomicBoolean warned = new AtomicBoolean();

    /** What may be read again, and what tells it from others. */
    private record Thing(String identity, Instant time) {}

    Origins(Intake intake) {
        this.intake = intake;
    }

    /** The origin of a file that is the exchange's body. */
    Origin ofFile(Source source, String name, long modifiedMillis, long size) {
        Instant modified = Instant.ofEpochMilli(modifiedMillis);
        return origin(source, fileIdentity(name, modifiedMillis, size), modified);
    }

    /**
     * The origin of anything else.
     *
     * @param content the body if it is at hand, null if it is a stream or the records themselves
     */
    Origin of(Source source, Exchange exchange, byte @Nullable [] content) {
        Optional<Records> records = Records.of(exchange);
        if (records.isPresent()) {
            return ofRecords(source, exchange, records.get(), content);
        }
        Thing thing = thing(exchange);
        if (thing == null) {
            Origin live = intake.live(source);
            return Origin.of(
                    source,
                    live.receivedAt(),
                    live.ids(),
                    Instant.ofEpochMilli(exchange.getClock().getCreated()));
        }
        String part = path(exchange) + ofContent(content);
        return origin(source, thing.identity() + part, thing.time());
    }

    private static String path(Exchange exchange) {
        String path = Records.path(exchange);
        Object index = exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX);
        return path.isEmpty() && index != null ? "#" + index : path;
    }

    private Origin ofRecords(
            Source source, Exchange exchange, Records records, byte @Nullable [] content) {
        Instant read = Instant.ofEpochMilli(exchange.getClock().getCreated());
        Object body = exchange.getMessage().getBody();
        if (records.are(body) && body instanceof List<?>) {
            Instant received = intake.live(source).receivedAt();
            return Origin.of(
                    source, received, MessageIds.keyed(source.name(), records.keys()), read);
        }
        if (records.size() > 1 && !records.are(body) && warned.compareAndSet(false, true)) {
            LOG.warn(
                    "What a step makes of several records has ids of all that were read together; split them first, or give it a messageId: source={}",
                    source.name());
        }
        String identity = "records\n" + String.join("\n", records.keys());
        return origin(
                source,
                records.are(body)
                        ? identity
                        : identity + Records.path(exchange) + ofContent(content),
                read);
    }

    private static String ofContent(byte @Nullable [] content) {
        return content == null ? "" : "#" + sha256(content);
    }

    private Origin origin(Source source, String identity, Instant time) {
        return Origin.of(
                source,
                intake.live(source).receivedAt(),
                MessageIds.derived(source.name(), identity),
                time);
    }

    private static @Nullable Thing thing(Exchange exchange) {
        Optional<Records.Mark> identity = Records.identity(exchange);
        if (identity.isPresent()) {
            Instant time = identity.get().time();
            return new Thing(
                    identity.get().key(),
                    time == null ? Instant.ofEpochMilli(exchange.getClock().getCreated()) : time);
        }
        if (exchange.getProperty(ExchangePropertyKey.FILE_EXCHANGE_FILE)
                instanceof GenericFile<?> file) {
            return new Thing(
                    fileIdentity(file.getFileName(), file.getLastModified(), file.getFileLength()),
                    Instant.ofEpochMilli(file.getLastModified()));
        }
        String scheme = Schemes.of(exchange.getFromEndpoint());
        if (JMS.contains(scheme)) {
            return jms(exchange);
        }
        return scheme.equals("kafka") ? kafka(exchange) : null;
    }

    private static @Nullable Thing jms(Exchange exchange) {
        String id = exchange.getMessage().getHeader("JMSMessageID", String.class);
        Long millis = exchange.getMessage().getHeader("JMSTimestamp", Long.class);
        if (id == null || id.isEmpty()) {
            return null;
        }
        return new Thing(
                "jms\n" + id,
                Instant.ofEpochMilli(
                        millis == null || millis <= 0 ? exchange.getClock().getCreated() : millis));
    }

    private static @Nullable Thing kafka(Exchange exchange) {
        Object topic = exchange.getMessage().getHeader("kafka.TOPIC");
        Object partition = exchange.getMessage().getHeader("kafka.PARTITION");
        Object offset = exchange.getMessage().getHeader("kafka.OFFSET");
        Long millis = exchange.getMessage().getHeader("kafka.TIMESTAMP", Long.class);
        if (topic == null || partition == null || offset == null) {
            return null;
        }
        return new Thing(
                "kafka\n%s\n%s\n%s".formatted(topic, partition, offset),
                Instant.ofEpochMilli(
                        millis == null || millis < 0 ? exchange.getClock().getCreated() : millis));
    }

    private static String fileIdentity(String name, long modifiedMillis, long size) {
        return "file\n%s\n%d\n%d".formatted(name, modifiedMillis, size);
    }

    private static String sha256(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
