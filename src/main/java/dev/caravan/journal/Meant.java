package dev.caravan.journal;

import dev.caravan.event.PersonKey;
import dev.caravan.event.Traces;
import dev.caravan.journal.Claims.Claim;
import dev.caravan.journal.Claims.Kind;
import dev.caravan.journal.Claims.Named;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whom a user id means, by what is known now: the ids joined to it, the e-mails and anonymousIds
 * that were theirs, and the ids that are one of these e-mails, for as long as it was theirs. What
 * was claimed under such an id, or by the e-mail itself, in that time was claimed by them.
 *
 * <p>What widens an erasure means them as they were: what they claimed only behind it and its
 * cut-off is not theirs here.
 *
 * <p>An e-mail in place of the id means the user who has it. What was nobody's under it is meant,
 * too: it is of somebody who is known by the e-mail alone.
 */
final class Meant {
    private static final List<Span> ALWAYS = List.of(Span.ALL);

    private final Claims claims;
    private final UserIds userIds;
    private final @Nullable Named asked;
    private final Bound bound;
    private final Map<Long, List<Span>> ids = new LinkedHashMap<>();
    private final Map<Named, List<Span>> names = new LinkedHashMap<>();
    private final Set<Long> emailsUsedAsIds = new LinkedHashSet<>();
    private boolean hasVisitors;

    /** Until when claims count: before the time, or before the sequence. */
    record Bound(long cutOff, long sequence) {
        private static final Bound NONE = new Bound(Long.MAX_VALUE, Long.MAX_VALUE);

        private boolean has(Claim claim) {
            return claim.at() < cutOff || claim.sequence() < sequence;
        }
    }

    private Meant(Claims claims, UserIds userIds, @Nullable Named asked, Bound bound) {
        this.claims = claims;
        this.userIds = userIds;
        this.asked = asked;
        this.bound = bound;
    }

    private Meant(
            Claims claims, UserIds userIds, Set<Long> users, @Nullable Named asked, Bound bound)
            throws SQLException {
        this(claims, userIds, asked, bound);
        for (long user : users) {
            ids.put(user, ALWAYS);
        }
        int before;
        do { // an id that is an e-mail may have e-mails of its own
            before = ids.size();
            addEmails(users);
        } while (ids.size() > before);
    }

    /** Whom a user id means that may be an e-mail. */
    static Meant by(String userId, Claims claims, UserIds userIds) throws SQLException {
        Set<Long> named = new LinkedHashSet<>();
        named.add(PersonKey.user(userId).hash());
        if (!Traces.isEmail(userId)) {
            return new Meant(claims, userIds, claims.joined(named), null, Bound.NONE);
        }
        long email = PersonKey.email(userId).hash();
        named.addAll(claims.holders(email));
        var asked = new Named(email, Kind.EMAIL);
        return new Meant(claims, userIds, claims.joined(named), asked, Bound.NONE);
    }

    /** Users who are one person, by what they claimed until then. */
    static Meant of(Set<Long> users, Bound bound, Claims claims, UserIds userIds)
            throws SQLException {
        return new Meant(claims, userIds, users, null, bound);
    }

    /** Whoever is known by an e-mail alone, in the times in which it is theirs, likewise. */
    static Meant by(Named email, List<Span> spans, Bound bound, Claims claims, UserIds userIds)
            throws SQLException {
        var meant = new Meant(claims, userIds, null, bound);
        meant.names.put(email, spans);
        return meant;
    }

    private void addVisitors() throws SQLException {
        Set<Long> emails = new LinkedHashSet<>();
        names.keySet().forEach(email -> emails.add(email.name()));
        Set<Named> visitors = claims.namesOf(ids.keySet(), Kind.VISITOR);
        visitors.addAll(claims.visitorsOf(emails));
        for (Named visitor : visitors) {
            names.put(visitor, claims.spans(visitor, this::owns));
        }
    }

    private void addEmails(Set<Long> users) throws SQLException {
        for (Named email : claims.namesOf(ids.keySet(), Kind.EMAIL)) {
            addEmail(email, claims.spans(email, this::owns), users);
        }
        if (asked != null) {
            addEmail(asked, claims.spansOfNobodyElse(asked, this::owns), users);
            emailsUsedAsIds.add(asked.name());
        }
    }

    private void addEmail(Named email, List<Span> spans, Set<Long> users) throws SQLException {
        names.put(email, spans);
        for (long user : userIds.ofEmail(email.name())) {
            if (!spans.isEmpty() && !users.contains(user) && isNobodyElse(user, users)) {
                ids.put(user, spans);
                emailsUsedAsIds.add(email.name());
            }
        }
    }

    /** Whether an id that is an e-mail was not joined to somebody else. */
    private boolean isNobodyElse(long user, Set<Long> users) throws SQLException {
        Set<Long> joined = claims.joined(Set.of(user));
        joined.remove(user);
        return users.containsAll(joined);
    }

    /** Their claims of one of their names, the latest too where it is known. */
    List<Claim> claimsOf(Named named) throws SQLException {
        List<Claim> all = new ArrayList<>(claims.claimsOf(named));
        Claim latest = claims.latestOf(named);
        if (latest != null && !all.contains(latest)) {
            all.add(latest);
        }
        return all.stream().filter(this::owns).toList();
    }

    private boolean owns(Claim claim) {
        if (!bound.has(claim)) {
            return false;
        }
        List<Span> spans = ids.get(claim.user());
        if (spans == null) {
            spans = names.getOrDefault(new Named(claim.user(), Kind.EMAIL), List.of());
        }
        for (Span span : spans) {
            if (span.contains(claim.at(), claim.sequence())) {
                return true;
            }
        }
        return false;
    }

    /** Their user ids, and when each was theirs. */
    Map<Long, List<Span>> ids() {
        return ids;
    }

    /** Whether an id is theirs by more than an e-mail. */
    boolean isJoined(long id) {
        return ids.get(id) == ALWAYS;
    }

    /**
     * Their e-mails and anonymousIds, and when each was theirs. The latter are only looked up here:
     * somebody may have very many, and what erases a thing of theirs does not need them.
     */
    Map<Named, List<Span>> names() throws SQLException {
        if (!hasVisitors) {
            hasVisitors = true;
            addVisitors();
        }
        return names;
    }

    /** The e-mails that are theirs by now and that an event may have as its user id. */
    Set<Long> emailsUsedAsIds() {
        Set<Long> current = new LinkedHashSet<>();
        names.forEach(
                (named, spans) -> {
                    if (emailsUsedAsIds.contains(named.name()) && isCurrent(spans)) {
                        current.add(named.name());
                    }
                });
        return current;
    }

    /** Their user ids by now. */
    Set<Long> currentIds() {
        Set<Long> current = new LinkedHashSet<>();
        ids.forEach(
                (id, spans) -> {
                    if (isCurrent(spans)) {
                        current.add(id);
                    }
                });
        return current;
    }

    /** Whether what was theirs at these times still is. */
    static boolean isCurrent(List<Span> spans) {
        return !spans.isEmpty() && spans.get(spans.size() - 1).toAt() == Long.MAX_VALUE;
    }
}
