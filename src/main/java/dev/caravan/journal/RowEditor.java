package dev.caravan.journal;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes events out of a row where they lie. What stood of an event is overwritten with zeros of the
 * same length, so that the row keeps its size and SQLite writes it over its old pages: nothing is
 * moved, and no copy is left in a page that was let go. The event keeps its place, see {@link
 * RecordBatch}.
 *
 * <p>Goes from event to event by {@link #next}. The JSON, which is most of a row, is only read when
 * it is asked for.
 */
final class RowEditor {
    private static final byte[] UNREAD = {'{', '}'};

    /** Where the JSON of the row's events is. */
    interface Bodies {
        byte[] read() throws SQLException;
    }

    private final long firstSequence;
    private final byte[] persons;
    private final byte[] heads;
    private final Bodies source;
    private final ByteBuffer hashes;
    private final ByteBuffer head;
    private byte @Nullable [] bodies;
    private byte @Nullable [] personsAsRead;
    private byte @Nullable [] headsAsRead;

    // Of the event that next() went to.
    private int index = -1;
    private int headAt;
    private int textsAt;
    private int sourceEnd;
    private int joinsAt;
    private int joins;
    private int bodyAt;
    private int bodyLength;
    private int flags;
    private @Nullable String userId;
    private @Nullable String anonymousId;

    RowEditor(long firstSequence, byte[] persons, byte[] heads, Bodies source) {
        this.firstSequence = firstSequence;
        this.persons = persons;
        this.heads = heads;
        this.source = source;
        this.hashes = ByteBuffer.wrap(persons);
        this.head = ByteBuffer.wrap(heads);
    }

    /** A row as it was read; its JSON is read by the same connection. */
    static RowEditor of(Connection connection, long first, byte[] persons, byte[] heads) {
        return new RowEditor(first, persons, heads, () -> bodies(connection, first));
    }

    private static byte[] bodies(Connection connection, long first) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT bodies FROM batch WHERE first_seq = ?")) {
            statement.setLong(1, first);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new SQLException("the row of sequence " + first + " went away");
                }
                return row.getBytes(1);
            }
        }
    }

    long firstSequence() {
        return firstSequence;
    }

    byte[] bodies() throws SQLException {
        byte[] read = bodies;
        if (read == null) {
            read = source.read();
            bodies = read;
        }
        return read;
    }

    /** Whether anything was taken out. */
    boolean changed() {
        return headsAsRead != null;
    }

    /** Goes to the next event; returns whether there is one. */
    boolean next() {
        if ((index + 1) * Long.BYTES >= persons.length) {
            return false;
        }
        index++;
        bodyAt += bodyLength;
        headAt = head.position();
        flags = heads[headAt + RecordBatch.FLAGS_AT] & 0xff;
        bodyLength = head.getInt(headAt + RecordBatch.LENGTH_AT);
        textsAt = headAt + RecordBatch.HEAD_BYTES;
        joins = flags >>> RecordBatch.JOINS_SHIFT;
        if (joins == RecordBatch.MANY_JOINS) {
            joins = head.getInt(textsAt);
            textsAt += Integer.BYTES;
        }
        head.position(textsAt);
        skipText();
        sourceEnd = head.position();
        skipText(); // the message id
        if ((flags & RecordBatch.NAME) != 0) {
            skipText();
        }
        userId = (flags & RecordBatch.USER) != 0 ? text() : null;
        anonymousId = (flags & RecordBatch.VISITOR) != 0 ? text() : null;
        joinsAt = head.position();
        head.position(joinsAt + joins * Long.BYTES);
        return true;
    }

    long sequence() {
        return firstSequence + index;
    }

    long person() {
        return hashes.getLong(index * Long.BYTES);
    }

    Meaning meaning() {
        return RecordBatch.MEANINGS[heads[headAt + RecordBatch.MEANING_AT]];
    }

    private Call call() {
        return RecordBatch.CALLS[heads[headAt] & 0xff & ~RecordBatch.ERASED];
    }

    boolean isErased() {
        return (heads[headAt] & RecordBatch.ERASED) != 0;
    }

    long receivedMillis() {
        return head.getLong(headAt + RecordBatch.RECEIVED_AT);
    }

    /**
     * What an erasure is found by: ids, times and, where names stand in it, the JSON. The message
     * id and the name are left out.
     *
     * @param withThings whether devices, objects and relationships are to be found
     */
    Event event(boolean withThings) throws SQLException {
        byte[] json = UNREAD;
        if (namesAreInTheJson(withThings)) {
            json = Arrays.copyOfRange(bodies(), bodyAt, bodyAt + bodyLength);
        }
        return new Event(
                call(),
                meaning(),
                null,
                userId,
                anonymousId,
                "",
                Instant.ofEpochMilli(head.getLong(headAt + RecordBatch.OCCURRED_AT)),
                false,
                json);
    }

    private boolean namesAreInTheJson(boolean withThings) {
        Call call = call();
        return call == Call.ALIAS
                || (userId == null && (anonymousId == null || call == Call.IDENTIFY))
                || (withThings && (call == Call.GROUP || meaning() == Meaning.DEVICE_UPDATED));
    }

    /** Takes the event's content away. */
    void erase(long erasure) throws SQLException {
        keepAsRead();
        heads[headAt] |= (byte) RecordBatch.ERASED;
        heads[headAt + RecordBatch.FLAGS_AT] &= (byte) ~RecordBatch.SELECTIVE;
        head.putLong(headAt + RecordBatch.OCCURRED_AT, erasure);
        for (int at = sourceEnd; at < joinsAt; ) {
            int length = head.getShort(at) & 0xffff;
            at += Short.BYTES;
            Arrays.fill(heads, at, at + length, (byte) 0);
            at += length;
        }
        Arrays.fill(bodies(), bodyAt, bodyAt + bodyLength, (byte) 0);
    }

    /**
     * Takes away of an erased event by which persons its order was kept.
     *
     * @param anonymous in their place
     */
    void forgetPersons(long anonymous) {
        if (person() != anonymous) {
            keepAsRead();
            hashes.putLong(index * Long.BYTES, anonymous);
            Arrays.fill(heads, joinsAt, joinsAt + joins * Long.BYTES, (byte) 0);
        }
    }

    private void keepAsRead() {
        if (!changed()) {
            personsAsRead = persons.clone();
            headsAsRead = heads.clone();
        }
    }

    private void skipText() {
        int length = head.getShort() & 0xffff;
        head.position(head.position() + length);
    }

    private String text() {
        int length = head.getShort() & 0xffff;
        String text = new String(heads, head.position(), length, StandardCharsets.UTF_8);
        head.position(head.position() + length);
        return text;
    }

    /**
     * Stores all rows of a list, unless one is not as it was read: a write that came late, behind
     * another try of the same, or its age has changed it meanwhile. Then nothing is stored, and the
     * rows are to be read again.
     *
     * @return whether they are stored
     */
    static boolean store(List<RowEditor> rows, WriteSession session) throws SQLException {
        for (RowEditor row : rows) {
            if (!row.isAsRead(session.connection())) {
                return false;
            }
        }
        for (RowEditor row : rows) {
            session.update(
                    "UPDATE batch SET persons = ?, heads = ?, bodies = ? WHERE first_seq = ?",
                    row.persons,
                    row.heads,
                    row.bodies(),
                    row.firstSequence);
        }
        return true;
    }

    private boolean isAsRead(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT persons, heads FROM batch WHERE first_seq = ?")) {
            statement.setLong(1, firstSequence);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        && Arrays.equals(row.getBytes(1), personsAsRead)
                        && Arrays.equals(row.getBytes(2), headsAsRead);
            }
        }
    }
}
