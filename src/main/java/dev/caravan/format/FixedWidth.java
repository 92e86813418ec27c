package dev.caravan.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;

/**
 * Values at fixed places of each line, or of each record of as many bytes.
 *
 * @param recordLength bytes of a record in a file without line ends; 0: a line is a record
 * @param ragged whether a record may be shorter (what is not there is absent) or longer (what is
 *     behind the last column is left out)
 * @param trim whether spaces around values are left out
 */
record FixedWidth(
        List<Field> fields,
        Charset charset,
        int recordLength,
        boolean ragged,
        boolean trim,
        Bounds bounds)
        implements Format {
    FixedWidth {
        fields = List.copyOf(fields);
    }

    /**
     * A column.
     *
     * @param from its first character, from 0
     * @param to behind its last
     */
    record Field(String name, int from, int to) {
        @Override
        public String toString() {
            return "%s:%d-%d".formatted(name, from + 1, to);
        }
    }

    @Override
    public RecordReader read(InputStream in) throws IOException {
        return new Entries(
                Unpacking.of(in, bounds), content -> new FixedRecords(this, frames(content)));
    }

    private Frames frames(InputStream in) {
        if (recordLength > 0) {
            return new Blocks(in, recordLength, charset);
        }
        return lines(in);
    }

    Frames lines(InputStream in) {
        int nextLine = MarkedText.isEbcdic(charset) ? '\u0085' : Lines.NONE;
        MarkedText text = new MarkedText(in, charset);
        return new Lines(text, Lines.NONE, Lines.NONE, nextLine, RecordReader.RECORD_LENGTH);
    }

    /** Where the last column ends. */
    int length() {
        return fields.stream().mapToInt(Field::to).max().orElse(0);
    }

    Columns columns() {
        return new Columns(fields.stream().map(Field::name).toList());
    }

    /**
     * Reads {@code id:10,name:30} (widths, one behind the other) and {@code id:1-10,name:15-44}
     * (first and last character, from 1), also mixed.
     *
     * @throws IllegalArgumentException if it is neither; says where
     */
    static List<Field> fields(String columns) {
        List<Field> fields = new ArrayList<>();
        int behind = 0;
        for (String word : columns.split(",", -1)) {
            Field field = field(word.strip(), behind);
            behind = field.to();
            fields.add(field);
        }
        return fields;
    }

    private static Field field(String word, int behind) {
        int colon = word.lastIndexOf(':');
        if (colon > 0) {
            String name = word.substring(0, colon).strip();
            String place = word.substring(colon + 1).strip();
            int dash = place.indexOf('-');
            try {
                int from =
                        dash < 0 ? behind : Integer.parseInt(place.substring(0, dash).strip()) - 1;
                int to =
                        dash < 0
                                ? Math.addExact(behind, Integer.parseInt(place))
                                : Integer.parseInt(place.substring(dash + 1).strip());
                if (from >= 0 && to > from && to <= RecordReader.RECORD_LENGTH) {
                    return new Field(name, from, to);
                }
            } catch (NumberFormatException | ArithmeticException e) {
                // told below
            }
        }
        throw new IllegalArgumentException(
                ("'%s' is no column of fixed width: write name:width, or name:first-last with places"
                                + " from 1")
                        .formatted(word));
    }
}
