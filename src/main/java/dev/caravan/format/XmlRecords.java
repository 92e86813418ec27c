package dev.caravan.format;

import com.ctc.wstx.exc.WstxEOFException;
import com.ctc.wstx.exc.WstxLazyException;
import com.ctc.wstx.exc.WstxUnexpectedCharException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.Location;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import org.codehaus.stax2.XMLStreamReader2;
import org.jspecify.annotations.Nullable;

/** The records of one XML file. */
final class XmlRecords implements RecordReader {
    private static final String XML = "http://www.w3.org/XML/1998/namespace";
    private static final String SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance";

    /** What the library says of its limits. */
    private static final Pattern LIMIT =
            Pattern.compile("([A-Za-z ]+ limit \\([0-9]+\\)) exceeded", Pattern.CASE_INSENSITIVE);

    private final Xml xml;
    private final String charset;
    private final Recorder recorder;
    private final Checksum checksum = new Checksum();
    private final List<Map<String, String>> scopes = new ArrayList<>();
    private final XMLStreamReader2 reader;

    private int depth;
    private int matched;
    private long start;
    private long line;
    private boolean tooLong;
    private boolean unreadable;
    private @Nullable Fault fault;
    private @Nullable Object value;
    private char[] text = new char[0];

    XmlRecords(Xml xml, MarkedText text, String charset) throws IOException {
        this.xml = xml;
        this.charset = charset;
        this.recorder = new Recorder(text);
        try {
            reader = (XMLStreamReader2) Xml.FACTORY.createXMLStreamReader(recorder);
        } catch (XMLStreamException e) {
            throw broken(e, e.getLocation());
        }
    }

    @Override
    public boolean next() throws IOException {
        try {
            return find();
        } catch (XMLStreamException e) {
            throw broken(e, reader.getLocation());
        } catch (WstxLazyException e) {
            if (e.getCause() instanceof XMLStreamException known) {
                throw broken(known, reader.getLocation());
            }
            throw e;
        }
    }

    private boolean find() throws XMLStreamException, IOException {
        while (reader.hasNext()) {
            int event = advance();
            if (event == XMLStreamConstants.START_ELEMENT) {
                if (enter()) {
                    record();
                    leave();
                    return true;
                }
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                leave();
            }
            recorder.keepFrom(offset());
        }
        return false;
    }

    private int advance() throws XMLStreamException, BrokenException {
        int event = reader.next();
        recorder.progress();
        if (event == XMLStreamConstants.DTD) {
            throw new BrokenException("%s: a DOCTYPE is not taken".formatted(line()));
        } else if (event == XMLStreamConstants.ENTITY_REFERENCE) {
            throw new BrokenException(
                    "%s: it refers to an entity that XML itself does not have".formatted(line()));
        }
        return event;
    }

    private String line() {
        return "line " + reader.getLocation().getLineNumber();
    }

    /** Where in the text the parser stands; its {@code Location} would say so as an int only. */
    private long offset() {
        return reader.getLocationInfo().getStartingCharOffset();
    }

    // --- where the records are

    /** Whether the element that begins here is a record. */
    private boolean enter() throws BrokenException {
        boolean onPath = matched == depth && depth < xml.path().size() && matches(depth);
        if (depth == 0 && !onPath) {
            throw new BrokenException(
                    "%s: the root element has another name than 'record: /%s' says%s"
                            .formatted(line(), String.join("/", xml.path()), hint()));
        }
        depth++;
        if (onPath) {
            matched = depth;
            scope();
        }
        return onPath && matched == xml.path().size();
    }

    private String hint() {
        return xml.prefixes().isEmpty() || reader.getNamespaceURI() == null
                ? ""
                : "; its namespace is one of its own";
    }

    private boolean matches(int step) {
        String wanted = xml.path().get(step);
        return wanted.equals("*")
                || wanted.equals(name(reader.getNamespaceURI(), reader.getLocalName()));
    }

    /** Notes which prefixes the element declares, for a record that has to stand alone. */
    private void scope() {
        while (scopes.size() >= depth) {
            scopes.remove(scopes.size() - 1);
        }
        Map<String, String> declared = new LinkedHashMap<>();
        for (int i = 0; i < reader.getNamespaceCount(); i++) {
            String prefix = reader.getNamespacePrefix(i);
            String namespace = reader.getNamespaceURI(i);
            declared.put(prefix == null ? "" : prefix, namespace == null ? "" : namespace);
        }
        scopes.add(declared);
    }

    private void leave() {
        depth--;
        matched = Math.min(matched, depth);
    }

    private String name(@Nullable String namespace, String local) {
        if (xml.prefixes().isEmpty() || namespace == null || namespace.isEmpty()) {
            return local;
        } else if (namespace.equals(XML)) {
            return "xml:" + local;
        }
        String prefix = xml.prefixes().get(namespace);
        return prefix == null ? "{" + namespace + "}" + local : prefix + ":" + local;
    }

    // --- a record

    private void record() throws XMLStreamException, IOException {
        start = reader.getLocationInfo().getStartingCharOffset();
        line = reader.getLocationInfo().getStartLocation().getLineNumber();
        fault = null;
        tooLong = false;
        Object element = element(0);
        long end = reader.getLocationInfo().getEndingCharOffset();
        if (!tooLong && end - start > RECORD_LENGTH) { // by the attributes of an empty element
            tooLong = true;
            text = recorder.slice(start, start + KEPT_OF_TOO_LONG);
        } else if (!tooLong) {
            text = recorder.slice(start, end);
        }
        unreadable = recorder.isMarked(start, end);
        checksum.add(text, 0, text.length);
        checksum.add(end - start);
        if (tooLong) {
            fault =
                    new Fault(
                            null,
                            "the record has %,d characters, the limit is %,d; here are the first %,d"
                                    .formatted(end - start, RECORD_LENGTH, text.length));
        } else if (unreadable && fault == null) {
            fault =
                    new Fault(
                            null,
                            "it has bytes that are not %s; is 'charset' right?".formatted(charset));
        }
        value = fault != null ? null : element instanceof String only ? textOnly(only) : element;
        recorder.keepFrom(end);
    }

    private static Map<String, Object> textOnly(String text) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("#text", text);
        return map;
    }

    /** What the element that begins here is, up to its end; nothing if the record is bad. */
    private @Nullable Object element(int deep) throws XMLStreamException, IOException {
        boolean nil = isNil();
        Map<String, @Nullable Object> members = attributes();
        StringBuilder words = new StringBuilder();
        boolean children = false;
        if (deep >= Xml.DEEPEST) {
            bad(reader.getLocalName(), "elements are nested more than %d deep", Xml.DEEPEST);
        }
        while (true) {
            int event = advance();
            watchLength();
            if (event == XMLStreamConstants.END_ELEMENT) {
                return nil ? null : content(members, children, words);
            } else if (event == XMLStreamConstants.START_ELEMENT) {
                children = true;
                String name = name(reader.getNamespaceURI(), reader.getLocalName());
                if (deep < Xml.DEEPEST) {
                    put(members, name, element(deep + 1));
                } else {
                    skip();
                }
            } else if (event == XMLStreamConstants.CHARACTERS
                    || event == XMLStreamConstants.CDATA
                    || event == XMLStreamConstants.SPACE) {
                if (!tooLong && fault == null) {
                    words.append(
                            reader.getTextCharacters(),
                            reader.getTextStart(),
                            reader.getTextLength());
                }
            }
        }
    }

    /** Whether the element says that it is nothing, as XML of Java and .NET does. */
    private boolean isNil() {
        String nil = reader.getAttributeValue(SCHEMA_INSTANCE, "nil");
        return nil != null && (nil.strip().equals("true") || nil.strip().equals("1"));
    }

    private Map<String, @Nullable Object> attributes() {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        for (int i = 0; i < reader.getAttributeCount() && fault == null && !tooLong; i++) {
            String name =
                    "@" + name(reader.getAttributeNamespace(i), reader.getAttributeLocalName(i));
            if (members.put(name, reader.getAttributeValue(i)) != null) {
                bad(name, "two attributes have this name; set 'namespaces' to tell them apart", 0);
            }
        }
        return members;
    }

    private void bad(String name, String reason, int limit) {
        if (fault == null) {
            fault = new Fault(name, reason.formatted(limit));
        }
    }

    private static Object content(
            Map<String, @Nullable Object> members, boolean children, StringBuilder words) {
        if (members.isEmpty()) {
            return words.toString();
        }
        String all = children ? words.toString().strip() : words.toString();
        if (!all.isEmpty()) {
            members.put("#text", all);
        }
        return members;
    }

    private void put(Map<String, @Nullable Object> members, String name, @Nullable Object value) {
        if (tooLong || fault != null) {
            return;
        }
        Object before = members.get(name);
        if (before == null && !members.containsKey(name)) {
            members.put(name, value);
        } else if (before instanceof Several several) {
            several.add(value);
        } else {
            Several several = new Several();
            several.add(before);
            several.add(value);
            members.put(name, several);
        }
    }

    /** Elements of one name. */
    private static final class Several extends ArrayList<@Nullable Object> {
        private static final long serialVersionUID = 1;
    }

    /** Moves to the end of the element that begins here. */
    private void skip() throws XMLStreamException, IOException {
        for (int open = 1; open > 0; ) {
            int event = advance();
            watchLength();
            open +=
                    event == XMLStreamConstants.START_ELEMENT
                            ? 1
                            : event == XMLStreamConstants.END_ELEMENT ? -1 : 0;
        }
    }

    private void watchLength() {
        long now = offset();
        if (!tooLong && now - start > RECORD_LENGTH) {
            tooLong = true;
            text = recorder.slice(start, start + KEPT_OF_TOO_LONG);
        }
        if (tooLong) {
            recorder.keepFrom(now);
        }
    }

    private static BrokenException broken(XMLStreamException e, @Nullable Location here)
            throws IOException {
        if (e.getNestedException() instanceof IOException io) {
            throw io;
        }
        Location at = e.getLocation() == null ? here : e.getLocation();
        String where =
                at == null
                        ? ""
                        : "line %d, column %d: "
                                .formatted(at.getLineNumber(), at.getColumnNumber());
        String what = "it is not well-formed XML";
        if (e instanceof WstxEOFException) {
            what = "it ends too early";
        } else if (e instanceof WstxUnexpectedCharException odd) {
            what =
                    "it is not well-formed XML: a character of code %d cannot stand there"
                            .formatted((int) odd.getChar());
        } else {
            Matcher limit = LIMIT.matcher(String.valueOf(e.getMessage()));
            if (limit.find()) {
                what = "it is beyond the " + limit.group(1).toLowerCase(Locale.ROOT);
            }
        }
        return new BrokenException(where + what);
    }

    @Override
    public @Nullable Fault fault() {
        return fault;
    }

    @Override
    public @Nullable Object value() {
        return value;
    }

    @Override
    public String place() {
        return "line " + line;
    }

    @Override
    public byte[] raw() {
        return new String(text).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public long checksum() {
        return checksum.value();
    }

    @Override
    public Map<String, Object> description() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("format", "xml");
        Map<String, String> declared = new LinkedHashMap<>();
        for (int i = 0; i < Math.min(scopes.size(), xml.path().size() - 1); i++) {
            declared.putAll(scopes.get(i));
        }
        all.put("declared", declared);
        all.put("namespaces", xml.prefixes());
        if (unreadable) {
            all.put(Formats.UNREADABLE, true);
        }
        return all;
    }
}
