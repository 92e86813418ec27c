package dev.caravan.format;

import com.ctc.wstx.api.WstxInputProperties;
import com.ctc.wstx.stax.WstxInputFactory;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import org.jspecify.annotations.Nullable;

/**
 * XML whose records are elements at one path. There are no DTDs, so no entities but those five that
 * XML itself has, and nothing is ever fetched.
 *
 * @param path names of elements from the root to the record, {@code *} for any
 * @param prefixes from a namespace to the prefix by which names in it are known; empty to go by
 *     local names alone
 * @param charset null to go by the byte order mark, the XML declaration, or UTF-8
 */
record Xml(
        List<String> path, Map<String, String> prefixes, @Nullable Charset charset, Bounds bounds)
        implements Format {
    /** Elements inside of elements, within a record. */
    static final int DEEPEST = 100;

    static final WstxInputFactory FACTORY = factory();

    private static final int HEAD = 256;
    private static final Pattern ENCODING =
            Pattern.compile("^[^<]{0,4}<\\?xml[^>]*?encoding\\s*=\\s*[\"']([A-Za-z0-9._-]+)[\"']");

    Xml {
        path = List.copyOf(path);
        prefixes = Map.copyOf(prefixes);
    }

    private static WstxInputFactory factory() {
        var factory = new WstxInputFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, false);
        factory.setProperty(WstxInputProperties.P_MAX_ELEMENT_DEPTH, 10 * DEEPEST);
        // a record that is too long is found to be so, whatever in it is long
        factory.setProperty(WstxInputProperties.P_MAX_ATTRIBUTE_SIZE, Recorder.LONGEST_TOKEN);
        factory.setProperty(
                WstxInputProperties.P_MAX_ATTRIBUTES_PER_ELEMENT, Recorder.LONGEST_TOKEN);
        factory.setXMLResolver(
                (publicId, systemId, base, namespace) -> {
                    throw new IllegalStateException("nothing is fetched");
                });
        return factory;
    }

    @Override
    public RecordReader read(InputStream in) throws IOException {
        return new Entries(Unpacking.of(in, bounds), this::records);
    }

    private RecordReader records(InputStream in) throws IOException {
        byte[] head = in.readNBytes(HEAD);
        Charset actual = charset == null ? declared(head) : charset;
        InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), in);
        return new XmlRecords(this, new MarkedText(whole, actual), actual.name());
    }

    private static Charset declared(byte[] head) throws BrokenException {
        Charset likely = likely(head);
        Matcher declaration = ENCODING.matcher(new String(head, likely));
        if (!declaration.find()) {
            return likely.equals(StandardCharsets.ISO_8859_1) ? StandardCharsets.UTF_8 : likely;
        }
        String name = declaration.group(1);
        try {
            Charset said = Charset.forName(name);
            return likely.name().startsWith("UTF-") ? likely : said;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new BrokenException("its encoding '%s' is not known here".formatted(name));
        }
    }

    /** A charset in which the declaration, if there is one, can be read. */
    private static Charset likely(byte[] head) {
        int first = head.length < 4 ? 0 : (head[0] & 0xff) << 8 | (head[1] & 0xff);
        int second = head.length < 4 ? 0 : (head[2] & 0xff) << 8 | (head[3] & 0xff);
        if (first == 0xefbb && second >> 8 == 0xbf) {
            return StandardCharsets.UTF_8;
        } else if (first == 0xfeff || first == 0x003c) {
            return StandardCharsets.UTF_16BE;
        } else if (first == 0xfffe || first == 0x3c00) {
            return StandardCharsets.UTF_16LE;
        } else if (first == 0x4c6f && second == 0xa794) {
            return Charset.forName("IBM037");
        }
        return StandardCharsets.ISO_8859_1;
    }
}
