package dev.caravan.delivery;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.event.Meaning;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Makes events for tests, each with an id of its own. */
final class Events {
    private static final AtomicInteger IDS = new AtomicInteger();

    private Events() {}

    static Reading.Accepted track(String userId, String name) {
        return accepted(event(Call.TRACK, name, userId, null, ""), PersonKey.user(userId));
    }

    static Reading.Accepted visit(String anonymousId) {
        return accepted(
                event(Call.PAGE, "Home", null, anonymousId, ""), PersonKey.visitor(anonymousId));
    }

    /** A visitor becomes known. */
    static Reading.Accepted identify(String userId, String anonymousId) {
        return accepted(
                event(Call.IDENTIFY, null, userId, anonymousId, ""),
                PersonKey.user(userId),
                PersonKey.visitor(anonymousId));
    }

    /** The same, which no destination gets. */
    static Reading.Accepted identifyForNobody(String userId, String anonymousId) {
        return accepted(
                event(
                        Call.IDENTIFY,
                        null,
                        userId,
                        anonymousId,
                        ",\"integrations\":{\"All\":false}"),
                PersonKey.user(userId),
                PersonKey.visitor(anonymousId));
    }

    /** Two users turn out to be one. */
    static Reading.Accepted alias(String userId, String previousId) {
        return accepted(
                event(Call.ALIAS, null, userId, null, ""),
                PersonKey.user(userId),
                PersonKey.user(previousId));
    }

    static Reading.Accepted padded(String userId, int bytes) {
        return accepted(
                event(Call.TRACK, "Large", userId, null, ",\"pad\":\"" + "x".repeat(bytes) + "\""),
                PersonKey.user(userId));
    }

    static Reading.Accepted with(String userId, String name, String moreJson) {
        return accepted(
                event(Call.TRACK, name, userId, null, "," + moreJson), PersonKey.user(userId));
    }

    private static Reading.Accepted accepted(Event event, PersonKey person, PersonKey... joins) {
        return new Reading.Accepted(event, person, List.of(joins), event.messageId().hashCode());
    }

    private static Event event(
            Call call,
            @Nullable String name,
            @Nullable String userId,
            @Nullable String anonymousId,
            String more) {
        String id = "m" + IDS.incrementAndGet();
        String json =
                "{\"type\":\"%s\",\"messageId\":\"%s\"%s%s%s%s}"
                        .formatted(
                                call.type(),
                                id,
                                userId == null ? "" : ",\"userId\":\"" + userId + "\"",
                                anonymousId == null
                                        ? ""
                                        : ",\"anonymousId\":\"" + anonymousId + "\"",
                                name == null ? "" : ",\"event\":\"" + name + "\"",
                                more);
        return new Event(
                call,
                name != null && call == Call.TRACK ? Meaning.ofName(name) : Meaning.ORDINARY,
                name,
                userId,
                anonymousId,
                id,
                VirtualTimer.START,
                more.contains("integrations"),
                json.getBytes(StandardCharsets.UTF_8));
    }
}
