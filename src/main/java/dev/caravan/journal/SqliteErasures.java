package dev.caravan.journal;

import dev.caravan.event.Meaning;
import dev.caravan.event.PersonKey;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Erasures in the journal's database, with the index in memory. */
final class SqliteErasures implements Erasures, Reach.Known {
    private static final String COLUMNS =
            "SELECT id, meaning, cut_off, accepted_at, source, message_id, names FROM erasure";

    private final Readers readers;
    private final ErasureIndex index;
    private final ErasureKey key;

    SqliteErasures(Readers readers, ErasureIndex index, ErasureKey key) {
        this.readers = readers;
        this.index = index;
        this.key = key;
    }

    @Override
    public OptionalLong reaching(Entry entry) {
        if (index.isEmpty()) {
            return OptionalLong.empty();
        }
        long id =
                Reach.of(
                        entry.event(),
                        entry.sequence(),
                        entry.receivedAt().toEpochMilli(),
                        this,
                        key);
        return id == 0 ? OptionalLong.empty() : OptionalLong.of(id);
    }

    @Override
    public long reaching(long hash, long at, long sequence) {
        return index.reaching(hash, at, sequence);
    }

    @Override
    public boolean hasThings() {
        return index.hasThings();
    }

    @Override
    public List<Erasure> list(long after, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000 but was " + limit);
        }
        return query(" WHERE id > ? ORDER BY id LIMIT " + limit, after);
    }

    @Override
    public Optional<Erasure> get(long id) {
        return query(" WHERE id = ?", id).stream().findFirst();
    }

    @Override
    public String nameOf(PersonKey person) {
        return Erasing.shown(person.text().charAt(0), key.hash(person.hash()));
    }

    private List<Erasure> query(String where, long value) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(COLUMNS + where)) {
                        statement.setLong(1, value);
                        List<Erasure> found = new ArrayList<>();
                        try (ResultSet row = statement.executeQuery()) {
                            while (row.next()) {
                                found.add(erasure(row));
                            }
                        }
                        return found;
                    }
                });
    }

    private static Erasure erasure(ResultSet row) throws SQLException {
        return new Erasure(
                row.getLong(1),
                Meaning.valueOf(row.getString(2)),
                Instant.ofEpochMilli(row.getLong(3)),
                Instant.ofEpochMilli(row.getLong(4)),
                row.getString(5),
                row.getString(6),
                Erasing.shown(row.getBytes(7)));
    }
}
