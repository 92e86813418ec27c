package dev.caravan.crash;

import dev.caravan.crash.RaceStep.Door;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * One person who acts under several identifiers, is deleted or suppressed, returns, and whose
 * devices send old events late. Does one thing after the other, each acknowledged before the next,
 * so that what came before a deletion and what after it is beyond doubt. What was acknowledged is
 * the model.
 *
 * <p>All identifiers used since the last deletion are joined before the next one is asked for; an
 * event of an identifier that nobody joined would be nobody's, and is made by a {@link Fate#STAYS}
 * only.
 */
final class RacePerson {
    private static final String[] IDS = {
        "u-%d", "a/b-%d", "u#%d?c=d&e", "%%2e-%d", "\uD83D\uDE00-%d"
    };
    private static final int LATE_MILLIS = 5_000;

    private final int number;
    private final Fate fate;
    private final Random random;
    private final RaceDoor door;
    private final String id;
    private final String email;
    private final List<RaceStep> steps = new ArrayList<>();
    private final List<RaceDeletion> deletions = new ArrayList<>();

    /** Names that may be used now; those not joined yet are to be joined before a deletion. */
    private final Set<String> names = new LinkedHashSet<>();

    private final Set<String> joined = new LinkedHashSet<>();

    /** Visitors known to be the person by their e-mail alone: theirs, but in no order with them. */
    private final Set<String> byEmail = new LinkedHashSet<>();

    private Set<String> namesBefore = Set.of();
    private long lastFileMillis;
    private boolean suppressed;

    /** What becomes of a person. */
    enum Fate {
        /** Is never deleted: all events arrive, in order. */
        STAYS,
        /** Is deleted once, by user id, and does not come back: only old events do. */
        LEAVES,
        /** Is deleted, or suppressed for a moment, and returns, again and again. */
        RETURNS
    }

    RacePerson(int number, long seed, RaceDoor door) {
        this.number = number;
        this.fate = Fate.values()[number % Fate.values().length];
        this.random = new Random(seed * 1_000 + number);
        this.door = door;
        this.id = IDS[number % IDS.length].formatted(number);
        this.email = "p+%d@example.org".formatted(number);
        begin();
    }

    int number() {
        return number;
    }

    Fate fate() {
        return fate;
    }

    /**
     * Whether an operator may replay the person's events in the middle of the race. A replay keeps
     * no order, so nobody asks for theirs then.
     */
    boolean mayBeReplayed() {
        return fate == Fate.LEAVES || (fate == Fate.RETURNS && number % 2 == 1);
    }

    String id() {
        return id;
    }

    List<RaceStep> steps() {
        return List.copyOf(steps);
    }

    List<RaceDeletion> deletions() {
        return List.copyOf(deletions);
    }

    /** Acts so many times, with pauses between. */
    void act(int times, int pauseMillis) throws InterruptedException, IOException {
        for (int i = 0; i < times; i++) {
            if (fate == Fate.LEAVES && !deletions.isEmpty()) {
                actLate();
            } else {
                act(i);
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(2 * pauseMillis));
        }
        if (fate != Fate.STAYS && deletions.isEmpty()) {
            delete();
        }
    }

    private void act(int turn) throws InterruptedException, IOException {
        int chance = random.nextInt(100);
        if (fate != Fate.STAYS && turn > 5 && chance < (fate == Fate.LEAVES ? 4 : 9)) {
            delete();
        } else if (chance < 20) {
            identify();
        } else if (chance < 27) {
            visit();
        } else if (chance < 33) {
            useOlderId();
        } else if (chance < 50) {
            send(events(2 + random.nextInt(3)));
        } else if (chance < 55) {
            dropFile();
        } else if (chance < 68 && !deletions.isEmpty()) {
            actLate();
        } else {
            send(events(1));
        }
    }

    // --- ordinary events

    private List<Map<String, Object>> events(int count) {
        List<Map<String, Object>> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean doubted = random.nextInt(50) == 0;
            events.add(timed(track(anyName(), doubted, Door.HTTP)));
        }
        return events;
    }

    private String anyName() {
        return List.copyOf(names).get(random.nextInt(names.size()));
    }

    /** Now, by the receipt or by a clock that is right or fast: accepted is accepted. */
    private Map<String, Object> timed(Map<String, Object> event) {
        int chance = random.nextInt(20);
        if (chance < 10) {
            event.put("timestamp", Instant.now().toString());
        } else if (chance == 10) {
            event.put("timestamp", Instant.now().plusSeconds(3_600).toString());
        }
        return event;
    }

    private void identify() throws InterruptedException {
        if (random.nextBoolean()) {
            names.add(email);
            // who owns an e-mail is known to erasures; the order of events needs more than that
            send(List.of(timed(identify(Map.of("email", email), null, Door.HTTP))));
        } else {
            send(List.of(timed(identify(Map.of("visits", steps.size()), null, Door.HTTP))));
        }
    }

    /** Comes as a visitor, on a device of before or a new one, and is known by the end of it. */
    private void visit() throws InterruptedException {
        String visitor = "anon-%d-%d".formatted(number, random.nextInt(3));
        names.add(visitor);
        send(List.of(timed(track(visitor, false, Door.HTTP))));
        if (random.nextBoolean()) {
            join(visitor);
        }
    }

    private void useOlderId() throws InterruptedException {
        String older = "old-%d-%d".formatted(number, deletions.size());
        names.add(older);
        send(List.of(timed(track(older, false, Door.HTTP))));
        if (random.nextBoolean()) {
            join(older);
        }
    }

    private void join(String name) throws InterruptedException {
        if (isVisitor(name) && names.contains(email) && random.nextInt(3) == 0) {
            byEmail.add(name);
            Map<String, Object> event = event("identify", name, deletions.size(), false, Door.HTTP);
            event.put("traits", Map.of("email", email));
            send(List.of(timed(event)));
            return;
        }
        joined.add(name);
        if (isVisitor(name)) {
            send(List.of(timed(identify(Map.of("known", true), name, Door.HTTP))));
        } else if (!name.equals(email)) {
            Map<String, Object> alias = event("alias", id, deletions.size(), false, Door.HTTP);
            alias.put("previousId", name);
            send(List.of(timed(alias)));
        }
    }

    private void dropFile() throws IOException {
        List<Map<String, Object>> events = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            lastFileMillis = System.currentTimeMillis();
            Map<String, Object> event = track(id, false, Door.FILE);
            event.put("timestamp", Instant.ofEpochMilli(lastFileMillis).toString());
            events.add(event);
        }
        door.drop("now-%d-%d.ndjson".formatted(number, steps.size()), events);
    }

    // --- deletion and what comes after it

    private void delete() throws InterruptedException {
        for (String name : List.copyOf(names)) {
            if (!joined.contains(name) && !byEmail.contains(name)) {
                join(name);
            }
        }
        TimeUnit.MILLISECONDS.sleep(2);
        boolean suppresses = random.nextInt(3) == 0;
        int next = deletions.size() + 1;
        String messageId = "deletion-%d-%d".formatted(number, next);
        String name = nameToDelete();
        Map<String, Object> event = new TreeMap<>();
        event.put("type", "track");
        event.put("event", suppresses ? "User Suppressed" : "User Deleted");
        event.put("userId", name);
        event.put("messageId", messageId);
        event.put("context", Map.of("race", Map.of("person", number, "deletion", next)));
        long now = System.currentTimeMillis();
        long cutOff = now;
        int chance = random.nextInt(4);
        if (chance == 0) {
            // an earlier time, but behind what lies in a file that may be read later
            cutOff = Math.max(now - random.nextInt(100), lastFileMillis + 1);
            event.put("timestamp", Instant.ofEpochMilli(cutOff).toString());
        } else if (chance == 1) {
            event.put("timestamp", Instant.ofEpochMilli(now + 3_600_000).toString());
        } else if (chance == 2) {
            event.put("timestamp", Instant.ofEpochMilli(now).toString());
        }
        door.send(List.of(event));
        deletions.add(
                new RaceDeletion(number, next, messageId, name, names, cutOff, System.nanoTime()));
        TimeUnit.MILLISECONDS.sleep(2);
        suppressed = suppresses && fate == Fate.LEAVES;
        if (suppresses && !suppressed) {
            unsuppress(name);
        }
        begin();
    }

    private void unsuppress(String name) throws InterruptedException {
        Map<String, Object> event = new HashMap<>();
        event.put("type", "track");
        event.put("event", "User Unsuppressed");
        event.put("userId", name);
        event.put("messageId", "return-%d-%d".formatted(number, deletions.size()));
        door.send(List.of(event));
    }

    private String nameToDelete() {
        if (fate == Fate.LEAVES || random.nextInt(3) > 0) {
            return id;
        }
        return names.stream()
                .filter(name -> !isVisitor(name))
                .skip(random.nextInt(2))
                .findFirst()
                .orElse(id);
    }

    private void begin() {
        namesBefore = Set.copyOf(names);
        names.clear();
        names.add(id);
        joined.clear();
        joined.add(id);
        byEmail.clear();
    }

    /**
     * Sends what happened before the last deletion: a late batch of an SDK, or an old file. Of
     * somebody suppressed, what happens now is as late.
     */
    private void actLate() throws InterruptedException, IOException {
        List<Map<String, Object>> events = new ArrayList<>();
        List<String> known = List.copyOf(namesBefore);
        long cutOff = deletions.get(deletions.size() - 1).cutOffMillis();
        int count = 1 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String name = known.get(random.nextInt(known.size()));
            boolean identifies = random.nextInt(4) == 0;
            Map<String, Object> event =
                    identifies
                            ? identify(
                                    Map.of("late", true), isVisitor(name) ? name : null, Door.LATE)
                            : track(name, false, Door.LATE);
            if (!suppressed || random.nextBoolean()) {
                long at = cutOff - 1 - random.nextInt(LATE_MILLIS);
                event.put("timestamp", Instant.ofEpochMilli(at).toString());
            }
            events.add(event);
        }
        if (random.nextInt(3) == 0) {
            door.drop("late-%d-%d.ndjson".formatted(number, steps.size()), events);
        } else {
            door.send(events);
        }
    }

    // --- the events themselves

    private void send(List<Map<String, Object>> events) throws InterruptedException {
        door.send(events);
    }

    private Map<String, Object> track(String name, boolean doubted, Door way) {
        Map<String, Object> event = event("track", name, generation(way), doubted, way);
        event.put("event", doubted ? RaceDestination.DOUBTED : "Step Taken");
        return event;
    }

    private Map<String, Object> identify(Map<String, Object> traits, String visitor, Door way) {
        Map<String, Object> event = event("identify", id, generation(way), false, way);
        if (visitor != null) {
            event.put("anonymousId", visitor);
        }
        event.put("traits", traits);
        return event;
    }

    private int generation(Door way) {
        return way == Door.LATE ? deletions.size() - 1 : deletions.size();
    }

    private Map<String, Object> event(
            String type, String name, int generation, boolean doubted, Door way) {
        int step = steps.size();
        String messageId = "step-%d-%d".formatted(number, step);
        steps.add(new RaceStep(number, step, generation, messageId, name, joined, way, doubted));
        Map<String, Object> event = new HashMap<>();
        event.put("type", type);
        event.put(isVisitor(name) ? "anonymousId" : "userId", name);
        event.put("messageId", messageId);
        event.put(
                "context",
                Map.of("race", Map.of("person", number, "step", step, "generation", generation)));
        return event;
    }

    private static boolean isVisitor(String name) {
        return name.startsWith("anon-");
    }
}
