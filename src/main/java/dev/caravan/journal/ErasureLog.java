package dev.caravan.journal;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/**
 * What the index of erasures is filled from at start: a log of what is known of each hashed name,
 * one row a commit, in which a later entry of a name replaces an earlier one, and a few numbers.
 * Used by the writer's thread within its transaction.
 */
final class ErasureLog {
    private static final int PLAIN_BYTES = 1 + 3 * Long.BYTES;
    private static final int EXTENT_BYTES = 7 * Long.BYTES;

    /** In {@code meta}: the latest event that let an erasure reach further. */
    private static final String WIDENED = "erasure_widened";

    /** In {@code meta} once a device, object or relationship was erased. */
    private static final String THINGS = "erased_things";

    private final Connection connection;
    private final PreparedStatement insert;

    ErasureLog(Connection connection) throws SQLException {
        this.connection = connection;
        insert = connection.prepareStatement("INSERT INTO erasure_log(entries) VALUES (?)");
    }

    /** Puts into it all that is known by now of some names. */
    void add(Map<Long, Extent[]> names) throws SQLException {
        int size = 0;
        for (Extent[] extents : names.values()) {
            size +=
                    isPlain(extents)
                            ? PLAIN_BYTES
                            : 1 + Long.BYTES + 4 + extents.length * EXTENT_BYTES;
        }
        ByteBuffer entries = ByteBuffer.allocate(size);
        names.forEach((hash, extents) -> put(entries, hash, extents));
        insert.setBytes(1, entries.array());
        insert.executeUpdate();
    }

    /** Keeps the key's check, by which it is known that no other key is used. */
    void use(ErasureKey key) throws SQLException {
        remember(Database.KEY_CHECK, key.check());
    }

    /** Keeps that a device, object or relationship was erased. */
    void hasThings() throws SQLException {
        remember(THINGS, 1);
    }

    /** Keeps which event was the latest that let an erasure reach further. */
    void widenedBy(long sequence) throws SQLException {
        remember(WIDENED, sequence);
    }

    /** All that is on disk. */
    ErasureIndex load() throws SQLException {
        var into = new ErasureIndex();
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT entries FROM erasure_log ORDER BY id")) {
            while (row.next()) {
                ByteBuffer entries = ByteBuffer.wrap(row.getBytes(1));
                while (entries.hasRemaining()) {
                    take(entries, into);
                }
            }
        }
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT 1 FROM meta WHERE name = '" + THINGS + "'")) {
            into.hasThings(row.next());
        }
        into.latest(number("SELECT max(id) FROM erasure"));
        into.latest(number("SELECT value FROM meta WHERE name = '" + WIDENED + "'"));
        return into;
    }

    private static boolean isPlain(Extent[] extents) {
        return extents.length == 1 && extents[0].isPlain();
    }

    private static void put(ByteBuffer entries, long hash, Extent[] extents) {
        if (isPlain(extents)) {
            entries.put((byte) 0).putLong(hash).putLong(extents[0].id());
            entries.putLong(extents[0].cutOff());
            return;
        }
        entries.put((byte) 1).putLong(hash).putInt(extents.length);
        for (Extent extent : extents) {
            entries.putLong(extent.id()).putLong(extent.cutOff()).putLong(extent.until());
            entries.putLong(extent.fromAt()).putLong(extent.fromSequence());
            entries.putLong(extent.toAt()).putLong(extent.toSequence());
        }
    }

    private long number(String sql) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static void take(ByteBuffer entries, ErasureIndex into) {
        boolean plain = entries.get() == 0;
        long hash = entries.getLong();
        if (plain) {
            into.putPlain(hash, entries.getLong(), entries.getLong());
            return;
        }
        Extent[] extents = new Extent[entries.getInt()];
        for (int i = 0; i < extents.length; i++) {
            extents[i] =
                    new Extent(
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong());
        }
        into.put(hash, extents);
    }

    private void remember(String name, long value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)")) {
            statement.setString(1, name);
            statement.setLong(2, value);
            statement.executeUpdate();
        }
    }
}
