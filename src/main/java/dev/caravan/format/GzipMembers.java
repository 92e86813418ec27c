package dev.caravan.format;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * What a gzip unpacks to, which may have several members one behind the other. The JDK's own takes
 * one for ended where a later member's beginning is damaged or cut off, and so would lose the rest
 * in silence. Behind the last member nothing but zeros may stand.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1952">RFC 1952</a>
 */
final class GzipMembers extends InputStream {
    private static final int BUFFER = 1 << 16;
    private static final int DEFLATE = 8;
    private static final int FIXED_REST = 6; // time, extra flags, system
    private static final int HEADER_CHECKSUM = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int UNKNOWN_FLAGS = 0xe0;

    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private final Inflater inflater = new Inflater(true);
    private final CRC32 checksum = new CRC32();
    private int pos;
    private int end;
    private boolean inMember;
    private boolean ended;

    GzipMembers(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /**
     * Reads on.
     *
     * @throws EOFException if it ends within a member
     * @throws ZipException if it is damaged
     */
    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember && !begin()) {
                ended = true;
                inflater.end();
                return -1;
            }
            int count = inflate(into, from, length);
            if (count > 0) {
                checksum.update(into, from, count);
                return count;
            }
            finish();
        }
        return -1;
    }

    /** Unpacks; returns 0 at the end of the member. */
    private int inflate(byte[] into, int from, int length) throws IOException {
        try {
            while (true) {
                int count = inflater.inflate(into, from, length);
                if (count > 0 || inflater.finished()) {
                    return count;
                } else if (!inflater.needsInput()) {
                    throw new ZipException("it needs a dictionary");
                } else if (!fill()) {
                    throw new EOFException();
                }
                inflater.setInput(buffer, 0, end);
            }
        } catch (DataFormatException e) {
            throw new ZipException("it is no deflated data");
        }
    }

    /** Reads the header of the next member; returns whether there is one. */
    private boolean begin() throws IOException {
        int first = 0;
        while (first == 0) {
            if (pos == end && !fill()) {
                return false;
            }
            first = buffer[pos++] & 0xff;
        }
        checksum.reset();
        checksum.update(first);
        if (first != 0x1f || next() != 0x8b || next() != DEFLATE) {
            throw new ZipException("what follows is no member of a gzip");
        }
        int flags = next();
        if ((flags & UNKNOWN_FLAGS) != 0) {
            throw new ZipException("it has flags that mean nothing");
        }
        skip(FIXED_REST);
        if ((flags & EXTRA) != 0) {
            skip(next() | next() << 8);
        }
        skipText((flags & NAME) != 0);
        skipText((flags & COMMENT) != 0);
        if ((flags & HEADER_CHECKSUM) != 0) {
            require(checksum.getValue() & 0xffff, 2);
        }
        checksum.reset();
        inflater.reset();
        inflater.setInput(buffer, pos, end - pos);
        inMember = true;
        return true;
    }

    private void finish() throws IOException {
        pos = end - inflater.getRemaining();
        require(checksum.getValue(), 4);
        require(inflater.getBytesWritten() & 0xffff_ffffL, 4);
        inMember = false;
    }

    /** Checks a number of so many bytes, the lowest first. */
    private void require(long expected, int bytes) throws IOException {
        long number = 0;
        for (int i = 0; i < bytes; i++) {
            number |= (long) next() << (8 * i);
        }
        if (number != expected) {
            throw new ZipException("its checksum or length is wrong");
        }
    }

    private void skip(int bytes) throws IOException {
        for (int i = 0; i < bytes; i++) {
            next();
        }
    }

    private void skipText(boolean there) throws IOException {
        while (there && next() != 0) {
            // up to the zero behind it
        }
    }

    private int next() throws IOException {
        if (pos == end && !fill()) {
            throw new EOFException();
        }
        int next = buffer[pos++] & 0xff;
        checksum.update(next);
        return next;
    }

    private boolean fill() throws IOException {
        pos = 0;
        end = Math.max(0, in.read(buffer, 0, buffer.length));
        return end > 0;
    }
}
