package dev.caravan.journal;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import dev.caravan.event.Traces;
import dev.caravan.journal.Claims.Claim;
import dev.caravan.journal.Claims.Kind;
import dev.caravan.journal.Claims.Named;
import dev.caravan.journal.ErasureRecords.Place;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the journal's writer does about erasures, in the transaction of the event that asks for one:
 * finds out who is meant, stores it, and lets the index know once it is on disk.
 *
 * <p>Who is meant. A deletion by user id means that id, the ids joined to it by alias, and the
 * anonymousIds and e-mails that were theirs, each for the time in which it was (see {@link Claims}
 * and {@link Meant}). What says only later that a name was the person's, but happened before the
 * deletion, widens it. A name that passes to another user while a suppression lasts leaves it.
 *
 * <p>A destination may have made a person of each user id, so a deletion is followed by another one
 * for each further id that is known to be the person's: those joined by alias, the one who has the
 * e-mail by which it was asked for, and a current e-mail that was used as a user id (see {@link
 * UserIds}). It has a record and receipts of its own, and erases the same names.
 *
 * <p>What is stored: a record for people ({@link ErasureRecords}), and for the index what is known
 * of each name ({@link ErasureLog}). Used by the writer's thread; after a transaction that failed,
 * make a new one.
 */
final class Erasing implements Reach.Known {
    private static final int MOST_SHOWN = 10;
    private static final long[] NONE = {};

    private final ErasureKey key;
    private final ErasureIndex index;
    private final PersonLinks links;
    private final Claims claims;
    private final UserIds userIds;
    private final ErasureLog log;
    private final ErasureRecords records;
    private final Map<Long, Extent[]> changed = new HashMap<>();
    private List<String> furtherIds = List.of();
    private boolean things;
    private boolean any;
    private long latest;
    private long widened;

    /**
     * Reads what is on disk into the index.
     *
     * @param index of the journal; it outlives this
     */
    Erasing(Connection connection, ErasureKey key, ErasureIndex index, PersonLinks links)
            throws SQLException {
        this.key = key;
        this.index = index;
        this.links = links;
        this.claims = new Claims(connection);
        this.userIds = new UserIds(connection);
        this.log = new ErasureLog(connection);
        this.records = new ErasureRecords(connection);
        index.replaceBy(log.load());
        any = !index.isEmpty();
    }

    /** Whether anybody was erased. */
    boolean any() {
        return any;
    }

    @Override
    public boolean hasThings() {
        return things || index.hasThings();
    }

    @Override
    public long reaching(long hash, long at, long sequence) {
        Extent[] extents = changed.get(hash);
        if (extents == null) {
            return index.reaching(hash, at, sequence);
        }
        long id = 0;
        for (Extent extent : extents) {
            id = extent.reaches(at, sequence) ? Math.max(id, extent.id()) : id;
        }
        return id;
    }

    /** The id of an erasure that reaches an event of the journal, 0 if none does. */
    long reaching(Entry entry) {
        return any
                ? Reach.of(
                        entry.event(),
                        entry.sequence(),
                        entry.receivedAt().toEpochMilli(),
                        this,
                        key)
                : 0;
    }

    /**
     * The id of an erasure that reaches an item that is no event, 0 if none does.
     *
     * @param behind the last sequence before it
     */
    long reaching(Reading.SetAside letter, Instant receivedAt, long behind) {
        return any && !LetterNames.asksForErasure(letter.rule().name())
                ? LetterNames.reaching(
                        letter.item(),
                        letter.envelope(),
                        receivedAt.toEpochMilli(),
                        behind,
                        this,
                        key)
                : 0;
    }

    /** Whether somebody uses a name, or other names as a user of this one, who is not erased. */
    boolean isClaimed(long name) throws SQLException {
        return claims.any(name);
    }

    private Extent[] extents(long hash) {
        Extent[] extents = changed.get(hash);
        return extents == null ? index.get(hash) : extents;
    }

    /**
     * Why a destructive event cannot be carried out; null if it can.
     *
     * @return for a person, without the identifiers themselves
     */
    @Nullable String ambiguity(Event event) throws SQLException {
        String userId = event.userId();
        if (!event.meaning().destructive() || userId == null || !Traces.isEmail(userId)) {
            return null;
        }
        long email = PersonKey.email(userId).hash();
        if (claims.isNobodys(email)) {
            return "more than %d users claimed the e-mail; send the user id"
                    .formatted(Claims.MOST_HANDS);
        }
        List<Set<Long>> persons = persons(claims.holders(email));
        if (persons.size() < 2) {
            return null;
        }
        List<String> shown = new ArrayList<>();
        for (Set<Long> person : persons.subList(0, Math.min(persons.size(), MOST_SHOWN))) {
            shown.add(ErasureRecords.shown('u', key.hash(person.iterator().next())));
        }
        return "the e-mail fits %d users, of whom each has another hash: %s%s; send the user id"
                .formatted(
                        persons.size(),
                        String.join(", ", shown),
                        persons.size() > MOST_SHOWN ? " and others" : "");
    }

    private List<Set<Long>> persons(Set<Long> users) throws SQLException {
        List<Set<Long>> persons = new ArrayList<>();
        for (long user : users) {
            boolean known = false;
            for (Set<Long> person : persons) {
                known |= person.contains(user);
            }
            if (!known) {
                persons.add(claims.joined(Set.of(user)));
            }
        }
        return persons;
    }

    /**
     * What is to be stored of an event.
     *
     * @param joins further persons whose older events must be settled before this one is sent
     * @param erasure that reaches the event, so that nothing but its place is kept; 0 if none does
     */
    record Noted(long[] joins, long erasure) {
        private static final Noted NOTHING = new Noted(NONE, 0);
    }

    /**
     * Takes note of an event that is being stored.
     *
     * @param person whose order it keeps, resolved
     */
    Noted store(
            Reading.Accepted item, String source, Instant receivedAt, long sequence, long person)
            throws SQLException {
        Event event = item.event();
        long at = Math.min(event.occurredAt().toEpochMilli(), receivedAt.toEpochMilli());
        if (event.meaning().destructive()) {
            return new Noted(erase(event, new Place(sequence, at, source, receivedAt), person), 0);
        }
        long id = any ? Reach.of(event, sequence, receivedAt.toEpochMilli(), this, key) : 0;
        if (id == 0 && event.meaning() == Meaning.USER_UNSUPPRESSED && any) {
            unsuppress(event, at, sequence);
        }
        PersonKey email = Claims.emailOf(item);
        if (email != null || event.userId() != null) {
            learn(item, email, id, at, sequence);
        }
        return any ? new Noted(joinsOfObject(event, person), id) : Noted.NOTHING;
    }

    /**
     * Takes note of what an event says of its user.
     *
     * @param email that stands in for the user id, if one does
     * @param id of the erasure that reaches it, 0 if none does
     */
    private void learn(
            Reading.Accepted item, @Nullable PersonKey email, long id, long at, long sequence)
            throws SQLException {
        List<Named> said = Claims.said(item);
        String userId = email == null ? String.valueOf(item.event().userId()) : email.identifier();
        boolean isEmail = Traces.isEmail(userId);
        if (said.isEmpty() && !isEmail) {
            return;
        }
        long user = PersonKey.user(userId).hash();
        long claimant = email == null ? user : email.hash();
        if (id == 0) {
            claims.note(said, claimant, at, sequence);
            leave(said, at, sequence);
            if (isEmail || !item.claims().isEmpty() || item.event().call() == Call.ALIAS) {
                noteIds(item, user, userId);
            }
        } else if (!said.isEmpty()) {
            widen(item, id, new Claim(claimant, at, sequence), said);
        }
    }

    /** Keeps the ids of somebody who may go by several. */
    private void noteIds(Reading.Accepted item, long user, String userId) throws SQLException {
        userIds.note(user, userId);
        if (item.event().call() == Call.ALIAS) {
            for (PersonKey older : item.joins()) {
                if (older.isUser()) {
                    userIds.note(older.hash(), older.identifier());
                }
            }
        }
    }

    // --- a new erasure

    private long[] erase(Event event, Place place, long person) throws SQLException {
        var names = new Names(event.meaning(), place.id(), place.cutOff());
        long[] joins = NONE;
        String userId = String.valueOf(event.userId());
        switch (event.meaning()) {
            case USER_DELETED, USER_SUPPRESSED -> joins = erasePerson(event, names, person);
            case DEVICE_DELETED -> {
                String token = String.valueOf(Traces.deviceToken(event));
                joins = eraseOf(userId, 'd', id -> Traces.device(id, token), names, person);
            }
            case OBJECT_DELETED -> names.add('o', Traces.deletedObject(event).orElseThrow());
            case RELATIONSHIP_DELETED -> {
                long object = Traces.deletedObject(event).orElseThrow();
                joins = eraseOf(userId, 'r', id -> Traces.relationship(id, object), names, person);
            }
            default -> throw new IllegalArgumentException(event.meaning() + " erases nothing");
        }
        add(event, place, names.toBytes());
        if (!any) {
            log.use(key);
        }
        any = true;
        if (names.isOfThing() && !hasThings()) {
            things = true;
            log.hasThings();
        }
        return joins;
    }

    private void add(Event event, Place place, byte[] names) throws SQLException {
        records.add(event, place, names);
        latest = place.id();
    }

    /**
     * Takes the further user ids of the person whose erasure was stored last, under which it has to
     * be sent too.
     */
    List<String> takeFurtherIds() {
        List<String> taken = furtherIds;
        furtherIds = List.of();
        return taken;
    }

    /**
     * Stores a deletion under a further id.
     *
     * @param of the id of the erasure that it belongs to
     */
    void storeFurther(Event event, String source, Instant receivedAt, long sequence, long of)
            throws SQLException {
        long cutOff = Math.min(event.occurredAt().toEpochMilli(), receivedAt.toEpochMilli());
        add(event, new Place(sequence, cutOff, source, receivedAt), records.names(of));
    }

    private long[] erasePerson(Event event, Names names, long person) throws SQLException {
        String userId = String.valueOf(event.userId());
        Meant meant = Meant.by(userId, claims, userIds);
        Set<Long> current = addAll(meant, names);
        Set<Long> ids = meant.currentIds();
        furtherIds = userIds.remove(ids, PersonKey.user(userId).hash());
        claims.removeOlder(ids, names.cutOff, names.id);
        return join(current, person);
    }

    /** Erases something of somebody's, under each of their user ids. */
    private long[] eraseOf(
            String userId, char letter, LongUnaryOperator nameOf, Names names, long person)
            throws SQLException {
        Meant meant = Meant.by(userId, claims, userIds);
        Set<Long> current = meant.emailsUsedAsIds();
        meant.ids()
                .forEach(
                        (id, spans) -> {
                            for (Span span : spans) {
                                names.add(letter, nameOf.applyAsLong(id), span);
                            }
                            if (meant.isJoined(id)) {
                                current.add(id);
                            }
                        });
        return join(current, person);
    }

    /**
     * Adds all names of somebody. An id that is theirs by an e-mail is found by that e-mail.
     *
     * @return those that are still theirs
     */
    private Set<Long> addAll(Meant meant, Names names) throws SQLException {
        Set<Long> current = new LinkedHashSet<>();
        for (long id : meant.ids().keySet()) {
            if (meant.isJoined(id)) {
                names.add('u', id);
                current.add(id);
            }
        }
        for (Map.Entry<Named, List<Span>> named : meant.names().entrySet()) {
            addSpans(named.getKey(), named.getValue(), names);
            keepClaims(named.getKey(), meant.claimsOf(named.getKey()), names);
            if (Meant.isCurrent(named.getValue())) {
                current.add(named.getKey().name());
            }
        }
        return current;
    }

    private static void addSpans(Named named, List<Span> spans, Names names) {
        char letter = named.kind() == Kind.EMAIL ? 'e' : 'a';
        for (Span span : spans) {
            names.add(letter, named.name(), span);
        }
    }

    private void keepClaims(Named named, List<Claim> theirs, Names names) throws SQLException {
        if (named.kind() == Kind.VISITOR) {
            long hash = key.hash(named.name());
            claims.keepErased(hash, named, theirs, names.id, names.cutOff);
        }
    }

    /**
     * Lets whatever comes under the person's names from now on wait for the erasure, which waits
     * for what came before.
     */
    private long[] join(Collection<Long> current, long person) throws SQLException {
        Set<Long> older = new LinkedHashSet<>();
        for (long name : current) {
            long before = links.resolve(name);
            if (links.join(name, person) && before != person) {
                older.add(before);
            }
        }
        return older.stream().mapToLong(Long::longValue).toArray();
    }

    /** The names of one erasure, which it adds to what is known of each. */
    private final class Names {
        private final Meaning meaning;
        private final long id;
        private final long cutOff;
        private final long until;
        private final Set<String> letters = new LinkedHashSet<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean hasMore;

        Names(Meaning meaning, long id, long cutOff) {
            this(meaning, id, cutOff, meaning == Meaning.USER_SUPPRESSED ? Extent.OPEN : id);
        }

        Names(Meaning meaning, long id, long cutOff, long until) {
            this.meaning = meaning;
            this.id = id;
            this.cutOff = cutOff;
            this.until = until;
        }

        boolean isOfThing() {
            return meaning != Meaning.USER_DELETED && meaning != Meaning.USER_SUPPRESSED;
        }

        void add(char letter, long name) {
            add(letter, name, Span.ALL);
        }

        void add(char letter, long name, Span span) {
            long hash = key.hash(name);
            Extent extent = Extent.whole(id, cutOff, until).within(span);
            Extent[] known = extents(hash);
            if (!extent.isWhole() && known.length > Claims.MOST_HANDS) {
                return; // of so many hands, though those who were erased are not counted as such
            }
            if (Stream.of(known).noneMatch(one -> one.covers(extent))) {
                changed.put(hash, plus(known, extent));
                hasMore = true;
            }
            if (letters.add(ErasureRecords.shown(letter, hash))) {
                bytes.writeBytes(ErasureRecords.toBytes(letter, hash));
            }
        }

        /** Whether anything was added that was not known. */
        boolean hasMore() {
            return hasMore;
        }

        byte[] toBytes() {
            return bytes.toByteArray();
        }
    }

    /** With one more; deletions of a whole name become one, since the latest covers the others. */
    private static Extent[] plus(Extent[] extents, Extent more) {
        List<Extent> all = new ArrayList<>();
        Extent plain = more.isPlain() ? more : null;
        for (Extent extent : extents) {
            if (plain != null && extent.isPlain()) {
                long cutOff = Math.max(plain.cutOff(), extent.cutOff());
                plain = Extent.whole(Math.max(plain.id(), extent.id()), cutOff, 0);
                plain = plain.endingAt(plain.id());
            } else {
                all.add(extent);
            }
        }
        all.add(plain == null ? more : plain);
        return all.toArray(new Extent[0]);
    }

    // --- what comes behind an erasure

    /**
     * An event that an erasure reaches says that more names are the person's. That another user is
     * the person counts only if it happened before the cut-off, and if the event's source may
     * erase: else anybody could take others along who knows the id of somebody erased.
     */
    private void widen(Reading.Accepted item, long id, Claim claim, List<Named> said)
            throws SQLException {
        String userId = item.event().userId();
        long user = claim.user();
        Extent extent = extentOf(id, user);
        Set<Long> users = new LinkedHashSet<>(Set.of(user));
        boolean more = false;
        for (Named named : said) {
            Extent other = named.kind() == Kind.USER ? extentOf(id, named.name()) : null;
            Extent either = extent == null ? other : extent;
            boolean may = item.mayErase() && either != null && claim.at() < either.cutOff();
            if (may && isAnId(named, user)) {
                extent = either;
                users.add(named.name());
            }
            more |= may || named.kind() == Kind.VISITOR || named.kind() == Kind.EMAIL;
        }
        boolean isUser = extent != null && userId != null;
        if (extent == null && userId != null && Traces.isEmail(userId)) {
            extent = extentOf(id, PersonKey.email(userId).hash());
        }
        if (extent == null || !more) {
            return;
        }
        boolean isJoined = users.size() > 1;
        Set<Long> person = isJoined ? claims.joined(users, extent.cutOff()) : users;
        var names = new Names(Meaning.USER_DELETED, id, extent.cutOff(), extent.until());
        var bound = new Meant.Bound(extent.cutOff(), id);
        for (Named named : said) {
            if (named.kind() == Kind.VISITOR || named.kind() == Kind.EMAIL) {
                List<Claim> all = new ArrayList<>(claims.claimsOf(named));
                all.add(claim);
                all.sort(Erasing::byPlace);
                List<Span> spans = claims.spans(named, all, one -> person.contains(one.user()));
                if (named.kind() == Kind.EMAIL) {
                    addAll(Meant.by(named, spans, bound, claims, userIds), names);
                } else {
                    addSpans(named, spans, names);
                    claims.keepErased(key.hash(named.name()), named, claim);
                }
            }
        }
        if (isUser) { // else only the e-mail is theirs that stands in place of the id
            addAll(Meant.of(person, bound, claims, userIds), names);
            claims.removeOlder(person, extent.cutOff(), id);
        }
        if (names.hasMore()) { // else nothing older is to be looked for
            widened = claim.sequence();
            latest = claim.sequence();
            records.addNames(id, names.toBytes());
        }
    }

    /** Whether this is another id of the user, and nobody else's. */
    private boolean isAnId(Named named, long user) throws SQLException {
        return named.kind() == Kind.USER
                || (named.kind() == Kind.CIO && claims.isOnes(named.name(), Set.of(user)));
    }

    private static int byPlace(Claim one, Claim other) {
        return one.at() != other.at()
                ? Long.compare(one.at(), other.at())
                : Long.compare(one.sequence(), other.sequence());
    }

    /** What an erasure says of a name; null if nothing. */
    private @Nullable Extent extentOf(long id, long name) {
        for (Extent extent : extents(key.hash(name))) {
            if (extent.id() == id) {
                return extent;
            }
        }
        return null;
    }

    /**
     * Somebody who is not erased uses names that were an erased person's. Who says so late, of a
     * time before the erased person came by an anonymousId, has it only until then. A user id never
     * passes to another: whoever names it as theirs, a {@code cio_} id too, takes nothing from it.
     */
    private void leave(List<Named> said, long at, long sequence) throws SQLException {
        for (Named named : any ? said : List.<Named>of()) {
            if (named.kind() != Kind.VISITOR && named.kind() != Kind.EMAIL) {
                continue;
            }
            long hash = key.hash(named.name());
            List<Extent> kept = new ArrayList<>();
            boolean left = false;
            for (Extent extent : extents(hash)) {
                boolean matters = extent.isOpen() || at < extent.cutOff();
                if (!matters || !extent.contains(at, sequence)) {
                    kept.add(extent);
                    continue;
                }
                left = true;
                kept.add(extent.upTo(at, sequence));
                Claim next =
                        named.kind() == Kind.VISITOR
                                ? claims.nextErased(hash, at, sequence)
                                : null; // an e-mail of two is nobody's
                if (next != null && extent.contains(next.at(), next.sequence())) {
                    kept.add(extent.from(next.at(), next.sequence()));
                }
            }
            if (left) {
                changed.put(hash, kept.toArray(new Extent[0]));
            }
        }
    }

    private void unsuppress(Event event, long at, long sequence) throws SQLException {
        Set<Long> lifted = new LinkedHashSet<>();
        Traces.ofPerson(
                event,
                name -> {
                    for (Extent extent : extents(key.hash(name))) {
                        if (extent.isOpen() && at >= extent.cutOff()) {
                            lifted.add(extent.id());
                        }
                    }
                    return false;
                });
        for (long id : lifted) {
            for (long hash : records.hashes(id)) {
                lift(id, hash, sequence);
            }
        }
    }

    private void lift(long id, long hash, long sequence) {
        Extent[] extents = extents(hash).clone();
        for (int i = 0; i < extents.length; i++) {
            if (extents[i].id() == id && extents[i].isOpen()) {
                extents[i] = extents[i].endingAt(sequence);
            }
        }
        changed.put(hash, extents);
    }

    /** A group call makes its object anew, and so waits for the deletion of the former one. */
    private long[] joinsOfObject(Event event, long person) throws SQLException {
        if (!hasThings() || event.call() != Call.GROUP) {
            return NONE;
        }
        Object groupId = event.asMap().get("groupId");
        long object = links.resolve(PersonKey.object(String.valueOf(groupId)).hash());
        boolean erased = Traces.ofThings(event, name -> extents(key.hash(name)).length > 0);
        return erased && object != person ? new long[] {object} : NONE;
    }

    // --- on disk

    /** Puts what the transaction changed into it. */
    void write() throws SQLException {
        if (widened != 0) {
            log.widenedBy(widened);
            widened = 0;
        }
        if (!changed.isEmpty()) {
            log.add(changed);
        }
    }

    /** The transaction is on disk. */
    void committed() {
        if (!changed.isEmpty()) {
            index.putAll(changed);
            if (things) {
                index.hasThings(true);
            }
            changed.clear();
            index.latest(latest);
        }
    }
}
