package dev.caravan.fake;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Activity that belongs to nobody yet, and the claims by which it comes to belong to somebody. All
 * edges are inclusive. Guarded by the workspace.
 *
 * <pre>
 *   unclaimed --identify with both ids--> claimed, for good, by one person
 *   earlier events: move if 30 d old or less     later events: move if they arrive within 5 min
 *   moved events: campaign-eligible if 72 h old or less
 * </pre>
 */
final class AnonymousStore {

    private static final Duration KEPT = Duration.ofDays(30);
    private static final Duration ELIGIBLE = Duration.ofHours(72);
    private static final Duration LATE = Duration.ofMinutes(5);

    private final Map<String, List<StoredEvent>> events = new LinkedHashMap<>();
    private final Map<String, Claim> claims = new HashMap<>();

    private record Claim(String cioId, Instant at, boolean merging) {}

    /** Whether that person may carry this anonymousId, for it never serves a second one. */
    boolean mayClaim(String anonymousId, Profile person) {
        Claim claim = claims.get(anonymousId);
        return claim == null || claim.cioId().equals(person.cioId);
    }

    /**
     * Claims the anonymousId and moves what it has done so far. Only the first claim counts: a
     * second one neither moves anything nor opens the five minutes again.
     *
     * @param merging the workspace setting; without it the claim moves nothing, now or later
     * @return whether this was the first claim
     */
    boolean claim(String anonymousId, Profile person, Instant now, boolean merging) {
        if (claims.putIfAbsent(anonymousId, new Claim(person.cioId, now, merging)) != null) {
            return false;
        }
        person.anonymousIds.add(anonymousId);
        List<StoredEvent> own = events.computeIfAbsent(anonymousId, id -> new ArrayList<>());
        if (merging) {
            own.stream().filter(e -> isKept(e, now)).forEach(e -> person.events.add(moved(e, now)));
            own.removeIf(e -> isKept(e, now));
        }
        return true;
    }

    /** Returns the cio_id of the person an event of that anonymousId falls to if it arrives now. */
    Optional<String> heirOf(String anonymousId, Instant now) {
        return Optional.ofNullable(claims.get(anonymousId))
                .filter(claim -> claim.merging() && isWithin(LATE, claim.at(), now))
                .map(Claim::cioId);
    }

    static boolean isKept(StoredEvent event, Instant now) {
        return isWithin(KEPT, event.occurredAt(), now);
    }

    static StoredEvent moved(StoredEvent event, Instant now) {
        return event.movedOver(isWithin(ELIGIBLE, event.occurredAt(), now));
    }

    void keep(StoredEvent event) {
        events.computeIfAbsent(event.anonymousId(), id -> new ArrayList<>()).add(event);
    }

    /** Returns the anonymous events that are not yet forgotten. */
    List<StoredEvent> eventsOf(String anonymousId, Instant now) {
        return events.getOrDefault(anonymousId, List.of()).stream()
                .filter(event -> isKept(event, now))
                .toList();
    }

    List<StoredEvent> all(Instant now) {
        return events.values().stream()
                .flatMap(List::stream)
                .filter(event -> isKept(event, now))
                .toList();
    }

    private static boolean isWithin(Duration span, Instant from, Instant now) {
        return Duration.between(from, now).compareTo(span) <= 0;
    }
}
