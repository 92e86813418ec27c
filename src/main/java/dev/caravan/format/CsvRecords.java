package dev.caravan.format;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The records of one CSV file. {@link Lines} finds where each ends, so that a bad one can be told
 * from its neighbours and kept as it was written; the library takes it apart.
 */
final class CsvRecords implements RecordReader {
    private final Csv csv;
    private final Lines lines;
    private final Splitter splitter;
    private final Checksum checksum = new Checksum();
    private @Nullable Columns columns;
    private @Nullable List<String> header;
    private boolean begun;
    private @Nullable Fault fault;
    private @Nullable Row row;

    CsvRecords(Csv csv, InputStream in) {
        this(csv, in, null);
    }

    /**
     * Makes one.
     *
     * @param header what a header says that stands elsewhere; null to go by the names of the
     *     columns
     */
    CsvRecords(Csv csv, InputStream in, @Nullable List<String> header) {
        this.csv = csv;
        this.columns = csv.columns();
        this.header = header == null && columns != null ? columns.names() : header;
        MarkedText text = new MarkedText(in, csv.charset());
        int nextLine = MarkedText.isEbcdic(csv.charset()) ? '\u0085' : Lines.NONE;
        this.lines = new Lines(text, csv.delimiter(), csv.quote(), nextLine, RECORD_LENGTH);
        this.splitter =
                csv.quote() == Lines.NONE
                        ? new Plain(csv.delimiter(), csv.trim())
                        : new Quoted(csv.delimiter(), (char) csv.quote(), csv.trim());
    }

    @Override
    public boolean next() throws IOException {
        if (!begun) {
            begun = true;
            if (csv.header() != Csv.Header.FALSE && !header()) {
                return false;
            }
        }
        if (!lines.next()) {
            return false;
        }
        checksum.add(lines.text(), lines.from(), lines.to());
        checksum.add(lines.length());
        row = null;
        fault = null;
        judge();
        return true;
    }

    // --- header

    private boolean header() throws IOException {
        if (!lines.next()) {
            return false;
        }
        checksum.add(lines.text(), lines.from(), lines.to());
        if (csv.header() == Csv.Header.TRUE) {
            header = names();
            columns = columns(header);
        } else {
            header = values();
        }
        return true;
    }

    private List<String> names() throws IOException {
        if (lines.tooLong() || lines.stray() >= 0 || lines.isMarked()) {
            throw badHeader(
                    lines.tooLong()
                            ? "it is too long"
                            : lines.isMarked()
                                    ? "it has bytes that are not " + csv.charset().name()
                                    : "something follows a closing quote");
        }
        return values();
    }

    private List<String> values() throws IOException {
        splitter.split(lines.text(), lines.from(), lines.to());
        List<String> names = new ArrayList<>();
        for (int i = 0; i < splitter.count(); i++) {
            names.add(splitter.value(i).strip());
        }
        return names;
    }

    private Columns columns(List<String> names) throws BrokenException {
        Columns given = csv.columns();
        if (given == null) {
            try {
                return new Columns(names);
            } catch (IllegalArgumentException e) {
                throw badHeader(
                        e.getMessage()
                                + "; give the names with 'columns', and 'header: skip' to leave out"
                                + " this line");
            }
        } else if (!given.names().equals(names)) {
            throw badHeader("it has other columns than 'columns' says");
        }
        return given;
    }

    private BrokenException badHeader(String why) {
        return new BrokenException(
                "%s is no header by which the columns can be known: %s"
                        .formatted(lines.place(), why));
    }

    // --- records

    private void judge() throws IOException {
        Columns names = names(columns);
        if (lines.tooLong()) {
            fault =
                    new Fault(
                            null,
                            "the record has %,d characters, the limit is %,d; here are the first %,d"
                                    .formatted(lines.length(), RECORD_LENGTH, KEPT_OF_TOO_LONG));
        } else if (lines.text()[lines.from()] == MarkedText.BYTE_ORDER_MARK) {
            fault = new Fault(null, MarkedText.MARK_IN_THE_MIDDLE);
        } else if (lines.stray() >= 0) {
            fault =
                    new Fault(
                            names.nameAt(lines.stray()),
                            "something follows the closing quote; a quote inside of quotes is"
                                    + " written twice");
        } else {
            splitter.split(lines.text(), lines.from(), lines.to());
            fault = faultOf(names);
            row = fault == null ? new Row(names, splitter.values(names.size())) : null;
        }
    }

    private static Columns names(@Nullable Columns columns) {
        if (columns == null) {
            throw new IllegalStateException("the options leave no way to name the columns");
        }
        return columns;
    }

    private @Nullable Fault faultOf(Columns names) {
        int count = splitter.count();
        if (lines.isMarked()) {
            return new Fault(
                    marked(names),
                    "it has bytes that are not %s; is 'charset' right?"
                            .formatted(csv.charset().name()));
        } else if (header != null && isHeader(header)) {
            return new Fault(
                    null,
                    "the header stands here again; was the file put together of several? Its parts"
                            + " may have other columns");
        } else if (count != names.size() && !csv.ragged()) {
            return new Fault(
                    null,
                    "it has %d columns where %d are expected; 'ragged: true' would take it"
                            .formatted(count, names.size()));
        }
        return null;
    }

    private @Nullable String marked(Columns names) {
        for (int i = 0; i < splitter.count(); i++) {
            if (splitter.value(i).indexOf(MarkedText.MARK) >= 0) {
                return names.nameAt(i);
            }
        }
        return null;
    }

    private boolean isHeader(List<String> names) {
        if (splitter.count() != names.size()) {
            return false;
        }
        for (int i = 0; i < names.size(); i++) {
            if (!splitter.value(i).strip().equals(names.get(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public @Nullable Fault fault() {
        return fault;
    }

    @Override
    public @Nullable Object value() {
        return row;
    }

    @Override
    public String place() {
        return lines.place();
    }

    @Override
    public byte[] raw() {
        return new String(lines.text(), lines.from(), lines.to() - lines.from())
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long checksum() {
        return checksum.value();
    }

    @Override
    public Map<String, Object> description() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", "csv");
        all.put("delimiter", String.valueOf(csv.delimiter()));
        all.put("quote", csv.quote() == Lines.NONE ? "none" : String.valueOf((char) csv.quote()));
        all.put("columns", names(columns).names());
        all.put("ragged", csv.ragged());
        all.put("trim", csv.trim());
        if (csv.header() == Csv.Header.SKIP && header != null) {
            all.put(Formats.HEADER, header);
        }
        if (lines.isMarked()) {
            all.put(Formats.UNREADABLE, true);
        }
        if (lines.tooLong()) {
            all.put(Formats.CUT, true);
        }
        return all;
    }

    // --- values

    /** Takes a record apart. */
    private abstract static class Splitter {
        private final boolean trim;
        private String[] values = new String[32];
        private int count;

        Splitter(boolean trim) {
            this.trim = trim;
        }

        abstract void split(char[] text, int from, int to) throws IOException;

        void clear() {
            count = 0;
        }

        void add(char[] text, int from, int length, boolean quoted) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            String value = length == 0 ? "" : new String(text, from, length);
            values[count++] = trim && !quoted ? value.strip() : value;
        }

        int count() {
            return count;
        }

        String value(int index) {
            return values[index];
        }

        /** As many as there are columns. */
        @Nullable String[] values(int columns) {
            @Nullable String[] all = Arrays.copyOf(values, columns);
            if (count < columns) {
                Arrays.fill(all, count, columns, null);
            }
            return all;
        }
    }

    /** Without quotes. */
    private static final class Plain extends Splitter {
        private final char delimiter;

        Plain(char delimiter, boolean trim) {
            super(trim);
            this.delimiter = delimiter;
        }

        @Override
        void split(char[] text, int from, int to) {
            clear();
            int start = from;
            for (int at = from; at < to; at++) {
                if (text[at] == delimiter) {
                    add(text, start, at - start, false);
                    start = at + 1;
                }
            }
            add(text, start, to - start, false);
        }
    }

    /** With quotes, by the library, which is fed one record at a time. */
    private static final class Quoted extends Splitter {
        private final CsvReader.CsvReaderBuilder builder;
        private final Feed feed = new Feed();
        private @Nullable CloseableIterator<Boolean> parser;

        Quoted(char delimiter, char quote, boolean trim) {
            super(trim);
            builder =
                    CsvReader.builder()
                            .fieldSeparator(delimiter)
                            .quoteCharacter(quote)
                            .skipEmptyLines(false)
                            .allowExtraFields(true)
                            .allowMissingFields(true)
                            .detectBomHeader(false)
                            .maxBufferSize(4 * RECORD_LENGTH);
        }

        @Override
        void split(char[] text, int from, int to) throws IOException {
            clear();
            feed.set(text, from, to);
            CloseableIterator<Boolean> open = parser;
            parser = null; // unless it gets to the end of the record
            if (open == null) {
                open = builder.build(new Fields(this), feed).iterator();
            }
            try {
                open.next();
            } catch (CsvParseException e) {
                throw new IllegalStateException("a whole record cannot be parsed", e);
            }
            parser = open;
        }
    }

    /**
     * What the parser reads: one record, with a CR behind it. (It takes no LF for the end of a
     * record that has a CR between quotes.)
     */
    private static final class Feed extends Reader {
        private char[] text = new char[0];
        private int from;
        private int to;
        private boolean open;

        void set(char[] text, int from, int to) {
            this.text = text;
            this.from = from;
            this.to = to;
            this.open = true;
        }

        @Override
        public int read(char[] into, int offset, int length) {
            if (!open) {
                throw new IllegalStateException("the parser reads behind the record");
            }
            int count = Math.min(length, to - from);
            System.arraycopy(text, from, into, offset, count);
            from += count;
            if (count < length) {
                into[offset + count] = '\r';
                open = false;
                count++;
            }
            return count;
        }

        @Override
        public void close() {
            // there is nothing to close
        }
    }

    private static final class Fields extends AbstractBaseCsvCallbackHandler<Boolean> {
        private final Splitter into;

        Fields(Splitter into) {
            this.into = into;
        }

        @Override
        protected void handleField(int index, char[] text, int from, int length, boolean quoted) {
            into.add(text, from, length, quoted);
        }

        @Override
        protected Boolean buildRecord() {
            return Boolean.TRUE;
        }
    }
}
