package dev.caravan.event;

import com.fasterxml.jackson.core.JsonToken;
import dev.caravan.event.Reading.Rule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of the items that come in at the doors: checks the shape of the call, Customer.io's
 * limits and the meaning of the name; fills in what is missing; leaves everything else as it came,
 * byte for byte.
 *
 * <p>Rules: a null or empty reserved field at the top counts as absent. {@code name} stands for
 * {@code event} on a track call that has none. A missing {@code messageId} is minted, a missing
 * {@code timestamp} is {@code originalTimestamp}, else {@code sentAt}, else the origin's time.
 * Where the clock of a sender that calls us itself is off by more than {@link #CLOCK_TOLERANCE},
 * the timestamp is corrected by the difference and {@code originalTimestamp} keeps the sender's;
 * not where it is off by more than {@link #MOST_SKEW}, the corrected time has no year of four
 * digits, or {@code receivedAt} shows that somebody has corrected it already. {@code writeKey},
 * {@code sentAt} and {@code receivedAt} are not kept. Stateless and thread-safe.
 *
 * <p>A clock that is behind looks like a call that was long on its way: mobile SDKs write {@code
 * sentAt} when they close a batch, and may send it a day later. So {@link Event#occurredAt}, by
 * which a deletion tells what was before it, is what the sender said where the correction would
 * make it later; that of a deletion itself is the corrected time.
 */
public final class EventReader {
    /** Differences up to this are the network's, not the clock's. */
    public static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(5);

    /** A clock that is further off says nothing about when something happened. */
    public static final Duration MOST_SKEW = Duration.ofDays(366);

    /** What is said of a field with a number that nobody can calculate with. */
    static final String UNREADABLE =
            "has a number with an exponent, or decimals, beyond %,d".formatted(Limits.NUMBER_SCALE);

    private static final byte[] CONTEXT = ",\"context\":".getBytes(StandardCharsets.UTF_8);
    private static final byte[] INTEGRATIONS =
            ",\"integrations\":".getBytes(StandardCharsets.UTF_8);

    private final SemanticNames names;

    public EventReader(SemanticNames names) {
        this.names = names;
    }

    /**
     * Reads an item that fills the slice.
     *
     * @param record the item's number within its origin, from 0
     */
    public Reading read(byte[] text, int offset, int length, Origin origin, long record) {
        try {
            if (!Utf8.isValid(text, offset, length)) {
                throw new NotJsonException("it is not text in UTF-8");
            }
            return read(RawObject.parse(text, offset, length), origin, record);
        } catch (IOException e) {
            byte[] item = java.util.Arrays.copyOfRange(text, offset, offset + length);
            return new Reading.SetAside(
                    Rule.INVALID, e.getMessage(), origin.derivedId(record), item, origin.toJson());
        }
    }

    /** Reads an item whose members are known already. */
    public Reading read(RawObject item, Origin origin, long record) {
        try {
            return new Item(item, origin, record).read();
        } catch (NoEvent e) {
            String own = item.text("messageId");
            return new Reading.SetAside(
                    e.rule,
                    e.getMessage(),
                    own != null && !own.isEmpty() ? own : origin.derivedId(record),
                    item.without("writeKey"),
                    origin.toJson());
        } catch (IOException e) {
            throw new IllegalStateException("an object that was read once is unreadable", e);
        }
    }

    /** Ends the reading of an item; costs no stack trace. */
    private static final class NoEvent extends Exception {
        private static final long serialVersionUID = 1;
        final Rule rule;

        NoEvent(Rule rule, String reason) {
            super(reason, null, false, false);
            this.rule = rule;
        }

        NoEvent(String reason) {
            this(Rule.INVALID, reason);
        }
    }

    /** One item on its way to be an event. */
    private final class Item {
        private final RawObject raw;
        private final Origin origin;
        private final long record;
        private final boolean[] dropped;
        private final StringBuilder added = new StringBuilder();
        private byte @Nullable [] context;
        private byte @Nullable [] integrations;
        private boolean selective;
        private @Nullable Instant said;

        Item(RawObject raw, Origin origin, long record) {
            this.raw = raw;
            this.origin = origin;
            this.record = record;
            this.dropped = new boolean[raw.size()];
        }

        Reading read() throws NoEvent, IOException {
            String twice = raw.duplicate();
            if (twice != null) {
                throw new NoEvent("field '" + shown(twice) + "' stands twice");
            }
            String unreadable = raw.unreadable();
            if (unreadable != null) {
                throw new NoEvent("field '%s' %s".formatted(shown(unreadable), UNREADABLE));
            }
            Call call = call();
            String userId = id("userId");
            String anonymousId = id("anonymousId");
            String groupId = id("groupId");
            String previousId = id("previousId");
            requireObject("context");
            requireObject("integrations");
            requireObject("traits");
            requireObject("properties");
            String name = call == Call.TRACK ? eventName() : otherName(call);
            Meaning meaning = call == Call.TRACK ? meaning(name) : Meaning.ORDINARY;
            if (name != null) { // after the meaning: a near miss is the graver news
                requireWhole(call == Call.TRACK ? "event" : "name", name);
            }
            mergeEnvelope();
            String objectId = checkMeaning(meaning, userId);
            if (meaning == Meaning.OBJECT_DELETED && userId == null && anonymousId == null) {
                anonymousId = "caravan-object-delete";
                add("anonymousId", anonymousId);
            }
            String email = userId == null ? email(call) : null;
            if (userId == null && anonymousId == null) {
                requireSomeone(call, groupId, email);
            }
            if (call == Call.GROUP && groupId == null) {
                throw new NoEvent("a group call needs 'groupId'");
            }
            if (call == Call.ALIAS && (userId == null || previousId == null)) {
                throw new NoEvent("an alias call needs 'userId' and 'previousId'");
            }
            String messageId = messageId();
            Instant time = time();
            if (said != null && said.isBefore(time) && !meaning.destructive()) {
                time = said;
            }
            drop("writeKey");
            drop("sentAt");
            drop("receivedAt");

            byte[] json = json();
            if (json.length > Limits.EVENT_BYTES) {
                throw new NoEvent(
                        "the event has %,d bytes, the limit is %,d"
                                .formatted(json.length, Limits.EVENT_BYTES));
            }
            Event event =
                    new Event(
                            call,
                            meaning,
                            name,
                            userId,
                            anonymousId,
                            messageId,
                            time.isAfter(origin.receivedAt()) ? origin.receivedAt() : time,
                            selective,
                            json);
            if (needsApproval(meaning)) {
                throw new NoEvent(
                        Rule.NEEDS_APPROVAL,
                        "'%s' of the public source '%s' needs approval"
                                .formatted(meaning.eventName(), origin.source().name()));
            }
            return new Reading.Accepted(
                    event,
                    person(meaning, userId, anonymousId, groupId, objectId, email),
                    joins(call, userId, anonymousId, previousId, email),
                    claims(call, userId),
                    origin.source().mayErase(),
                    fingerprint());
        }

        private Call call() throws NoEvent {
            String type = text("type");
            if (type == null) {
                if (origin.call() == null) {
                    throw new NoEvent("field 'type' is missing");
                }
                add("type", origin.call().type());
                return origin.call();
            }
            Call call =
                    Call.ofType(type)
                            .orElseThrow(
                                    () ->
                                            new NoEvent(
                                                    "field 'type' must be identify, track, page,"
                                                            + " screen, group or alias"));
            if (origin.call() != null && origin.call() != call) {
                throw new NoEvent(
                        "field 'type' is '%s' but the endpoint is for '%s'"
                                .formatted(call.type(), origin.call().type()));
            }
            return call;
        }

        private String eventName() throws NoEvent {
            String event = text("event");
            if (event == null) {
                event = text("name");
                if (event == null) {
                    throw new NoEvent("a track call needs 'event'");
                }
                drop("name");
                requireBytes("name", event, Limits.NAME_BYTES);
                String canonical = canonicalName(event);
                add("event", canonical);
                return canonical;
            }
            requireBytes("event", event, Limits.NAME_BYTES);
            String canonical = canonicalName(event);
            if (!canonical.equals(event)) {
                drop("event");
                add("event", canonical);
            }
            return canonical;
        }

        private String canonicalName(String name) {
            Meaning meaning = names.meaningOf(name);
            return meaning == Meaning.ORDINARY ? name : meaning.eventName();
        }

        private @Nullable String otherName(Call call) throws NoEvent {
            String event = raw.text("event");
            if (event != null
                    && (names.meaningOf(event).destructive()
                            || names.nearMiss(event).isPresent())) {
                throw new NoEvent(
                        Rule.NEAR_MISS,
                        "field 'event' names a destructive event, but the call is '%s' and not 'track'"
                                .formatted(call.type()));
            }
            if (call != Call.PAGE && call != Call.SCREEN) {
                return null;
            }
            String name = text("name");
            if (name != null && call == Call.SCREEN) {
                requireBytes("name", name, Limits.NAME_BYTES);
            }
            return name;
        }

        private Meaning meaning(String name) throws NoEvent {
            Meaning meaning = Meaning.ofName(name);
            Optional<Meaning> near =
                    meaning == Meaning.ORDINARY ? names.nearMiss(name) : Optional.empty();
            if (near.isPresent()) {
                throw new NoEvent(
                        Rule.NEAR_MISS,
                        "the name is almost '%s': send exactly that to %s, or list the name under caravan.semantic.allow"
                                .formatted(near.get().eventName(), effect(near.get())));
            }
            return meaning;
        }

        /** Demands what a destructive event needs; returns the object's id where it means one. */
        private @Nullable String checkMeaning(Meaning meaning, @Nullable String userId)
                throws NoEvent, IOException {
            switch (meaning) {
                case USER_DELETED, USER_SUPPRESSED, USER_UNSUPPRESSED ->
                        need(meaning, userId, "userId");
                case DEVICE_DELETED -> {
                    need(meaning, userId, "userId");
                    need(meaning, deviceToken(), "context.device.token");
                }
                case RELATIONSHIP_DELETED -> {
                    need(meaning, userId, "userId");
                    need(meaning, objectId(), "properties.objectId");
                }
                case OBJECT_DELETED -> {
                    String objectId = objectId();
                    need(meaning, objectId, "properties.objectId");
                    return objectId;
                }
                default -> {}
            }
            return null;
        }

        private void need(Meaning meaning, @Nullable String value, String field) throws NoEvent {
            if (value == null || value.isEmpty()) {
                throw new NoEvent(
                        Rule.INCOMPLETE,
                        "'%s' needs '%s' as a text".formatted(meaning.eventName(), field));
            }
        }

        private @Nullable String deviceToken() throws NoEvent, IOException {
            RawObject whole =
                    context == null
                            ? raw.object("context")
                            : RawObject.parse(context, 0, context.length);
            RawObject device = unambiguous("context", whole);
            device = device == null ? null : unambiguous("context.device", device.object("device"));
            return device == null ? null : device.text("token");
        }

        private @Nullable String objectId() throws NoEvent, IOException {
            RawObject properties = unambiguous("properties", raw.object("properties"));
            String objectId = properties == null ? null : properties.text("objectId");
            if (objectId != null) {
                requireId("properties.objectId", objectId);
            }
            return objectId;
        }

        /** An inner object on which a deletion depends: no member may stand twice in it. */
        private @Nullable RawObject unambiguous(String field, @Nullable RawObject object)
                throws NoEvent {
            if (object != null && object.duplicate() != null) {
                throw new NoEvent("a field in '%s' stands twice".formatted(field));
            }
            return object;
        }

        private @Nullable String email(Call call) throws IOException {
            RawObject traits = call == Call.IDENTIFY ? raw.object("traits") : null;
            String email = traits == null ? null : traits.text("email");
            return email == null || email.isEmpty() ? null : email;
        }

        private void requireSomeone(Call call, @Nullable String groupId, @Nullable String email)
                throws NoEvent {
            boolean enough =
                    switch (call) {
                        case TRACK -> groupId != null;
                        case IDENTIFY -> email != null;
                        case GROUP, ALIAS -> true;
                        case PAGE, SCREEN -> false;
                    };
            if (!enough) {
                throw new NoEvent(
                        "%s call needs 'userId' or 'anonymousId'%s"
                                .formatted(
                                        call == Call.IDENTIFY ? "an identify" : "a " + call.type(),
                                        call == Call.TRACK
                                                ? " or 'groupId'"
                                                : call == Call.IDENTIFY
                                                        ? " or 'traits.email'"
                                                        : ""));
            }
        }

        private String messageId() throws NoEvent {
            String messageId = text("messageId");
            if (messageId == null) {
                messageId = origin.ids().idOf(record);
                add("messageId", messageId);
            } else {
                requireBytes("messageId", messageId, Limits.MESSAGE_ID_BYTES);
                requireWhole("messageId", messageId);
            }
            return messageId;
        }

        private Instant time() throws NoEvent {
            String timestamp = text("timestamp");
            String original = text("originalTimestamp");
            String sent = text("sentAt");
            Instant originalTime =
                    original == null ? null : parseTime("originalTimestamp", original);
            Instant sentAt = sent == null ? origin.sentAt() : parseTime("sentAt", sent);
            if (timestamp == null && original == null) {
                said = sent == null ? origin.time() : sentAt;
                Instant time = sent == null ? said : corrected(said, sentAt);
                add("timestamp", Timestamps.format(time));
                return time;
            }
            String text = timestamp == null ? original : timestamp;
            said = timestamp == null ? originalTime : parseTime("timestamp", timestamp);
            Instant time = corrected(said, sentAt);
            boolean moved = !time.equals(said);
            if (timestamp == null || moved || !Timestamps.isPlain(timestamp)) {
                drop("timestamp");
                add(
                        "timestamp",
                        moved || !Timestamps.isPlain(text) ? Timestamps.format(time) : text);
            }
            if (moved && original == null) {
                add("originalTimestamp", text);
            }
            return time;
        }

        /** The time by our clock of what the sender's clock said. */
        private Instant corrected(Instant time, @Nullable Instant sentAt) {
            if (sentAt == null || !origin.isLive()) {
                return time;
            }
            Duration skew = Duration.between(sentAt, origin.receivedAt());
            Duration off = skew.abs();
            if (off.compareTo(CLOCK_TOLERANCE) <= 0
                    || off.compareTo(MOST_SKEW) > 0
                    || raw.text("receivedAt") != null) {
                return time;
            }
            Instant moved = time.plus(skew);
            return Timestamps.isInRange(moved) ? moved : time;
        }

        private Instant parseTime(String field, String text) throws NoEvent {
            return Timestamps.parse(text)
                    .orElseThrow(
                            () -> new NoEvent("field '%s' %s".formatted(field, Timestamps.RULE)));
        }

        private void mergeEnvelope() throws IOException {
            if (origin.context() != null || origin.ip() != null) {
                mergeContext();
            }
            if (origin.integrations() != null) {
                RawObject over = raw.object("integrations");
                integrations = RawObject.merge(origin.integrations(), over == null ? EMPTY : over);
                drop("integrations");
                selective = true;
            } else {
                int member = raw.find("integrations");
                selective = member >= 0 && raw.valueContains(member, "false");
            }
        }

        private void mergeContext() throws IOException {
            RawObject own = raw.object("context");
            RawObject over = own == null ? EMPTY : own;
            RawObject base = origin.context() == null ? EMPTY : origin.context();
            boolean addIp = origin.ip() != null && over.find("ip") < 0 && base.find("ip") < 0;
            if (addIp) {
                base = RawObject.merged(origin.ipOnly(), base);
            }
            if (origin.context() != null || addIp) {
                context = RawObject.merge(base, over);
                drop("context");
            }
        }

        private PersonKey person(
                Meaning meaning,
                @Nullable String userId,
                @Nullable String anonymousId,
                @Nullable String groupId,
                @Nullable String objectId,
                @Nullable String email) {
            if (meaning == Meaning.OBJECT_DELETED) {
                return PersonKey.object(String.valueOf(objectId));
            } else if (userId != null) {
                return PersonKey.user(userId);
            } else if (anonymousId != null) {
                return PersonKey.visitor(anonymousId);
            } else if (groupId != null) {
                return PersonKey.object(groupId);
            }
            return PersonKey.email(String.valueOf(email));
        }

        private List<PersonKey> joins(
                Call call,
                @Nullable String userId,
                @Nullable String anonymousId,
                @Nullable String previousId,
                @Nullable String email) {
            if (call == Call.IDENTIFY && userId != null && anonymousId != null) {
                return List.of(PersonKey.visitor(anonymousId));
            } else if (anonymousId != null && email != null) {
                return List.of(PersonKey.email(email));
            } else if (call == Call.ALIAS && previousId != null) {
                return List.of(PersonKey.user(previousId), PersonKey.visitor(previousId));
            }
            return List.of();
        }

        /** The names by which only traits know the user: what erases the user erases them too. */
        private List<PersonKey> claims(Call call, @Nullable String userId) throws IOException {
            RawObject traits =
                    call == Call.IDENTIFY && userId != null ? raw.object("traits") : null;
            if (traits == null || userId == null) {
                return List.of();
            }
            List<PersonKey> claims = new ArrayList<>(2);
            String email = traits.text("email");
            if (email != null && !email.isEmpty() && !email.equalsIgnoreCase(userId)) {
                claims.add(PersonKey.email(email));
            }
            String cioId = traits.text("cio_id");
            if (cioId != null && !cioId.isEmpty()) {
                claims.add(PersonKey.user("cio_" + cioId));
            }
            return claims;
        }

        private boolean needsApproval(Meaning meaning) {
            return (meaning.destructive() || meaning == Meaning.USER_UNSUPPRESSED)
                    && meaning != Meaning.DEVICE_DELETED
                    && !origin.source().mayErase();
        }

        private long fingerprint() {
            Digest digest = Digest.get();
            for (int i = 0; i < raw.size(); i++) {
                switch (raw.name(i)) {
                    case "sentAt", "writeKey", "receivedAt", "_metadata" -> {}
                    default -> raw.digestMember(i, digest);
                }
            }
            return digest.toChecksum();
        }

        // --- fields

        private @Nullable String id(String field) throws NoEvent {
            String id = text(field);
            if (id != null) {
                requireId(field, id);
            }
            return id;
        }

        private void requireId(String field, String id) throws NoEvent {
            requireBytes(field, id, Limits.ID_BYTES);
            requireWhole(field, id);
        }

        private void requireWhole(String field, String text) throws NoEvent {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))
                        && Character.isBmpCodePoint(text.codePointAt(i))) {
                    throw new NoEvent("field '%s' has half a surrogate pair".formatted(field));
                } else if (Character.isSurrogate(text.charAt(i))) {
                    i++;
                }
            }
        }

        private void requireBytes(String field, String value, int limit) throws NoEvent {
            int bytes = value.length() * 3 <= limit ? 0 : Limits.utf8Length(value);
            if (bytes > limit) {
                throw new NoEvent(
                        "field '%s' has %,d bytes, the limit is %,d"
                                .formatted(field, bytes, limit));
            }
        }

        /** The reserved field as text; null and empty are dropped and count as absent. */
        private @Nullable String text(String field) throws NoEvent {
            int member = raw.find(field);
            if (member < 0) {
                return null;
            }
            JsonToken kind = raw.kind(member);
            String text = raw.string(member);
            if (kind == JsonToken.VALUE_NULL || (text != null && text.isEmpty())) {
                drop(member);
                return null;
            } else if (text == null) {
                throw new NoEvent(
                        "field '%s' must be a text but is %s".formatted(field, described(kind)));
            }
            return text;
        }

        private void requireObject(String field) throws NoEvent {
            int member = raw.find(field);
            if (member < 0) {
                return;
            }
            JsonToken kind = raw.kind(member);
            if (kind == JsonToken.VALUE_NULL) {
                drop(member);
            } else if (kind != JsonToken.START_OBJECT) {
                throw new NoEvent(
                        "field '%s' must be an object but is %s".formatted(field, described(kind)));
            }
        }

        // --- writing

        private void drop(String field) {
            drop(raw.find(field));
        }

        private void drop(int member) {
            if (member >= 0) {
                dropped[member] = true;
            }
        }

        private void add(String field, String value) {
            added.append(",\"").append(field).append("\":").append(Json.quote(value));
        }

        private byte[] json() {
            byte[] texts = added.toString().getBytes(StandardCharsets.UTF_8);
            int length = length(CONTEXT, context) + length(INTEGRATIONS, integrations);
            for (int i = 0; i < dropped.length; i++) {
                length += dropped[i] ? 0 : 1 + raw.memberLength(i);
            }
            ByteBuffer out = ByteBuffer.allocate(length + texts.length + 1);
            for (int i = 0; i < dropped.length; i++) {
                if (!dropped[i]) {
                    raw.copyMember(i, out.put((byte) ','));
                }
            }
            put(out, CONTEXT, context);
            put(out, INTEGRATIONS, integrations);
            out.put(texts).put((byte) '}');
            return out.put(0, (byte) '{').array(); // in place of the first comma
        }

        private static int length(byte[] head, byte @Nullable [] value) {
            return value == null ? 0 : head.length + value.length;
        }

        private static void put(ByteBuffer out, byte[] head, byte @Nullable [] value) {
            if (value != null) {
                out.put(head).put(value);
            }
        }
    }

    private static final RawObject EMPTY = empty();

    private static RawObject empty() {
        try {
            return RawObject.parse(new byte[] {'{', '}'}, 0, 2);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String effect(Meaning meaning) {
        return switch (meaning) {
            case USER_DELETED -> "delete the person";
            case USER_SUPPRESSED -> "suppress the person";
            case DEVICE_DELETED -> "delete the device";
            case OBJECT_DELETED -> "delete the object";
            default -> "delete the relationship";
        };
    }

    /** A kind of value, for a person. */
    static String described(JsonToken kind) {
        return switch (kind) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "a text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_NULL -> "null";
            default -> "a boolean";
        };
    }

    /** A field's name as it may stand in a message: short, and without control characters. */
    private static String shown(String name) {
        String cut = name.length() > 40 ? name.substring(0, 40) + "..." : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
