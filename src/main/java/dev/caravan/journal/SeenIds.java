package dev.caravan.journal;

import dev.caravan.event.Digest.Hash;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The message ids of the duplicate window, so that the same event read twice is stored once.
 *
 * <p>A B-tree of random hashes would write a page for nearly every id once it no longer fits the
 * cache. So this is a log-structured set: new ids go to memory ({@link SeenTable}) and, in one row
 * a commit, to a log from which memory is filled again at start. A full table becomes a
 * <em>segment</em>; a row of a segment holds a range of hashes, so that looking into one costs one
 * row. Up to {@value #SEGMENTS} segments form a <em>generation</em>, which has one {@link
 * SeenFilter} in memory (2 bytes an id) and is dropped when its newest id has left the window. An
 * id that is new, as nearly all are, costs one look at the table and one at each generation's
 * filter, however many ids there are.
 *
 * <p>No commit is to wait for what is due to ids of before, so all of it goes in slices over the
 * following ones: the segment's rows, then the removal of its part of the log, and of each eighth
 * segment on the filter's state, which only saves a start the reading of all segments.
 *
 * <p>Used by the writer's thread within its transaction: {@link #find} and {@link #add}, then
 * {@link #write}, then {@link #committed}. After a transaction that failed, make a new one.
 */
final class SeenIds {
    /** Segments in a generation. */
    static final int SEGMENTS = 32;

    /** Ids in memory before a segment is written. */
    static final int CAPACITY = 1 << 17;

    private static final int ENTRY_BYTES = 4 * Long.BYTES;
    private static final int ENTRIES_A_BLOCK = 256;
    private static final int BLOCKS_A_SLICE = 8;
    private static final int BLOCKS_REMOVED_AT_ONCE = 32;
    private static final int PARTS_REMOVED_AT_ONCE = 2;
    private static final int LOG_ROWS_A_SLICE = 4;
    private static final int SEGMENTS_A_FILTER_WRITE = 8;
    private static final int BLOCK_BITS = 20;
    private static final int PART_BITS = 16;
    private static final int GENERATIONS_A_WINDOW = 4;

    private final Connection connection;
    private final InstantSource clock;
    private final Duration window;
    private final int capacity;
    private final int blockBits;
    private final List<Generation> generations = new ArrayList<>();

    private SeenTable fresh = new SeenTable();
    private int stored;
    private long lastLog;
    private @Nullable Sealed sealed;
    private @Nullable FilterWrite filterWrite;
    private long logFrom;
    private long logInSegments;
    private int[] order = {};
    private long lastSegment;

    private final PreparedStatement insertLog;
    private final PreparedStatement insertBlock;
    private final PreparedStatement selectBlock;
    private final PreparedStatement insertFilter;

    /** What is known of an id. */
    record Known(long fingerprint, long sequence) {}

    /** Segments of a stretch of time and the filter over them. */
    private static final class Generation {
        final long id;
        final long openedMillis;
        final SeenFilter filter;
        final List<Long> segments = new ArrayList<>();
        long newestMillis;

        Generation(long id, long openedMillis, SeenFilter filter) {
            this.id = id;
            this.openedMillis = openedMillis;
            this.newestMillis = openedMillis;
            this.filter = filter;
        }
    }

    /** A full table on its way to be a segment. */
    private static final class Sealed {
        final SeenTable table;
        final long log;
        final Generation generation;
        int nextEntry;
        int nextBlock;

        Sealed(SeenTable table, long log, Generation generation) {
            this.table = table;
            this.log = log;
            this.generation = generation;
        }
    }

    /**
     * A filter on its way to the disk. It goes on taking ids meanwhile: what a part has too much,
     * the start would add anyway, or is looked up in vain.
     */
    private static final class FilterWrite {
        final Generation generation;
        final int covered;
        int nextPart;

        FilterWrite(Generation generation) {
            this.generation = generation;
            this.covered = generation.segments.size();
        }
    }

    /**
     * Reads what is on disk.
     *
     * @param capacity ids in memory before a segment is written, a power of two, at least 256
     */
    SeenIds(Connection connection, InstantSource clock, Duration window, int capacity)
            throws SQLException {
        this.connection = connection;
        this.clock = clock;
        this.window = window;
        this.capacity = capacity;
        this.blockBits = Integer.numberOfTrailingZeros(capacity / ENTRIES_A_BLOCK);
        insertLog = connection.prepareStatement("INSERT INTO seen_log(id, entries) VALUES (?, ?)");
        insertBlock =
                connection.prepareStatement("INSERT INTO seen_block(id, entries) VALUES (?, ?)");
        selectBlock = connection.prepareStatement("SELECT entries FROM seen_block WHERE id = ?");
        insertFilter =
                connection.prepareStatement(
                        "INSERT OR REPLACE INTO seen_filter(id, words) VALUES (?, ?)");
        loadGenerations();
        loadLog();
    }

    /** What is known of an id; null if it was not seen in the window. */
    @Nullable Known find(Hash id) throws SQLException {
        Known known = find(fresh, id);
        if (known == null && sealed != null) {
            known = find(sealed.table, id);
        }
        for (int i = generations.size() - 1; i >= 0 && known == null; i--) {
            if (generations.get(i).filter.mayHave(id.high(), id.low())) {
                known = find(generations.get(i), id);
            }
        }
        return known;
    }

    /** Remembers an id that was not found. */
    void add(Hash id, long fingerprint, long sequence) {
        fresh.add(id.high(), id.low(), fingerprint, sequence);
    }

    /** Writes what was added since the last commit, and a slice of all that is due. */
    void write() throws SQLException {
        int added = fresh.size() - stored;
        if (added > 0) {
            ByteBuffer entries = ByteBuffer.allocate(added * ENTRY_BYTES);
            for (int entry = stored; entry < fresh.size(); entry++) {
                put(entries, fresh, entry);
            }
            insertLog.setLong(1, ++lastLog);
            insertLog.setBytes(2, entries.array());
            insertLog.executeUpdate();
        }
        if (sealed != null) {
            writeSlice(sealed, BLOCKS_A_SLICE + share(1 << blockBits, added));
        } else if (logFrom <= logInSegments) {
            removeLog();
        } else if (filterWrite != null) {
            writeParts(filterWrite, 1 + share(filterWrite.generation.filter.parts(), added));
        }
    }

    /**
     * What part of this many is due behind so many new ids to be done in half of a table's time.
     */
    private int share(int many, int added) {
        return (int) Math.min(many, 2L * many * added / capacity);
    }

    /** Whether commits that bring nothing new would have something to do. */
    boolean isDue() {
        return sealed != null || logFrom <= logInSegments || filterWrite != null;
    }

    /** The transaction is on disk. */
    void committed() {
        stored = fresh.size();
        if (sealed != null && sealed.nextBlock == 1 << blockBits) {
            finish(sealed);
            sealed = null;
        }
        if (filterWrite != null && filterWrite.nextPart == filterWrite.generation.filter.parts()) {
            filterWrite = null;
        }
        if (sealed == null && fresh.size() >= capacity) {
            sealed = new Sealed(fresh, lastLog, openGeneration());
            sortByBlock(fresh);
            fresh = fresh.next();
            stored = 0;
        }
    }

    /**
     * Removes a little of what has left the window.
     *
     * @return whether there may be more to remove
     */
    boolean expire() throws SQLException {
        if (generations.isEmpty()) {
            return false;
        }
        Generation oldest = generations.get(0);
        long limit = clock.millis() - window.toMillis();
        boolean open =
                sealed != null && sealed.generation == oldest
                        || generations.size() == 1 && !isFull(oldest, clock.millis());
        if (open || newestMillis() >= limit) {
            return false;
        }
        if (filterWrite != null && filterWrite.generation == oldest) {
            filterWrite = null;
        }
        if (oldest.segments.isEmpty()) {
            int removed =
                    update(
                            "DELETE FROM seen_filter WHERE id IN (SELECT id FROM seen_filter WHERE"
                                    + " id >= ? AND id < ? LIMIT "
                                    + PARTS_REMOVED_AT_ONCE
                                    + ")",
                            oldest.id << PART_BITS,
                            (oldest.id + 1) << PART_BITS);
            if (removed == 0) {
                update("DELETE FROM seen_generation WHERE id = ?", oldest.id);
                generations.remove(0);
            }
            return true;
        }
        long segment = oldest.segments.get(0);
        int removed =
                update(
                        "DELETE FROM seen_block WHERE id IN (SELECT id FROM seen_block WHERE id >= ?"
                                + " AND id < ? LIMIT "
                                + BLOCKS_REMOVED_AT_ONCE
                                + ")",
                        segment << BLOCK_BITS,
                        (segment + 1) << BLOCK_BITS);
        if (removed == 0) {
            update("DELETE FROM seen_segment WHERE id = ?", segment);
            oldest.segments.remove(0);
        }
        return true;
    }

    /**
     * When the oldest generation got its last segment. One that comes from the future, by a clock
     * that went wrong, is as old as the first behind it that does not.
     */
    private long newestMillis() {
        long now = clock.millis();
        for (Generation generation : generations) {
            if (generation.newestMillis <= now) {
                return generation.newestMillis;
            }
        }
        return Long.MAX_VALUE;
    }

    private static @Nullable Known find(SeenTable table, Hash id) {
        int entry = table.find(id.high(), id.low());
        return entry < 0 ? null : new Known(table.fingerprint(entry), table.sequence(entry));
    }

    private @Nullable Known find(Generation generation, Hash id) throws SQLException {
        for (int i = generation.segments.size() - 1; i >= 0; i--) {
            long block = generation.segments.get(i) << BLOCK_BITS | blockOf(id.high());
            selectBlock.setLong(1, block);
            try (ResultSet row = selectBlock.executeQuery()) {
                Known known = row.next() ? find(ByteBuffer.wrap(row.getBytes(1)), id) : null;
                if (known != null) {
                    return known;
                }
            }
        }
        return null;
    }

    private static @Nullable Known find(ByteBuffer block, Hash id) {
        for (int at = 0; at < block.capacity(); at += ENTRY_BYTES) {
            if (block.getLong(at) == id.high() && block.getLong(at + Long.BYTES) == id.low()) {
                return new Known(
                        block.getLong(at + 2 * Long.BYTES), block.getLong(at + 3 * Long.BYTES));
            }
        }
        return null;
    }

    private int blockOf(long high) {
        return blockBits == 0 ? 0 : (int) (high >>> (Long.SIZE - blockBits));
    }

    /** Puts the table's entries into {@link #order}, by their blocks. */
    private void sortByBlock(SeenTable table) {
        int[] starts = new int[(1 << blockBits) + 1];
        for (int entry = 0; entry < table.size(); entry++) {
            starts[blockOf(table.high(entry)) + 1]++;
        }
        for (int block = 0; block < 1 << blockBits; block++) {
            starts[block + 1] += starts[block];
        }
        if (order.length < table.size()) {
            order = new int[table.size()];
        }
        for (int entry = 0; entry < table.size(); entry++) {
            order[starts[blockOf(table.high(entry))]++] = entry;
        }
    }

    private static void put(ByteBuffer entries, SeenTable table, int entry) {
        entries.putLong(table.high(entry))
                .putLong(table.low(entry))
                .putLong(table.fingerprint(entry))
                .putLong(table.sequence(entry));
    }

    private void writeSlice(Sealed table, int slice) throws SQLException {
        long segment = lastSegment + 1;
        int last = (int) Math.min(1L << blockBits, (long) table.nextBlock + slice);
        for (; table.nextBlock < last; table.nextBlock++) {
            int from = table.nextEntry;
            int to = from;
            while (to < table.table.size()
                    && blockOf(table.table.high(order[to])) == table.nextBlock) {
                to++;
            }
            if (to > from) {
                ByteBuffer entries = ByteBuffer.allocate((to - from) * ENTRY_BYTES);
                for (int i = from; i < to; i++) {
                    put(entries, table.table, order[i]);
                    table.generation.filter.add(
                            table.table.high(order[i]), table.table.low(order[i]));
                }
                insertBlock.setLong(1, segment << BLOCK_BITS | table.nextBlock);
                insertBlock.setBytes(2, entries.array());
                insertBlock.executeUpdate();
            }
            table.nextEntry = to;
        }
        if (table.nextBlock == 1 << blockBits) {
            writeSegment(table, segment);
        }
    }

    /** The rows that make the blocks count; memory follows when they are on disk. */
    private void writeSegment(Sealed table, long segment) throws SQLException {
        Generation generation = table.generation;
        update(
                "INSERT INTO seen_generation(id, opened_at, newest_at, covered) VALUES (?, ?, ?, 0)"
                        + " ON CONFLICT(id) DO UPDATE SET newest_at = excluded.newest_at",
                generation.id,
                generation.openedMillis,
                clock.millis());
        update(
                "INSERT INTO seen_segment(id, generation, log) VALUES (?, ?, ?)",
                segment,
                generation.id,
                table.log);
    }

    /** Of what a segment has; until it is gone, a start knows by the segment's row to pass it. */
    private void removeLog() throws SQLException {
        logFrom = Math.min(logFrom + LOG_ROWS_A_SLICE, logInSegments + 1);
        update("DELETE FROM seen_log WHERE id < ?", logFrom);
    }

    private void writeParts(FilterWrite due, int count) throws SQLException {
        Generation generation = due.generation;
        int last = Math.min(generation.filter.parts(), due.nextPart + count);
        for (; due.nextPart < last; due.nextPart++) {
            insertFilter.setLong(1, generation.id << PART_BITS | due.nextPart);
            insertFilter.setBytes(2, generation.filter.part(due.nextPart));
            insertFilter.executeUpdate();
        }
        if (last == generation.filter.parts()) {
            update(
                    "UPDATE seen_generation SET covered = ? WHERE id = ?",
                    due.covered,
                    generation.id);
        }
    }

    private void finish(Sealed table) {
        Generation generation = table.generation;
        lastSegment++;
        if (generation.segments.isEmpty()) {
            generations.add(generation);
        }
        generation.segments.add(lastSegment);
        generation.newestMillis = clock.millis();
        logInSegments = table.log;
        if (filterWrite == null && generation.segments.size() % SEGMENTS_A_FILTER_WRITE == 0) {
            filterWrite = new FilterWrite(generation);
        }
    }

    /** The generation that takes the next segment; a new one if the last is full. */
    private Generation openGeneration() {
        long now = clock.millis();
        Generation last = generations.isEmpty() ? null : generations.get(generations.size() - 1);
        return last == null || isFull(last, now)
                ? new Generation(lastSegment + 1, now, newFilter())
                : last;
    }

    private boolean isFull(Generation generation, long nowMillis) {
        return generation.segments.size() >= SEGMENTS
                || generation.openedMillis > nowMillis // or it would stay open until then
                || nowMillis - generation.openedMillis > window.toMillis() / GENERATIONS_A_WINDOW;
    }

    private SeenFilter newFilter() {
        return new SeenFilter(capacity * SEGMENTS);
    }

    private void loadGenerations() throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT id, opened_at, newest_at, covered FROM seen_generation"
                                        + " ORDER BY id")) {
            while (row.next()) {
                Generation generation = new Generation(row.getLong(1), row.getLong(2), newFilter());
                generation.newestMillis = row.getLong(3);
                loadFilter(generation);
                loadSegments(generation, row.getInt(4));
                generations.add(generation);
            }
        }
        for (Generation generation : generations) {
            lastSegment = Math.max(lastSegment, generation.id);
        }
        // a segment that was not finished: its blocks do not count, its ids are still in the log
        update("DELETE FROM seen_block WHERE id >= ?", (lastSegment + 1) << BLOCK_BITS);
    }

    private void loadFilter(Generation generation) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(
                        "SELECT id, words FROM seen_filter WHERE id >= ? AND id < ?")) {
            statement.setLong(1, generation.id << PART_BITS);
            statement.setLong(2, (generation.id + 1) << PART_BITS);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    long part = row.getLong(1) - (generation.id << PART_BITS);
                    generation.filter.fill((int) part, row.getBytes(2));
                }
            }
        }
    }

    private void loadSegments(Generation generation, int covered) throws SQLException {
        query(
                "SELECT id FROM seen_segment WHERE generation = ? ORDER BY id",
                generation.id,
                generation.segments::add);
        for (int i = covered; i < generation.segments.size(); i++) {
            long segment = generation.segments.get(i);
            try (PreparedStatement statement =
                    connection.prepareStatement(
                            "SELECT entries FROM seen_block WHERE id >= ? AND id < ?")) {
                statement.setLong(1, segment << BLOCK_BITS);
                statement.setLong(2, (segment + 1) << BLOCK_BITS);
                try (ResultSet row = statement.executeQuery()) {
                    while (row.next()) {
                        ByteBuffer block = ByteBuffer.wrap(row.getBytes(1));
                        for (int at = 0; at < block.capacity(); at += ENTRY_BYTES) {
                            generation.filter.add(
                                    block.getLong(at), block.getLong(at + Long.BYTES));
                        }
                    }
                }
            }
        }
        for (long segment : generation.segments) {
            lastSegment = Math.max(lastSegment, segment);
        }
    }

    private void loadLog() throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT max(log) FROM seen_segment")) {
            logInSegments = row.getLong(1);
        }
        update("DELETE FROM seen_log WHERE id <= ?", logInSegments);
        lastLog = logInSegments; // these numbers are not given again while the segment tells them
        logFrom = logInSegments + 1;
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT id, entries FROM seen_log ORDER BY id")) {
            while (row.next()) {
                lastLog = row.getLong(1);
                logFrom = fresh.size() == 0 ? lastLog : logFrom;
                ByteBuffer entries = ByteBuffer.wrap(row.getBytes(2));
                while (entries.hasRemaining()) {
                    fresh.add(
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong(),
                            entries.getLong());
                }
            }
        }
        stored = fresh.size();
    }

    private int update(String sql, long... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setLong(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    private void query(String sql, long value, LongConsumer each) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, value);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    each.accept(row.getLong(1));
                }
            }
        }
    }
}
