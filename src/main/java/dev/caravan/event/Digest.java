package dev.caravan.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * SHA-256 cut to 64 or 128 bits, used where two texts must be told apart: message ids, contents,
 * persons. Not thread-safe; {@link #get()} hands out one for each thread.
 */
public final class Digest {
    private static final ThreadLocal<Digest> OF_THREAD = ThreadLocal.withInitial(Digest::new);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final MessageDigest sha;
    private final CRC32C castagnoli = new CRC32C();
    private final CRC32 ieee = new CRC32();
    private final byte[] hash = new byte[32];
    private byte[] pending = new byte[1024];
    private int size;

    private Digest() {
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The calling thread's, emptied. */
    public static Digest get() {
        Digest digest = OF_THREAD.get();
        digest.size = 0;
        return digest;
    }

    /** Adds a text and an end mark, so that "ab","c" differs from "a","bc". */
    public Digest add(String text) {
        return add(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds bytes and an end mark. */
    public Digest add(byte[] bytes) {
        reserve(bytes.length + 1);
        System.arraycopy(bytes, 0, pending, size, bytes.length);
        size += bytes.length;
        pending[size++] = (byte) 0xff;
        return this;
    }

    public Digest add(long number) {
        reserve(Long.BYTES);
        LONG.set(pending, size, number);
        size += Long.BYTES;
        return this;
    }

    /** Adds a slice of JSON text without the white space between its tokens, and an end mark. */
    Digest add(byte[] json, int from, int to) {
        reserve(to - from + 1);
        int kept = from;
        int at = from;
        while (at < to) {
            byte b = json[at];
            if (b == '"') {
                at = behindString(json, at + 1);
            } else if (b <= ' ' && b >= 0) {
                append(json, kept, at);
                kept = ++at;
            } else {
                at++;
            }
        }
        append(json, kept, to);
        pending[size++] = (byte) 0xff;
        return this;
    }

    private static int behindString(byte[] json, int from) {
        int at = from;
        while (json[at] != '"') {
            at += json[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private void append(byte[] bytes, int from, int to) {
        System.arraycopy(bytes, from, pending, size, to - from);
        size += to - from;
    }

    private void reserve(int more) {
        if (size + more > pending.length) {
            pending = java.util.Arrays.copyOf(pending, Math.max(pending.length * 2, size + more));
        }
    }

    /** The first eight bytes. */
    public long toLong() {
        finish();
        return (long) LONG.get(hash, 0);
    }

    /** The first sixteen bytes, as two numbers. */
    public Hash toHash() {
        finish();
        return new Hash((long) LONG.get(hash, 0), (long) LONG.get(hash, Long.BYTES));
    }

    /**
     * A checksum of 64 bits, ten times as fast as the digest: enough to see that two texts differ,
     * not to withstand somebody who makes them up.
     */
    long toChecksum() {
        castagnoli.reset();
        castagnoli.update(pending, 0, size);
        ieee.reset();
        ieee.update(pending, 0, size);
        size = 0;
        return castagnoli.getValue() << 32 | ieee.getValue();
    }

    private void finish() {
        sha.update(pending, 0, size);
        size = 0;
        try {
            sha.digest(hash, 0, hash.length);
        } catch (DigestException e) {
            throw new IllegalStateException("32 bytes are room enough for SHA-256", e);
        }
    }

    /** A hash of 128 bits. */
    public record Hash(long high, long low) {
        /** 32 hexadecimal digits. */
        public String hex() {
            return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
        }
    }
}
