package dev.caravan.journal;

import dev.caravan.event.Event;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.journal.Appended.SetAside;
import dev.caravan.journal.JournalStatus.SourceTotals;
import dev.caravan.journal.LedgerState.Held;
import dev.caravan.journal.LedgerState.Totals;
import dev.caravan.journal.Settlement.Refusal;
import dev.caravan.journal.Settlement.Skip;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A journal in plain collections under one lock: simple enough to be seen to be right, and so the
 * model for the real one. It checks the books of each settlement and refuses those that do not add
 * up.
 */
public final class InMemoryJournal implements Journal {
    private final Map<String, String> progress = new java.util.concurrent.ConcurrentHashMap<>();

    private record Known(long fingerprint) {}

    private static final class Place {
        final long startedAt;
        long settlements;
        long[] cursors;
        List<Held> held = List.of();
        Totals totals = new Totals(0, 0, 0);
        boolean stopped;
        final Map<Long, String> skips = new HashMap<>();

        Place(long startedAt, int partitions) {
            this.startedAt = startedAt;
            this.cursors = new long[partitions];
            Arrays.fill(cursors, startedAt);
        }

        LedgerState state() {
            return new LedgerState(startedAt, settlements, cursors.clone(), held, totals, stopped);
        }
    }

    private record Letter(
            DeadLetter letter, byte[] item, byte @Nullable [] envelope, @Nullable Entry entry) {}

    private final Partitions partitions;
    private final InstantSource clock;
    private final Executor answering;
    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Known> seen = new HashMap<>();
    private final Map<Long, Long> links = new HashMap<>();
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final TreeMap<Long, Letter> letters = new TreeMap<>();
    private final Map<String, SourceTotals> totals = new HashMap<>();
    private final Map<List<String>, KnownFile> files = new LinkedHashMap<>();
    private final List<Runnable> listeners = new ArrayList<>();
    private final List<Runnable> commitListeners = new CopyOnWriteArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long lastLetter;
    private @Nullable String broken;
    private boolean losesAnswers;
    private Predicate<Event> erased = event -> false;

    /**
     * Makes one.
     *
     * @param answering where futures are completed
     */
    public InMemoryJournal(int partitions, InstantSource clock, Executor answering) {
        this.partitions = new Partitions(partitions);
        this.clock = clock;
        this.answering = answering;
    }

    /** One that answers at once. */
    public InMemoryJournal(int partitions, InstantSource clock) {
        this(partitions, clock, Runnable::run);
    }

    /** From now on nothing can be stored, for this reason; null ends it. */
    public synchronized void breakWith(@Nullable String problem) {
        broken = problem;
    }

    /** From now on everything is stored, but reported as not stored. */
    public synchronized void loseAnswers(boolean lost) {
        losesAnswers = lost;
    }

    /** From now on nothing but the place is stored of events like these. */
    public synchronized void erase(Predicate<Event> some) {
        erased = some;
    }

    @Override
    public CompletableFuture<Appended> append(Submission submission) {
        var answer = store(() -> appendNow(submission));
        List<Runnable> all;
        synchronized (this) {
            all = List.copyOf(listeners);
        }
        all.forEach(Runnable::run);
        return answer;
    }

    private Appended appendNow(Submission submission) {
        int accepted = 0;
        int duplicates = 0;
        int letters = 0;
        List<SetAside> aside = new ArrayList<>();
        if (submission.file() != null) {
            remember(submission, submission.file());
        }
        for (int i = 0; i < submission.items().size(); i++) {
            Reading item = submission.items().get(i);
            if (item instanceof Reading.SetAside letter) {
                letters += addDoorLetter(submission, letter) ? 1 : 0;
                aside.add(new SetAside(i, letter.reason()));
                continue;
            }
            var event = (Reading.Accepted) item;
            String id = submission.source() + "\n" + event.event().messageId();
            Known known = seen.putIfAbsent(id, new Known(event.fingerprint()));
            if (known == null) {
                add(submission, event);
                accepted++;
            } else if (known.fingerprint() == event.fingerprint()) {
                duplicates++;
            } else {
                String reason = "the message id was taken before, by other content";
                boolean news =
                        addDoorLetter(
                                submission,
                                new Reading.SetAside(
                                        Reading.Rule.ID_REUSED,
                                        reason,
                                        event.event().messageId(),
                                        event.event().json()));
                letters += news ? 1 : 0;
                aside.add(new SetAside(i, reason));
            }
        }
        totals.merge(
                submission.source(),
                new SourceTotals(accepted, duplicates + aside.size() - letters, letters),
                InMemoryJournal::sum);
        return new Appended(accepted, duplicates, aside);
    }

    private static SourceTotals sum(SourceTotals one, SourceTotals other) {
        return new SourceTotals(
                one.accepted() + other.accepted(),
                one.duplicates() + other.duplicates(),
                one.setAside() + other.setAside());
    }

    private void add(Submission submission, Reading.Accepted event) {
        long person = resolve(event.person().hash());
        Set<Long> joins = new HashSet<>();
        for (PersonKey older : event.joins()) {
            long before = resolve(older.hash());
            if (before != person) {
                joins.add(before);
                links.put(older.hash(), person);
            }
        }
        boolean left = erased.test(event.event());
        entries.add(
                new Entry(
                        entries.size() + 1L,
                        submission.source(),
                        submission.receivedAt(),
                        left && joins.isEmpty() ? partitions.anonymous(person) : person,
                        List.copyOf(joins),
                        left ? nothingOf(event.event()) : event.event(),
                        left ? 1 : 0));
    }

    private static Event nothingOf(Event event) {
        return new Event(
                event.call(),
                event.meaning(),
                null,
                null,
                null,
                "",
                event.occurredAt(),
                false,
                new byte[0]);
    }

    private long resolve(long person) {
        Long into = links.get(person);
        return into == null ? person : resolve(into);
    }

    private boolean addDoorLetter(Submission submission, Reading.SetAside item) {
        if (item.messageId() != null
                && letters.values().stream().anyMatch(known -> isSame(known, submission, item))) {
            return false;
        }
        long letter = ++lastLetter;
        letters.put(
                letter,
                new Letter(
                        new DeadLetter(
                                letter,
                                null,
                                submission.source(),
                                item.place().isEmpty() ? submission.place() : item.place(),
                                item.messageId(),
                                null,
                                null,
                                item.rule().name(),
                                item.reason(),
                                0,
                                0,
                                0,
                                clock.instant()),
                        item.item(),
                        item.envelope(),
                        null));
        return true;
    }

    private static boolean isSame(Letter known, Submission submission, Reading.SetAside item) {
        DeadLetter letter = known.letter();
        return letter.destination() == null
                && letter.source().equals(submission.source())
                && item.messageId().equals(letter.messageId())
                && Arrays.equals(known.item(), item.item());
    }

    @Override
    public synchronized long end() {
        return entries.size();
    }

    @Override
    public Partitions partitions() {
        return partitions;
    }

    @Override
    public synchronized Slice read(
            long after, long through, int maxEvents, long maxBytes, LongPredicate persons) {
        List<Entry> found = new ArrayList<>();
        long bytes = 0;
        long last = Math.min(through, entries.size());
        for (long sequence = after + 1; sequence <= last; sequence++) {
            Entry entry = entries.get((int) sequence - 1);
            if (persons.test(entry.person())) {
                bytes += entry.event().json().length;
                found.add(entry);
                if (found.size() >= maxEvents || bytes >= maxBytes) {
                    return new Slice(found, sequence);
                }
            }
        }
        return new Slice(found, Math.max(after, last));
    }

    @Override
    public synchronized Runnable onAppend(Runnable listener) {
        listeners.add(listener);
        return () -> {
            synchronized (this) {
                listeners.remove(listener);
            }
        };
    }

    @Override
    public Runnable onCommit(Runnable listener) {
        commitListeners.add(listener);
        return () -> commitListeners.remove(listener);
    }

    /** How many are called back. */
    public synchronized int listeners() {
        return listeners.size();
    }

    @Override
    public synchronized Ledger ledger(String destination, boolean fromBeginning) {
        places.computeIfAbsent(
                destination,
                name -> new Place(fromBeginning ? 0 : entries.size(), partitions.count()));
        return new InMemoryLedger(destination);
    }

    @Override
    public synchronized Optional<LedgerState> state(String destination) {
        return Optional.ofNullable(places.get(destination)).map(Place::state);
    }

    @Override
    public synchronized List<String> destinations() {
        return List.copyOf(places.keySet());
    }

    @Override
    public CompletableFuture<Void> forget(String destination) {
        return store(
                () -> {
                    places.remove(destination);
                    letters.values()
                            .removeIf(letter -> destination.equals(letter.letter().destination()));
                    return null;
                });
    }

    @Override
    public DeadLetters deadLetters() {
        return new InMemoryDeadLetters();
    }

    @Override
    public Erasures erasures() {
        return new NoErasures();
    }

    @Override
    public List<Decision> decisions(long after, int limit) {
        return List.of();
    }

    @Override
    public List<Decision> decisions(String messageId) {
        return List.of();
    }

    @Override
    public synchronized List<Entry> find(String messageId) {
        return entries.stream()
                .filter(entry -> entry.event().messageId().equals(messageId))
                .toList();
    }

    @Override
    public synchronized Optional<String> skipRule(String destination, long sequence) {
        Place place = places.get(destination);
        return place == null ? Optional.empty() : Optional.ofNullable(place.skips.get(sequence));
    }

    @Override
    public synchronized long firstReceivedAt(Instant time) {
        for (Entry entry : entries) {
            if (!entry.receivedAt().isBefore(time)) {
                return entry.sequence();
            }
        }
        return entries.size() + 1L;
    }

    @Override
    public Optional<String> progress(String name) {
        return Optional.ofNullable(progress.get(name));
    }

    @Override
    public CompletableFuture<Void> moveProgress(String name, String value) {
        progress.put(name, value);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized Optional<KnownFile> file(String source, String name) {
        return Optional.ofNullable(files.get(List.of(source, name)));
    }

    @Override
    public synchronized List<KnownFile> brokenFiles() {
        return files.values().stream().filter(file -> file.broken() != null).toList();
    }

    private void remember(Submission submission, FileMark mark) {
        List<String> key = List.of(submission.source(), mark.name());
        KnownFile before = files.get(key);
        boolean follows =
                before != null
                        && before.identity().equals(mark.identity())
                        && before.records() == mark.before();
        Optional<WholeFile> whole = WholeFile.of(mark.identity());
        boolean followsAsWhole =
                before != null
                        && whole.isPresent()
                        && before.identity().equals(whole.get().ids())
                        && before.records() == mark.before();
        if (mark.done() && whole.isEmpty()) {
            if (mark.before() == 0 || follows) {
                files.remove(key);
            }
        } else if (mark.before() == 0 || follows || followsAsWhole) {
            files.put(
                    key,
                    new KnownFile(
                            submission.source(),
                            mark.name(),
                            mark.identity(),
                            mark.records(),
                            mark.checksum(),
                            mark.broken(),
                            submission.receivedAt()));
        }
    }

    @Override
    public synchronized JournalStatus status() {
        return new JournalStatus(
                broken == null,
                broken,
                null,
                0,
                0,
                Long.MAX_VALUE,
                entries.isEmpty() ? null : entries.get(0).receivedAt(),
                totals);
    }

    @Override
    public void backup(Path file) {
        throw new JournalUnavailableException("what is in memory alone has no backup");
    }

    @Override
    public void close() {}

    /** What was wrong with settlements so far; they were refused. */
    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** All events, in order. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** Whether a destination is done with an event, by what is stored. */
    public synchronized boolean isSettled(String destination, Entry entry) {
        Place place = places.get(destination);
        return isSettled(place.startedAt, place.cursors, place.held, entry);
    }

    private boolean isSettled(long startedAt, long[] cursors, List<Held> held, Entry entry) {
        if (entry.sequence() <= startedAt) {
            return true;
        }
        for (Held person : held) {
            if (person.person() == entry.person()) {
                return entry.sequence() < person.firstUnsettled();
            }
        }
        return entry.sequence() <= cursors[partitions.of(entry.person())];
    }

    private <T> CompletableFuture<T> store(Supplier<T> change) {
        var answer = new CompletableFuture<T>();
        try {
            T result;
            synchronized (this) {
                if (broken != null) {
                    throw new JournalUnavailableException(broken);
                }
                result = change.get();
                commitListeners.forEach(Runnable::run);
                if (losesAnswers) {
                    throw new JournalUnavailableException("stored, but who knows");
                }
            }
            answering.execute(() -> answer.complete(result));
        } catch (JournalUnavailableException e) {
            answering.execute(() -> answer.completeExceptionally(e));
        }
        return answer;
    }

    private final class InMemoryLedger implements Ledger {
        private final String destination;

        InMemoryLedger(String destination) {
            this.destination = destination;
        }

        @Override
        public String destination() {
            return destination;
        }

        @Override
        public LedgerState state() {
            synchronized (InMemoryJournal.this) {
                return places.get(destination).state();
            }
        }

        @Override
        public CompletableFuture<Void> settle(Settlement settlement) {
            return store(
                    () -> {
                        Place place = places.get(destination);
                        if (settlement.number() == place.settlements) {
                            return null;
                        }
                        try {
                            check(place, settlement);
                        } catch (IllegalStateException e) {
                            violations.add(e.getMessage());
                            throw e;
                        }
                        place.settlements = settlement.number();
                        place.cursors = settlement.cursors().clone();
                        place.held = settlement.held();
                        place.totals = place.totals.plus(settlement.more());
                        for (Refusal refusal : settlement.deadLetters()) {
                            add(refusal);
                        }
                        for (Skip skip : settlement.skipped()) {
                            place.skips.put(skip.sequence(), skip.rule());
                        }
                        return null;
                    });
        }

        private void check(Place place, Settlement settlement) {
            if (settlement.number() != place.settlements + 1) {
                throw new IllegalStateException(settlement.number() + " follows no settlement");
            }
            long more = 0;
            for (Entry entry : entries) {
                boolean before = isSettled(place.startedAt, place.cursors, place.held, entry);
                boolean now =
                        isSettled(place.startedAt, settlement.cursors(), settlement.held(), entry);
                if (before && !now) {
                    throw new IllegalStateException(entry.sequence() + " was settled before");
                }
                more += before != now ? 1 : 0;
            }
            if (more != settlement.more().settled()) {
                throw new IllegalStateException(
                        "settled are %d more events, counted %d"
                                .formatted(more, settlement.more().settled()));
            }
            for (Refusal refusal : settlement.deadLetters()) {
                boolean now =
                        isSettled(
                                place.startedAt,
                                settlement.cursors(),
                                settlement.held(),
                                refusal.entry());
                boolean before =
                        isSettled(place.startedAt, place.cursors, place.held, refusal.entry());
                if (before || !now) {
                    throw new IllegalStateException("a dead letter comes at the wrong time");
                }
            }
            if (settlement.deadLetters().size() != settlement.more().dead()) {
                throw new IllegalStateException("dead letters are counted wrong");
            }
        }

        private void add(Refusal refusal) {
            long id = ++lastLetter;
            Entry entry = refusal.entry();
            letters.put(
                    id,
                    new Letter(
                            new DeadLetter(
                                    id,
                                    destination,
                                    entry.source(),
                                    "",
                                    entry.event().messageId(),
                                    entry.event().call().type(),
                                    entry.event().name(),
                                    refusal.rule().name(),
                                    refusal.reason(),
                                    refusal.status(),
                                    refusal.attempts(),
                                    entry.sequence(),
                                    clock.instant()),
                            entry.event().json(),
                            null,
                            entry));
        }

        @Override
        public CompletableFuture<Void> hold(boolean stopped) {
            return store(
                    () -> {
                        places.get(destination).stopped = stopped;
                        return null;
                    });
        }
    }

    private final class InMemoryDeadLetters implements DeadLetters {
        @Override
        public List<DeadLetter> list(Filter filter, long after, int limit) {
            synchronized (InMemoryJournal.this) {
                return letters.tailMap(after, false).values().stream()
                        .map(Letter::letter)
                        .filter(letter -> matches(letter, filter))
                        .limit(limit)
                        .toList();
            }
        }

        @Override
        public long count(Filter filter) {
            synchronized (InMemoryJournal.this) {
                return letters.values().stream()
                        .filter(letter -> matches(letter.letter(), filter))
                        .count();
            }
        }

        @Override
        public Optional<DeadLetter> get(long id) {
            synchronized (InMemoryJournal.this) {
                return Optional.ofNullable(letters.get(id)).map(Letter::letter);
            }
        }

        @Override
        public Optional<byte[]> item(long id) {
            synchronized (InMemoryJournal.this) {
                return Optional.ofNullable(letters.get(id)).map(Letter::item);
            }
        }

        @Override
        public Optional<byte[]> envelope(long id) {
            synchronized (InMemoryJournal.this) {
                return Optional.ofNullable(letters.get(id)).map(Letter::envelope);
            }
        }

        @Override
        public Optional<Entry> entry(long id) {
            synchronized (InMemoryJournal.this) {
                return Optional.ofNullable(letters.get(id)).map(Letter::entry);
            }
        }

        @Override
        public CompletableFuture<Void> remove(long id) {
            return store(
                    () -> {
                        letters.remove(id);
                        return null;
                    });
        }

        @Override
        public CompletableFuture<Integer> discard(List<Long> ids, String operator) {
            return store(
                    () -> {
                        int before = letters.size();
                        ids.forEach(letters::remove);
                        return before - letters.size();
                    });
        }

        @Override
        public CompletableFuture<Void> skip(long id, String rule) {
            return store(
                    () -> {
                        Letter letter = letters.remove(id);
                        if (letter != null) {
                            places.get(letter.letter().destination())
                                    .skips
                                    .put(letter.letter().sequence(), rule);
                        }
                        return null;
                    });
        }

        @Override
        public CompletableFuture<Void> update(long id, String reason, int status, int attempts) {
            return store(
                    () -> {
                        letters.computeIfPresent(
                                id, (same, letter) -> tried(letter, reason, status, attempts));
                        return null;
                    });
        }

        private static Letter tried(Letter old, String reason, int status, int attempts) {
            DeadLetter letter = old.letter();
            return new Letter(
                    new DeadLetter(
                            letter.id(),
                            letter.destination(),
                            letter.source(),
                            letter.place(),
                            letter.messageId(),
                            letter.type(),
                            letter.name(),
                            letter.rule(),
                            reason,
                            status,
                            attempts,
                            letter.sequence(),
                            letter.at()),
                    old.item(),
                    old.envelope(),
                    old.entry());
        }

        private static boolean matches(DeadLetter letter, Filter filter) {
            String destination = letter.destination() == null ? Filter.DOOR : letter.destination();
            return equal(filter.destination(), destination)
                    && equal(filter.source(), letter.source())
                    && equal(filter.rule(), letter.rule())
                    && equal(filter.messageId(), letter.messageId())
                    && (filter.reason() == null || letter.reason().contains(filter.reason()))
                    && (filter.from() == null || !letter.at().isBefore(filter.from()))
                    && (filter.to() == null || letter.at().isBefore(filter.to()));
        }

        private static boolean equal(@Nullable String wanted, @Nullable String value) {
            return wanted == null || wanted.equals(value);
        }
    }
}
