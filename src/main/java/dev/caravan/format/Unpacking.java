package dev.caravan.format;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What is inside a stream that may be gzip or zip: the stream itself, or what it unpacks to. The
 * names of a zip's entries are never used.
 */
final class Unpacking {
    private static final int BUFFER = 1 << 16;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final Bounds bounds;
    private final Counted packed;
    private final Kind kind;
    private final InputStream content;
    private long unpacked;
    private int entry;

    private enum Kind {
        PLAIN,
        GZIP,
        ZIP
    }

    private Unpacking(InputStream in, Bounds bounds) throws IOException {
        this.bounds = bounds;
        this.packed = new Counted(in);
        BufferedInputStream buffered = new BufferedInputStream(packed, BUFFER);
        this.kind = kind(buffered);
        this.content =
                switch (kind) {
                    case PLAIN -> buffered;
                    case GZIP -> new GzipMembers(buffered);
                    case ZIP -> new ZipInputStream(buffered, StandardCharsets.ISO_8859_1);
                };
    }

    static Unpacking of(InputStream in, Bounds bounds) throws IOException {
        return new Unpacking(in, bounds);
    }

    /** The content in one piece, with a line feed behind each entry of an archive. */
    static InputStream joined(InputStream in, Bounds bounds) throws IOException {
        Unpacking all = of(in, bounds);
        return all.kind == Kind.ZIP ? all.new Joined() : all.nextOr(InputStream.nullInputStream());
    }

    private InputStream nextOr(InputStream otherwise) throws IOException {
        InputStream next = next();
        return next == null ? otherwise : next;
    }

    /** The next file inside; null behind the last. */
    @Nullable InputStream next() throws IOException {
        if (kind != Kind.ZIP) {
            entry++;
            return entry > 1 ? null : kind == Kind.PLAIN ? content : new Bounded(content);
        }
        ZipEntry next;
        do {
            next = nextEntry((ZipInputStream) content);
        } while (next != null && next.isDirectory());
        if (next == null) {
            requireDirectory();
            return null;
        }
        entry++;
        return new Bounded(content);
    }

    /** The JDK takes an archive that is cut off behind an entry for a whole one. */
    private void requireDirectory() throws IOException {
        byte[] rest = new byte[BUFFER];
        while (packed.read(rest, 0, rest.length) >= 0) {
            // to the end
        }
        if (!packed.sawDirectoryEnd) {
            throw new BrokenException(
                    "the zip archive is cut off behind it: its directory is missing");
        }
    }

    /** Where in the archive we are, such as {@code entry 2}; empty if it is none. */
    String place() {
        return kind == Kind.ZIP ? "entry " + entry : "";
    }

    private @Nullable ZipEntry nextEntry(ZipInputStream zip) throws IOException {
        try {
            return zip.getNextEntry();
        } catch (EOFException | ZipException | IllegalArgumentException e) {
            throw broken(e);
        }
    }

    private BrokenException broken(Exception e) {
        String what = e instanceof EOFException ? "it ends too early" : "it is damaged";
        return new BrokenException(
                "the %s cannot be unpacked behind byte %d of its content: %s"
                        .formatted(kind == Kind.GZIP ? "gzip" : "zip archive", unpacked, what));
    }

    private static Kind kind(BufferedInputStream in) throws IOException {
        in.mark(4);
        byte[] first = in.readNBytes(4);
        in.reset();
        if (first.length > 1 && first[0] == 0x1f && (first[1] & 0xff) == 0x8b) {
            return Kind.GZIP;
        }
        boolean zip =
                first.length == 4
                        && first[0] == 'P'
                        && first[1] == 'K'
                        && ((first[2] == 3 && first[3] == 4) || (first[2] == 5 && first[3] == 6));
        return zip ? Kind.ZIP : Kind.PLAIN;
    }

    /** Says how much was read, and whether the end of a zip's directory was in it. */
    private static final class Counted extends FilterInputStream {
        private static final int DIRECTORY_END = 0x504b_0506;

        long count;
        boolean sawDirectoryEnd;
        private int lastFour;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = in.read(into, from, length);
            count += Math.max(read, 0);
            for (int i = from; i < from + read && !sawDirectoryEnd; i++) {
                lastFour = lastFour << 8 | (into[i] & 0xff);
                sawDirectoryEnd = lastFour == DIRECTORY_END;
            }
            return read;
        }
    }

    /** What comes out of the stream, as far as it may. */
    private final class Bounded extends FilterInputStream {
        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            try {
                int read = in.read(into, from, length);
                unpacked += Math.max(read, 0);
                bounds.check(packed.count, unpacked);
                return read;
            } catch (EOFException | ZipException e) {
                throw broken(e);
            }
        }

        @Override
        public void close() {
            // the archive goes on
        }
    }

    /** All entries, each with a line feed behind it. */
    private final class Joined extends InputStream {
        private @Nullable InputStream current;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            InputStream open = current == null ? unmarked(Unpacking.this.next()) : current;
            current = open;
            if (open == null) {
                return -1;
            }
            int read = open.read(into, from, length);
            if (read < 0) {
                current = null;
                into[from] = '\n';
                return 1;
            }
            return read;
        }

        /** Without the byte order mark, which would stand in the middle of the whole. */
        private @Nullable InputStream unmarked(@Nullable InputStream file) throws IOException {
            if (file == null) {
                return null;
            }
            byte[] head = file.readNBytes(BYTE_ORDER_MARK.length);
            return Arrays.equals(head, BYTE_ORDER_MARK)
                    ? file
                    : new SequenceInputStream(new ByteArrayInputStream(head), file);
        }
    }
}
