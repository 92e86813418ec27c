package dev.caravan.journal;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.File;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Copies the write-ahead log into the database so that it stays short, removes what has left its
 * time in small steps, and watches the size: once a second while something is written. While
 * nothing is, it looks at the disk alone, which others fill too, and seldom for what has left its
 * time. Works beside the writer; what it removes it removes through it.
 */
final class Housekeeper implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Housekeeper.class);

    private static final long CHECKPOINT_BYTES = 4_000_000;
    private static final long WAL_BYTES = 32_000_000;
    private static final long CHECKPOINT_PAUSE_MILLIS = 200;
    private static final long MANY_FRAMES = 256;

    /** A quarter of the time, so that it keeps pace with what comes however often it commits. */
    private static final long EXPIRING_NANOS = 250_000_000;

    private static final long FIRST_MILLIS = 250;
    private static final long BUSY_MILLIS = 1_000;
    private static final long QUIET_MILLIS = 30_000;

    /** By the journal's clock, while nothing is written. */
    private static final long QUIET_EXPIRY_MILLIS = 600_000;

    private static final double WARN_AT = 0.7;
    private static final double CALM_BELOW = 0.65;

    /** Looks without trouble before the log says that it is over, for it comes and goes. */
    private static final int CALM_LOOKS = 30;

    /** Space kept for cursors, dead letters and deletions when the disk runs full, at the most. */
    private static final long RESERVE_BYTES = 32_000_000;

    private static final int RESERVE_SHARE = 20;

    private final Database database;
    private final GroupCommit writer;
    private final JournalSettings settings;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor timer;
    private final File file;
    private final File log;
    private final AtomicLong commits = new AtomicLong();

    private @Nullable LogLook seen;
    private long commitsOfOthers;
    private long ownCommits;
    private boolean soonAgain;
    private volatile boolean resting;
    private @Nullable Connection connection;
    private long framesBefore;
    private boolean copied;
    private boolean soon;
    private long pageBytes;
    private long unusedBytes;
    private long expiredMillis;
    private boolean refusing;
    private boolean warned;
    private int calmLooks;
    private volatile Space space = new Space(0, Long.MAX_VALUE);
    private volatile @Nullable String refusal;
    private volatile @Nullable String warning;

    /** Bytes used and left. */
    record Space(long bytes, long freeBytes) {}

    /** How the write-ahead log looks, which each write changes. */
    private record LogLook(long bytes, long modifiedMillis) {}

    Housekeeper(
            Database database, GroupCommit writer, JournalSettings settings, InstantSource clock) {
        this.database = database;
        this.writer = writer;
        this.settings = settings;
        this.clock = clock;
        file = database.file().toFile();
        log = new File(file.getPath() + "-wal");
        timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "journal-housekeeper");
                            thread.setDaemon(true);
                            return thread;
                        },
                        new ThreadPoolExecutor.DiscardPolicy()); // after the end
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        measure(false);
        timer.scheduleWithFixedDelay(this::round, FIRST_MILLIS, QUIET_MILLIS, MILLISECONDS);
    }

    /** Something was committed; costs next to nothing. */
    void committed() {
        commits.incrementAndGet();
        if (resting) {
            resting = false;
            timer.execute(this::soonAgain);
        }
    }

    private void soonAgain() {
        if (!soonAgain) {
            timer.schedule(this::roundBetween, BUSY_MILLIS, MILLISECONDS);
            soonAgain = true;
        }
    }

    private void roundBetween() {
        soonAgain = false;
        round();
    }

    /** Why no event may be stored now; null if it may. */
    @Nullable String refusal() {
        return refusal;
    }

    /** What will go wrong if nobody acts; null if nothing. */
    @Nullable String warning() {
        return warning;
    }

    Space space() {
        return space;
    }

    /** Whatever goes wrong: without it no log is ever copied again. */
    private void round() {
        try {
            LogLook before = logLook();
            boolean quiet = resting && before.equals(seen) && writer.problem() == null;
            resting = false;
            seen = before;
            boolean more = look(quiet);
            if (!more && refusal == null && !refusing) {
                resting = true; // of what is committed from here on we hear
                if (!logLook().equals(before)) {
                    resting = false;
                }
            }
        } catch (Throwable e) {
            resting = false;
            LOG.error("a round of the journal's housekeeper failed, made again in a second", e);
        } finally {
            if (!resting) {
                soonAgain();
            }
        }
    }

    private LogLook logLook() {
        return new LogLook(log.length(), log.lastModified());
    }

    /**
     * Does all, or if nothing was committed since the last look, what may be due all the same.
     *
     * @return whether there is more to remove
     */
    private boolean look(boolean quiet) {
        measure(quiet);
        if (!soon && !(quiet && copied)) {
            checkpoint();
        }
        long now = clock.millis();
        if (quiet && Math.abs(now - expiredMillis) < QUIET_EXPIRY_MILLIS) {
            return false;
        }
        expiredMillis = now;
        return expire(now - settings.retention().toMillis());
    }

    /** Whether nobody but the housekeeper wrote since the last time this was asked. */
    private boolean isAlone() {
        long others = commits.get() - ownCommits;
        boolean alone = others == commitsOfOthers;
        commitsOfOthers = others;
        return alone;
    }

    /**
     * Copies what is new in the write-ahead log into the database; soon again while much is
     * written, for the disk holds up whoever commits until a copy is on it, so it must be short.
     */
    private void checkpoint() {
        copied = log.length() < CHECKPOINT_BYTES;
        if (copied) {
            return;
        }
        try {
            long frames = copyLog();
            if (frames * Database.PAGE_BYTES > WAL_BYTES) {
                // The writer copies the few frames that came meanwhile and waits for the disk, then
                // the log begins anew. SQLite leaves it all of the waiting, so it is done here.
                database.sync();
                writer.checkpointSoon();
            }
            if (Math.abs(frames - framesBefore) > MANY_FRAMES && !soon && !timer.isShutdown()) {
                soon = true;
                timer.schedule(this::checkpointAgain, CHECKPOINT_PAUSE_MILLIS, MILLISECONDS);
            }
            framesBefore = frames;
        } catch (SQLException | IOException | RuntimeException e) {
            LOG.warnf(
                    "a checkpoint of the journal failed, and will be tried again: %s",
                    e.getMessage());
            closeConnection();
        }
    }

    /** Copies what no reader and no writer keeps it from; returns how many frames the log has. */
    private long copyLog() throws SQLException {
        try (Statement statement = connection().createStatement();
                ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(PASSIVE)")) {
            boolean free = row.next() && row.getInt("busy") == 0; // nobody else copies
            copied = free && row.getLong("checkpointed") == row.getLong("log");
            return free ? row.getLong("log") : 0;
        }
    }

    private void checkpointAgain() {
        soon = false;
        try {
            checkpoint();
        } catch (Throwable e) {
            LOG.error("a checkpoint of the journal failed, and will be tried again", e);
        }
    }

    private boolean expire(long olderThan) {
        boolean idle = isAlone();
        boolean trouble = writer.problem() != null;
        long began = System.nanoTime();
        boolean more = true;
        while (more && System.nanoTime() - began < EXPIRING_NANOS) {
            try {
                more =
                        writer.submit(
                                        0,
                                        session -> {
                                            if (trouble) {
                                                session.touch();
                                            }
                                            boolean due = idle && session.seen().isDue();
                                            return session.expire(olderThan) || due;
                                        })
                                .get(30, TimeUnit.SECONDS);
                ownCommits++;
            } catch (ExecutionException | TimeoutException e) {
                expiredMillis = 0; // the writer's trouble is reported where it happens
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return more;
    }

    private void measure(boolean quiet) {
        try {
            if (!quiet || pageBytes == 0) {
                unusedBytes = number("PRAGMA freelist_count") * Database.PAGE_BYTES;
                pageBytes = number("PRAGMA page_count") * Database.PAGE_BYTES;
            }
            long bytes = file.length() - unusedBytes + log.length();
            long free = file.getUsableSpace();
            long total = file.getTotalSpace() - file.getFreeSpace() + free;
            if (total == 0) {
                throw new IOException("the system does not tell its size");
            }
            double ofDisk = 1 - (double) free / total; // as df counts
            // of the log nothing stays that the pages do not have
            double ofLimit =
                    settings.maxSize() == 0
                            ? 0
                            : (double) (pageBytes - unusedBytes) / settings.maxSize();
            space = new Space(bytes, free);
            judge(bytes, free, total, ofDisk, ofLimit);
        } catch (IOException | SQLException e) {
            pageBytes = 0; // so that they are counted the next time
            warning = "the journal's disk cannot be looked at: " + e.getMessage();
        }
    }

    private void judge(long bytes, long free, long total, double ofDisk, double ofLimit) {
        if (ofLimit >= 1) {
            refusal = "the journal has reached caravan.journal.max-size";
        } else if (free < Math.min(RESERVE_BYTES, total / RESERVE_SHARE)) {
            refusal = "the journal's disk is full";
        } else {
            refusal = null;
        }
        if (refusal != null) {
            warning = refusal;
        } else if (ofLimit >= WARN_AT) {
            warning =
                    "the journal takes %d %% of caravan.journal.max-size"
                            .formatted((int) (ofLimit * 100));
        } else if (ofDisk >= WARN_AT) {
            warning = "the journal's disk is %d %% full".formatted((int) (ofDisk * 100));
        } else {
            warning = null;
        }
        report(bytes, Math.max(ofDisk, ofLimit), free);
    }

    /** Says once what goes wrong and once that it is over, though the size goes to and fro. */
    private void report(long bytes, double share, long free) {
        if (refusal != null) {
            calmLooks = 0;
            if (!refusing) {
                LOG.errorf("No event is taken any longer: %s %s", refusal, size(bytes, free));
            }
            refusing = true;
            warned = true;
        } else if (refusing && ++calmLooks >= CALM_LOOKS) {
            LOG.infof("Events are taken again %s", size(bytes, free));
            refusing = false;
        }
        if (warning != null && !warned) {
            LOG.warnf("%s %s", warning, size(bytes, free));
            warned = true;
        } else if (share < CALM_BELOW) {
            warned = false;
        }
    }

    private static String size(long bytes, long free) {
        return "(journal %d bytes, free %d bytes)".formatted(bytes, free);
    }

    private Connection connection() throws SQLException {
        Connection own = connection;
        if (own == null) {
            own = database.writer();
            connection = own;
            try (Statement statement = own.createStatement()) {
                statement.execute("PRAGMA cache_size = 50"); // it copies pages, and keeps none
            }
        }
        return own;
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private void closeConnection() {
        Connection own = connection;
        connection = null;
        try {
            if (own != null) {
                own.close();
            }
        } catch (SQLException e) {
            // a checkpoint is made again
        }
    }

    @Override
    public void close() {
        timer.shutdown();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                timer.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeConnection();
    }
}
