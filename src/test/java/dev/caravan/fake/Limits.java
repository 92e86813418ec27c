package dev.caravan.fake;

import java.nio.charset.StandardCharsets;

/**
 * The limits of the fact sheet, 1.5 and 3.5, in bytes. A KB is taken as 1024 bytes except in the
 * batch.
 */
final class Limits {

    static final int CALL = 32_768;
    static final int BATCH = 512_000;
    static final int EVENT_NAME = 100;
    static final int ID = 150;
    static final int ATTRIBUTE_NAME = 150;
    static final int ATTRIBUTE_VALUE = 1000;
    static final int ATTRIBUTES = 300;
    static final int MESSAGE_ID = 100;

    private Limits() {}

    static boolean exceeds(String text, int limit) {
        // A UTF-16 unit takes three bytes at most, which settles nearly every case without
        // encoding.
        return text.length() * 3 > limit && text.getBytes(StandardCharsets.UTF_8).length > limit;
    }
}
