package dev.caravan.camel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.journal.DeadLetter;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.camel.Processor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kamelets that read PostgreSQL, against PostgreSQL. */
class SqlSourceTest {
    private static final String SECRET = "p+a%20s&s=w?o'rd)";
    private static final String MAPPING =
            """
            type: track
            event: Order
            userId: {template: "u-{id}"}
            properties: {id: $.id, body: $.body}
            """;
    private static final String STORE =
            """
                    - to:
                        uri: caravan:events
                        parameters: {source: shop}
            """;
    private static final String STORE_MAPPED =
            """
                    - to:
                        uri: caravan:events
                        parameters: {source: shop, mapping: order}
            """;

    private static EmbeddedPostgres postgres;

    @TempDir Path home;
    private Fixture caravan;
    private Connection database;

    @BeforeAll
    static void startDatabase() throws IOException, SQLException {
        postgres = EmbeddedPostgres.start();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE ROLE reader LOGIN SUPERUSER PASSWORD '%s'"
                            .formatted(SECRET.replace("'", "''")));
        }
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void begin() throws SQLException {
        caravan = open();
        database = postgres.getPostgresDatabase().getConnection();
        sql("DROP TABLE IF EXISTS orders, outbox");
    }

    @AfterEach
    void end() throws SQLException {
        caravan.close();
        database.close();
    }

    private Fixture open() {
        Fixture opened = new Fixture(home);
        opened.camel.getPropertiesComponent().addInitialProperty("db.password", SECRET);
        return opened;
    }

    // --- by a column that grows

    @Test
    void takesNewRowsInTheirOrderAndEachOnce() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 25);
        table("column: id", "limit: 10");
        awaitStored(25);
        // When
        rows(26, 30);
        // Then
        awaitStored(30);
        rounds();
        assertThat(numbers()).hasSize(30).isSorted();
    }

    @Test
    void findsARowThatWasCommittedLateAmongManyOthers() throws Exception {
        // Given
        orders("id bigint primary key");
        table("column: id", "limit: 10", "overlap: \"100\"");
        try (Connection slow = postgres.getPostgresDatabase().getConnection();
                Statement statement = slow.createStatement()) {
            slow.setAutoCommit(false);
            statement.execute("INSERT INTO orders(id, body) VALUES (1, 'late')");
            rows(2, 60);
            awaitStored(59);
            // When
            slow.commit();
        }
        // Then
        awaitStored(60);
        rounds();
        assertThat(caravan.stored()).hasSize(60);
    }

    @Test
    void losesNoRowOfOneInstantBetweenTwoPages() throws Exception {
        // Given
        orders("id bigint primary key, changed timestamptz not null");
        sql(
                "INSERT INTO orders(id, body, changed) SELECT n, 'x',"
                        + " '2026-10-25T01:30:00.123456Z' FROM generate_series(1, 35) n");
        // When
        table("column: changed", "limit: 10", "overlap: PT0S");
        // Then
        awaitStored(35);
        rounds();
        assertThat(numbers()).hasSize(35).doesNotHaveDuplicates();
    }

    @Test
    void takesAChangedRowAsANewRecord() throws Exception {
        // Given
        orders("id bigint primary key, changed timestamp not null default now()");
        rows(1, 3);
        table("column: changed");
        awaitStored(3);
        // When
        sql(
                "UPDATE orders SET body = 'changed', changed = now() + interval '1 second' WHERE id = 2");
        // Then
        awaitStored(4);
        rounds();
        assertThat(numbers()).containsExactly(1L, 2L, 3L, 2L);
    }

    @Test
    void goesOnAfterARestartWhereItStood() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 5);
        table("column: id", "overlap: \"0\"");
        awaitStored(5);
        awaitProgress("i5");
        caravan.close();
        rows(6, 8);
        sql("DELETE FROM orders WHERE id = 3");
        // When
        caravan = open();
        table("column: id", "overlap: \"0\"");
        // Then
        awaitStored(8);
        awaitProgress("i8");
        assertThat(numbers()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
    }

    @Test
    void doesNotMoveOnWhileTheRouteFails() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 3);
        Processor broken =
                exchange -> {
                    throw new IllegalStateException("broken");
                };
        caravan.camel.getRegistry().bind("broken", broken);
        caravan.routes(
                home, tableRoute("        - process: {ref: broken}\n" + STORE, "column: id"));
        // When
        caravan.start();
        rounds();
        // Then
        assertThat(caravan.journal.progress("orders")).isEmpty();
        assertThat(caravan.stored()).isEmpty();
    }

    @Test
    void keepsTheTypesOfValues() throws Exception {
        // Given
        orders(
                "id bigint primary key, price numeric(20,2), at timestamptz, local timestamp, day date,"
                        + " yes boolean, doc jsonb, ref uuid, tags text[]");
        sql(
                "INSERT INTO orders VALUES (9007199254740993, 'x', 12345678901234567.10,"
                        + " '2026-03-29T01:30:00.5+01', '2026-03-29 02:30:00', '2026-01-02', true,"
                        + " '{\"a\": 1}', '7b0f4a4e-51b1-4b58-8d0b-3d9a2d0e1c11', '{a,b}')");
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/order.yaml"),
                """
                type: track
                event: Order
                userId: {path: $.ref}
                timestamp: $.at
                properties:
                  id: $.id
                  price: $.price
                  local: $.local
                  day: $.day
                  yes: $.yes
                  doc: $.doc.a
                  tags: $.tags
                """);
        // When
        caravan.routes(home, tableRoute(STORE_MAPPED, "column: id")).start();
        awaitStored(1);
        // Then
        assertThat(new String(caravan.stored().get(0).event().json(), UTF_8))
                .contains("\"userId\":\"7b0f4a4e-51b1-4b58-8d0b-3d9a2d0e1c11\"")
                .contains("\"timestamp\":\"2026-03-29T00:30:00.500Z\"")
                .contains("\"id\":9007199254740993")
                .contains("\"price\":12345678901234567.10")
                .contains("\"local\":\"2026-03-29T02:30\"")
                .contains("\"day\":\"2026-01-02\"")
                .contains("\"yes\":true")
                .contains("\"doc\":1")
                .contains("\"tags\":[\"a\",\"b\"]");
    }

    @Test
    void saysWhichRowAMappingRejected() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 2);
        sql("INSERT INTO orders(id, body) VALUES (3, NULL)");
        rows(4, 4);
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/order.yaml"),
                MAPPING.replace("body: $.body", "body: {path: $.body, required: true}"));
        // When
        caravan.routes(home, tableRoute(STORE_MAPPED, "column: id")).start();
        awaitStored(3);
        rounds();
        // Then
        assertThat(numbers()).containsExactly(1L, 2L, 4L);
        assertThat(caravan.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).contains("order.yaml", "body"))
                .satisfies(letter -> assertThat(letter.place()).contains("orders", "3"));
    }

    @Test
    void bringsNoDeadLetterBackThatSomebodyDiscarded() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 1);
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/order.yaml"),
                MAPPING.replace("body: $.body", "body: {path: $.body, type: number}"));
        caravan.routes(home, tableRoute(STORE_MAPPED, "column: id")).start();
        await().until(() -> caravan.deadLetters().size() == 1);
        // When
        caravan.journal
                .deadLetters()
                .discard(List.of(caravan.deadLetters().get(0).id()), "ann")
                .join();
        rounds();
        // Then
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void keepsTheKeysOfRowsThatARouteSplits() throws Exception {
        // Given
        orders("id bigint primary key");
        rows(1, 3);
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/order.yaml"), MAPPING);
        String split =
                """
                        - split:
                            simple: "${body}"
                            stopOnException: true
                            steps:
                              - to:
                                  uri: caravan:events
                                  parameters: {source: shop, mapping: order}
                """;
        // When
        caravan.routes(home, tableRoute(split, "column: id")).start();
        awaitStored(3);
        rounds();
        // Then
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
    }

    // --- outbox

    @Test
    void removesTheRowsOfAnOutboxWhenTheyAreStored() throws Exception {
        // Given
        outboxTable();
        fill(1, 25);
        // When
        outbox("payload: payload", "limit: 10");
        // Then
        awaitStored(25);
        await().until(() -> count("outbox") == 0);
        assertThat(numbers()).hasSize(25).isSorted();
    }

    @Test
    void storesARowOnceThatComesBackBecauseItWasNotRemoved() throws Exception {
        // Given
        outboxTable();
        fill(1, 5);
        outbox("payload: payload");
        await().until(() -> count("outbox") == 0);
        // When
        fill(4, 6);
        await().until(() -> count("outbox") == 0);
        // Then
        assertThat(numbers()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void losesNoRowWhoseKeyWasUsedBefore() throws Exception {
        // Given
        outboxTable();
        fill(1, 2);
        outbox("payload: payload");
        await().until(() -> count("outbox") == 0);
        // When
        sql(
                "INSERT INTO outbox(id, payload) VALUES (2, '{\"type\":\"track\",\"event\":\"Other\","
                        + "\"userId\":\"u\"}')");
        await().until(() -> count("outbox") == 0);
        // Then
        assertThat(caravan.deadLetters())
                .singleElement()
                .satisfies(letter -> assertThat(letter.reason()).contains("messageId"));
    }

    @Test
    void readsTextsInTheirFormat() throws Exception {
        // Given
        sql("CREATE TABLE outbox(id bigint primary key, payload text)");
        sql("INSERT INTO outbox VALUES (1, '<orders><o><id>1</id></o><o><id>2</id></o></orders>')");
        sql("INSERT INTO outbox VALUES (2, '<orders><o><id>9</id></o>')");
        sql("INSERT INTO outbox VALUES (3, '<orders><o/><o><id>3</id></o></orders>')");
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(
                home.resolve("mappings/order.yaml"),
                MAPPING.replace("id: $.id", "id: {path: $.id, type: number}"));
        String steps =
                STORE_MAPPED.replace(
                        "mapping: order", "format: xml, record: /orders/o, mapping: order");
        // When
        caravan.routes(
                        home,
                        route(
                                "sql-outbox-source",
                                steps,
                                List.of(
                                        "name: shop",
                                        "table: outbox",
                                        "key: id",
                                        "payload: payload")))
                .start();
        await().until(() -> count("outbox") == 0);
        // Then
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
        assertThat(caravan.deadLetters())
                .extracting(DeadLetter::place)
                .containsExactlyInAnyOrder("shop, id 2", "shop, id 3, record 1, line 1");
        // When: they come again
        sql("INSERT INTO outbox VALUES (1, '<orders><o><id>1</id></o><o><id>2</id></o></orders>')");
        await().until(() -> count("outbox") == 0);
        // Then
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void findsRowsByAKeyOfAnEnum() throws Exception {
        // Given
        sql("DROP TYPE IF EXISTS kind CASCADE");
        sql("CREATE TYPE kind AS ENUM ('new', 'changed')");
        sql("CREATE TABLE outbox(kind kind, id bigint, payload jsonb, primary key(kind, id))");
        sql(
                "INSERT INTO outbox SELECT k, n, jsonb_build_object('type', 'track', 'event', 'Order',"
                        + " 'userId', 'u') FROM generate_series(1, 25) n,"
                        + " unnest(enum_range(null::kind)) k");
        orders("kind kind, id bigint, at timestamptz default '2026-01-01T00:00:00Z', body text");
        sql(
                "INSERT INTO orders(kind, id) SELECT k, n FROM generate_series(1, 25) n,"
                        + " unnest(enum_range(null::kind)) k");
        String key = "key: \"kind,id\"";
        String outbox =
                route(
                        "sql-outbox-source",
                        STORE,
                        List.of(
                                "name: shop",
                                "table: outbox",
                                "payload: payload",
                                key,
                                "limit: 10"));
        String table =
                route(
                        "sql-table-source",
                        STORE_MAPPED,
                        List.of("name: orders", "table: orders", "column: at", key, "limit: 10"));
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/order.yaml"), MAPPING);
        // When
        caravan.routes(home, outbox + table).start();
        // Then
        awaitStored(100);
        await().until(() -> count("outbox") == 0);
        rounds();
        assertThat(caravan.stored()).hasSize(100);
        assertThat(caravan.deadLetters()).isEmpty();
    }

    @Test
    void marksTheRowsOfAnOutboxIfToldSo() throws Exception {
        // Given
        outboxTable();
        fill(1, 3);
        // When
        outbox("payload: payload", "mark: sent_at");
        await().until(() -> count("outbox WHERE sent_at IS NOT NULL") == 3);
        // Then
        assertThat(count("outbox")).isEqualTo(3);
        assertThat(numbers()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void makesADeadLetterOfARowThatIsNoEventAndGoesOn() throws Exception {
        // Given
        outboxTable();
        fill(1, 1);
        sql("INSERT INTO outbox(id, payload) VALUES (2, '{\"type\":\"track\"}')");
        fill(3, 3);
        // When
        outbox("payload: payload");
        await().until(() -> count("outbox") == 0);
        // Then
        assertThat(numbers()).containsExactly(1L, 3L);
        assertThat(caravan.deadLetters()).hasSize(1);
    }

    // --- helpers

    private void orders(String columns) throws SQLException {
        String first = columns.replaceFirst(" primary key", " primary key, body text");
        sql("CREATE TABLE orders(" + first + ")");
    }

    private void rows(int from, int to) throws SQLException {
        sql(
                "INSERT INTO orders(id, body) SELECT n, 'row ' || n FROM generate_series(%d, %d) n"
                        .formatted(from, to));
    }

    private void outboxTable() throws SQLException {
        sql("CREATE TABLE outbox(id bigint primary key, payload jsonb, sent_at timestamptz)");
    }

    private void fill(int from, int to) throws SQLException {
        sql(
                "INSERT INTO outbox(id, payload) SELECT n, jsonb_build_object('type', 'track', 'event',"
                        + " 'Order', 'userId', 'u', 'properties', jsonb_build_object('id', n)) FROM"
                        + " generate_series(%d, %d) n".formatted(from, to));
    }

    /** Reads the table, and makes events of its rows by a mapping. */
    private void table(String... parameters) throws Exception {
        Files.createDirectories(home.resolve("mappings"));
        Files.writeString(home.resolve("mappings/order.yaml"), MAPPING);
        caravan.routes(home, tableRoute(STORE_MAPPED, parameters)).start();
    }

    private static String tableRoute(String steps, String... parameters) {
        List<String> all = new ArrayList<>(List.of("name: orders", "table: orders", "key: id"));
        all.addAll(List.of(parameters));
        return route("sql-table-source", steps, all);
    }

    /** Reads the outbox, whose rows are events. */
    private void outbox(String... parameters) throws Exception {
        List<String> all = new ArrayList<>(List.of("name: shop", "table: outbox", "key: id"));
        all.addAll(List.of(parameters));
        caravan.routes(home, route("sql-outbox-source", STORE, all)).start();
    }

    private static String route(String kamelet, String steps, List<String> parameters) {
        String url = "jdbc:postgresql://localhost:%d/postgres?sslmode=disable&gssEncMode=disable";
        return """
               - route:
                   from:
                     uri: kamelet:%s
                     parameters:
                       url: "%s"
                       username: reader
                       password: "RAW({{db.password}})"
                       delay: 100
               %s      steps:
               %s"""
                .formatted(
                        kamelet,
                        url.formatted(postgres.getPort()),
                        parameters.stream()
                                .map(line -> "        " + line + "\n")
                                .collect(Collectors.joining()),
                        steps);
    }

    private void awaitStored(int count) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(caravan.stored()).hasSize(count));
    }

    private void awaitProgress(String progress) {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () ->
                                assertThat(caravan.journal.progress("orders"))
                                        .hasValueSatisfying(
                                                now -> assertThat(now).startsWith(progress)));
    }

    /** Lets some rounds go by. */
    private static void rounds() throws InterruptedException {
        Thread.sleep(500);
    }

    private List<Long> numbers() {
        return caravan.stored().stream()
                .map(entry -> new String(entry.event().json(), UTF_8))
                .map(json -> json.replaceAll("(?s).*\"id\": ?(\\d+).*", "$1"))
                .map(Long::valueOf)
                .toList();
    }

    private int count(String from) throws SQLException {
        try (Statement statement = database.createStatement();
                var row = statement.executeQuery("SELECT count(*) FROM " + from)) {
            row.next();
            return row.getInt(1);
        }
    }

    private void sql(String sql) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute(sql);
        }
    }
}
