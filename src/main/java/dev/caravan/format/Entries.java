package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The records of all files in an archive, one file after the other. */
final class Entries implements RecordReader {
    private static final byte[] NOTHING = {};

    private final Unpacking files;
    private final Opener opener;
    private final Checksum checksum = new Checksum();
    private @Nullable RecordReader current;

    /** Begins to read one file. */
    interface Opener {
        RecordReader open(InputStream in) throws IOException;
    }

    Entries(Unpacking files, Opener opener) {
        this.files = files;
        this.opener = opener;
    }

    @Override
    public boolean next() throws IOException {
        try {
            return nextOfAll();
        } catch (BrokenException e) {
            String entry = files.place();
            throw entry.isEmpty() ? e : new BrokenException(entry + ", " + e.getMessage());
        }
    }

    private boolean nextOfAll() throws IOException {
        while (true) {
            if (current != null && current.next()) {
                return true;
            } else if (current != null) {
                checksum.add(current.checksum());
            }
            InputStream file = files.next();
            if (file == null) {
                return false;
            }
            current = opener.open(file);
        }
    }

    private RecordReader reader() {
        if (current == null) {
            throw new IllegalStateException("nothing was read yet");
        }
        return current;
    }

    @Override
    public @Nullable Fault fault() {
        return reader().fault();
    }

    @Override
    public @Nullable Object value() {
        return reader().value();
    }

    @Override
    public String place() {
        String entry = files.place();
        return entry.isEmpty() ? reader().place() : entry + ", " + reader().place();
    }

    @Override
    public byte[] raw() {
        return current == null ? NOTHING : current.raw();
    }

    @Override
    public long checksum() {
        return current == null ? checksum.value() : checksum.value() ^ current.checksum();
    }

    @Override
    public Map<String, Object> description() {
        return reader().description();
    }
}
