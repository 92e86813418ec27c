package dev.caravan.journal;

import dev.caravan.journal.JournalStatus.SourceTotals;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.LongPredicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A journal in one SQLite file: write-ahead log, full sync, freed content overwritten. One process
 * has it at a time. Everything is written by one thread ({@link GroupCommit}); reads go beside it.
 */
public final class SqliteJournal implements Journal {
    private static final Logger LOG = Logger.getLogger(SqliteJournal.class);
    private static final long SEQUENCES_A_LOOK = 100_000;

    private final Database database;
    private final Partitions partitions;
    private final InstantSource clock;
    private final JournalSettings settings;
    private final Readers readers;
    private final GroupCommit writer;
    private final Housekeeper housekeeper;
    private final Scrubber scrubber;
    private final DeadLetters deadLetters;
    private final Erasures erasures;
    private final Map<String, SourceTotals> sources = new ConcurrentHashMap<>();
    private final Map<String, Ledger> owners = new ConcurrentHashMap<>();
    private final List<Runnable> appendListeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> commitListeners = new CopyOnWriteArrayList<>();
    private volatile long end;

    /**
     * Makes one.
     *
     * @param opened gets what is to be closed if this fails, the last first
     */
    private SqliteJournal(
            Database database,
            JournalSettings settings,
            InstantSource clock,
            int seenCapacity,
            Deque<Runnable> opened)
            throws SQLException, IOException {
        this.database = database;
        this.partitions = settings.partitions();
        this.clock = clock;
        this.settings = settings;
        this.readers = new Readers(database);
        opened.push(readers::close);
        ErasureKey key = database.erasureKey();
        var erased = new ErasureIndex();
        GroupCommit.SessionFactory sessions =
                () ->
                        WriteSession.open(
                                database,
                                partitions,
                                clock,
                                settings.dedupe(),
                                seenCapacity,
                                key,
                                erased);
        writer = new GroupCommit(first(sessions), sessions, this::committed);
        opened.push(writer::close);
        housekeeper = new Housekeeper(database, writer, settings, clock);
        opened.push(housekeeper::close);
        deadLetters = new SqliteDeadLetters(readers, writer, clock, this::letterGone);
        var knownErasures =
                new SqliteErasures(readers, writer, clock, erased, key, this::letterGone);
        erasures = knownErasures;
        scrubber =
                new Scrubber(
                        readers,
                        writer,
                        erased,
                        knownErasures,
                        key,
                        partitions,
                        clock,
                        this::end,
                        knownErasures::removing);
    }

    /**
     * Opens the journal of a directory, or makes one.
     *
     * @throws JournalUnavailableException if it cannot be used; the message says why
     */
    public static SqliteJournal open(JournalSettings settings, InstantSource clock) {
        return open(settings, clock, SeenIds.CAPACITY);
    }

    static SqliteJournal open(JournalSettings settings, InstantSource clock, int seenCapacity) {
        SqliteJournal journal = openStill(settings, clock, seenCapacity);
        journal.scrubber.start();
        return journal;
    }

    /** One that removes copies only when it is told to, step by step. */
    static SqliteJournal openStill(
            JournalSettings settings, InstantSource clock, int seenCapacity) {
        Database database = Database.open(settings);
        Deque<Runnable> opened = new ArrayDeque<>();
        opened.push(database::close);
        try {
            return new SqliteJournal(database, settings, clock, seenCapacity, opened);
        } catch (JournalUnavailableException e) {
            opened.forEach(Runnable::run);
            throw e;
        } catch (SQLException | IOException | RuntimeException e) {
            opened.forEach(Runnable::run);
            throw new JournalUnavailableException(
                    "the journal " + database.file() + " cannot be opened: " + e.getMessage(), e);
        }
    }

    @Override
    public CompletableFuture<Appended> append(Submission submission) {
        if (submission.items().isEmpty() && submission.file() == null) {
            return CompletableFuture.completedFuture(Appended.NOTHING);
        }
        String refusal = housekeeper.refusal();
        if (refusal != null) {
            return CompletableFuture.failedFuture(new JournalUnavailableException(refusal));
        }
        Prepared prepared = new Prepared(submission);
        return writer.submit(prepared.bytes(), session -> session.append(prepared));
    }

    @Override
    public long end() {
        return end;
    }

    @Override
    public Partitions partitions() {
        return partitions;
    }

    @Override
    public Slice read(
            long after, long through, int maxEvents, long maxBytes, LongPredicate persons) {
        return readers.read(
                connection ->
                        BatchReader.read(
                                connection,
                                after,
                                Math.min(through, end),
                                maxEvents,
                                maxBytes,
                                persons));
    }

    @Override
    public Runnable onAppend(Runnable listener) {
        return listen(appendListeners, listener);
    }

    @Override
    public Runnable onCommit(Runnable listener) {
        return listen(commitListeners, listener);
    }

    private static Runnable listen(List<Runnable> listeners, Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Ledger ledger(String destination, boolean fromBeginning) {
        var ledger = new SqliteLedger(destination, readers, writer, clock, owners);
        return await(
                writer.submit(
                        0,
                        session -> {
                            session.register(destination, fromBeginning);
                            owners.put(destination, ledger);
                            return ledger;
                        }));
    }

    @Override
    public Optional<LedgerState> state(String destination) {
        return SqliteLedger.state(destination, readers);
    }

    @Override
    public List<String> destinations() {
        return readers.read(
                connection -> texts(connection, "SELECT name FROM destination ORDER BY name"));
    }

    @Override
    public CompletableFuture<Void> forget(String destination) {
        CompletableFuture<Void> forgotten =
                writer.submit(
                        0,
                        session -> {
                            session.forget(destination);
                            return null;
                        });
        return forgotten.whenComplete((nothing, failure) -> letterGone());
    }

    @Override
    public DeadLetters deadLetters() {
        return deadLetters;
    }

    @Override
    public Erasures erasures() {
        return erasures;
    }

    private void letterGone() {
        scrubber.letterGone();
    }

    Scrubber scrubber() {
        return scrubber;
    }

    @Override
    public List<Decision> decisions(long after, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000 but was " + limit);
        }
        return readers.read(
                connection -> Decisions.list(connection, Decisions.AFTER, after, limit));
    }

    @Override
    public List<Decision> decisions(String messageId) {
        long hash = Decisions.hashOf(messageId);
        return readers.read(
                connection -> Decisions.list(connection, Decisions.OF_MESSAGE, hash, 100));
    }

    @Override
    public List<Entry> find(String messageId) {
        List<Entry> found = new ArrayList<>();
        for (String source : sources.keySet()) {
            SeenIds.Known known =
                    await(
                            writer.submit(
                                    0,
                                    session ->
                                            session.seen().find(Prepared.idOf(source, messageId))));
            if (known != null && known.sequence() > 0) {
                read(known.sequence() - 1, known.sequence(), 1, Long.MAX_VALUE, person -> true)
                        .entries()
                        .forEach(found::add);
            }
        }
        return found;
    }

    @Override
    public Optional<String> skipRule(String destination, long sequence) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT rule FROM skip WHERE destination = ? AND sequence = ?")) {
                        statement.setString(1, destination);
                        statement.setLong(2, sequence);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
                        }
                    }
                });
    }

    @Override
    public long firstReceivedAt(Instant time) {
        // Row by row and not by halves, for these times are in no order. In steps, so that no read
        // holds up a checkpoint for long.
        long last = end;
        long from =
                readers.read(connection -> number(connection, "SELECT min(first_seq) FROM batch"));
        for (; from > 0 && from <= last; from += SEQUENCES_A_LOOK) {
            long step = from;
            long row = readers.read(connection -> rowReceivedAt(connection, step, time));
            if (row > 0) {
                return read(row - 1, last, RecordBatch.MAX_EVENTS, Long.MAX_VALUE, person -> true)
                        .entries()
                        .stream()
                        .filter(entry -> !entry.receivedAt().isBefore(time))
                        .findFirst()
                        .map(Entry::sequence)
                        .orElse(row); // removed by its age meanwhile
            }
        }
        return last + 1;
    }

    /** The first row of those from here on whose newest event came at this time or later, or 0. */
    private static long rowReceivedAt(Connection connection, long from, Instant time)
            throws SQLException {
        try (PreparedStatement rows =
                connection.prepareStatement(
                        "SELECT first_seq FROM batch WHERE first_seq >= ? AND first_seq < ? AND"
                                + " received_at >= ? ORDER BY first_seq LIMIT 1")) {
            rows.setLong(1, from);
            rows.setLong(2, from + SEQUENCES_A_LOOK);
            rows.setLong(3, time.plusNanos(999_999).toEpochMilli()); // as it is stored
            try (ResultSet row = rows.executeQuery()) {
                return row.next() ? row.getLong(1) : 0;
            }
        }
    }

    @Override
    public Optional<String> progress(String name) {
        return readers.read(
                connection -> {
                    try (PreparedStatement statement =
                            connection.prepareStatement(
                                    "SELECT value FROM progress WHERE name = ?")) {
                        statement.setString(1, name);
                        try (ResultSet row = statement.executeQuery()) {
                            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
                        }
                    }
                });
    }

    @Override
    public CompletableFuture<Void> moveProgress(String name, String progress) {
        return writer.submit(
                0,
                session -> {
                    session.update(
                            "INSERT OR REPLACE INTO progress(name, value) VALUES (?, ?)",
                            name,
                            progress);
                    return null;
                });
    }

    @Override
    public Optional<KnownFile> file(String source, String name) {
        return readers.read(
                connection ->
                        SqliteFiles.read(connection, "source = ? AND name = ?", source, name)
                                .stream()
                                .findFirst());
    }

    @Override
    public List<KnownFile> brokenFiles() {
        return readers.read(
                connection -> SqliteFiles.read(connection, "broken IS NOT NULL ORDER BY at"));
    }

    @Override
    public JournalStatus status() {
        Housekeeper.Space space = housekeeper.space();
        String problem = writer.problem();
        String refusal = problem == null ? housekeeper.refusal() : problem;
        Instant oldest = null;
        if (refusal == null) {
            oldest =
                    read(0, end, 1, 0, person -> true).entries().stream()
                            .findFirst()
                            .map(Entry::receivedAt)
                            .orElse(null);
        }
        return new JournalStatus(
                refusal == null,
                refusal,
                housekeeper.warning(),
                space.bytes(),
                settings.maxSize(),
                space.freeBytes(),
                oldest,
                sources);
    }

    /** It has another name until all of it is on disk, so that a half one looks like none. */
    @Override
    public synchronized void backup(Path file) {
        if (Files.exists(file)) {
            throw new IllegalArgumentException("the file " + file + " is there already");
        }
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            OwnerOnly.folder(file.toAbsolutePath().getParent());
            Files.deleteIfExists(part); // of a process that was killed
            OwnerOnly.file(part);
            readers.read(connection -> copyInto(connection, part));
            try (FileChannel copy = FileChannel.open(part, StandardOpenOption.WRITE)) {
                copy.force(true);
            }
            OnDisk.rename(part, file);
        } catch (IOException e) {
            deleteHalf(part);
            throw new JournalUnavailableException("the backup " + file + " is not on disk", e);
        } catch (RuntimeException e) {
            deleteHalf(part);
            throw e;
        }
    }

    @Override
    public void close() {
        scrubber.close();
        housekeeper.close();
        writer.close();
        readers.close();
        database.close();
    }

    private static boolean copyInto(Connection connection, Path file) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, file.toString());
            return statement.execute();
        }
    }

    private static void deleteHalf(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // the next backup of this name says that the file is there
        }
    }

    private void committed(GroupCommit.Committed committed) {
        committed
                .counted()
                .forEach((source, totals) -> sources.merge(source, totals, SourceTotals::plus));
        boolean grown = committed.lastSequence() > end;
        if (grown) {
            end = committed.lastSequence();
        }
        Housekeeper keeper = housekeeper;
        if (keeper != null) { // not yet while the journal is opened
            keeper.committed();
        }
        if (grown) {
            scrubber.committed();
            tell(appendListeners);
        }
        tell(commitListeners);
    }

    /** All of them, whatever one of them does. */
    private static void tell(List<Runnable> listeners) {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (Throwable e) {
                LOG.error("a listener of the journal failed", e);
            }
        }
    }

    /** The session to begin with, and what it knows of the journal so far. */
    private WriteSession first(GroupCommit.SessionFactory sessions) throws SQLException {
        WriteSession first = sessions.open();
        try {
            end = first.lastSequence();
            readSources(first.connection());
            return first;
        } catch (SQLException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    private void readSources(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT name, accepted, skipped, duplicates, set_aside FROM"
                                        + " source")) {
            while (row.next()) {
                sources.put(
                        row.getString(1),
                        new SourceTotals(
                                row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
            }
        }
        connection.commit();
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static <T extends @Nullable Object> T await(CompletableFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof JournalUnavailableException known
                    ? known
                    : new JournalUnavailableException("the journal failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalUnavailableException("interrupted while the journal wrote", e);
        }
    }
}
