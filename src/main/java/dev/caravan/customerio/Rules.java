package dev.caravan.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.Call;
import dev.caravan.event.Limits;
import dev.caravan.event.Timestamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the Pipelines API demands of one call, so that strict mode takes it. The complaints name
 * field, rule and size, never a value.
 *
 * @see <a href="https://docs.customer.io/integrations/api/cdp/">Pipelines API</a>
 */
final class Rules {
    private final JsonNode event;
    private final List<String> broken = new ArrayList<>();

    private Rules(JsonNode event) {
        this.event = event;
    }

    /** The call that a JSON value says it is. */
    static Optional<Call> call(JsonNode event) {
        return Optional.ofNullable(event.path("type").textValue()).flatMap(Call::ofType);
    }

    /**
     * Checks one call.
     *
     * @param implied the call that the endpoint stands for, null in a batch
     * @return the rules that it breaks, empty if none
     */
    static List<String> broken(JsonNode event, @Nullable Call implied) {
        return new Rules(event).check(implied);
    }

    private List<String> check(@Nullable Call implied) {
        if (!event.isObject()) {
            return List.of("an event must be a JSON object");
        }
        Call call = type(implied);
        boolean user = id("userId");
        boolean visitor = id("anonymousId");
        boolean group = id("groupId");
        boolean previous = id("previousId");
        text("messageId", Limits.MESSAGE_ID_BYTES);
        for (String field : List.of("traits", "properties", "context", "integrations")) {
            object(field);
        }
        for (String field : List.of("timestamp", "originalTimestamp", "sentAt")) {
            time(field);
        }
        if (call != null) {
            names(call);
            persons(call, user, visitor, group, previous);
        }
        return broken;
    }

    private @Nullable Call type(@Nullable Call implied) {
        JsonNode type = event.path("type");
        if (implied != null && (type.isMissingNode() || type.isNull())) {
            return implied;
        }
        Optional<Call> call = call(event);
        if (call.isEmpty()) {
            broken.add("field 'type' must be identify, track, page, screen, group or alias");
        } else if (implied != null && call.get() != implied) {
            broken.add("field 'type' must be '%s' here".formatted(implied.type()));
        }
        return call.orElse(null);
    }

    private void names(Call call) {
        if (call == Call.TRACK && !text("event", Limits.NAME_BYTES)) {
            broken.add("a track call needs 'event'");
        } else if (call == Call.SCREEN) {
            text("name", Limits.NAME_BYTES);
        } else if (call == Call.PAGE) {
            text("name", Integer.MAX_VALUE);
        }
    }

    private void persons(
            Call call, boolean user, boolean visitor, boolean group, boolean previous) {
        boolean someone = user || visitor;
        switch (call) {
            case IDENTIFY -> {
                String email = event.path("traits").path("email").textValue();
                need(
                        someone || (email != null && !email.isEmpty()),
                        "an identify call needs 'userId', 'anonymousId' or 'traits.email'");
            }
            case TRACK ->
                    need(
                            someone || group,
                            "a track call needs 'userId', 'anonymousId' or 'groupId'");
            case PAGE, SCREEN ->
                    need(
                            someone,
                            "a %s call needs 'userId' or 'anonymousId'".formatted(call.type()));
            case GROUP -> need(group, "a group call needs 'groupId'");
            case ALIAS -> need(user && previous, "an alias call needs 'userId' and 'previousId'");
        }
    }

    private void need(boolean there, String complaint) {
        if (!there) {
            broken.add(complaint);
        }
    }

    private boolean id(String field) {
        boolean there = text(field, Limits.ID_BYTES);
        if (there && halfSurrogate(event.get(field).textValue())) {
            broken.add("field '%s' has half a surrogate pair".formatted(field));
        }
        return there;
    }

    /** Whether the field has a text; complains if it has anything else, or a text too long. */
    private boolean text(String field, int limit) {
        JsonNode value = event.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return false;
        }
        String text = value.textValue();
        if (text == null) {
            broken.add("field '%s' must be a text".formatted(field));
            return true;
        }
        tooLong(field, text, limit).ifPresent(broken::add);
        return !text.isEmpty();
    }

    private void object(String field) {
        JsonNode value = event.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isObject()) {
            broken.add("field '%s' must be an object".formatted(field));
        }
    }

    private void time(String field) {
        JsonNode value = event.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return;
        }
        String text = value.textValue();
        if (text == null || (!text.isEmpty() && Timestamps.parse(text).isEmpty())) {
            broken.add("field '%s' %s".formatted(field, Timestamps.RULE));
        }
    }

    /** The complaint about a text that takes more bytes than the limit, if it does. */
    static Optional<String> tooLong(String field, @Nullable String text, int limit) {
        if (text == null || text.length() <= limit / 3) {
            return Optional.empty();
        }
        int bytes = Limits.utf8Length(text);
        return bytes <= limit
                ? Optional.empty()
                : Optional.of(
                        "field '%s' has %,d bytes, the limit is %,d"
                                .formatted(field, bytes, limit));
    }

    /** The complaint about what takes more bytes than the limit, if it does. */
    static Optional<String> tooLarge(String what, long bytes, int limit) {
        return bytes <= limit
                ? Optional.empty()
                : Optional.of("%s has %,d bytes, the limit is %,d".formatted(what, bytes, limit));
    }

    private static boolean halfSurrogate(@Nullable String text) {
        return text != null
                && text.codePoints()
                        .anyMatch(
                                c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
