package dev.caravan.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersonLinksTest {
    private static final int LONG = 10_000;

    @TempDir Path directory;
    private Database database;
    private Connection connection;
    private PersonLinks links;

    @BeforeEach
    void open() throws SQLException {
        database = Database.open(JournalSettings.in(directory));
        connection = database.writer();
        connection.setAutoCommit(false);
        links = new PersonLinks(connection);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        database.close();
    }

    @Test
    void walksAChainOfManyAliasesOnlyOnce() throws SQLException {
        // Given
        chain(1, LONG);
        // When
        long end = links.resolve(1);
        // Then
        assertThat(end).isEqualTo(LONG);
        for (long person = 1; person < LONG; person += 7) {
            assertThat(hops(person)).isLessThanOrEqualTo(PersonLinks.MOST_HOPS + 1);
            assertThat(links.resolve(person)).isEqualTo(LONG);
        }
    }

    @Test
    void keepsAChainShortThatGrowsWhileItIsUsed() throws SQLException {
        // When
        for (int person = 1; person < 1_000; person++) {
            links.join(person, person + 1);
            assertThat(links.resolve(1)).isEqualTo(person + 1);
        }
        // Then
        assertThat(hops(1)).isLessThanOrEqualTo(PersonLinks.MOST_HOPS);
    }

    @Test
    void leavesTheShortChainsOfPeopleAsTheyAre() throws SQLException {
        // Given
        chain(1, PersonLinks.MOST_HOPS);
        // When
        links.resolve(1);
        // Then
        assertThat(hops(1)).isEqualTo(PersonLinks.MOST_HOPS - 1);
    }

    @Test
    void leavesALinkThatWasShortenedWhenTheOneItLedToIsForgotten() throws SQLException {
        // Given
        chain(1, LONG);
        links.resolve(1);
        // When
        links.remove(1, 2);
        links.remove(2, 3);
        // Then
        assertThat(links.resolve(1)).isEqualTo(LONG);
        assertThat(links.resolve(2)).isEqualTo(2);
    }

    private void chain(long from, long to) throws SQLException {
        for (long person = from; person < to; person++) {
            links.join(person, person + 1);
        }
    }

    /** On disk, as the next start finds it. */
    private int hops(long person) throws SQLException {
        try (var select =
                connection.prepareStatement(
                        "SELECT into_person FROM person_link WHERE person = ?")) {
            long current = person;
            for (int hops = 0; ; hops++) {
                select.setLong(1, current);
                try (var row = select.executeQuery()) {
                    if (!row.next()) {
                        return hops;
                    }
                    current = row.getLong(1);
                }
            }
        }
    }
}
