package dev.caravan.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads one HTTP/1.1 response after another from the bytes of a connection, for a client that has
 * one request in flight. Knows what a server sends to a plain POST: a length or chunks, no trailers
 * with meaning.
 */
final class Answer {

    private ByteBuffer bytes = ByteBuffer.allocate(1 << 12);
    private int searched;
    private int bodyStart;
    private byte[] head = {};
    private int status;
    private int length;
    private boolean keepAlive;
    private boolean chunked;

    /** Takes what was read, from its position to its limit. */
    void add(ByteBuffer read) {
        if (bytes.remaining() < read.remaining()) {
            int needed = bytes.position() + read.remaining();
            bytes.flip();
            bytes = ByteBuffer.allocate(Math.max(needed, bytes.capacity() * 2)).put(bytes);
        }
        bytes.put(read);
    }

    /** Returns whether the response is here to its last byte. */
    boolean complete() {
        if (bodyStart == 0 && !readHead()) {
            return false;
        }
        if (!chunked) {
            return bytes.position() >= bodyStart + length;
        }
        return endsWithLastChunk();
    }

    /** Returns the status of a complete response. */
    int status() {
        return status;
    }

    /** Returns whether the connection takes another request after a complete response. */
    boolean keepAlive() {
        return keepAlive;
    }

    /** Returns the body of a complete response as it came, chunk sizes included if it had any. */
    String body() {
        return new String(bytes.array(), bodyStart, bodyEnd() - bodyStart, StandardCharsets.UTF_8);
    }

    /** Returns whether the body of a complete response holds the text, which is ASCII. */
    boolean bodyHolds(byte[] text) {
        byte[] array = bytes.array();
        for (int at = bodyStart; at + text.length <= bodyEnd(); at++) {
            int i = 0;
            while (i < text.length && array[at + i] == text[i]) {
                i++;
            }
            if (i == text.length) {
                return true;
            }
        }
        return false;
    }

    private int bodyEnd() {
        return chunked ? bytes.position() : bodyStart + length;
    }

    /** Makes ready for the next response. */
    void clear() {
        bytes.clear();
        bodyStart = 0;
        searched = 0;
    }

    private boolean readHead() {
        byte[] array = bytes.array();
        for (int i = Math.max(3, searched); i < bytes.position(); i++) {
            if (array[i] == '\n' && array[i - 1] == '\r' && array[i - 2] == '\n') {
                bodyStart = i + 1;
                if (!Arrays.equals(array, 0, bodyStart, head, 0, head.length)) {
                    parseHead(Arrays.copyOf(array, bodyStart));
                }
                return true;
            }
        }
        searched = bytes.position();
        return false;
    }

    /** Parses a head that differs from the one before, which is rare on one connection. */
    private void parseHead(byte[] newHead) {
        head = newHead;
        String[] lines = new String(head, StandardCharsets.ISO_8859_1).split("\r\n");
        status = Integer.parseInt(lines[0].substring(9, 12));
        keepAlive = true;
        chunked = false;
        length = 0;
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].toLowerCase(Locale.ROOT);
            if (line.startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).strip());
            } else if (line.startsWith("transfer-encoding:")) {
                chunked = line.endsWith("chunked");
            } else if (line.startsWith("connection:")) {
                keepAlive = !line.endsWith("close");
            }
        }
    }

    private boolean endsWithLastChunk() {
        byte[] array = bytes.array();
        int at = bodyStart;
        while (true) {
            int size = 0;
            int digit;
            int digits = at;
            while (at < bytes.position() && (digit = Character.digit(array[at], 16)) >= 0) {
                size = size * 16 + digit;
                at++;
            }
            if (at == digits || at + 4 > bytes.position()) {
                return false;
            }
            if (size == 0) {
                return true;
            }
            at += 2 + size + 2;
            if (at > bytes.position()) {
                return false;
            }
        }
    }
}
