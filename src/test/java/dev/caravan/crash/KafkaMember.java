package dev.caravan.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** One more member of a consumer group, who reads what it is given and commits nothing. */
final class KafkaMember implements AutoCloseable {
    private final CountDownLatch given = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean leaving;

    private KafkaMember(KafkaBroker broker, String topic, String group) {
        this.thread = new Thread(() -> read(broker, topic, group));
    }

    static KafkaMember join(KafkaBroker broker, String topic, String group) {
        var member = new KafkaMember(broker, topic, group);
        member.thread.start();
        return member;
    }

    private void read(KafkaBroker broker, String topic, String group) {
        try (var consumer =
                new KafkaConsumer<>(
                        Map.<String, Object>of(
                                "bootstrap.servers",
                                broker.address(),
                                "group.id",
                                group,
                                "enable.auto.commit",
                                false,
                                "auto.offset.reset",
                                "earliest",
                                "heartbeat.interval.ms",
                                200),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            consumer.subscribe(
                    List.of(topic),
                    new ConsumerRebalanceListener() {
                        @Override
                        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                            if (!partitions.isEmpty()) {
                                given.countDown();
                            }
                        }

                        @Override
                        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
                    });
            while (!leaving) {
                consumer.poll(Duration.ofMillis(50));
            }
        }
    }

    /** Waits until it was given partitions, and so the others have lost them. */
    void awaitPartitions() throws InterruptedException {
        assertThat(given.await(60, TimeUnit.SECONDS)).isTrue();
    }

    /** Leaves the group. */
    @Override
    public void close() throws InterruptedException {
        leaving = true;
        thread.join();
    }
}
