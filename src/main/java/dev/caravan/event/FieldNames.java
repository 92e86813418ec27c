package dev.caravan.event;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Spares making a text of each field name: nearly all are one of these few. */
final class FieldNames {
    private static final int PLACES = 256;
    private static final List<String> COMMON =
            List.of(
                    "type",
                    "event",
                    "name",
                    "userId",
                    "anonymousId",
                    "groupId",
                    "previousId",
                    "messageId",
                    "timestamp",
                    "originalTimestamp",
                    "sentAt",
                    "receivedAt",
                    "context",
                    "integrations",
                    "traits",
                    "properties",
                    "category",
                    "channel",
                    "version",
                    "writeKey",
                    "batch",
                    "_metadata",
                    "email");

    private static final @Nullable String[] KNOWN = new String[PLACES];

    static {
        for (String name : COMMON) {
            byte[] text = name.getBytes(StandardCharsets.US_ASCII);
            KNOWN[place(text, 0, text.length)] = name;
        }
    }

    private FieldNames() {}

    /** The text between two places. */
    static String of(byte[] text, int from, int to) {
        if (from < to) {
            String known = KNOWN[place(text, from, to)];
            if (known != null && isSame(known, text, from, to)) {
                return known;
            }
        }
        return new String(text, from, to - from, StandardCharsets.UTF_8);
    }

    private static int place(byte[] text, int from, int to) {
        int hash = (to - from) * 31 + text[from] * 7 + text[to - 1];
        return hash & (PLACES - 1);
    }

    private static boolean isSame(String known, byte[] text, int from, int to) {
        if (known.length() != to - from) {
            return false;
        }
        for (int i = 0; i < known.length(); i++) {
            if (known.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }
}
