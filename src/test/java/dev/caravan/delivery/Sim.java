package dev.caravan.delivery;

import dev.caravan.delivery.Outcome.Delivered;
import dev.caravan.delivery.Outcome.Refused;
import dev.caravan.delivery.Outcome.Retry;
import dev.caravan.delivery.Outcome.Skipped;
import dev.caravan.event.Reading;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.Entry;
import dev.caravan.journal.InMemoryJournal;
import dev.caravan.journal.LedgerState;
import dev.caravan.journal.Submission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A journal, a dispatcher and a scripted destination in virtual time. It checks at each attempt
 * what is promised about order: nothing of a person starts while something older of that person, or
 * of a person joined, is not settled, be it that the event that joined them was itself not sent;
 * nothing that was taken is sent again, unless there was a crash.
 */
final class Sim implements Sender {
    static final String NAME = "crm";

    /** An attempt as the destination saw it. */
    record Sent(Duration at, List<Entry> entries, boolean array) {
        List<Long> sequences() {
            return entries.stream().map(Entry::sequence).toList();
        }
    }

    final VirtualTimer timer = new VirtualTimer();
    final Random random;
    final InMemoryJournal journal;
    final List<Sent> sent = new ArrayList<>();
    final List<String> violations = new ArrayList<>();
    final Set<Long> taken = new HashSet<>();
    private final Set<Long> absent = new HashSet<>();
    private final Set<Long> refused = new HashSet<>();
    private final Set<Long> inFlight = new HashSet<>();
    private final Map<Long, Duration> firstTried = new HashMap<>();
    private final Map<Long, List<Entry>> byPerson = new HashMap<>();

    /** Of persons joined: before which of their events all are settled, with all these join. */
    private final Map<Long, Long> over = new HashMap<>();

    private int known;
    private int crashes;
    Destination destination;
    Dispatcher dispatcher;
    Function<Run, List<Outcome>> script = run -> ok();
    Duration latency = Duration.ofMillis(20);
    boolean shaking;
    Barrier barrier = Barrier.NONE;
    int mostBuffered;
    long mostInFlight;

    Sim(long seed, int partitions, Destination destination) {
        this.random = new Random(seed);
        this.journal =
                new InMemoryJournal(
                        partitions, timer.clock(), task -> timer.after(millis(1), task));
        this.destination = destination;
    }

    static Destination destination() {
        return Destination.of(NAME, Destination.Erase.ROUTE).fromTheBeginning();
    }

    static List<Outcome> ok() {
        return List.of(new Delivered(200));
    }

    static List<Outcome> status(int status) {
        return List.of(Outcome.ofStatus(status, java.util.Optional.empty(), "answer " + status));
    }

    private static long millis(long count) {
        return count * 1_000_000;
    }

    void append(Reading... items) {
        append(List.of(items));
    }

    void append(List<? extends Reading> items) {
        journal.append(new Submission("shop", timer.clock().instant(), "", new ArrayList<>(items)));
    }

    /** Starts a new dispatcher on what is stored; one that ran before is left to its fate. */
    void start() {
        dispatcher =
                new Dispatcher(
                        destination, journal, this, barrier, DeliveryListener.NONE, engine());
        dispatcher.start();
    }

    /** Time and threads as they are until the next crash. */
    Engine engine() {
        int generation = crashes;
        var mortal =
                new Timer() {
                    @Override
                    public long nanoTime() {
                        return timer.nanoTime();
                    }

                    @Override
                    public Runnable after(long delayNanos, Runnable task) {
                        return timer.after(
                                delayNanos,
                                () -> {
                                    if (generation == crashes) {
                                        task.run();
                                    }
                                });
                    }
                };
        return new Engine(
                mortal,
                timer.clock(),
                random,
                task -> mortal.after(shaking ? random.nextInt(2_000_000) : 0, task));
    }

    /** The process is killed; what it had under way is lost, or reaches the destination unheard. */
    void crash() {
        crashes++;
        inFlight.clear();
        start();
    }

    /** Lets up to an hour pass, or until all is settled on disk. */
    void settleAll(Duration atMost) {
        Duration end = timer.elapsed().plus(atMost);
        while (timer.elapsed().compareTo(end) < 0 && !allSettled()) {
            timer.advance(Duration.ofMillis(50));
        }
    }

    boolean allSettled() {
        return state().totals().settled() == journal.end() - state().startedAt();
    }

    LedgerState state() {
        return journal.ledger(NAME, true).state();
    }

    List<DeadLetter> dead() {
        return journal.deadLetters().list(DeadLetters.Filter.ALL, 0, 1000);
    }

    List<Long> attempts(long sequence) {
        return sent.stream()
                .filter(attempt -> attempt.sequences().contains(sequence))
                .map(attempt -> attempt.at().toMillis())
                .toList();
    }

    @Override
    public void send(Run run, Consumer<List<Outcome>> done) {
        int generation = crashes;
        List<Entry> entries = run.entries();
        boolean array = run.json()[0] == '[';
        sent.add(new Sent(timer.elapsed(), entries, array));
        check(entries);
        entries.forEach(entry -> inFlight.add(entry.person()));
        mostInFlight = Math.max(mostInFlight, inFlight.size());
        List<Outcome> outcomes = script.apply(run);
        long wait = latency.toNanos() / 2 + (long) (random.nextDouble() * latency.toNanos());
        timer.after(
                wait,
                () -> {
                    note(entries, outcomes);
                    if (generation == crashes) {
                        entries.forEach(entry -> inFlight.remove(entry.person()));
                        done.accept(outcomes);
                        dispatcher
                                .look()
                                .thenAccept(
                                        glance ->
                                                mostBuffered =
                                                        Math.max(
                                                                mostBuffered,
                                                                glance.status().buffered()));
                    }
                });
    }

    private void note(List<Entry> entries, List<Outcome> outcomes) {
        for (int i = 0; i < entries.size(); i++) {
            Outcome outcome = outcomes.get(outcomes.size() == 1 ? 0 : i);
            Entry entry = entries.get(i);
            boolean absence =
                    entry.event().meaning().destructive()
                            && outcome instanceof Delivered delivered
                            && delivered.status() == 404;
            if (absence) {
                absent.add(entry.sequence()); // sent again if it is not believed
            } else if (outcome instanceof Delivered || outcome instanceof Skipped) {
                taken.add(entry.sequence());
            } else if (outcome instanceof Refused no && (!no.whole() || entries.size() == 1)) {
                refused.add(entry.sequence());
            }
        }
    }

    private void check(List<Entry> entries) {
        index();
        Set<Long> before = new HashSet<>();
        for (Entry entry : entries) {
            firstTried.putIfAbsent(entry.sequence(), timer.elapsed());
            if (inFlight.contains(entry.person())) {
                violations.add(entry.sequence() + " is sent beside another one of the person");
            }
            if (taken.contains(entry.sequence()) && crashes == 0) {
                violations.add(entry.sequence() + " is sent again after it was taken");
            }
            for (Entry older : olderOf(entry.person(), entry.sequence())) {
                if (!before.contains(older.sequence()) && !settled(older)) {
                    violations.add(entry.sequence() + " is sent before " + older.sequence());
                }
                checkJoins(entry, older);
            }
            checkJoins(entry, entry);
            before.add(entry.sequence());
        }
    }

    /** What an event joins comes before all that comes behind that event. */
    private void checkJoins(Entry entry, Entry joining) {
        for (long joined : joining.joins()) {
            if (over.getOrDefault(joined, 0L) >= joining.sequence()) {
                continue; // whatever was settled once, or was blamed already
            }
            over.put(joined, joining.sequence());
            for (Entry older : olderOf(joined, joining.sequence())) {
                if (!settled(older)) {
                    violations.add(
                            entry.sequence()
                                    + " is sent before "
                                    + older.sequence()
                                    + ", which "
                                    + joining.sequence()
                                    + " joins");
                }
                checkJoins(entry, older);
            }
        }
    }

    private boolean settled(Entry entry) {
        return taken.contains(entry.sequence())
                || absent.contains(entry.sequence())
                || refused.contains(entry.sequence())
                || journal.isSettled(NAME, entry)
                || isLeftOut(entry, true)
                || (firstTried.containsKey(entry.sequence())
                        && timer.elapsed()
                                        .minus(firstTried.get(entry.sequence()))
                                        .compareTo(destination.pace().stuckAfter())
                                >= 0);
    }

    private boolean isLeftOut(Entry entry, boolean ifItsFilterBreaks) {
        try {
            return entry.isErased() || destination.skipRule(entry).isPresent();
        } catch (RuntimeException e) {
            return ifItsFilterBreaks;
        }
    }

    private List<Entry> olderOf(long person, long sequence) {
        List<Entry> all = byPerson.getOrDefault(person, List.of());
        int older = 0;
        while (older < all.size() && all.get(older).sequence() < sequence) {
            older++;
        }
        return all.subList(0, older);
    }

    private void index() {
        List<Entry> all = journal.entries();
        for (; known < all.size(); known++) {
            Entry entry = all.get(known);
            byPerson.computeIfAbsent(entry.person(), person -> new ArrayList<>()).add(entry);
        }
    }

    /** Everything that must hold when all is over, in words where it does not. */
    List<String> accounts() {
        List<String> wrong = new ArrayList<>(violations);
        wrong.addAll(journal.violations());
        var totals = state().totals();
        long all = journal.end() - state().startedAt();
        if (totals.settled() != all) {
            wrong.add("settled are %d of %d".formatted(totals.settled(), all));
        }
        Set<Long> dead = new HashSet<>();
        for (DeadLetter letter : dead()) {
            if (!dead.add(letter.sequence())) {
                wrong.add(letter.sequence() + " is dead twice");
            }
        }
        if (dead.size() != totals.dead()) {
            wrong.add("dead are %d, counted %d".formatted(dead.size(), totals.dead()));
        }
        for (Entry entry : journal.entries()) {
            boolean gone =
                    taken.contains(entry.sequence())
                            || absent.contains(entry.sequence())
                            || isLeftOut(entry, false);
            if (!gone && !dead.contains(entry.sequence())) {
                wrong.add(entry.sequence() + " vanished");
            }
        }
        return wrong.size() > 20 ? wrong.subList(0, 20) : wrong;
    }

    static List<Outcome> each(Outcome... outcomes) {
        return Arrays.asList(outcomes);
    }

    static Outcome retry() {
        return Retry.of(503, "busy");
    }
}
