package dev.caravan.poll;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What feeds read of PostgreSQL, round by round. */
class DatabaseFeedsTest {
    private static EmbeddedPostgres postgres;

    private Instant now = Instant.parse("2026-08-01T12:00:30.5Z");
    private @Nullable String progress;

    @BeforeAll
    static void startDatabase() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        postgres.close();
    }

    @BeforeEach
    void begin() throws SQLException {
        sql("DROP TABLE IF EXISTS t CASCADE");
    }

    // --- what rows hold

    @Test
    void readsARowWithValuesThatTheDriverCannotGive() throws Exception {
        // Given
        sql(
                "CREATE TABLE t(id int, until timestamptz, from_ timestamptz, l timestamp, d date, o timetz)");
        sql(
                "INSERT INTO t VALUES (1, 'infinity', '-infinity', 'infinity', '-infinity', '10:00:00+02')");
        // When
        Map<?, ?> row = (Map<?, ?>) records(round(table("id", null))).get(0);
        // Then
        assertThat(row.values())
                .map(String::valueOf)
                .containsExactly(
                        "1", "infinity", "-infinity", "infinity", "-infinity", "10:00:00+02");
    }

    @Test
    void readsRowsWhoseKeyIsEmpty() throws Exception {
        // Given
        sql("CREATE TABLE t(at int, id int, n int)");
        sql("INSERT INTO t SELECT 7, n, n FROM generate_series(1, 4) n");
        sql("INSERT INTO t VALUES (7, NULL, 5), (8, NULL, 6), (9, 1, 7)");
        // When
        List<Object> rows = records(round(table("at", null)));
        // Then
        assertThat(rows)
                .map(row -> String.valueOf(((Map<?, ?>) row).get("n")))
                .containsExactly("1", "2", "3", "4", "5", "6", "7");
    }

    @Test
    void takesNoTextForAColumnThatGrows() throws Exception {
        // Given
        sql("CREATE TABLE t(id text)");
        sql("INSERT INTO t VALUES ('01J0')");
        // When, Then
        assertThatThrownBy(() -> round(table("id", null)))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("number, a time or a day");
    }

    @Test
    void saysBeforeTheFirstRowIsStoredThatAnOverlapDoesNotFit() throws Exception {
        // Given
        sql("CREATE TABLE t(id int)");
        sql("INSERT INTO t VALUES (1)");
        // When, Then
        assertThatThrownBy(() -> round(table("id", "PT5M")))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("whole number");
    }

    // --- progress

    @Test
    void losesNoRowOfTheHourThatIsThereTwice() throws Exception {
        // Given
        times("timestamp", "2026-10-25 02:59:59.5");
        round(table("at", null));
        // When: an hour later it is 02:00 again
        times("timestamp", "2026-10-25 02:00:00.5");
        // Then
        assertThat(records(round(table("at", null)))).hasSize(2);
    }

    @Test
    void doesNotEndAtARowFromTheFuture() throws Exception {
        // Given
        times("timestamptz", "2026-08-01T11:00:00Z", "2099-01-01T00:00:00Z", "infinity");
        assertThat(records(round(table("at", null)))).hasSize(3);
        // When
        times("timestamptz", "2026-08-01T11:30:00Z");
        // Then: those, and the one of the overlap
        assertThat(records(round(table("at", null)))).hasSize(4);
        assertThat(progress).startsWith("z2026-08-01T11:30Z\n");
    }

    @Test
    void readsOnBehindARowOfMinusInfinity() throws Exception {
        // Given
        times("timestamp", "-infinity");
        round(table("at", null));
        // When
        times("timestamp", "2026-08-01 11:30:00");
        // Then
        assertThat(records(round(table("at", null)))).hasSize(1);
    }

    @Test
    void readsWhatIsSettledNoMore() throws Exception {
        // Given
        times("timestamptz", "2026-08-01T12:00:29.123Z", "2026-08-01T12:00:29.123Z");
        round(table("at", null));
        assertThat(records(round(table("at", null)))).hasSize(2);
        // When
        now = now.plus(Duration.ofMinutes(6));
        assertThat(records(round(table("at", null)))).hasSize(2);
        // Then
        assertThat(records(round(table("at", null)))).isEmpty();
        times("timestamptz", "2026-08-01T12:06:00.2Z");
        assertThat(records(round(table("at", null)))).hasSize(1);
    }

    @Test
    void findsALateRowAsLongAsNothingIsSettled() throws Exception {
        // Given
        times("timestamptz", "2026-08-01T12:00:29.123Z");
        round(table("at", null));
        // When: its transaction was open for five minutes
        now = now.plus(Duration.ofMinutes(5).minusMillis(1));
        round(table("at", null));
        times("timestamptz", "2026-08-01T12:00:10Z");
        now = now.plusMillis(1);
        // Then
        assertThat(records(round(table("at", null)))).hasSize(2);
    }

    @Test
    void findsRowsOfADayThatIsNotOver() throws Exception {
        // Given
        times("date", "2026-08-01", "2026-08-01");
        round(table("at", null));
        now = now.plus(Duration.ofHours(10));
        round(table("at", null));
        // When
        times("date", "2026-08-01");
        // Then
        assertThat(records(round(table("at", null)))).hasSize(3);
    }

    // --- outbox

    @Test
    void saysThatRowsWereNotRemoved() throws Exception {
        // Given
        sql("CREATE TABLE t(id int)");
        sql("INSERT INTO t SELECT n FROM generate_series(1, 3) n");
        sql("CREATE RULE keep AS ON DELETE TO t WHERE old.id > 1 DO INSTEAD NOTHING");
        OutboxFeed feed =
                new OutboxFeed(
                        database(), new OutboxFeed.Plan("shop", "t", List.of("id"), null, null, 3));
        feed.begin(null);
        Page page = feed.next();
        // When, Then
        assertThatThrownBy(() -> feed.stored(page))
                .isInstanceOf(FeedException.class)
                .hasMessageContaining("2 of 3 rows were not removed");
        feed.close();
    }

    // --- words

    @Test
    void quotesNoValueThatADatabaseQuotes() throws Exception {
        // Given
        sql("CREATE TABLE t(mail text)");
        sql("INSERT INTO t VALUES ('ann@example.com')");
        // When
        SQLException cast =
                catchThrowableOfType(SQLException.class, () -> sql("SELECT mail::int FROM t"));
        SQLException missing =
                catchThrowableOfType(SQLException.class, () -> sql("SELECT id FROM t"));
        // Then
        assertThat(SqlWords.of(cast)).isEqualTo("PSQLException 22P02");
        assertThat(SqlWords.of(missing)).startsWith("PSQLException 42703: ").contains("\"id\"");
    }

    @Test
    void quotesNoKeyOfABatchThatWasRefused() throws Exception {
        // Given
        sql("CREATE TABLE t(mail text)");
        sql("INSERT INTO t VALUES ('ann@example.com')");
        sql("DROP ROLE IF EXISTS timid");
        sql("CREATE ROLE timid");
        sql("GRANT SELECT ON t TO timid");
        SQLException refused;
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET ROLE timid");
            var delete = connection.prepareStatement("DELETE FROM t WHERE mail = ?");
            delete.setString(1, "ann@example.com");
            delete.addBatch();
            // When
            refused = catchThrowableOfType(SQLException.class, delete::executeBatch);
        }
        // Then
        assertThat(refused.getMessage()).contains("ann@example.com");
        assertThat(SqlWords.of(refused))
                .startsWith("PSQLException 42501: ")
                .contains("permission denied")
                .doesNotContain("ann");
        sql("DROP TABLE t");
    }

    // --- helpers

    private void times(String type, String... times) throws SQLException {
        sql("CREATE TABLE IF NOT EXISTS t(id serial, at %s)".formatted(type));
        for (String time : times) {
            sql("INSERT INTO t(at) VALUES ('%s')".formatted(time));
        }
    }

    private TableFeed table(String column, @Nullable String overlap) {
        return new TableFeed(
                database(),
                new TableFeed.Plan("t", "t", column, List.of("id"), new Overlap(overlap), 2),
                () -> now);
    }

    private List<Page> round(Feed feed) throws Exception {
        List<Page> pages = new ArrayList<>();
        feed.begin(progress);
        do {
            pages.add(feed.next());
            feed.stored(pages.get(pages.size() - 1));
            progress = pages.get(pages.size() - 1).progress();
        } while (!pages.get(pages.size() - 1).last());
        feed.close();
        return pages;
    }

    private static List<Object> records(List<Page> pages) {
        List<Object> records = new ArrayList<>();
        pages.forEach(page -> records.addAll(page.records()));
        return records;
    }

    private static Database database() {
        return new Database(
                "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.getPort()),
                "postgres",
                null,
                null);
    }

    private static void sql(String sql) throws SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
