package dev.caravan.journal;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which user went by which other names, and since when, so that an erasure by user id finds all of
 * them. {@link PersonLinks} knows only who keeps one order with whom now; to erase, it must be
 * known when a name was whose.
 *
 * <p>What is stored, as 64-bit hashes of {@link PersonKey}s, each with the time and the place of
 * the event that said so:
 *
 * <ul>
 *   <li>an anonymousId is the user's who identified with it last; the first one's also for the time
 *       before, since that is who the visitor turned out to be. An e-mail that an identify call
 *       gives in place of a user is such a user here, and whose it is tells the e-mail;
 *   <li>an e-mail, from the traits of an identify call, is the user's until that user has another
 *       one. While two users have the same one it is nobody's;
 *   <li>users joined by alias are one person for ever; so are a user and a {@code cio_} id in the
 *       traits, unless somebody else claims the same one.
 * </ul>
 *
 * <p>An e-mail or anonymousId of more than a hundred hands, such as a placeholder or a device in a
 * shop, is nobody's: no more is read of it, so that no erasure takes long. So an e-mail that claims
 * more than a thousand times has no anonymousId.
 *
 * <p>A row is written for what the latest claim before it does not say, not for each event. What
 * says late that it changed hands before makes a row of the latest claim, too, as long as that is
 * in the cache: after a restart, or once another name took its place there, a claim that was no
 * news when it came is not known any longer.
 *
 * <p>An erasure takes the rows of its person away: what it needs of them it keeps as hashes of its
 * own. Of an anonymousId it keeps here when it was claimed, by the hash with the key and for {@link
 * #NOBODY}, so that somebody else who claims it late for an earlier time has it only until then.
 * Used by the writer's thread within its transaction; after one that failed, make a new one.
 */
final class Claims {
    static final String LATEST_OF_NAME =
            "SELECT user, at, sequence FROM claim WHERE name = ? AND kind = ? AND (at, sequence) <="
                    + " (?, ?) ORDER BY at DESC, sequence DESC LIMIT 1";
    static final String LATEST_OF_USER =
            "SELECT name, at, sequence FROM claim WHERE user = ? AND kind = ? AND (at, sequence) <= (?, ?) ORDER BY"
                    + " at DESC, sequence DESC LIMIT 1";
    static final String OF_NAME =
            "SELECT user, at, sequence FROM claim WHERE name = ? AND kind = ? ORDER BY at, sequence LIMIT"
                    + " ?";
    static final String OF_USER =
            "SELECT name, at, sequence FROM claim WHERE user = ? AND kind = ? ORDER BY at, sequence";

    static final String NEXT_OTHER =
            "SELECT at, sequence FROM claim WHERE user = ? AND kind = ? AND (at, sequence) > (?, ?) AND"
                    + " name <> ? ORDER BY at, sequence LIMIT 1";

    static final String NEXT_ERASED =
            "SELECT at, sequence FROM claim WHERE name = ? AND kind = ? AND user = ? AND (at, sequence) >"
                    + " (?, ?) ORDER BY at, sequence LIMIT 1";

    static final String IS_USER = "SELECT 1 FROM claim WHERE name = ? AND kind = ? AND user = ?";

    static final String ANY =
            "SELECT EXISTS(SELECT 1 FROM claim WHERE name = ?) OR EXISTS(SELECT 1 FROM claim WHERE"
                    + " user = ?)";

    static final String OLDEST_KEPT =
            "SELECT at, sequence FROM claim WHERE name = ? AND kind = ? ORDER BY at DESC, sequence DESC"
                    + " LIMIT 1 OFFSET "
                    + Claims.MOST_CHANGES;

    /** A name that more users claimed is nobody's. */
    static final int MOST_HANDS = 100;

    /** How often a name may change hands; more is not read, and of an anonymousId not kept. */
    private static final int MOST_CHANGES = 1_000;

    /** 4 MB; a stored claim that is not found here costs a look into the table at each identify. */
    private static final int CACHED = 1 << 17;

    private static final int CACHED_NUMBERS = 4;

    /** In place of a user who was erased. */
    private static final long NOBODY = 0;

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();
    private final PreparedStatement latestOfName;
    private final PreparedStatement latestOfUser;
    private final PreparedStatement isUser;
    private final PreparedStatement insert;

    /**
     * Claims known to be the latest of a visitor, or of a user's e-mails: whose, what, when, where.
     */
    private final long[] cache = new long[CACHED * CACHED_NUMBERS];

    /** What a name is. */
    enum Kind {
        VISITOR(MOST_CHANGES + 1),
        EMAIL(MOST_HANDS + 1),
        /** Another id of the same user. */
        USER(-1),
        /** One that the traits say to be the user's, as anybody may who knows it. */
        CIO(MOST_HANDS + 1);

        /** How many claims of a name are read; of aliases all. */
        private final int most;

        Kind(int most) {
            this.most = most;
        }
    }

    /** That a name was a user's from then on. */
    record Claim(long user, long at, long sequence) {}

    Claims(Connection connection) throws SQLException {
        this.connection = connection;
        latestOfName = connection.prepareStatement(LATEST_OF_NAME);
        latestOfUser = connection.prepareStatement(LATEST_OF_USER);
        isUser = connection.prepareStatement(IS_USER);
        insert =
                connection.prepareStatement(
                        "INSERT OR IGNORE INTO claim(name, kind, at, sequence, user) VALUES (?, ?, ?,"
                                + " ?, ?)");
    }

    /** The e-mail that an identify call gives in place of a user id; null if it gives none. */
    static @Nullable PersonKey emailOf(Reading.Accepted item) {
        if (item.event().call() != Call.IDENTIFY || item.event().userId() != null) {
            return null;
        }
        PersonKey who = item.joins().isEmpty() ? item.person() : item.joins().get(0);
        return who.isEmail() ? who : null;
    }

    /** The names that an event says to be its user's, or that e-mail's. */
    static List<Named> said(Reading.Accepted item) {
        Event event = item.event();
        List<Named> said = new ArrayList<>(2);
        if (event.call() == Call.IDENTIFY && event.anonymousId() != null) {
            said.add(new Named(PersonKey.visitor(event.anonymousId()).hash(), Kind.VISITOR));
        }
        for (PersonKey claim : item.claims()) {
            said.add(new Named(claim.hash(), claim.isEmail() ? Kind.EMAIL : Kind.CIO));
        }
        if (event.call() == Call.ALIAS) {
            for (PersonKey older : item.joins()) {
                said.add(new Named(older.hash(), older.isUser() ? Kind.USER : Kind.VISITOR));
            }
        }
        return said;
    }

    /** A name and what it is. */
    record Named(long name, Kind kind) {}

    /** Notes what an event says, where it is news. */
    void note(List<Named> said, long user, long at, long sequence) throws SQLException {
        for (Named named : said) {
            if (named.name() != user && isNews(named, user, at, sequence)) {
                insert(named.name(), named.kind(), new Claim(user, at, sequence));
                if (named.kind() == Kind.VISITOR) {
                    removeOldest(named);
                }
            }
        }
    }

    /** A device in a shop changes hands all day long. */
    private void removeOldest(Named visitor) throws SQLException {
        PreparedStatement statement = prepared(OLDEST_KEPT);
        statement.setLong(1, visitor.name());
        statement.setInt(2, visitor.kind().ordinal());
        try (ResultSet row = statement.executeQuery()) {
            if (!row.next()) {
                return;
            }
            PreparedStatement older =
                    prepared(
                            "DELETE FROM claim WHERE name = ? AND kind = ? AND (at, sequence) < (?, ?)");
            older.setLong(1, visitor.name());
            older.setInt(2, visitor.kind().ordinal());
            older.setLong(3, row.getLong(1));
            older.setLong(4, row.getLong(2));
            older.executeUpdate();
        }
    }

    private void insert(long name, Kind kind, Claim claim) throws SQLException {
        insert.setLong(1, name);
        insert.setInt(2, kind.ordinal());
        insert.setLong(3, claim.at());
        insert.setLong(4, claim.sequence());
        insert.setLong(5, claim.user());
        insert.executeUpdate();
    }

    /**
     * Keeps when somebody who is erased claimed an anonymousId, and forgets who it was.
     *
     * @param hash of the name, with the key
     * @param erasure what was claimed behind it and its cut-off stays as it is, too
     */
    void keepErased(long hash, Named visitor, List<Claim> claims, long erasure, long cutOff)
            throws SQLException {
        cache[slot(visitor.name())] = 0;
        for (Claim claim : claims) {
            insert(hash, Kind.VISITOR, new Claim(NOBODY, claim.at(), claim.sequence()));
            if (claim.at() < cutOff || claim.sequence() < erasure) {
                delete(visitor, claim);
            }
        }
    }

    /**
     * Keeps when somebody who is erased already claimed an anonymousId again. Of those that follow
     * each other with nobody else in between the first and the last stay, however often it is.
     */
    void keepErased(long hash, Named visitor, Claim claim) throws SQLException {
        var kept = new Named(hash, Kind.VISITOR);
        Claim before = previous(kept, claim);
        Claim after = nextErased(hash, claim.at(), claim.sequence());
        boolean isFirst = before == null || isOthers(visitor, before, claim);
        boolean isLast = after == null || isOthers(visitor, claim, after);
        if (!isFirst && !isLast) {
            return;
        }
        insert(hash, Kind.VISITOR, new Claim(NOBODY, claim.at(), claim.sequence()));
        if (before != null && !isFirst) {
            Claim first = previous(kept, before);
            if (first != null && !isOthers(visitor, first, before)) {
                delete(kept, before);
            }
        } else if (after != null && !isLast) {
            Claim last = nextErased(hash, after.at(), after.sequence());
            if (last != null && !isOthers(visitor, after, last)) {
                delete(kept, after);
            }
        }
    }

    /** Whether somebody who is not erased claimed a name between two claims. */
    private boolean isOthers(Named named, Claim from, Claim to) throws SQLException {
        Claim other = previous(named, to);
        return other != null
                && Span.isBefore(from.at(), from.sequence(), other.at(), other.sequence());
    }

    /** The last claim of a name before another one; null if there is none. */
    private @Nullable Claim previous(Named named, Claim before) throws SQLException {
        latestOfName.setLong(1, named.name());
        latestOfName.setInt(2, named.kind().ordinal());
        latestOfName.setLong(3, before.at());
        latestOfName.setLong(4, before.sequence() - 1);
        try (ResultSet row = latestOfName.executeQuery()) {
            return row.next() ? new Claim(row.getLong(1), row.getLong(2), row.getLong(3)) : null;
        }
    }

    private void delete(Named named, Claim claim) throws SQLException {
        PreparedStatement statement =
                prepared(
                        "DELETE FROM claim WHERE name = ? AND kind = ? AND at = ? AND sequence = ?");
        statement.setLong(1, named.name());
        statement.setInt(2, named.kind().ordinal());
        statement.setLong(3, claim.at());
        statement.setLong(4, claim.sequence());
        statement.executeUpdate();
    }

    /** The next claim behind a place that {@link #keepErased} kept; null if there is none. */
    @Nullable Claim nextErased(long hash, long at, long sequence) throws SQLException {
        PreparedStatement statement = prepared(NEXT_ERASED);
        statement.setLong(1, hash);
        statement.setInt(2, Kind.VISITOR.ordinal());
        statement.setLong(3, NOBODY);
        statement.setLong(4, at);
        statement.setLong(5, sequence);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? new Claim(NOBODY, row.getLong(1), row.getLong(2)) : null;
        }
    }

    private boolean isNews(Named named, long user, long at, long sequence) throws SQLException {
        return switch (named.kind()) {
            case VISITOR -> isNews(latestOfName, named.kind(), named.name(), user, at, sequence);
            case EMAIL -> isNews(latestOfUser, named.kind(), user, named.name(), at, sequence);
            case USER, CIO -> {
                isUser.setLong(1, named.name());
                isUser.setInt(2, named.kind().ordinal());
                isUser.setLong(3, user);
                try (ResultSet row = isUser.executeQuery()) {
                    yield !row.next();
                }
            }
        };
    }

    /** Whether this is not what the latest claim before it says. */
    private boolean isNews(
            PreparedStatement query, Kind kind, long key, long value, long at, long sequence)
            throws SQLException {
        int slot = slot(key);
        boolean cached = cache[slot] == key;
        if (cached && cache[slot + 2] <= at) {
            boolean news = cache[slot + 1] != value;
            keep(slot, key, value, at, sequence);
            return news;
        }
        long[] latest = latest(query, kind, key, Long.MAX_VALUE, Long.MAX_VALUE);
        if (!cached && (latest == null || latest[1] <= at)) {
            keep(slot, key, value, at, sequence);
            return latest == null || latest[0] != value;
        }
        if (cached && (latest == null || latest[1] <= at) && cache[slot + 1] != value) {
            storeCached(slot, kind); // it was no news, but is behind this one
        }
        long[] before = latest(query, kind, key, at, sequence);
        return before == null || before[0] != value;
    }

    private void storeCached(int slot, Kind kind) throws SQLException {
        boolean byName = kind == Kind.VISITOR;
        long name = byName ? cache[slot] : cache[slot + 1];
        long user = byName ? cache[slot + 1] : cache[slot];
        insert(name, kind, new Claim(user, cache[slot + 2], cache[slot + 3]));
    }

    /** Value and time of the latest claim up to there; null if there is none. */
    private static long @Nullable [] latest(
            PreparedStatement query, Kind kind, long key, long at, long sequence)
            throws SQLException {
        query.setLong(1, key);
        query.setInt(2, kind.ordinal());
        query.setLong(3, at);
        query.setLong(4, sequence);
        try (ResultSet row = query.executeQuery()) {
            return row.next() ? new long[] {row.getLong(1), row.getLong(2)} : null;
        }
    }

    private static int slot(long key) {
        return (int) (key & (CACHED - 1)) * CACHED_NUMBERS;
    }

    private void keep(int slot, long key, long value, long at, long sequence) {
        cache[slot] = key;
        cache[slot + 1] = value;
        cache[slot + 2] = at;
        cache[slot + 3] = sequence;
    }

    /** These users and all that were joined to them, directly or through others. */
    Set<Long> joined(Set<Long> users) throws SQLException {
        return joined(users, Long.MAX_VALUE);
    }

    /** The same by what happened before a time. */
    Set<Long> joined(Set<Long> users, long before) throws SQLException {
        Set<Long> all = new LinkedHashSet<>();
        Deque<Long> toLookAt = new ArrayDeque<>(users);
        while (!toLookAt.isEmpty()) {
            long user = toLookAt.remove();
            if (!all.add(user)) {
                continue;
            }
            toLookAt.addAll(aliased(user, before));
            for (Claim cioId : query(OF_USER, user, Kind.CIO)) {
                if (cioId.at() < before && isOnes(cioId.user(), Set.of())) {
                    toLookAt.add(cioId.user());
                }
            }
            List<Claim> byTraits = query(OF_NAME, user, Kind.CIO);
            if (!byTraits.isEmpty() && byTraits.get(0).at() < before && isOnes(user, Set.of())) {
                toLookAt.add(byTraits.get(0).user());
            }
        }
        return all;
    }

    /** The users joined to one by alias, in one step. */
    private List<Long> aliased(long user, long before) throws SQLException {
        List<Claim> aliases = new ArrayList<>(query(OF_NAME, user, Kind.USER));
        aliases.addAll(query(OF_USER, user, Kind.USER));
        return aliases.stream().filter(claim -> claim.at() < before).map(Claim::user).toList();
    }

    /**
     * Whether a {@code cio_} id is claimed by nobody but one person, whose ids were joined by
     * alias.
     *
     * @param person users who claim it, too
     */
    boolean isOnes(long cioId, Set<Long> person) throws SQLException {
        Set<Long> all = new LinkedHashSet<>();
        Deque<Long> toLookAt = new ArrayDeque<>(person);
        List<Claim> claims = query(OF_NAME, cioId, Kind.CIO);
        if (person.isEmpty() && !claims.isEmpty()) {
            toLookAt.add(claims.get(0).user());
        }
        while (claims.size() + person.size() > 1 && !toLookAt.isEmpty()) {
            long user = toLookAt.remove();
            if (all.add(user)) {
                toLookAt.addAll(aliased(user, Long.MAX_VALUE));
            }
        }
        return claims.size() + person.size() <= 1
                || claims.stream().allMatch(claim -> all.contains(claim.user()));
    }

    /** The names of a kind that these users ever claimed. */
    Set<Named> namesOf(Set<Long> users, Kind kind) throws SQLException {
        Set<Named> names = new LinkedHashSet<>();
        for (long user : users) {
            for (Claim claim : query(OF_USER, user, kind)) {
                names.add(new Named(claim.user(), kind));
            }
        }
        return names;
    }

    /**
     * The anonymousIds that an e-mail claimed; none if it is of so many that it is a placeholder.
     */
    Set<Named> visitorsOf(Set<Long> emails) throws SQLException {
        Set<Named> visitors = new LinkedHashSet<>();
        for (long email : emails) {
            String some = OF_USER + " LIMIT " + (MOST_CHANGES + 1);
            List<Claim> claims = query(some, email, Kind.VISITOR);
            for (Claim claim : claims.size() > MOST_CHANGES ? List.<Claim>of() : claims) {
                visitors.add(new Named(claim.user(), Kind.VISITOR));
            }
        }
        return visitors;
    }

    /** Who claimed a name, in order. */
    List<Claim> claimsOf(Named named) throws SQLException {
        return query(OF_NAME, named.name(), named.kind());
    }

    /** The latest claim of an anonymousId, though it may be no row; null if it is not known. */
    @Nullable Claim latestOf(Named visitor) {
        int slot = slot(visitor.name());
        return visitor.kind() == Kind.VISITOR && cache[slot] == visitor.name()
                ? new Claim(cache[slot + 1], cache[slot + 2], cache[slot + 3])
                : null;
    }

    /**
     * When a name was somebody's and nobody else's.
     *
     * @param isTheirs tells whether a claim is theirs
     */
    List<Span> spans(Named named, Predicate<Claim> isTheirs) throws SQLException {
        return spans(named, claimsOf(named), isTheirs);
    }

    /** The same by claims of which some may not be stored. */
    List<Span> spans(Named named, List<Claim> claims, Predicate<Claim> isTheirs)
            throws SQLException {
        if (isNobodys(named, claims)) {
            return List.of();
        }
        List<Span> own = new ArrayList<>();
        List<Span> others = othersOf(named, claims, isTheirs, own);
        return Span.without(joinedUp(own), others);
    }

    /** Whether it is of so many hands that it says nothing of any of them. */
    private static boolean isNobodys(Named named, List<Claim> claims) {
        return claims.size() > MOST_HANDS
                && (named.kind() == Kind.EMAIL
                        || claims.size() > MOST_CHANGES
                        || claims.stream().map(Claim::user).distinct().count() > MOST_HANDS);
    }

    /** When a name was somebody's or nobody's. */
    List<Span> spansOfNobodyElse(Named named, Predicate<Claim> isTheirs) throws SQLException {
        List<Claim> claims = claimsOf(named);
        if (isNobodys(named, claims)) {
            return List.of();
        }
        List<Span> others = othersOf(named, claims, isTheirs, new ArrayList<>());
        return Span.without(List.of(Span.ALL), others);
    }

    /** The times of others' claims; those of theirs are added to {@code own}. */
    private List<Span> othersOf(
            Named named, List<Claim> claims, Predicate<Claim> isTheirs, List<Span> own)
            throws SQLException {
        List<Span> others = new ArrayList<>();
        for (int i = 0; i < claims.size(); i++) {
            Claim claim = claims.get(i);
            Claim ends = null;
            if (named.kind() == Kind.EMAIL) {
                ends = nextEmail(claim, named.name());
            } else if (i + 1 < claims.size()) {
                ends = claims.get(i + 1);
            }
            Span span =
                    new Span(
                            i == 0 ? Long.MIN_VALUE : claim.at(),
                            i == 0 ? Long.MIN_VALUE : claim.sequence(),
                            ends == null ? Long.MAX_VALUE : ends.at(),
                            ends == null ? Long.MAX_VALUE : ends.sequence());
            (isTheirs.test(claim) ? own : others).add(span);
        }
        return others;
    }

    /** Adjacent spans as one, so that a name that never changed hands is whole. */
    private static List<Span> joinedUp(List<Span> spans) {
        List<Span> joined = new ArrayList<>();
        for (Span span : spans) {
            Span last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            boolean touches =
                    last != null
                            && !Span.isBefore(
                                    last.toAt(),
                                    last.toSequence(),
                                    span.fromAt(),
                                    span.fromSequence());
            if (!touches) {
                joined.add(span);
                continue;
            }
            boolean longer =
                    Span.isBefore(last.toAt(), last.toSequence(), span.toAt(), span.toSequence());
            Span end = longer ? span : last;
            joined.set(
                    joined.size() - 1,
                    new Span(last.fromAt(), last.fromSequence(), end.toAt(), end.toSequence()));
        }
        return joined;
    }

    /** The user's claim of another e-mail that follows; null if there is none. */
    private @Nullable Claim nextEmail(Claim claim, long name) throws SQLException {
        PreparedStatement statement = prepared(NEXT_OTHER);
        statement.setLong(1, claim.user());
        statement.setInt(2, Kind.EMAIL.ordinal());
        statement.setLong(3, claim.at());
        statement.setLong(4, claim.sequence());
        statement.setLong(5, name);
        try (ResultSet row = statement.executeQuery()) {
            return row.next() ? new Claim(name, row.getLong(1), row.getLong(2)) : null;
        }
    }

    /** The users who have an e-mail now; nobody if it is of too many hands. */
    Set<Long> holders(long email) throws SQLException {
        Set<Long> holders = new LinkedHashSet<>();
        var named = new Named(email, Kind.EMAIL);
        List<Claim> claims = claimsOf(named);
        for (Claim claim : isNobodys(named, claims) ? List.<Claim>of() : claims) {
            if (nextEmail(claim, email) == null) {
                holders.add(claim.user());
            }
        }
        return holders;
    }

    /** Whether so many claimed an e-mail that it is nobody's. */
    boolean isNobodys(long email) throws SQLException {
        var named = new Named(email, Kind.EMAIL);
        return isNobodys(named, claimsOf(named));
    }

    /** Whether anybody claims this name, or is a user of this name who claims others. */
    boolean any(long name) throws SQLException {
        PreparedStatement statement = prepared(ANY);
        for (int i = 1; i <= 2; i++) {
            statement.setLong(i, name);
        }
        try (ResultSet row = statement.executeQuery()) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** Forgets what these users claimed before an erasure of this cut-off and sequence. */
    void removeOlder(Set<Long> users, long cutOff, long sequence) throws SQLException {
        for (long user : users) {
            for (Kind kind : Kind.values()) {
                for (Claim claim : query(OF_USER, user, kind)) {
                    cache[slot(claim.user())] = 0;
                }
            }
            cache[slot(user)] = 0;
            delete("user = ?", user, cutOff, sequence);
            delete("name = ? AND kind = " + Kind.USER.ordinal(), user, cutOff, sequence);
            delete("name = ? AND kind = " + Kind.CIO.ordinal(), user, cutOff, sequence);
        }
    }

    private void delete(String condition, long value, long cutOff, long sequence)
            throws SQLException {
        PreparedStatement statement =
                prepared("DELETE FROM claim WHERE " + condition + " AND (at < ? OR sequence < ?)");
        statement.setLong(1, value);
        statement.setLong(2, cutOff);
        statement.setLong(3, sequence);
        statement.executeUpdate();
    }

    private PreparedStatement prepared(String sql) throws SQLException {
        PreparedStatement known = prepared.get(sql);
        if (known == null) {
            known = connection.prepareStatement(sql);
            prepared.put(sql, known);
        }
        return known;
    }

    /** Claims of a name, or of a user: then {@link Claim#user} is the name claimed. */
    private List<Claim> query(String sql, long key, Kind kind) throws SQLException {
        List<Claim> claims = new ArrayList<>();
        PreparedStatement statement = prepared(sql);
        statement.setLong(1, key);
        statement.setInt(2, kind.ordinal());
        if (sql.equals(OF_NAME)) {
            statement.setInt(3, kind.most);
        }
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                claims.add(new Claim(row.getLong(1), row.getLong(2), row.getLong(3)));
            }
        }
        return claims;
    }
}
