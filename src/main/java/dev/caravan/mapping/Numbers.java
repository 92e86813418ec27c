package dev.caravan.mapping;

import dev.caravan.event.Limits;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Texts to numbers, digit for digit. A text is a sign or none, digits, and a decimal mark with
 * digits behind it; {@code 1.5e3} only with the mark {@code .}. With {@link #decimals} there is no
 * mark, and the sign may stand behind.
 *
 * @param decimal the decimal mark
 * @param grouping what may stand between thousands, 0 for nothing
 * @param decimals how many of the last digits are decimals, -1 if the text says it by its mark
 */
record Numbers(char decimal, char grouping, int decimals) {
    static final Numbers PLAIN = new Numbers('.', '\0', -1);

    private static final int LONGEST = 1_000;
    private static final int DIGITS_OF_LONG = 18;
    private static final int THOUSANDS = 3;

    /** The number; null if the text is none. White space around it does not matter. */
    @Nullable Number parse(String text) {
        String number = text.strip();
        if (number.isEmpty() || number.length() > LONGEST) {
            return null;
        }
        return decimals >= 0 ? implied(number) : marked(number);
    }

    private @Nullable Number implied(String number) {
        String digits = number;
        boolean negative = false;
        int last = digits.length() - 1;
        if (isSign(digits.charAt(0))) {
            negative = digits.charAt(0) == '-';
            digits = digits.substring(1);
        } else if (isSign(digits.charAt(last))) {
            negative = digits.charAt(last) == '-';
            digits = digits.substring(0, last);
        }
        if (!isDigits(digits, 0, digits.length())) {
            return null;
        }
        BigInteger unscaled = new BigInteger(digits);
        return new BigDecimal(negative ? unscaled.negate() : unscaled, decimals);
    }

    private @Nullable Number marked(String number) {
        int start = isSign(number.charAt(0)) ? 1 : 0;
        int end = number.length();
        int exponent = decimal == '.' ? exponent(number) : -1;
        if (exponent >= 0) {
            end = exponent;
        }
        int mark = number.indexOf(decimal, start);
        int wholeEnd = mark < 0 || mark > end ? end : mark;
        String whole = ungrouped(number.substring(start, wholeEnd));
        if (!isDigits(whole, 0, whole.length())) {
            return null;
        }
        boolean negative = number.charAt(0) == '-';
        if (wholeEnd == end && exponent < 0) {
            return whole(whole, negative);
        }
        if (wholeEnd < end && !isDigits(number, wholeEnd + 1, end)) {
            return null;
        }
        String fraction = wholeEnd < end ? "." + number.substring(wholeEnd + 1, end) : "";
        String power = exponent < 0 ? "" : number.substring(exponent);
        if (!power.isEmpty() && !isPower(power)) {
            return null;
        }
        BigDecimal exact = new BigDecimal((negative ? "-" : "") + whole + fraction + power);
        return Limits.isReadable(exact) ? exact : null;
    }

    private static Number whole(String digits, boolean negative) {
        String signed = negative ? "-" + digits : digits;
        return digits.length() <= DIGITS_OF_LONG
                ? (Number) Long.valueOf(signed)
                : new BigInteger(signed);
    }

    private static int exponent(String number) {
        int small = number.indexOf('e');
        return small >= 0 ? small : number.indexOf('E');
    }

    private static boolean isPower(String power) {
        int from = power.length() > 1 && isSign(power.charAt(1)) ? 2 : 1;
        return power.length() - from <= 7 && isDigits(power, from, power.length());
    }

    /** Without what stands between its thousands; as it is if that stands elsewhere. */
    private String ungrouped(String whole) {
        if (grouping == 0 || whole.indexOf(grouping) < 0) {
            return whole;
        }
        int first = whole.indexOf(grouping);
        if (first == 0 || first > THOUSANDS) {
            return whole;
        }
        var digits = new StringBuilder(whole.substring(0, first));
        for (int at = first; at < whole.length(); at += THOUSANDS + 1) {
            if (whole.charAt(at) != grouping || at + THOUSANDS + 1 > whole.length()) {
                return whole;
            }
            digits.append(whole, at + 1, at + THOUSANDS + 1);
        }
        return digits.toString();
    }

    private static boolean isDigits(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return from < to;
    }

    private static boolean isSign(char c) {
        return c == '-' || c == '+';
    }
}
