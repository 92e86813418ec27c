package dev.caravan.fake;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What came in, in order, and which messageIds have been seen. Safe for use by many threads. */
final class Ledger {

    private static final int MAX_IGNORED = 10_000;

    private final List<ReceivedItem> received = new ArrayList<>();
    private final Map<String, Tally> seen = new HashMap<>();
    private final List<Ignored> ignored = new ArrayList<>();

    private static final class Tally {
        private int count;
        private Instant effectiveAt = Instant.MIN;
    }

    /**
     * Notes an accepted item.
     *
     * @return whether it is to act, that is, not barred
     */
    synchronized boolean note(long request, Item item, Instant now, Switches switches) {
        boolean acts = count(item.text("messageId"), now, switches.dedupeWindow());
        if (switches.keepItems()) {
            received.add(
                    new ReceivedItem(
                            request,
                            item.index(),
                            item.type().word(),
                            item.userId(),
                            item.anonymousId(),
                            item.text("messageId"),
                            item.text(item.type() == CallType.TRACK ? "event" : "name"),
                            !acts,
                            item.raw()));
        }
        return acts;
    }

    /** Notes an item without effect; of very many only the first are kept. */
    synchronized void ignore(Ignored item) {
        if (ignored.size() < MAX_IGNORED) {
            ignored.add(item);
        }
    }

    synchronized List<ReceivedItem> received(int from) {
        return List.copyOf(received.subList(Math.min(from, received.size()), received.size()));
    }

    synchronized List<Ignored> ignored() {
        return List.copyOf(ignored);
    }

    synchronized Map<String, Integer> messageIds() {
        Map<String, Integer> counts = new LinkedHashMap<>();
        seen.forEach((messageId, tally) -> counts.put(messageId, tally.count));
        return counts;
    }

    synchronized Set<String> missing(Set<String> wanted) {
        Set<String> missing = new LinkedHashSet<>(wanted);
        missing.removeIf(seen::containsKey);
        return missing;
    }

    private boolean count(String messageId, Instant now, Duration window) {
        if (messageId.isEmpty()) {
            return true;
        }
        Tally tally = seen.computeIfAbsent(messageId, id -> new Tally());
        boolean first = tally.count++ == 0;
        boolean acts = first || Duration.between(tally.effectiveAt, now).compareTo(window) > 0;
        if (acts) {
            tally.effectiveAt = now;
        }
        return acts;
    }
}
