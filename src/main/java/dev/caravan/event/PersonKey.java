package dev.caravan.event;

import java.util.Locale;

/**
 * Whose event it is, for order: events of equal keys are delivered in the order of their
 * acceptance. A user, a visitor who is not known yet, someone known by e-mail alone, or an object.
 *
 * @param text the kind's letter, a colon, the identifier
 */
public record PersonKey(String text) {
    public static PersonKey user(String userId) {
        return new PersonKey("u:" + userId);
    }

    public static PersonKey visitor(String anonymousId) {
        return new PersonKey("a:" + anonymousId);
    }

    public static PersonKey email(String address) {
        return new PersonKey("e:" + address.toLowerCase(Locale.ROOT));
    }

    public static PersonKey object(String objectId) {
        return new PersonKey("o:" + objectId);
    }

    /** The identifier without the kind's letter. */
    public String identifier() {
        return text.substring(2);
    }

    public boolean isUser() {
        return text.startsWith("u:");
    }

    public boolean isEmail() {
        return text.startsWith("e:");
    }

    /**
     * 64 bits that stand for the key in the journal; two keys of one hash merely share an order.
     */
    public long hash() {
        return Digest.get().add(text).toLong();
    }
}
