package dev.caravan.ingest;

import java.util.Map;
import org.apache.camel.component.kafka.consumer.CommitManager;
import org.apache.camel.component.kafka.consumer.DefaultKafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.component.kafka.consumer.KafkaManualCommitFactory;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * For a Kafka endpoint whose steps commit by {@link KafkaBatch}: with a factory of its own, Camel
 * commits nothing by itself. It is named by its class and is no bean, or Camel would give it to all
 * Kafka endpoints.
 */
public final class KafkaCommits implements KafkaManualCommitFactory {
    @Override
    public KafkaManualCommit newInstance(
            CamelExchangePayload exchange, KafkaRecordPayload place, CommitManager manager) {
        return new Commit(exchange, place);
    }

    /** Where a record stands. */
    static final class Commit extends DefaultKafkaManualCommit {
        Commit(
                KafkaManualCommitFactory.CamelExchangePayload exchange,
                KafkaManualCommitFactory.KafkaRecordPayload place) {
            super(exchange, place);
        }

        @Override
        public void commit() {
            getCamelExchangePayload()
                    .consumer
                    .commitSync(
                            Map.of(getPartition(), new OffsetAndMetadata(getRecordOffset() + 1)));
        }
    }
}
