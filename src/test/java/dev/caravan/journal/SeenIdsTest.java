package dev.caravan.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Digest.Hash;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeenIdsTest {
    private static final int SMALL = 256;
    private static final Duration WINDOW = Duration.ofDays(7);

    @TempDir Path directory;
    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T00:00:00Z"));
    private final Map<Hash, Long> stored = new HashMap<>();
    private final List<Hash> inOrder = new ArrayList<>();
    private Database database;
    private Connection connection;
    private SeenIds seen;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(JournalSettings.in(directory));
        connect();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        database.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 90, 700})
    void knowsEveryIdWhereverAProcessEnds(int mostInACommit) throws SQLException {
        // Given
        var random = new Random(mostInACommit);
        // When
        while (stored.size() < 40 * SMALL) {
            commit(random, 1 + random.nextInt(mostInACommit));
            if (random.nextInt(40) == 0) {
                add(random, 5);
                seen.write();
                reconnect(); // without the five
            }
            // Then
            assertKnows(inOrder.get(random.nextInt(inOrder.size())));
        }
        reconnect();
        inOrder.forEach(this::assertKnows);
        assertThat(seen.find(hash(random))).isNull();
    }

    @Test
    void removesFromTheLogWhatSegmentsHaveWhileNothingNewComes() throws SQLException {
        // Given
        var random = new Random(1);
        while (stored.size() < 5 * SMALL) {
            commit(random, 1);
        }
        // When
        for (int i = 0; i < SMALL; i++) {
            commit(random, 0);
        }
        // Then
        assertThat(count("SELECT count(*) FROM seen_segment")).isEqualTo(5);
        assertThat(count("SELECT count(*) FROM seen_log")).isZero();
    }

    @Test
    void givesNoNumberOfTheLogAgainThatASegmentTells() throws SQLException {
        // Given
        var random = new Random(2);
        while (count("SELECT count(*) FROM seen_segment") == 0) {
            commit(random, 1);
        }
        while (count("SELECT count(*) FROM seen_log WHERE id <= 256") > 0) {
            commit(random, 0);
        }
        // When
        reconnect();
        commit(random, 1);
        reconnect();
        // Then
        inOrder.forEach(this::assertKnows);
    }

    @Test
    void readsTheFilterOfAGenerationAndTheSegmentsBehindIt() throws SQLException {
        // Given
        var random = new Random(3);
        // When
        while (count("SELECT count(*) FROM seen_generation WHERE covered >= 16") == 0) {
            commit(random, 20);
        }
        reconnect();
        // Then
        inOrder.forEach(this::assertKnows);
    }

    @Test
    void forgetsAllThatLeftTheWindowAndNothingElse() throws SQLException {
        // Given
        var random = new Random(4);
        while (stored.size() < 70 * SMALL) {
            commit(random, 50);
        }
        clock.set(clock.instant().plus(WINDOW).plusSeconds(1));
        stored.clear();
        inOrder.clear();
        while (stored.size() < 3 * SMALL) {
            commit(random, 50);
        }
        // When
        while (seen.expire()) {
            commit(random, 0);
        }
        // Then
        inOrder.forEach(this::assertKnows);
        assertThat(count("SELECT count(*) FROM seen_generation")).isEqualTo(1);
        assertThat(count("SELECT count(*) FROM seen_filter")).isZero();
        reconnect();
        inOrder.forEach(this::assertKnows);
    }

    private void commit(RandomGenerator random, int ids) throws SQLException {
        Map<Hash, Long> added = add(random, ids);
        seen.write();
        connection.commit();
        seen.committed();
        stored.putAll(added);
        inOrder.addAll(added.keySet());
    }

    private Map<Hash, Long> add(RandomGenerator random, int ids) {
        Map<Hash, Long> added = new HashMap<>();
        for (int i = 0; i < ids; i++) {
            Hash id = hash(random);
            long sequence = random.nextLong();
            seen.add(id, sequence + 1, sequence);
            added.put(id, sequence);
        }
        return added;
    }

    private static Hash hash(RandomGenerator random) {
        return new Hash(random.nextLong(), random.nextLong());
    }

    private void assertKnows(Hash id) {
        try {
            long sequence = stored.get(id);
            assertThat(seen.find(id)).isEqualTo(new SeenIds.Known(sequence + 1, sequence));
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void connect() throws SQLException {
        connection = database.writer();
        connection.setAutoCommit(false);
        seen = new SeenIds(connection, clock, WINDOW, SMALL);
        connection.commit();
    }

    private void reconnect() throws SQLException {
        connection.rollback();
        connection.close();
        connect();
    }

    private long count(String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            return row.getLong(1);
        }
    }
}
