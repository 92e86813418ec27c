package dev.caravan.format;

/**
 * How far something may unpack, so that a small file cannot fill the disk.
 *
 * @param bytes how many bytes may come out, of all entries together
 * @param ratio how many times as long as it was, once {@link #FREE} bytes are out
 */
record Bounds(long bytes, int ratio) {
    /** 100 GB; 200 times, where text seldom gets to 20. */
    static final Bounds DEFAULT = new Bounds(100_000_000_000L, 200);

    /** So much may come out of anything. */
    static final long FREE = 10_000_000;

    Bounds {
        if (bytes < 1) {
            throw new IllegalArgumentException("unpackedLimit must be a byte or more");
        } else if (ratio < 1) {
            throw new IllegalArgumentException("unpackedRatio must be 1 or more but is " + ratio);
        }
    }

    void check(long packed, long unpacked) throws BrokenException {
        if (unpacked > bytes) {
            throw new BrokenException(
                    "it unpacks to more than %,d bytes; set 'unpackedLimit' if it is meant so"
                            .formatted(bytes));
        } else if (unpacked > FREE && unpacked / ratio > packed) {
            throw new BrokenException(
                    "it unpacks to more than %d times its length; set 'unpackedRatio' if it is meant so"
                            .formatted(ratio));
        }
    }
}
