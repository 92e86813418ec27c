package dev.caravan.camel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The path of an address, and perhaps a query behind it, with fields of an event in it: {@code
 * /persons/{userId}}, {@code /persons/{userId}/devices/{context.device.token}}, {@code
 * /persons?by={userId}}. A dot leads into an object of the event.
 *
 * <p>What an event says never steers the address: each value is percent-encoded, so that it stays
 * within its place, and one that would be a step of the path itself ({@code .} or {@code ..}, which
 * no encoding hides from all servers) is refused.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6570#section-3.2.2">RFC 6570, simple string
 *     expansion</a>
 */
final class AddressTemplate {
    private static final Pattern FIELD =
            Pattern.compile("\\{([A-Za-z0-9_]+(?:\\.[A-Za-z0-9_]+)*)}");
    private static final String UNRESERVED = "-._~";

    private final List<Part> path;
    private final @Nullable List<Part> query;

    /** A text that stands as it is, or a field's name. */
    private record Part(String text, boolean field) {}

    /** What comes of it for an event, ready for a URL; the query is null where there is none. */
    record Address(String path, @Nullable String query) {}

    private AddressTemplate(List<Part> path, @Nullable List<Part> query) {
        this.path = path;
        this.query = query;
    }

    /**
     * Reads a template.
     *
     * @throws IllegalArgumentException if it does not begin with a slash, or has braces around
     *     anything but the name of a field, or a fragment
     */
    static AddressTemplate parse(String template) {
        if (!template.startsWith("/") || template.indexOf('#') >= 0) {
            throw new IllegalArgumentException(
                    "template must be a path such as /persons/{userId}, and perhaps a query, but is"
                            + " '%s'".formatted(template));
        }
        int query = template.indexOf('?');
        return query < 0
                ? new AddressTemplate(parts(template), null)
                : new AddressTemplate(
                        parts(template.substring(0, query)), parts(template.substring(query + 1)));
    }

    private static List<Part> parts(String template) {
        List<Part> parts = new ArrayList<>();
        Matcher field = FIELD.matcher(template);
        int from = 0;
        while (field.find()) {
            parts.add(literal(template.substring(from, field.start())));
            parts.add(new Part(field.group(1), true));
            from = field.end();
        }
        parts.add(literal(template.substring(from)));
        return parts;
    }

    private static Part literal(String text) {
        if (text.indexOf('{') >= 0 || text.indexOf('}') >= 0) {
            throw new IllegalArgumentException(
                    "template has braces around what is no field's name, at '%s'".formatted(text));
        }
        return new Part(text, false);
    }

    /**
     * Puts an event's fields in.
     *
     * @throws NoAddressException if it lacks one, or one cannot stand there; names the field and
     *     never its value
     */
    Address expand(Map<?, ?> event) {
        return new Address(path(event), query == null ? null : text(query, event));
    }

    private String path(Map<?, ?> event) {
        String text = text(path, event);
        for (String step : text.split("/", -1)) {
            if (step.equals(".") || step.equals("..")) {
                throw new NoAddressException(
                        "a field is '.' or '..', which in a path means another one");
            }
        }
        return text;
    }

    private static String text(List<Part> parts, Map<?, ?> event) {
        var text = new StringBuilder();
        for (Part part : parts) {
            text.append(part.field ? encoded(value(part.text, event)) : part.text);
        }
        return text.toString();
    }

    private static String value(String field, Map<?, ?> event) {
        Object value = event;
        for (String name : field.split("\\.")) {
            value = value instanceof Map<?, ?> object ? object.get(name) : null;
        }
        boolean plain =
                value instanceof String || value instanceof Number || value instanceof Boolean;
        String text = plain ? String.valueOf(value) : "";
        if (text.isEmpty()) {
            throw new NoAddressException(
                    "the address needs '%s', which the event does not have as a text or number"
                            .formatted(field));
        }
        return text;
    }

    /** Each byte of the text in UTF-8 but those that mean nothing in any part of a URL. */
    private static String encoded(String text) {
        var encoded = new StringBuilder(text.length() + 16);
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (octet & 0xff);
            boolean plain =
                    (letter >= 'a' && letter <= 'z')
                            || (letter >= 'A' && letter <= 'Z')
                            || (letter >= '0' && letter <= '9')
                            || UNRESERVED.indexOf(letter) >= 0;
            if (plain) {
                encoded.append(letter);
            } else {
                encoded.append('%').append(hex(letter >> 4)).append(hex(letter & 0xf));
            }
        }
        return encoded.toString();
    }

    private static char hex(int digit) {
        return Character.toUpperCase(Character.forDigit(digit, 16));
    }
}
