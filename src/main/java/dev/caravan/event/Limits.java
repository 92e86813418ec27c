package dev.caravan.event;

import java.math.BigDecimal;

/**
 * Customer.io's limits, in bytes of UTF-8. Where its documentation leaves open whether a KB has
 * 1000 or 1024 bytes, the value on the safe side of both.
 */
public final class Limits {
    /** One event as JSON, alone or inside a batch. */
    public static final int EVENT_BYTES = 32_000;

    /** A whole batch request. */
    public static final int BATCH_BYTES = 475_000;

    /** A JSON array of events that fills a batch request, in which it stands as {@code batch}. */
    public static final int RUN_BYTES = BATCH_BYTES - "{\"batch\":}".length();

    /** Events in a batch request; no documented limit, larger ones have caused trouble. */
    public static final int BATCH_ITEMS = 100;

    /** {@code userId}, {@code anonymousId}, {@code previousId} and {@code groupId}. */
    public static final int ID_BYTES = 150;

    /** The {@code event} of a track call and the {@code name} of a screen call. */
    public static final int NAME_BYTES = 100;

    /** A {@code messageId}, by the Segment spec. */
    public static final int MESSAGE_ID_BYTES = 100;

    /**
     * The largest exponent of a number, and the most decimals. JSON has no limit, but who
     * calculates with what is beyond it, or writes it out, has none either.
     */
    public static final int NUMBER_SCALE = 9_999;

    private Limits() {}

    /** Whether a number is within {@link #NUMBER_SCALE}. */
    public static boolean isReadable(BigDecimal number) {
        return Math.abs((long) number.scale()) <= NUMBER_SCALE;
    }

    /** Bytes that the text takes in UTF-8, without encoding it. */
    public static int utf8Length(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else if (c < 0x800) {
                length += 2;
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                length += 4;
                i++;
            } else {
                length += 3;
            }
        }
        return length;
    }
}
