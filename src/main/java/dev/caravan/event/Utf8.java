package dev.caravan.event;

/** Tells text in UTF-8 from other bytes; stricter than the JSON parser, which lets some pass. */
public final class Utf8 {
    private Utf8() {}

    /** Whether the slice is UTF-8: no overlong forms, no encoded surrogates, nothing cut off. */
    public static boolean isValid(byte[] text, int offset, int length) {
        int end = offset + length;
        int at = offset;
        while (at >= 0 && at < end) {
            at = text[at] >= 0 ? at + 1 : behindCharacter(text, at, end);
        }
        return at >= 0;
    }

    /** The place behind a character of two to four bytes; -1 if there is none. */
    private static int behindCharacter(byte[] text, int at, int end) {
        int first = text[at] & 0xff;
        int last = at + (first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3);
        if (first < 0xc2 || first > 0xf4 || last >= end) {
            return -1;
        }
        int second = text[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return -1;
        }
        for (int i = at + 2; i <= last; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return -1;
            }
        }
        return last + 1;
    }
}
