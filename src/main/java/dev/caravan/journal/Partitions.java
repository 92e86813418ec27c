package dev.caravan.journal;

/**
 * Into how many ordered streams the journal is cut.
 *
 * @param count 1 to 4096
 */
public record Partitions(int count) {
    public Partitions {
        if (count < 1 || count > 4096) {
            throw new IllegalArgumentException("partitions must be 1 to 4096 but were " + count);
        }
    }

    /** The partition of a person, 0 to {@code count - 1}. */
    public int of(long person) {
        return (int) ((person >>> 32) % count);
    }

    /** What stands for all persons of this one's partition whose names must not be kept. */
    long anonymous(long person) {
        return (long) of(person) << 32 | 1;
    }
}
