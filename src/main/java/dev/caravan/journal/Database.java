package dev.caravan.journal;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * The journal's file: opened by one process at a time, checked to be a journal, brought to the
 * newest schema.
 */
final class Database implements AutoCloseable {
    static final String FILE = "journal.db";

    /** "CRVN": tells a journal from any other SQLite file. */
    private static final int APPLICATION_ID = 0x4352_564e;

    /** In {@code meta} once somebody was erased: what tells the key from another. */
    static final String KEY_CHECK = "erasure_key";

    static final int PAGE_BYTES = 4096;

    /** How long a connection waits for another one. */
    static final int BUSY_MILLIS = 5_000;

    /** Schema versions in order; an older journal goes through those behind its own at start. */
    private static final List<List<String>> VERSIONS =
            List.of(
                    List.of(
                            "CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID",
                            "CREATE TABLE batch(first_seq INTEGER PRIMARY KEY, count INTEGER NOT NULL,"
                                    + " received_at INTEGER NOT NULL, persons BLOB NOT NULL,"
                                    + " heads BLOB NOT NULL, bodies BLOB NOT NULL)",
                            "CREATE TABLE source(name TEXT PRIMARY KEY, accepted INTEGER NOT NULL,"
                                    + " duplicates INTEGER NOT NULL, set_aside INTEGER NOT NULL)"
                                    + " WITHOUT ROWID",
                            "CREATE TABLE person_link(person INTEGER PRIMARY KEY, into_person INTEGER"
                                    + " NOT NULL)",
                            "CREATE TABLE seen_log(id INTEGER PRIMARY KEY, entries BLOB NOT NULL)",
                            "CREATE TABLE seen_block(id INTEGER PRIMARY KEY, entries BLOB NOT NULL)",
                            "CREATE TABLE seen_segment(id INTEGER PRIMARY KEY, generation INTEGER NOT"
                                    + " NULL)",
                            "CREATE TABLE seen_generation(id INTEGER PRIMARY KEY, opened_at INTEGER NOT"
                                    + " NULL, newest_at INTEGER NOT NULL, covered INTEGER NOT NULL)",
                            "CREATE TABLE seen_filter(id INTEGER PRIMARY KEY, words BLOB NOT NULL)",
                            "CREATE TABLE destination(name TEXT PRIMARY KEY, started_at INTEGER NOT"
                                    + " NULL, settlements INTEGER NOT NULL, cursors BLOB NOT NULL, delivered INTEGER NOT NULL,"
                                    + " skipped INTEGER NOT NULL, dead INTEGER NOT NULL, stopped INTEGER"
                                    + " NOT NULL) WITHOUT ROWID",
                            "CREATE TABLE held(destination TEXT NOT NULL, person INTEGER NOT NULL,"
                                    + " first_unsettled INTEGER NOT NULL, since INTEGER NOT NULL,"
                                    + " PRIMARY KEY(destination, person)) WITHOUT ROWID",
                            "CREATE TABLE skip(destination TEXT NOT NULL, sequence INTEGER NOT NULL,"
                                    + " rule TEXT NOT NULL, PRIMARY KEY(destination, sequence))"
                                    + " WITHOUT ROWID",
                            "CREATE TABLE dead_letter(id INTEGER PRIMARY KEY AUTOINCREMENT, destination"
                                    + " TEXT NOT NULL, source TEXT NOT NULL, place TEXT NOT NULL,"
                                    + " message_id TEXT, type TEXT, name TEXT, rule TEXT NOT NULL,"
                                    + " reason TEXT NOT NULL, status INTEGER NOT NULL, attempts INTEGER"
                                    + " NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,"
                                    + " person BLOB, head BLOB, item BLOB NOT NULL, envelope BLOB,"
                                    + " content INTEGER)",
                            "CREATE INDEX dead_letter_destination ON dead_letter(destination)",
                            "CREATE INDEX dead_letter_source ON dead_letter(source)",
                            "CREATE INDEX dead_letter_rule ON dead_letter(rule)",
                            "CREATE INDEX dead_letter_at ON dead_letter(at)",
                            "CREATE INDEX dead_letter_message ON dead_letter(message_id, content)"),
                    List.of(
                            "CREATE TABLE claim(name INTEGER NOT NULL, kind INTEGER NOT NULL, at INTEGER"
                                    + " NOT NULL, sequence INTEGER NOT NULL, user INTEGER NOT NULL,"
                                    + " PRIMARY KEY(name, kind, at, sequence)) WITHOUT ROWID",
                            "CREATE INDEX claim_user ON claim(user, kind, at, sequence)",
                            "CREATE TABLE erasure(id INTEGER PRIMARY KEY, meaning TEXT NOT NULL,"
                                    + " cut_off INTEGER NOT NULL, accepted_at INTEGER NOT NULL, source"
                                    + " TEXT NOT NULL, message_id TEXT NOT NULL, names BLOB NOT NULL)",
                            "CREATE TABLE erasure_log(id INTEGER PRIMARY KEY, entries BLOB NOT NULL)",
                            "CREATE TABLE receipt(erasure INTEGER NOT NULL, destination TEXT NOT NULL,"
                                    + " state TEXT NOT NULL, status INTEGER NOT NULL, attempts INTEGER"
                                    + " NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY"
                                    + " KEY(erasure, destination)) WITHOUT ROWID",
                            "CREATE TABLE unanswered(erasure INTEGER NOT NULL, destination TEXT NOT"
                                    + " NULL, sequence INTEGER NOT NULL, PRIMARY KEY(erasure,"
                                    + " destination, sequence)) WITHOUT ROWID"),
                    List.of(
                            "CREATE TABLE scrub(id INTEGER PRIMARY KEY, through INTEGER NOT NULL, stage"
                                    + " INTEGER NOT NULL, place INTEGER NOT NULL, remaining INTEGER"
                                    + " NOT NULL, done_at INTEGER)",
                            "CREATE INDEX scrub_through ON scrub(through)",
                            "CREATE TABLE carrier(sequence INTEGER PRIMARY KEY, erased INTEGER NOT NULL)",
                            "INSERT INTO carrier(sequence, erased) SELECT id, 0 FROM erasure",
                            "ALTER TABLE erasure ADD COLUMN events INTEGER NOT NULL DEFAULT 0",
                            "ALTER TABLE erasure ADD COLUMN letters INTEGER NOT NULL DEFAULT 0",
                            "ALTER TABLE dead_letter ADD COLUMN behind INTEGER NOT NULL DEFAULT 0",
                            "ALTER TABLE source ADD COLUMN skipped INTEGER NOT NULL DEFAULT 0",
                            "CREATE TABLE decision(id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT NOT"
                                    + " NULL, operator TEXT NOT NULL, at INTEGER NOT NULL, source"
                                    + " TEXT NOT NULL, rule TEXT, letter INTEGER NOT NULL, sequence"
                                    + " INTEGER NOT NULL, message INTEGER NOT NULL)",
                            "CREATE INDEX decision_sequence ON decision(sequence)",
                            "CREATE INDEX decision_message ON decision(message)"),
                    List.of(
                            "CREATE INDEX receipt_refused ON receipt(erasure) WHERE state ="
                                    + " 'REFUSED'",
                            "CREATE TABLE user_id(user INTEGER PRIMARY KEY, email INTEGER, text TEXT"
                                    + " NOT NULL)",
                            "CREATE INDEX user_id_email ON user_id(email) WHERE email IS NOT"
                                    + " NULL"),
                    List.of(SqliteFiles.TABLE),
                    List.of(
                            "CREATE TABLE progress(name TEXT PRIMARY KEY, value TEXT NOT NULL)"
                                    + " WITHOUT ROWID"),
                    List.of("ALTER TABLE seen_segment ADD COLUMN log INTEGER NOT NULL DEFAULT 0"));

    private final Path file;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final RandomAccessFile content;
    private final long maxSize;

    private Database(
            Path file,
            FileChannel lockFile,
            FileLock lock,
            RandomAccessFile content,
            long maxSize) {
        this.file = file;
        this.lockFile = lockFile;
        this.lock = lock;
        this.content = content;
        this.maxSize = maxSize;
    }

    /**
     * Opens or makes the journal of a directory.
     *
     * @throws JournalUnavailableException if another process has it, or it is no journal, or one of
     *     a newer Caravan, or damaged; the message says which
     */
    static Database open(JournalSettings settings) {
        Path directory = settings.directory();
        Path file = directory.resolve(FILE);
        FileChannel channel = null;
        RandomAccessFile content = null;
        try {
            OwnerOnly.folder(directory);
            Path lockFile = directory.resolve("journal.lock");
            OwnerOnly.file(lockFile);
            channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
            FileLock lock = tryLock(channel);
            if (lock == null) {
                throw new JournalUnavailableException(
                        "the journal " + file + " is in use by another process");
            }
            OwnerOnly.file(file); // SQLite gives its log the rights of the database
            OwnerOnly.close(directory.resolve(FILE + "-wal"));
            OwnerOnly.close(directory.resolve(FILE + "-shm"));
            content = new RandomAccessFile(file.toFile(), "r");
            Database database = new Database(file, channel, lock, content, settings.maxSize());
            database.prepare(settings.partitions());
            return database;
        } catch (IOException | SQLException | RuntimeException e) {
            closeQuietly(content);
            closeQuietly(channel);
            throw e instanceof JournalUnavailableException known ? known : unusable(file, e);
        }
    }

    Path file() {
        return file;
    }

    /**
     * The key of the erasures' hashes, made if nothing was erased yet.
     *
     * @throws JournalUnavailableException if it is not there, or not the one that was used
     */
    ErasureKey erasureKey() throws SQLException, IOException {
        try (Connection connection = reader();
                Statement statement = connection.createStatement()) {
            boolean used = number(statement, "SELECT EXISTS(SELECT 1 FROM erasure)") == 1;
            Path directory = file.toAbsolutePath().getParent();
            ErasureKey key = ErasureKey.open(directory, used);
            long check =
                    number(statement, "SELECT value FROM meta WHERE name = '" + KEY_CHECK + "'");
            if (used && check != key.check()) {
                throw new JournalUnavailableException(
                        ("the file %s has another key than the one by which this journal knows who"
                                        + " was erased; put the right one back from a backup")
                                .formatted(directory.resolve(ErasureKey.FILE)));
            }
            return key;
        }
    }

    /** A connection for the one who writes. */
    Connection writer() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setPageSize(PAGE_BYTES);
        config.setCacheSize(-4_000); // KiB; with less it reads many pages twice
        config.setBusyTimeout(BUSY_MILLIS); // only a checkpoint can be in the way
        config.setPragma(SQLiteConfig.Pragma.SECURE_DELETE, "true");
        // nobody asks for them, and the driver would make a query of its own behind each INSERT
        config.setGetGeneratedKeys(false);
        Connection connection = config.createConnection("jdbc:sqlite:" + file);
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA wal_autocheckpoint = 0");
            statement.execute("PRAGMA journal_size_limit = " + 64_000_000);
            if (maxSize > 0) {
                // events are refused at the limit; cursors and dead letters still find room
                statement.execute(
                        "PRAGMA max_page_count = " + (maxSize + maxSize / 4) / PAGE_BYTES);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A connection that only reads. */
    Connection reader() throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setCacheSize(-2_000); // KiB
        config.setBusyTimeout(BUSY_MILLIS);
        return config.createConnection("jdbc:sqlite:" + file);
    }

    /** Waits until the disk has what was copied into the file. */
    void sync() throws IOException {
        content.getFD().sync();
    }

    /** Behind its connections: whoever closes a file of SQLite's takes all of their locks along. */
    @Override
    public void close() {
        closeQuietly(content);
        try {
            lock.release();
        } catch (IOException e) {
            // the process's end releases it too
        }
        closeQuietly(lockFile);
    }

    private void prepare(Partitions partitions) throws SQLException {
        try (Connection connection = writer();
                Statement statement = connection.createStatement()) {
            long applicationId = number(statement, "PRAGMA application_id");
            int version = (int) number(statement, "PRAGMA user_version");
            boolean empty = number(statement, "SELECT count(*) FROM sqlite_schema") == 0;
            if (empty && applicationId == 0) {
                statement.execute("PRAGMA application_id = " + APPLICATION_ID);
            } else if (applicationId != APPLICATION_ID) {
                throw new JournalUnavailableException(
                        "the file " + file + " is a database of something else, not a journal");
            }
            if (version > VERSIONS.size()) {
                throw new JournalUnavailableException(
                        "the journal %s is of version %d, made by a newer Caravan; this one knows %d"
                                .formatted(file, version, VERSIONS.size()));
            }
            migrate(connection, statement, version);
            checkPartitions(connection, statement, partitions);
        }
    }

    private static void migrate(Connection connection, Statement statement, int version)
            throws SQLException {
        connection.setAutoCommit(false);
        for (int next = version; next < VERSIONS.size(); next++) {
            for (String sql : VERSIONS.get(next)) {
                statement.execute(sql);
            }
            statement.execute("PRAGMA user_version = " + (next + 1));
            connection.commit();
        }
        connection.setAutoCommit(true);
    }

    private void checkPartitions(Connection connection, Statement statement, Partitions partitions)
            throws SQLException {
        statement.execute(
                "INSERT OR IGNORE INTO meta(name, value) VALUES ('partitions', "
                        + partitions.count()
                        + ")");
        long made = number(statement, "SELECT value FROM meta WHERE name = 'partitions'");
        if (made != partitions.count()) {
            throw new JournalUnavailableException(
                    "the journal %s was made with %d partitions, which cannot change; caravan.journal.partitions is %d"
                            .formatted(file, made, partitions.count()));
        }
    }

    private static long number(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static JournalUnavailableException unusable(Path file, Exception e) {
        return new JournalUnavailableException(
                "the journal " + file + " cannot be opened: " + e.getMessage(), e);
    }

    private static void closeQuietly(@Nullable Closeable resource) {
        try {
            if (resource != null) {
                resource.close();
            }
        } catch (IOException e) {
            // nothing is lost with it
        }
    }
}
