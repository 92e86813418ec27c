package dev.caravan.event;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The names by which an erasure finds an event, as 64-bit hashes: of a person those of {@link
 * PersonKey}, of a device, object or relationship those made here.
 *
 * <p>A user id is the person, whatever anonymousId stands beside it: a device is shared, an id is
 * not. So an anonymousId is a name only where there is no user id. Even there an identify call is
 * of the e-mail in its traits, if it has one, of which Customer.io makes a person. A user id that
 * looks like an e-mail is also that e-mail, as Customer.io takes it.
 */
public final class Traces {
    private static final String FIRST_TYPE = "1";

    private Traces() {}

    /** Takes one name after another; said to go on, or that it has found what it sought. */
    public interface Visitor {
        /** Returns whether to stop here. */
        boolean found(long name);
    }

    /**
     * Goes through the names of the person that an event belongs to. An alias call belongs to both.
     *
     * @return whether the visitor found what it sought
     */
    public static boolean ofPerson(Event event, Visitor visitor) {
        String userId = event.userId();
        if (userId == null) {
            return ofVisitor(event, visitor);
        } else if (ofUser(userId, visitor)) {
            return true;
        } else if (event.call() != Call.ALIAS) {
            return false;
        }
        String previousId = text(event.asMap().get("previousId"));
        return previousId != null
                && (ofUser(previousId, visitor)
                        || visitor.found(PersonKey.visitor(previousId).hash()));
    }

    private static boolean ofUser(String userId, Visitor visitor) {
        return visitor.found(PersonKey.user(userId).hash())
                || (isEmail(userId) && visitor.found(PersonKey.email(userId).hash()));
    }

    private static boolean ofVisitor(Event event, Visitor visitor) {
        if (event.call() == Call.IDENTIFY) {
            String email = text(object(event, "traits").get("email"));
            if (email != null) {
                return visitor.found(PersonKey.email(email).hash());
            }
        }
        String anonymousId = event.anonymousId();
        return anonymousId != null && visitor.found(PersonKey.visitor(anonymousId).hash());
    }

    /** Whether a user id is taken for an e-mail too. */
    public static boolean isEmail(String userId) {
        return userId.indexOf('@') > 0;
    }

    /**
     * Goes through the names of what else an event makes or changes: the device of {@code Device
     * Created or Updated}, the object of a group call and the relationship to it.
     */
    public static boolean ofThings(Event event, Visitor visitor) {
        if (event.meaning() == Meaning.DEVICE_UPDATED) {
            String token = deviceToken(event);
            return event.userId() != null
                    && token != null
                    && visitor.found(device(PersonKey.user(event.userId()).hash(), token));
        } else if (event.call() != Call.GROUP) {
            return false;
        }
        String groupId = text(event.asMap().get("groupId"));
        if (groupId == null) {
            return false;
        }
        long object = object(typeOf(object(event, "traits")), groupId);
        return visitor.found(object)
                || (event.userId() != null
                        && visitor.found(
                                relationship(PersonKey.user(event.userId()).hash(), object)));
    }

    /** The token in the event's context, where a device event has it. */
    public static @Nullable String deviceToken(Event event) {
        Object device = object(event, "context").get("device");
        return device instanceof Map<?, ?> fields ? text(fields.get("token")) : null;
    }

    /** The object that an {@code Object Deleted} or {@code Relationship Deleted} names. */
    public static Optional<Long> deletedObject(Event event) {
        Map<?, ?> properties = object(event, "properties");
        String objectId = text(properties.get("objectId"));
        return objectId == null
                ? Optional.empty()
                : Optional.of(object(typeOf(properties), objectId));
    }

    /** A user's device; another user's on the same token is another. */
    public static long device(long user, String token) {
        return Digest.get().add("d:").add(user).add(token).toLong();
    }

    /** A user's relationship to an object. */
    public static long relationship(long user, long object) {
        return Digest.get().add("r:").add(user).add(object).toLong();
    }

    private static long object(String typeId, String objectId) {
        return Digest.get().add("t:").add(typeId).add(objectId).toLong();
    }

    /** The object's type as a text, whichever way it is written; {@code "1"} if it is absent. */
    private static String typeOf(Map<?, ?> fields) {
        for (String field : new String[] {"objectTypeId", "object_type_id"}) {
            Object type = fields.get(field);
            if (type instanceof Number || (type instanceof String text && !text.isEmpty())) {
                return type.toString();
            }
        }
        return FIRST_TYPE;
    }

    private static Map<?, ?> object(Event event, String field) {
        return event.asMap().get(field) instanceof Map<?, ?> fields ? fields : Map.of();
    }

    private static @Nullable String text(@Nullable Object value) {
        return value instanceof String text && !text.isEmpty() ? text : null;
    }
}
