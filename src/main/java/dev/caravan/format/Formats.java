package dev.caravan.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes formats of their names and options, as they stand in a route.
 *
 * <p>What an option means depends on the format, and one that means nothing there is an error: see
 * {@link Option}.
 */
public final class Formats {
    public static final String JSON = "json";
    public static final String NDJSON = "ndjson";
    public static final String CSV = "csv";
    public static final String FIXED = "fixed";
    public static final String XML = "xml";
    public static final String DELETIONS = "deletions";

    /** All formats. */
    public static final List<String> NAMES = List.of(JSON, NDJSON, CSV, FIXED, XML, DELETIONS);

    /** An option, and the formats that have it. */
    public enum Option {
        CHARSET("charset", CSV, FIXED, XML),
        DELIMITER("delimiter", CSV),
        QUOTE("quote", CSV),
        HEADER("header", CSV),
        COLUMNS("columns", CSV, FIXED),
        RAGGED("ragged", CSV, FIXED),
        TRIM("trim", CSV, FIXED),
        RECORD_LENGTH("recordLength", FIXED),
        RECORD("record", XML),
        NAMESPACES("namespaces", XML),
        UNPACKED_LIMIT("unpackedLimit", JSON, NDJSON, CSV, FIXED, XML, DELETIONS),
        UNPACKED_RATIO("unpackedRatio", JSON, NDJSON, CSV, FIXED, XML, DELETIONS);

        private final String text;
        private final List<String> formats;

        Option(String text, String... formats) {
            this.text = text;
            this.formats = List.of(formats);
        }

        /** As it stands in a route. */
        public String text() {
            return text;
        }

        /** Whether it means something for this format. */
        public boolean isOf(String format) {
            return formats.contains(format);
        }
    }

    /** In a record's description: it has bytes that are not of the charset. */
    static final String UNREADABLE = "unreadable";

    /** In a record's description: it was too long, and only its beginning is kept. */
    static final String CUT = "cut";

    /** In the description of a record without line ends: how many characters it has. */
    static final String LENGTH = "recordLength";

    /** In the description of a record of CSV: what the header says, where it names no columns. */
    static final String HEADER = "header";

    private final String format;
    private final Map<Option, String> options;

    private Formats(String format, Map<Option, String> options) {
        this.format = format;
        this.options = options;
    }

    /**
     * The format of this name.
     *
     * @param options those that are set
     * @throws IllegalArgumentException if there is no such format, or an option is wrong, missing,
     *     or of another format; says which, and what to write
     */
    public static Format of(String name, Map<Option, String> options) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException(
                    "format must be %s but is '%s'".formatted(String.join(", ", NAMES), name));
        }
        for (Option option : options.keySet()) {
            if (!option.isOf(name)) {
                throw new IllegalArgumentException(
                        "'%s' means nothing for 'format: %s'; it is an option of %s"
                                .formatted(option.text, name, named(option)));
            }
        }
        return new Formats(name, options).make();
    }

    private static String named(Option option) {
        return String.join(", ", NAMES.stream().filter(option::isOf).toList());
    }

    /**
     * Whether lines of a file of this name are records each: {@code .ndjson} and {@code .jsonl},
     * also packed.
     */
    public static boolean hasLines(String fileName) {
        String name = unpackedName(fileName);
        return name.endsWith(".ndjson") || name.endsWith(".jsonl");
    }

    /** Whether a file of this name lists users to delete: {@code .deletions}, also packed. */
    public static boolean hasDeletions(String fileName) {
        return unpackedName(fileName).endsWith("." + DELETIONS);
    }

    private static String unpackedName(String fileName) {
        return fileName.toLowerCase(Locale.ROOT).replaceAll("\\.(gz|zip)$", "");
    }

    /**
     * Reads one record that stands alone.
     *
     * @param description as {@link RecordReader#description} gave it
     * @param raw as {@link RecordReader#raw} gave it, or as a person mended it
     * @return stands at the record
     * @throws IOException if it is not exactly one record; the message says why, for a person
     */
    public static RecordReader alone(Map<String, ?> description, byte[] raw) throws IOException {
        requireAll(description, raw);
        RecordReader reader = aloneFormat(description, raw);
        if (!reader.next()) {
            throw new BrokenException("there is no record in it");
        }
        return reader;
    }

    /**
     * What was lost when the record was read does not come back by reading it again, and would be
     * taken for a record that is in order.
     */
    private static void requireAll(Map<String, ?> description, byte[] raw) throws IOException {
        String text = new String(raw, StandardCharsets.UTF_8);
        if (description.get(UNREADABLE) != null && text.indexOf(MarkedText.MARK) >= 0) {
            throw new BrokenException(
                    "it has '\uFFFD' in place of bytes that could not be read: write what stood there, or"
                            + " take the file again with the right 'charset'");
        } else if (description.get(CUT) != null && text.length() >= RecordReader.KEPT_OF_TOO_LONG) {
            throw new BrokenException("it was too long, and this is only its beginning");
        }
    }

    /**
     * What more stands behind a record that is to stand alone.
     *
     * @throws IOException if there is more
     */
    public static void requireEnd(RecordReader alone) throws IOException {
        if (alone.next()) {
            throw new BrokenException("there is more than one record in it");
        }
    }

    private static RecordReader aloneFormat(Map<String, ?> description, byte[] raw)
            throws IOException {
        var in = new ByteArrayInputStream(raw);
        switch (String.valueOf(description.get("format"))) {
            case CSV -> {
                String quote = String.valueOf(description.get("quote"));
                var csv =
                        new Csv(
                                String.valueOf(description.get("delimiter")).charAt(0),
                                quote.length() == 1 ? quote.charAt(0) : Lines.NONE,
                                StandardCharsets.UTF_8,
                                new Columns(texts(description.get("columns"))),
                                Csv.Header.FALSE,
                                Boolean.TRUE.equals(description.get("ragged")),
                                Boolean.TRUE.equals(description.get("trim")),
                                Bounds.DEFAULT);
                Object header = description.get(HEADER);
                return new CsvRecords(csv, in, header == null ? null : texts(header));
            }
            case FIXED -> {
                int length = description.get(LENGTH) instanceof Number told ? told.intValue() : 0;
                var fixed =
                        new FixedWidth(
                                FixedWidth.fields(String.valueOf(description.get("columns"))),
                                StandardCharsets.UTF_8,
                                length,
                                Boolean.TRUE.equals(description.get("ragged")),
                                Boolean.TRUE.equals(description.get("trim")),
                                Bounds.DEFAULT);
                return new FixedRecords(
                        fixed, length > 0 ? new OneBlock(in, length) : fixed.lines(in));
            }
            case XML -> {
                return aloneXml(description, raw);
            }
            case DELETIONS -> {
                return new DeletionRecords(in, false);
            }
            default -> {
                return new JsonRecords(new ByteArrayInputStream(asElement(raw)), false);
            }
        }
    }

    /** In an array, so that a record that is an array itself is one. */
    private static byte[] asElement(byte[] json) {
        byte[] array = new byte[json.length + 2];
        array[0] = '[';
        System.arraycopy(json, 0, array, 1, json.length);
        array[array.length - 1] = ']';
        return array;
    }

    private static RecordReader aloneXml(Map<String, ?> description, byte[] raw)
            throws IOException {
        StringBuilder text = new StringBuilder("<alone");
        map(description.get("declared"))
                .forEach(
                        (prefix, namespace) ->
                                text.append(prefix.isEmpty() ? " xmlns" : " xmlns:" + prefix)
                                        .append("=\"")
                                        .append(escaped(namespace))
                                        .append('"'));
        text.append('>').append(new String(raw, StandardCharsets.UTF_8)).append("</alone>");
        var xml =
                new Xml(
                        List.of("*", "*"),
                        map(description.get("namespaces")),
                        StandardCharsets.UTF_8,
                        Bounds.DEFAULT);
        byte[] whole = text.toString().getBytes(StandardCharsets.UTF_8);
        return xml.read(new ByteArrayInputStream(whole));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    private static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> all ? all.stream().map(String::valueOf).toList() : List.of();
    }

    private static Map<String, String> map(@Nullable Object value) {
        Map<String, String> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> all) {
            all.forEach((key, text) -> map.put(String.valueOf(key), String.valueOf(text)));
        }
        return map;
    }

    // --- options

    private Format make() {
        return switch (format) {
            case CSV -> csv();
            case FIXED -> fixed();
            case XML -> xml();
            case DELETIONS -> {
                Bounds bounds = bounds();
                yield new Deletions(true, bounds.bytes(), bounds.ratio());
            }
            default -> {
                Bounds bounds = bounds();
                yield new JsonText(format.equals(NDJSON), bounds.bytes(), bounds.ratio());
            }
        };
    }

    private Csv csv() {
        char delimiter = character(Option.DELIMITER, ",");
        String none = options.getOrDefault(Option.QUOTE, "\"");
        int quote = none.equals("none") ? Lines.NONE : character(Option.QUOTE, "\"");
        if (quote == delimiter) {
            throw new IllegalArgumentException("'delimiter' and 'quote' must differ");
        }
        Columns columns = options.containsKey(Option.COLUMNS) ? new Columns(names()) : null;
        Csv.Header header = header(columns != null);
        return new Csv(
                delimiter,
                quote,
                charset(),
                columns,
                header,
                flag(Option.RAGGED, false),
                flag(Option.TRIM, false),
                bounds());
    }

    private Csv.Header header(boolean named) {
        String text = options.getOrDefault(Option.HEADER, String.valueOf(!named));
        Csv.Header header =
                switch (text) {
                    case "true" -> Csv.Header.TRUE;
                    case "false" -> Csv.Header.FALSE;
                    case "skip" -> Csv.Header.SKIP;
                    default ->
                            throw new IllegalArgumentException(
                                    "header must be true, false or skip but is '%s'"
                                            .formatted(text));
                };
        if (header != Csv.Header.TRUE && !named) {
            throw new IllegalArgumentException(
                    "with 'header: %s' the columns have no names; add 'columns: <name>,<name>,...'"
                            .formatted(text));
        }
        return header;
    }

    private List<String> names() {
        String text = options.getOrDefault(Option.COLUMNS, "");
        return Arrays.stream(text.split(",", -1)).map(String::strip).toList();
    }

    private FixedWidth fixed() {
        if (!options.containsKey(Option.COLUMNS)) {
            throw new IllegalArgumentException(
                    "'format: fixed' needs to know the columns; add 'columns: <name>:<width>,...' or"
                            + " '<name>:<first>-<last>,...'");
        }
        Charset charset = charset();
        int length = recordLength(charset);
        var fixed =
                new FixedWidth(
                        FixedWidth.fields(options.getOrDefault(Option.COLUMNS, "")),
                        charset,
                        length,
                        flag(Option.RAGGED, false),
                        flag(Option.TRIM, true),
                        bounds());
        fixed.columns(); // checks the names
        if (length > 0 && fixed.length() > length) {
            throw new IllegalArgumentException(
                    "the columns end at %d, behind 'recordLength: %d'"
                            .formatted(fixed.length(), length));
        }
        return fixed;
    }

    private int recordLength(Charset charset) {
        String text = options.get(Option.RECORD_LENGTH);
        if (text == null) {
            return 0;
        }
        long length = number(Option.RECORD_LENGTH, text);
        if (length < 1 || length > RecordReader.RECORD_LENGTH) {
            throw new IllegalArgumentException(
                    "recordLength must be 1 to %d bytes but is %s"
                            .formatted(RecordReader.RECORD_LENGTH, text));
        } else if (charset.newEncoder().maxBytesPerChar() > 1) {
            throw new IllegalArgumentException(
                    ("'recordLength' counts bytes, so 'charset' must be one with a byte a character,"
                                    + " such as ISO-8859-1 or IBM037, but is %s")
                            .formatted(charset.name()));
        }
        return (int) length;
    }

    private Xml xml() {
        String path = options.get(Option.RECORD);
        if (path == null) {
            throw new IllegalArgumentException(
                    "'format: xml' needs to know which elements are records; add 'record:"
                            + " /orders/order'");
        }
        List<String> steps =
                List.of(path.strip().substring(path.startsWith("/") ? 1 : 0).split("/", -1));
        if (!path.startsWith("/") || steps.stream().anyMatch(Formats::isNoName)) {
            throw new IllegalArgumentException(
                    ("record must be the names of elements from the root on, such as /orders/order,"
                                    + " with * for any, but is '%s'")
                            .formatted(path));
        }
        Map<String, String> prefixes = prefixes();
        for (String step : steps) {
            int colon = step.indexOf(':');
            if (colon >= 0 && !prefixes.containsValue(step.substring(0, colon))) {
                throw new IllegalArgumentException(
                        "record has the prefix '%s', which 'namespaces' does not name"
                                .formatted(step.substring(0, colon)));
            }
        }
        Charset charset = options.containsKey(Option.CHARSET) ? charset() : null;
        return new Xml(steps, prefixes, charset, bounds());
    }

    private static boolean isNoName(String step) {
        return !step.equals("*") && !step.matches("[\\p{L}_][\\p{L}\\p{N}._:-]*");
    }

    /** From a namespace to its prefix. */
    private Map<String, String> prefixes() {
        Map<String, String> prefixes = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        String text = options.getOrDefault(Option.NAMESPACES, "");
        for (String word : text.isBlank() ? new String[0] : text.strip().split("[\\s,]+")) {
            int equals = word.indexOf('=');
            if (equals < 1
                    || equals == word.length() - 1
                    || !names.add(word.substring(0, equals))
                    || prefixes.put(word.substring(equals + 1), word.substring(0, equals))
                            != null) {
                throw new IllegalArgumentException(
                        ("namespaces must be <prefix>=<namespace>, with commas between and none twice,"
                                        + " but has '%s'")
                                .formatted(word));
            }
        }
        return prefixes;
    }

    private char character(Option option, String otherwise) {
        String text = options.getOrDefault(option, otherwise);
        if (text.equals("tab") || text.equals("\\t")) {
            return '\t';
        } else if (text.length() != 1 || text.equals("\n") || text.equals("\r")) {
            throw new IllegalArgumentException(
                    "%s must be one character, or tab, but is '%s'".formatted(option.text, text));
        }
        return text.charAt(0);
    }

    private Charset charset() {
        String name = options.getOrDefault(Option.CHARSET, "UTF-8");
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new IllegalArgumentException(
                    ("charset '%s' is not known here; examples are UTF-8, ISO-8859-1, windows-1252,"
                                    + " IBM037, IBM273 and IBM1047")
                            .formatted(name));
        }
    }

    private boolean flag(Option option, boolean otherwise) {
        String text = options.getOrDefault(option, String.valueOf(otherwise));
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(
                    "%s must be true or false but is '%s'".formatted(option.text, text));
        }
        return text.equals("true");
    }

    private Bounds bounds() {
        String limit = options.get(Option.UNPACKED_LIMIT);
        String ratio = options.get(Option.UNPACKED_RATIO);
        return new Bounds(
                limit == null ? Bounds.DEFAULT.bytes() : size(limit),
                ratio == null
                        ? Bounds.DEFAULT.ratio()
                        : (int) Math.min(number(Option.UNPACKED_RATIO, ratio), Integer.MAX_VALUE));
    }

    private static long size(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        int unit = upper.isEmpty() ? -1 : "KMGT".indexOf(upper.charAt(upper.length() - 1));
        String digits = unit < 0 ? upper : upper.substring(0, upper.length() - 1);
        long number = number(Option.UNPACKED_LIMIT, digits);
        return number > Long.MAX_VALUE >> (10 * (unit + 1))
                ? Long.MAX_VALUE
                : number << (10 * (unit + 1));
    }

    private static long number(Option option, String text) {
        if (!text.matches("[0-9]{1,12}")) {
            throw new IllegalArgumentException(
                    "%s must be a whole number but is '%s'".formatted(option.text, text));
        }
        return Long.parseLong(text);
    }
}
