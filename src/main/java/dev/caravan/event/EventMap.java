package dev.caravan.event;

import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A read-only view of an event's JSON. The fields that routes branch on are answered without
 * parsing; anything else parses the bytes once.
 */
public final class EventMap extends AbstractMap<String, Object> {
    private final Call call;
    private final @Nullable String name;
    private final @Nullable String userId;
    private final @Nullable String anonymousId;
    private final String messageId;
    private final byte[] json;
    private @Nullable Map<String, Object> parsed;

    public EventMap(
            Call call,
            @Nullable String name,
            @Nullable String userId,
            @Nullable String anonymousId,
            String messageId,
            byte[] json) {
        this.call = call;
        this.name = name;
        this.userId = userId;
        this.anonymousId = anonymousId;
        this.messageId = messageId;
        this.json = json;
    }

    /** The event's JSON, not to be changed. */
    public byte[] json() {
        return json;
    }

    @Override
    public @Nullable Object get(Object key) {
        if (key instanceof String field) {
            switch (field) {
                case "type":
                    return call.type();
                case "event":
                    return call == Call.TRACK ? name : parsed().get(key);
                case "userId":
                    return userId;
                case "anonymousId":
                    return anonymousId;
                case "messageId":
                    return messageId;
                default:
                    break;
            }
        }
        return parsed().get(key);
    }

    @Override
    public boolean containsKey(Object key) {
        return get(key) != null || parsed().containsKey(key);
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        return parsed().entrySet();
    }

    /** Names the event without its content: Camel shows bodies in the messages of errors. */
    @Override
    public String toString() {
        return call.type() + " " + messageId;
    }

    private Map<String, Object> parsed() {
        Map<String, Object> map = parsed;
        if (map == null) {
            map = Json.toMap(json);
            parsed = map;
        }
        return map;
    }
}
