package dev.caravan.crash;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;

/** A Kafka broker as a process of its own, alone in its cluster. */
public final class KafkaBroker implements AutoCloseable {
    private final Process process;
    private final String address;
    private final Path log;

    private KafkaBroker(Process process, String address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** Starts one that keeps its data in this folder, records of any age. */
    public static KafkaBroker start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        int port = CaravanProcess.freePort();
        int controller = CaravanProcess.freePort();
        Path settings = folder.resolve("kraft.properties");
        Files.writeString(
                settings,
                """
                process.roles=broker,controller
                node.id=1
                controller.quorum.voters=1@127.0.0.1:%2$d
                listeners=PLAINTEXT://127.0.0.1:%1$d,CONTROLLER://127.0.0.1:%2$d
                advertised.listeners=PLAINTEXT://127.0.0.1:%1$d
                controller.listener.names=CONTROLLER
                log.dirs=%3$s
                offsets.topic.replication.factor=1
                offsets.topic.num.partitions=1
                group.initial.rebalance.delay.ms=0
                log.retention.ms=-1
                """
                        .formatted(port, controller, folder.resolve("data")));
        int formatted =
                java(
                                folder,
                                "kafka.tools.StorageTool",
                                "format",
                                "-t",
                                "Zl6xqkqXQ2-5hD8oQb2b1A",
                                "-c",
                                settings.toString())
                        .waitFor();
        if (formatted != 0) {
            throw new IOException(Files.readString(log(folder)));
        }
        var broker =
                new KafkaBroker(
                        java(folder, "kafka.Kafka", settings.toString()),
                        "127.0.0.1:" + port,
                        log(folder));
        return broker;
    }

    private static Process java(Path folder, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx256m");
        command.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        command.add("-cp");
        command.add(classPath());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(folder).toFile()))
                .start();
    }

    private static Path log(Path folder) {
        return folder.resolve("kafka.log");
    }

    /**
     * The libraries of the tests, without the classes of the application, and without Quarkus,
     * which would hold the log back until an application starts.
     */
    private static String classPath() {
        String all =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(all.split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar"))
                .filter(entry -> !new File(entry).getName().contains("quarkus"))
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
    }

    public String address() {
        return address;
    }

    /** Makes a topic; waits until the broker takes calls. */
    public void createTopic(String name, int partitions) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    /** Takes all members out of a group; those that live join it again. */
    public void forgetMembers(String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            boolean empty =
                    admin.describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .get(group)
                            .get(60, TimeUnit.SECONDS)
                            .members()
                            .isEmpty();
            if (!empty) {
                admin.removeMembersFromConsumerGroup(
                                group, new RemoveMembersFromConsumerGroupOptions())
                        .all()
                        .get(60, TimeUnit.SECONDS);
            }
        }
    }

    /** Removes the records before an offset of a topic's only partition. */
    public void removeBefore(String topic, long offset) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            admin.deleteRecords(
                            Map.of(
                                    new TopicPartition(topic, 0),
                                    RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get(60, TimeUnit.SECONDS);
        }
    }

    /** What there is of a group and its partitions, and the end of the broker's log. */
    public String describe(String group) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
            var offsets =
                    admin.listConsumerGroupOffsets(group)
                            .partitionsToOffsetAndMetadata()
                            .get(60, TimeUnit.SECONDS);
            return "%s%nits offsets: %s%nfirst: %s%nend: %s%nthe broker's log:%n%s"
                    .formatted(
                            admin.describeConsumerGroups(List.of(group))
                                    .all()
                                    .get(60, TimeUnit.SECONDS),
                            offsets,
                            offsets(admin, offsets.keySet(), OffsetSpec.earliest()),
                            offsets(admin, offsets.keySet(), OffsetSpec.latest()),
                            CaravanProcess.tail(log));
        }
    }

    private static Map<?, ?> offsets(Admin admin, Set<TopicPartition> partitions, OffsetSpec which)
            throws Exception {
        return admin.listOffsets(
                        partitions.stream()
                                .collect(Collectors.toMap(partition -> partition, p -> which)))
                .all()
                .get(60, TimeUnit.SECONDS);
    }

    /**
     * Sends texts of this time, spread over the partitions; returns when all are there.
     *
     * <p>One request at a time: the leader of a new topic may refuse the first of several and take
     * the next, and then takes the first no more, as out of order.
     */
    public void send(String topic, Instant time, Stream<String> values) throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        Map.<String, Object>of(
                                "bootstrap.servers",
                                address,
                                "max.in.flight.requests.per.connection",
                                1),
                        new StringSerializer(),
                        new StringSerializer())) {
            List<Future<?>> sent = new ArrayList<>();
            values.forEach(
                    value ->
                            sent.add(
                                    producer.send(
                                            new ProducerRecord<>(
                                                    topic,
                                                    null,
                                                    time.toEpochMilli(),
                                                    value,
                                                    value))));
            producer.flush();
            for (Future<?> each : sent) {
                each.get();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
