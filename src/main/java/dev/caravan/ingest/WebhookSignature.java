package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.caravan.event.Digest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jspecify.annotations.Nullable;

/**
 * First step of a webhook: lets in only what its sender has signed, with HMAC over the raw body,
 * and not too long ago. All others are answered 401. Compares in constant time.
 *
 * <p>Then it identifies the call, so that one that is sent again is the same events: by the
 * sender's own id if there is a header for it, else by the body.
 */
public final class WebhookSignature implements Processor {
    private static final Answer REFUSED =
            Answer.unauthorized("the signature is missing, wrong, or too old");

    private static final String BODY = "[body]";
    private static final String TIMESTAMP = "[timestamp]";

    /** A token of HTTP: no other name can a header have. */
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private final InstantSource clock;
    private byte[] secret = new byte[0];
    private String header = "X-Signature";
    private String algorithm = "HmacSHA256";
    private String encoding = "hex";
    private String prefix = "";
    private @Nullable String timestampHeader;
    private @Nullable String signed;
    private Duration window = Duration.ofMinutes(5);
    private @Nullable String idHeader;

    public WebhookSignature() {
        this(InstantSource.system());
    }

    WebhookSignature(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        HttpCall call = HttpCall.of(exchange);
        byte[] body = exchange.getMessage().getBody(byte[].class);
        if (!isGenuine(call, body)) {
            REFUSED.give(exchange);
            return;
        }
        Optional<String> id = Optional.ofNullable(idHeader).flatMap(call::header);
        Records.identify(
                exchange,
                "webhook\n" + id.orElseGet(() -> Digest.get().add(body).toHash().hex()),
                null);
    }

    private boolean isGenuine(HttpCall call, byte[] body) {
        Optional<String> signature = call.header(header);
        String timestamp = "";
        if (timestampHeader != null && !timestampHeader.isEmpty()) {
            Optional<String> told = call.header(timestampHeader);
            if (told.isEmpty() || !isRecent(told.get())) {
                return false;
            }
            timestamp = told.get();
        }
        byte[] expected = mac(timestamp, body);
        // a header may list several while the sender changes its key
        return signature.isPresent()
                && List.of(signature.get().split("[,\\s]+")).stream()
                        .map(this::decoded)
                        .anyMatch(given -> MessageDigest.isEqual(expected, given));
    }

    private boolean isRecent(String timestamp) {
        try {
            Instant sent = Instant.ofEpochSecond(Long.parseLong(timestamp));
            return Duration.between(sent, clock.instant()).abs().compareTo(window) <= 0;
        } catch (RuntimeException e) {
            return false;
        }
    }

    private byte[] decoded(String given) {
        if (!given.startsWith(prefix)) {
            return new byte[0];
        }
        String text = given.substring(prefix.length());
        try {
            return encoding.equals("hex")
                    ? HexFormat.of().parseHex(text.toLowerCase(Locale.ROOT))
                    : Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private byte[] mac(String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(secret, algorithm));
            String pattern = signed == null ? BODY : signed;
            int at = pattern.indexOf(BODY);
            mac.update(pattern.substring(0, at).replace(TIMESTAMP, timestamp).getBytes(UTF_8));
            mac.update(body);
            mac.update(
                    pattern.substring(at + BODY.length())
                            .replace(TIMESTAMP, timestamp)
                            .getBytes(UTF_8));
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("algorithm '%s' is not there".formatted(algorithm), e);
        }
    }

    // --- options, set by a kamelet

    /** The key that the sender and this door share. */
    public void setSecret(String secret) {
        if (secret.isBlank()) {
            throw new IllegalArgumentException("a webhook's secret must not be empty");
        }
        this.secret = secret.getBytes(UTF_8);
    }

    /** The request header that has the signature. */
    public void setHeader(String header) {
        this.header = name("header", header);
    }

    /** {@code HmacSHA256}, {@code HmacSHA512} or {@code HmacSHA1}. */
    public void setAlgorithm(String algorithm) {
        if (!Arrays.asList("HmacSHA256", "HmacSHA512", "HmacSHA1").contains(algorithm)) {
            throw new IllegalArgumentException(
                    "algorithm must be HmacSHA256, HmacSHA512 or HmacSHA1 but is '%s'"
                            .formatted(algorithm));
        }
        this.algorithm = algorithm;
    }

    /** How the signature is written: {@code hex} or {@code base64}. */
    public void setEncoding(String encoding) {
        if (!encoding.equals("hex") && !encoding.equals("base64")) {
            throw new IllegalArgumentException(
                    "encoding must be hex or base64 but is '%s'".formatted(encoding));
        }
        this.encoding = encoding;
    }

    /** What stands before the signature in its header, such as {@code sha256=}. */
    public void setPrefix(String prefix) {
        this.prefix = prefix;
    }

    /**
     * The request header that has the time of sending in seconds since 1970, which must be signed;
     * empty for none.
     */
    public void setTimestampHeader(String timestampHeader) {
        this.timestampHeader =
                timestampHeader.isBlank() ? "" : name("timestampHeader", timestampHeader);
        checkTime();
    }

    /** What is signed, with {@code [timestamp]} and {@code [body]} in it. */
    public void setSigned(String signed) {
        if (!signed.contains(BODY)) {
            throw new IllegalArgumentException("signed must have [body] in it");
        }
        this.signed = signed;
        checkTime();
    }

    /** How old, or how far ahead, the time of sending may be; ISO-8601. */
    public void setWindow(String window) {
        try {
            this.window = Duration.parse(window);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "window must be a time such as PT5M but is '%s'".formatted(window));
        }
    }

    /** The request header that has the sender's own id of the call; empty for none. */
    public void setIdHeader(String idHeader) {
        this.idHeader = idHeader.isBlank() ? null : name("idHeader", idHeader);
    }

    private static String name(String option, String header) {
        if (!HEADER.matcher(header).matches()) {
            throw new IllegalArgumentException(
                    "%s must be the name of a request header but is '%s'"
                            .formatted(option, header));
        }
        return header;
    }

    /** One without the other lets nobody in, or an old call in again. */
    private void checkTime() {
        if (timestampHeader == null || signed == null) {
            return; // not set yet
        }
        boolean stamped = !timestampHeader.isEmpty();
        if (stamped && !signed.contains(TIMESTAMP)) {
            throw new IllegalArgumentException(
                    "with 'timestampHeader', 'signed' must have [timestamp] in it: a time that is not signed can be made up");
        } else if (!stamped && signed.contains(TIMESTAMP)) {
            throw new IllegalArgumentException(
                    "'signed' has [timestamp] in it, so 'timestampHeader' must say which header has the time");
        }
    }

    /** The secret is not shown. */
    @Override
    public String toString() {
        return "WebhookSignature[" + header + "]";
    }
}
