package dev.caravan.bench;

/**
 * Message ids that look like random UUIDs and never repeat: the number of the event is mixed by a
 * function that maps no two numbers to one, and stands beside a part of the run's own.
 */
final class MessageIds {

    /** Length of an id in bytes. */
    static final int LENGTH = 36;

    private static final byte[] HEX = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private final long run;
    private long next;

    /**
     * @param run tells two runs apart; ids of different runs differ
     */
    MessageIds(long run) {
        this.run = mix(run);
    }

    /** Writes the next id as 36 characters into the array, from the offset on. */
    void writeNext(byte[] into, int offset) {
        long low = mix(run ^ next++);
        long high = run;
        int at = offset;
        for (int nibble = 0; nibble < 32; nibble++) {
            if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) {
                into[at++] = '-';
            }
            long half = nibble < 16 ? low : high;
            into[at++] = HEX[(int) (half >>> (60 - 4 * (nibble & 15))) & 15];
        }
    }

    /** The finaliser of SplittableRandom: a bijection on 64 bits. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
