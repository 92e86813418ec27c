package dev.caravan.bench;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Splits a stream at line feeds, without making text of the bytes. */
final class Lines {

    private final InputStream in;
    private byte[] buffer = new byte[1 << 18];
    private int start;
    private int end;

    Lines(InputStream in) {
        this.in = in;
    }

    /**
     * Returns the next line without its line feed.
     *
     * @return {@code null} at the end
     */
    byte[] next() throws IOException {
        int searched = start;
        while (true) {
            for (int i = searched; i < end; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, start, i);
                    start = i + 1;
                    return line;
                }
            }
            int unread = end - start;
            makeRoom();
            searched = unread;
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                byte[] rest = unread == 0 ? null : Arrays.copyOfRange(buffer, start, end);
                start = end;
                return rest;
            }
            end += read;
        }
    }

    /** Moves what is unread to the front; grows the buffer if it is full of one line. */
    private void makeRoom() {
        int unread = end - start;
        byte[] target = unread == buffer.length ? new byte[buffer.length * 2] : buffer;
        System.arraycopy(buffer, start, target, 0, unread);
        buffer = target;
        start = 0;
        end = unread;
    }
}
