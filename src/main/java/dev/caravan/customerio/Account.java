package dev.caravan.customerio;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * One workspace's source at Customer.io. Holds a secret: {@link #toString()} leaves it out.
 *
 * @param apiKey the source's API key, without blanks around it
 * @param base the address before {@code /v1/...}, without a slash at its end, its scheme in lower
 *     case
 */
record Account(String apiKey, URI base) {
    Account {
        apiKey = apiKey.strip();
        if (apiKey.isEmpty()) {
            throw new IllegalArgumentException("customerio: the API key is empty");
        }
        if (apiKey.indexOf(':') >= 0 || apiKey.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "customerio: the API key has a colon or a control character in it");
        }
    }

    /**
     * The address that an option gives.
     *
     * @param url with {@code https} or {@code http}, a host, and perhaps a path that {@code
     *     /v1/...} is appended to
     * @throws IllegalArgumentException if it is anything else
     */
    static URI baseOf(String url) {
        String text = url.strip();
        while (text.endsWith("/")) {
            text = text.substring(0, text.length() - 1);
        }
        URI base;
        try {
            base = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("customerio: url is no address");
        }
        String given = base.getScheme();
        String scheme = given == null ? "" : given.toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http")) || base.getHost() == null) {
            throw new IllegalArgumentException(
                    "customerio: url must start with https:// or http:// and a host");
        }
        if (base.getRawUserInfo() != null
                || base.getRawQuery() != null
                || base.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "customerio: url must have no user, query or fragment");
        }
        if (text.endsWith("/v1")) {
            throw new IllegalArgumentException(
                    "customerio: url must end before /v1, which is appended");
        }
        // the others compare it as it is: HTTPS must not pass for what is not https
        return scheme.equals(given) ? base : URI.create(scheme + text.substring(scheme.length()));
    }

    /** The value of the {@code Authorization} header. */
    String authorization() {
        byte[] pair = (apiKey + ":").getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** The text without the key, which a confused server may have sent back. */
    String redacted(String text) {
        String pair = authorization().substring("Basic ".length());
        return text.replace(pair, "[key]").replace(apiKey, "[key]");
    }

    /** Whether the key would cross a network unencrypted. */
    boolean exposed() {
        String host = base.getHost();
        boolean loopback =
                host.equalsIgnoreCase("localhost")
                        || host.equals("[::1]")
                        || host.matches("127(\\.\\d{1,3}){3}");
        return base.getScheme().equals("http") && !loopback;
    }

    @Override
    public String toString() {
        return "account at " + base.getHost();
    }
}
