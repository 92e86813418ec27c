package dev.caravan.journal;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongPredicate;

/**
 * The durable, ordered record of accepted events: a log with cursors, not a queue with a state per
 * delivery. Thread-safe.
 *
 * <p>Sequences count from 1 without gaps, in the order of acceptance. Each event belongs to a
 * partition by its person's hash, see {@link Partitions}; order is promised within one.
 */
public interface Journal extends AutoCloseable {
    /**
     * Appends all of a submission or nothing. Duplicates are recognised and left out; what is no
     * event becomes a dead letter of the door, in the same transaction.
     *
     * @return completes when everything is on disk; fails with {@link JournalUnavailableException}
     *     if nothing was stored, and the caller must then refuse what it was given
     */
    CompletableFuture<Appended> append(Submission submission);

    /** The last sequence on disk, 0 before the first event. */
    long end();

    /** How many partitions there are; fixed when the journal was made. */
    Partitions partitions();

    /**
     * Reads events in order, as far as is cheap in one go: what there is behind {@link
     * Slice#through()} the next read finds.
     *
     * @param after the sequence behind which to begin
     * @param through the last sequence to look at
     * @param maxEvents how many events to return at the most, 1 or more
     * @param maxBytes ends early when the JSON returned exceeds this; one event is always returned
     * @param persons which persons' events to return, by {@link Entry#person()}; what it declines
     *     costs next to nothing
     */
    Slice read(long after, long through, int maxEvents, long maxBytes, LongPredicate persons);

    /**
     * Calls back, on a thread of the journal and so briefly, whenever {@link #end()} has grown.
     *
     * @return ends the calls
     */
    Runnable onAppend(Runnable listener);

    /**
     * Calls back, on a thread of the journal and so briefly, behind each commit, whatever it
     * brought: while it does not, all that can be read stays what it was.
     *
     * @return ends the calls
     */
    Runnable onCommit(Runnable listener);

    /**
     * The ledger of a destination, made if the journal has none of this name yet.
     *
     * @param fromBeginning where a new one begins: at the oldest event, or behind the newest
     */
    Ledger ledger(String destination, boolean fromBeginning);

    /** How far a destination has come; empty if the journal has none of this name. */
    Optional<LedgerState> state(String destination);

    /** Names of all destinations that hold a place, configured or not. */
    List<String> destinations();

    /**
     * Removes a destination's place and its dead letters, so that it holds no events any longer.
     */
    CompletableFuture<Void> forget(String destination);

    /** What was refused, by doors and destinations. */
    DeadLetters deadLetters();

    /** Who was erased. */
    Erasures erasures();

    /**
     * What operators decided, in the order of their ids.
     *
     * @param after the id behind which to begin
     * @param limit 1 to 1000
     */
    List<Decision> decisions(long after, int limit);

    /** What operators decided of what had this message id. */
    List<Decision> decisions(String messageId);

    /** All events of this message id, at most one for each source. */
    List<Entry> find(String messageId);

    /** Why a destination's route skipped this event on purpose; empty if it did not. */
    Optional<String> skipRule(String destination, long sequence);

    /**
     * The sequence of the first event received at or after this time; {@code end() + 1} if none.
     * Behind it may be events received before this time: those of a file carry the time at which
     * its reading began, and clocks are set back.
     */
    long firstReceivedAt(Instant time);

    /**
     * How far a source was read that is read page by page, as {@link #moveProgress} stored it;
     * empty if nothing was stored under this name.
     */
    Optional<String> progress(String name);

    /**
     * Stores how far a source was read, in place of what was stored under this name before. Asked
     * for when what was read is on disk, so that a crash in between brings it again rather than
     * leaves it out.
     *
     * @return completes when it is on disk
     */
    CompletableFuture<Void> moveProgress(String name, String progress);

    /** A file of this name that was stored in part; empty if there is none. */
    Optional<KnownFile> file(String source, String name);

    /** Files that could not be read to their end and have not come again. */
    List<KnownFile> brokenFiles();

    /** State for health and metrics. */
    JournalStatus status();

    /** Writes a consistent copy of the journal to a new file, while work goes on. */
    void backup(Path file);

    @Override
    void close();
}
