package dev.caravan.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;

/**
 * The key of the hashes by which erasures remember whom they erased: without it nobody can try out
 * which identifiers are meant, and neither can Caravan. So it is kept in a file of its own beside
 * the database, which belongs into every backup, apart from the journal's.
 *
 * <p>The hash is SipHash-2-4 of a name's 64 bits.
 *
 * @see <a href="https://www.aumasson.jp/siphash/siphash.pdf">SipHash, 2012</a>
 */
final class ErasureKey {
    static final String FILE = "erasure.key";

    private static final int BYTES = 16;
    private static final long CHECKED = 0x6b65795f63686563L;

    private final long k0;
    private final long k1;

    ErasureKey(byte[] key) {
        ByteBuffer halves = ByteBuffer.wrap(key).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        k0 = halves.getLong();
        k1 = halves.getLong();
    }

    /**
     * Reads the key of a journal's directory, or makes one.
     *
     * @param needed whether there are erasures already: then no new key will do
     * @throws JournalUnavailableException if it is needed and not there, or is no key
     */
    static ErasureKey open(Path directory, boolean needed) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            if (needed) {
                throw new JournalUnavailableException(
                        ("the file %s is missing: it has the key by which the journal knows who was"
                                        + " erased, and no other will do; put it back from a backup")
                                .formatted(file));
            }
            make(file);
        }
        return new ErasureKey(read(file));
    }

    private static byte[] read(Path file) throws IOException {
        try {
            byte[] key =
                    HexFormat.of()
                            .parseHex(Files.readString(file, StandardCharsets.US_ASCII).strip());
            if (key.length == BYTES) {
                return key;
            }
        } catch (IllegalArgumentException | java.nio.charset.CharacterCodingException e) {
            // said below
        }
        throw new JournalUnavailableException(
                "the file %s is damaged: it must have %d hexadecimal digits"
                        .formatted(file, 2 * BYTES));
    }

    /** Whole and on disk, or not at all. */
    private static void make(Path file) throws IOException {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        byte[] text = (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII);
        Path unfinished = file.resolveSibling(FILE + ".tmp");
        Files.deleteIfExists(unfinished);
        try (FileChannel channel =
                FileChannel.open(
                        unfinished,
                        EnumSet.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        OwnerOnly.ofFile())) {
            channel.write(ByteBuffer.wrap(text));
            channel.force(true);
        }
        OnDisk.rename(unfinished, file);
    }

    /** What tells this key from another. */
    long check() {
        return hash(CHECKED);
    }

    /** The hash of a name. */
    long hash(long name) {
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        long block = name;
        for (int round = 0; round < 8; round++) {
            if (round == 0 || round == 2) {
                v3 ^= block;
            } else if (round == 4) {
                v2 ^= 0xff;
            }
            v0 += v1;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v3;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v2 = Long.rotateLeft(v2, 32);
            if (round == 1 || round == 3) {
                v0 ^= block;
                block = (long) Long.BYTES << 56; // the last block: the length alone
            }
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
