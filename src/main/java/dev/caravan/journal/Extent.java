package dev.caravan.journal;

/**
 * How far an erasure reaches under one name. Places are compared by time, then by sequence.
 *
 * @param id the erasure
 * @param cutOff epoch milliseconds: what happened before is erased
 * @param until what was accepted before this sequence is erased whatever its time: the erasure's
 *     own place; {@link #OPEN} while a suppression lasts, then where it ended
 * @param fromAt from when on the name was that of the person erased
 * @param toAt until when, exclusive
 */
record Extent(
        long id,
        long cutOff,
        long until,
        long fromAt,
        long fromSequence,
        long toAt,
        long toSequence) {
    static final long OPEN = Long.MAX_VALUE;

    /** A name that is always the person's. */
    static Extent whole(long id, long cutOff, long until) {
        return new Extent(
                id, cutOff, until, Long.MIN_VALUE, Long.MIN_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** The same for a part of the time. */
    Extent within(Span span) {
        return new Extent(
                id,
                cutOff,
                until,
                span.fromAt(),
                span.fromSequence(),
                span.toAt(),
                span.toSequence());
    }

    /** The same, as far as there. */
    Extent upTo(long at, long sequence) {
        return new Extent(id, cutOff, until, fromAt, fromSequence, at, sequence);
    }

    /** The same, from there on. */
    Extent from(long at, long sequence) {
        return new Extent(id, cutOff, until, at, sequence, toAt, toSequence);
    }

    /** The same, for what is accepted before this sequence. */
    Extent endingAt(long sequence) {
        return new Extent(id, cutOff, sequence, fromAt, fromSequence, toAt, toSequence);
    }

    boolean isOpen() {
        return until == OPEN;
    }

    boolean isWhole() {
        return fromAt == Long.MIN_VALUE && toAt == Long.MAX_VALUE;
    }

    /** Whether it is an ordinary deletion of an ordinary name, as nearly all are. */
    boolean isPlain() {
        return until == id && isWhole();
    }

    boolean contains(long at, long sequence) {
        return !Span.isBefore(at, sequence, fromAt, fromSequence)
                && Span.isBefore(at, sequence, toAt, toSequence);
    }

    /** Whether it is of the same erasure and reaches all that the other one does. */
    boolean covers(Extent other) {
        return id == other.id
                && cutOff == other.cutOff
                && until == other.until
                && !Span.isBefore(other.fromAt, other.fromSequence, fromAt, fromSequence)
                && !Span.isBefore(toAt, toSequence, other.toAt, other.toSequence);
    }

    /** Whether an event of this place is erased. */
    boolean reaches(long at, long sequence) {
        return (sequence < until || at < cutOff) && contains(at, sequence);
    }
}
