package dev.caravan.camel;

import java.net.URISyntaxException;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.camel.util.URISupport;

/**
 * Values in an endpoint's URI that hold whatever a person wrote. The YAML loader puts a filter
 * between {@code RAW(} and {@code )}, and Camel takes the first {@code )&} for its end, which may
 * stand in the middle of the filter.
 */
final class RawValues {
    /** The end of a value and the name of the next, or the end of the URI. */
    private static final Pattern END = Pattern.compile("\\)(?=$|&[A-Za-z]+=)");

    private RawValues() {}

    /** The same URI with each of its values in {@code RAW{...}}, where Camel finds the end. */
    static String enclosed(String uri) throws URISyntaxException {
        int query = uri.indexOf('?');
        if (query < 0) {
            return uri;
        }
        Map<String, Object> values = URISupport.parseQuery(braced(uri.substring(query + 1)));
        URISupport.resolveRawParameterValues(values);
        values.replaceAll((name, value) -> "RAW{" + value + "}");
        return uri.substring(0, query + 1) + URISupport.createQueryString(values, false);
    }

    private static String braced(String uri) {
        var braced = new StringBuilder();
        int from = 0;
        for (int raw = uri.indexOf("=RAW("); raw >= 0; raw = uri.indexOf("=RAW(", from)) {
            var end = END.matcher(uri);
            if (!end.find(raw + 5)) {
                break;
            }
            braced.append(uri, from, raw).append("=RAW{");
            braced.append(uri, raw + 5, end.start()).append('}');
            from = end.end();
        }
        return braced.append(uri.substring(from)).toString();
    }
}
