package dev.caravan.fake;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads one HTTP/1.1 request.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112">RFC 9112</a>
 */
final class WireReader {

    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_HEADERS = 200;
    private static final int MAX_BODY = 64 * 1024 * 1024;

    private final InputStream in;
    private final OutputStream out;

    WireReader(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Returns the request, or nothing if the peer closed before sending one.
     *
     * @throws NotHttp if the bytes break the protocol; the connection cannot be used further
     */
    Optional<WireRequest> read() throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        long beginNanos = System.nanoTime();
        Instant beginAt = Instant.now();
        String[] start = line(first).split(" ");
        if (start.length != 3 || !start[2].equals("HTTP/1.1")) {
            throw new NotHttp(400, "not an HTTP/1.1 request line");
        }
        Map<String, String> headers = headers();
        if (!headers.containsKey("host")) {
            throw new NotHttp(400, "no Host header");
        }
        int question = start[1].indexOf('?');
        String path = question < 0 ? start[1] : start[1].substring(0, question);
        String query = question < 0 ? "" : start[1].substring(question + 1);
        return Optional.of(
                new WireRequest(
                        start[0], path, query, headers, body(headers), beginNanos, beginAt));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in.read()); !line.isEmpty(); line = line(in.read())) {
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() == MAX_HEADERS) {
                throw new NotHttp(400, "malformed header");
            }
            String name = line.substring(0, colon).toLowerCase(Locale.ROOT);
            headers.merge(name, line.substring(colon + 1).strip(), (a, b) -> a + ", " + b);
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String coding = headers.getOrDefault("transfer-encoding", "");
        String length = headers.getOrDefault("content-length", "");
        if (coding.isEmpty() && length.isEmpty()) {
            return new byte[0];
        }
        if (!coding.isEmpty() && !length.isEmpty()) {
            throw new NotHttp(400, "both Content-Length and Transfer-Encoding");
        }
        int announced = coding.isEmpty() ? number(length, 10) : 0;
        if (headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        if (coding.isEmpty()) {
            return exactly(announced);
        }
        if (!coding.equalsIgnoreCase("chunked")) {
            throw new NotHttp(501, "unknown transfer coding");
        }
        return chunks();
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line(in.read()).split(";")[0].strip();
            byte[] chunk = exactly(number(size, 16));
            if (chunk.length == 0) {
                skipTrailers();
                return body.toByteArray();
            }
            body.write(chunk);
            if (body.size() > MAX_BODY || !line(in.read()).isEmpty()) {
                throw new NotHttp(400, "malformed chunk");
            }
        }
    }

    private void skipTrailers() throws IOException {
        while (!line(in.read()).isEmpty()) {
            // Trailers carry nothing for us.
        }
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = new byte[length];
        if (in.readNBytes(bytes, 0, length) < length) {
            throw new EOFException("the peer closed inside a body");
        }
        return bytes;
    }

    private String line(int first) throws IOException {
        StringBuilder line = new StringBuilder(80);
        for (int next = first; next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the peer closed inside a head");
            }
            if (line.length() == MAX_LINE) {
                throw new NotHttp(431, "line too long");
            }
            line.append((char) next);
        }
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r'
                ? line.substring(0, end - 1)
                : line.toString();
    }

    private static int number(String text, int radix) throws NotHttp {
        try {
            int number = Integer.parseInt(text, radix);
            if (number < 0 || number > MAX_BODY) {
                throw new NotHttp(413, "body too large to read");
            }
            return number;
        } catch (NumberFormatException e) {
            throw new NotHttp(400, "malformed length");
        }
    }

    /** What the peer sent is not a request this server can read. */
    static final class NotHttp extends IOException {
        private static final long serialVersionUID = 1L;
        private final int status;

        NotHttp(int status, String message) {
            super(message);
            this.status = status;
        }

        int status() {
            return status;
        }
    }
}
