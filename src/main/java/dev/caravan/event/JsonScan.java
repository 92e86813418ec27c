package dev.caravan.event;

import com.fasterxml.jackson.core.JsonToken;
import org.jspecify.annotations.Nullable;

/**
 * Finds where values of JSON end, in text that is known to be UTF-8, without making anything of
 * them. It takes what is written as everybody writes it, and nothing that RFC 8259 does not allow;
 * at what is uncommon (a name with an escape, a deep nesting, a number of a hundred digits) or
 * wrong it says {@link #UNKNOWN}, and the JSON library reads it, or tells what is wrong.
 */
final class JsonScan {
    /** In place of a place: the library must look at this. */
    static final int UNKNOWN = -1;

    private static final int MOST_DEPTH = 64;
    private static final int LONGEST_NUMBER = 100;

    /** With all digits of the number it is far from {@link Limits#NUMBER_SCALE}. */
    private static final int LONGEST_EXPONENT = 3;

    private static final int LONGEST_STRING = 1 << 20;

    private JsonScan() {}

    /** The first place from there on that holds no white space; {@code to} if there is none. */
    static int space(byte[] text, int at, int to) {
        int i = at;
        while (i < to && isSpace(text[i])) {
            i++;
        }
        return i;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** What kind of value starts with this byte; null if none does. */
    static @Nullable JsonToken kind(byte first) {
        return switch (first) {
            case '{' -> JsonToken.START_OBJECT;
            case '[' -> JsonToken.START_ARRAY;
            case '"' -> JsonToken.VALUE_STRING;
            case 't' -> JsonToken.VALUE_TRUE;
            case 'f' -> JsonToken.VALUE_FALSE;
            case 'n' -> JsonToken.VALUE_NULL;
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
                    JsonToken.VALUE_NUMBER_INT;
            default -> null;
        };
    }

    /** The place behind the value that starts here. */
    static int value(byte[] text, int at, int to) {
        return value(text, at, to, 0);
    }

    private static int value(byte[] text, int at, int to, int depth) {
        if (at >= to || depth == MOST_DEPTH) {
            return UNKNOWN;
        }
        return switch (text[at]) {
            case '{' -> object(text, at, to, depth);
            case '[' -> array(text, at, to, depth);
            case '"' -> string(text, at, to, true);
            case 't' -> word(text, at, to, "true");
            case 'f' -> word(text, at, to, "false");
            case 'n' -> word(text, at, to, "null");
            default -> number(text, at, to);
        };
    }

    private static int object(byte[] text, int start, int to, int depth) {
        int at = space(text, start + 1, to);
        if (at < to && text[at] == '}') {
            return at + 1;
        }
        while (at < to && text[at] == '"') {
            at = colon(text, string(text, at, to, true), to);
            at = at == UNKNOWN ? UNKNOWN : value(text, space(text, at, to), to, depth + 1);
            if (at == UNKNOWN) {
                return UNKNOWN;
            }
            at = space(text, at, to);
            if (at < to && text[at] == '}') {
                return at + 1;
            } else if (at == to || text[at] != ',') {
                return UNKNOWN;
            }
            at = space(text, at + 1, to);
        }
        return UNKNOWN;
    }

    private static int array(byte[] text, int start, int to, int depth) {
        int at = space(text, start + 1, to);
        if (at < to && text[at] == ']') {
            return at + 1;
        }
        while (true) {
            at = value(text, at, to, depth + 1);
            if (at == UNKNOWN) {
                return UNKNOWN;
            }
            at = space(text, at, to);
            if (at < to && text[at] == ']') {
                return at + 1;
            } else if (at == to || text[at] != ',') {
                return UNKNOWN;
            }
            at = space(text, at + 1, to);
        }
    }

    /** The place behind the colon that follows a name. */
    static int colon(byte[] text, int behindName, int to) {
        if (behindName == UNKNOWN) {
            return UNKNOWN;
        }
        int at = space(text, behindName, to);
        return at < to && text[at] == ':' ? at + 1 : UNKNOWN;
    }

    /** The place behind a string that has no escapes. */
    static int plainString(byte[] text, int at, int to) {
        return string(text, at, to, false);
    }

    private static int string(byte[] text, int start, int to, boolean escapes) {
        int end = Math.min(to, start + LONGEST_STRING);
        for (int at = start + 1; at < end; at++) {
            byte b = text[at];
            if (b == '"') {
                return at + 1;
            } else if (b == '\\') {
                at = escapes ? escape(text, at + 1, to) : UNKNOWN;
                if (at == UNKNOWN) {
                    return UNKNOWN;
                }
            } else if (b >= 0 && b < ' ') {
                return UNKNOWN;
            }
        }
        return UNKNOWN;
    }

    /** The last place of an escape, of which the backslash was read. */
    private static int escape(byte[] text, int at, int to) {
        if (at >= to) {
            return UNKNOWN;
        } else if (text[at] != 'u') {
            return "\"\\/bfnrt".indexOf(text[at]) >= 0 ? at : UNKNOWN;
        }
        for (int i = 1; i <= 4; i++) {
            if (at + i >= to || Character.digit(text[at + i], 16) < 0) {
                return UNKNOWN;
            }
        }
        return at + 4;
    }

    private static int word(byte[] text, int at, int to, String word) {
        int end = at + word.length();
        if (end > to) {
            return UNKNOWN;
        }
        for (int i = 0; i < word.length(); i++) {
            if (text[at + i] != word.charAt(i)) {
                return UNKNOWN;
            }
        }
        return end;
    }

    private static int number(byte[] text, int start, int to) {
        int at = text[start] == '-' ? start + 1 : start;
        int whole = digits(text, at, to);
        if (whole == at || text[at] == '0' && whole > at + 1) {
            return UNKNOWN;
        }
        at = whole;
        if (at < to && text[at] == '.') {
            int fraction = digits(text, at + 1, to);
            if (fraction == at + 1) {
                return UNKNOWN;
            }
            at = fraction;
        }
        if (at < to && (text[at] == 'e' || text[at] == 'E')) {
            boolean signed = at + 1 < to && (text[at + 1] == '+' || text[at + 1] == '-');
            int from = at + (signed ? 2 : 1);
            at = digits(text, from, to);
            if (at == from || at - from > LONGEST_EXPONENT) {
                return UNKNOWN;
            }
        }
        return at - start <= LONGEST_NUMBER ? at : UNKNOWN;
    }

    private static int digits(byte[] text, int from, int to) {
        int at = from;
        while (at < to && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }
}
