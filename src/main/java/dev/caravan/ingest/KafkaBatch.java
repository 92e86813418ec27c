package dev.caravan.ingest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * What a Kafka consumer read in one go, and how far that is. The offsets are committed when the
 * records are stored, and those of these records alone: Camel's own ways commit all that was
 * fetched, also when a batch failed, and would leave records out.
 */
public final class KafkaBatch {
    private static final String PROPERTY = "CaravanKafkaBatch";

    private final Consumer<?, ?> consumer;
    private final Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();

    private KafkaBatch(Consumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    /**
     * First step: makes {@link Records} of the batch, each with the key topic, partition, offset,
     * and with its time. Records without a value, which mark a deletion in a compacted topic, are
     * left out.
     */
    public static Processor records() {
        return KafkaBatch::take;
    }

    /** Last step: commits the offsets of the batch. */
    public static Processor commit() {
        return exchange -> {
            KafkaBatch batch = exchange.getProperty(PROPERTY, KafkaBatch.class);
            if (batch != null) {
                batch.consumer.commitSync(batch.offsets);
            }
        };
    }

    private static Records.Mark mark(TopicPartition partition, long offset, Message message) {
        Long millis = message.getHeader(KafkaConstants.TIMESTAMP, Long.class);
        return new Records.Mark(
                "kafka\n%s\n%d\n%d".formatted(partition.topic(), partition.partition(), offset),
                "%s, partition %d, offset %d"
                        .formatted(partition.topic(), partition.partition(), offset),
                millis == null || millis < 0 ? null : Instant.ofEpochMilli(millis));
    }

    private static void take(Exchange exchange) {
        List<Object> values = new ArrayList<>();
        List<Records.Mark> marks = new ArrayList<>();
        KafkaBatch batch = null;
        for (Object part : exchange.getMessage().getBody(List.class)) {
            Message message = ((Exchange) part).getMessage();
            var commit = message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaCommits.Commit.class);
            if (commit == null) {
                throw new IllegalStateException(
                        "the Kafka endpoint needs 'kafkaManualCommitFactory: \"#class:dev.caravan.ingest.KafkaCommits\"'");
            }
            if (batch == null) {
                batch = new KafkaBatch(commit.getCamelExchangePayload().consumer);
            }
            TopicPartition partition = commit.getPartition();
            long offset = commit.getRecordOffset();
            batch.offsets.put(partition, new OffsetAndMetadata(offset + 1));
            if (message.getBody() != null) {
                values.add(message.getBody());
                marks.add(mark(partition, offset, message));
            }
        }
        exchange.getMessage().removeHeaders("*");
        exchange.setProperty(PROPERTY, batch);
        new Records(values, marks).giveTo(exchange);
    }
}
