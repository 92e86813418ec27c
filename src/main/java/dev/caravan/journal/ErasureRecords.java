package dev.caravan.journal;

import dev.caravan.event.Event;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The records that are kept of erasures for people to look at, each with the hashed names that it
 * erases. Used by the writer's thread within its transaction; how names stand in a record, others
 * ask too.
 */
final class ErasureRecords {
    private static final int NAME_BYTES = 1 + Long.BYTES;

    private final PreparedStatement insert;
    private final PreparedStatement selectNames;
    private final PreparedStatement updateNames;
    private final PreparedStatement insertCarrier;

    ErasureRecords(Connection connection) throws SQLException {
        insert =
                connection.prepareStatement(
                        "INSERT INTO erasure(id, meaning, cut_off, accepted_at, source, message_id,"
                                + " names) VALUES (?, ?, ?, ?, ?, ?, ?)");
        selectNames = connection.prepareStatement("SELECT names FROM erasure WHERE id = ?");
        updateNames = connection.prepareStatement("UPDATE erasure SET names = ? WHERE id = ?");
        insertCarrier =
                connection.prepareStatement("INSERT INTO carrier(sequence, erased) VALUES (?, 0)");
    }

    /** Where an erasure stands: its id is the sequence of the event that asks for it. */
    record Place(long id, long cutOff, String source, Instant acceptedAt) {}

    /** Stores one, and that its event is still to be carried to the destinations. */
    void add(Event event, Place place, byte[] names) throws SQLException {
        insert.setLong(1, place.id);
        insert.setString(2, event.meaning().name());
        insert.setLong(3, place.cutOff);
        insert.setLong(4, place.acceptedAt.toEpochMilli());
        insert.setString(5, place.source);
        insert.setString(6, event.messageId());
        insert.setBytes(7, names);
        insert.executeUpdate();
        insertCarrier.setLong(1, place.id);
        insertCarrier.executeUpdate();
    }

    /** The names that one erases; empty if there is none of this id. */
    byte[] names(long id) throws SQLException {
        selectNames.setLong(1, id);
        try (ResultSet row = selectNames.executeQuery()) {
            return row.next() ? row.getBytes(1) : new byte[0];
        }
    }

    /** The hashes of these names. */
    long[] hashes(long id) throws SQLException {
        byte[] names = names(id);
        long[] hashes = new long[names.length / NAME_BYTES];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = ByteBuffer.wrap(names).getLong(i * NAME_BYTES + 1);
        }
        return hashes;
    }

    /** Adds names to one, each once. */
    void addNames(long id, byte[] more) throws SQLException {
        updateNames.setBytes(1, joined(names(id), more));
        updateNames.setLong(2, id);
        updateNames.executeUpdate();
    }

    /** The names of both, each once. */
    private static byte[] joined(byte[] stored, byte[] more) {
        var all = new ByteArrayOutputStream();
        all.writeBytes(stored);
        Set<String> known = new LinkedHashSet<>(shown(stored));
        for (int from = 0; from < more.length; from += NAME_BYTES) {
            byte[] name = Arrays.copyOfRange(more, from, from + NAME_BYTES);
            if (known.add(shown(name).get(0))) {
                all.writeBytes(name);
            }
        }
        return all.toByteArray();
    }

    /** Names of a record as people see them. */
    static List<String> shown(byte[] names) {
        List<String> shown = new ArrayList<>();
        for (int from = 0; from < names.length; from += NAME_BYTES) {
            shown.add(shown((char) names[from], ByteBuffer.wrap(names).getLong(from + 1)));
        }
        return shown;
    }

    /** A name as it stands in a record. */
    static byte[] toBytes(char letter, long hash) {
        return ByteBuffer.allocate(NAME_BYTES).put((byte) letter).putLong(hash).array();
    }

    static String shown(char letter, long hash) {
        return letter + ":" + HexFormat.of().toHexDigits(hash);
    }
}
