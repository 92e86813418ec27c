package dev.caravan.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of events in the order of their times, and of their sequences where these are equal.
 */
record Span(long fromAt, long fromSequence, long toAt, long toSequence) {
    static final Span ALL =
            new Span(Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);

    /** Whether the first place lies before the second. */
    static boolean isBefore(long at, long sequence, long otherAt, long otherSequence) {
        return at < otherAt || (at == otherAt && sequence < otherSequence);
    }

    boolean contains(long at, long sequence) {
        return !isBefore(at, sequence, fromAt, fromSequence)
                && isBefore(at, sequence, toAt, toSequence);
    }

    /** What of these is in none of those. */
    static List<Span> without(List<Span> these, List<Span> those) {
        List<Span> left = these;
        for (Span other : those) {
            List<Span> next = new ArrayList<>();
            for (Span span : left) {
                span.cutOut(other, next);
            }
            left = next;
        }
        return left;
    }

    private void cutOut(Span other, List<Span> into) {
        boolean apart =
                !isBefore(fromAt, fromSequence, other.toAt, other.toSequence)
                        || !isBefore(other.fromAt, other.fromSequence, toAt, toSequence);
        if (apart) {
            into.add(this);
            return;
        }
        if (isBefore(fromAt, fromSequence, other.fromAt, other.fromSequence)) {
            into.add(new Span(fromAt, fromSequence, other.fromAt, other.fromSequence));
        }
        if (isBefore(other.toAt, other.toSequence, toAt, toSequence)) {
            into.add(new Span(other.toAt, other.toSequence, toAt, toSequence));
        }
    }
}
