package dev.caravan.fake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.Optional;

/**
 * One client connection: reads requests one after another and ends each as it is told, politely or
 * not.
 */
final class WireConnection implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean open = true;
    private boolean keepAlive = true;
    private boolean bodyless;

    WireConnection(Socket socket) throws IOException {
        this.socket = socket;
        // Without it a small answer waits for the peer's delayed acknowledgement.
        socket.setTcpNoDelay(true);
        this.in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        this.out = socket.getOutputStream();
    }

    boolean isOpen() {
        return open;
    }

    /**
     * Returns the next request, or nothing once the peer has closed or sent something that is not
     * HTTP.
     */
    Optional<WireRequest> read() throws IOException {
        try {
            Optional<WireRequest> request = new WireReader(in, out).read();
            request.ifPresent(this::noteWishes);
            return request;
        } catch (WireReader.NotHttp e) {
            keepAlive = false;
            answer(WireAnswer.json(e.status(), "{\"message\":\"" + e.getMessage() + "\"}"));
            return Optional.empty();
        }
    }

    /** Writes the whole answer; returns only if the kernel took all of it. */
    void answer(WireAnswer answer) throws IOException {
        byte[] body = bodyless ? new byte[0] : answer.body();
        out.write(joined(answer.head(keepAlive), body, body.length));
        out.flush();
        if (!keepAlive) {
            close();
        }
    }

    /**
     * Writes the head and half of the body, or half of the head if there is no body; then closes.
     */
    void answerHalf(WireAnswer answer) throws IOException {
        byte[] head = answer.head(true);
        byte[] body = answer.body();
        byte[] all = joined(head, body, body.length);
        out.write(all, 0, body.length == 0 ? head.length / 2 : head.length + body.length / 2);
        out.flush();
        close();
    }

    /** Keeps silent until the peer gives up or the server shuts down, then closes. */
    void hang() throws IOException {
        try {
            while (in.read() >= 0) {
                // What a waiting peer still sends changes nothing.
            }
        } finally {
            close();
        }
    }

    /** Ends the connection with a TCP reset instead of an orderly close. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        open = false;
        socket.close();
    }

    private void noteWishes(WireRequest request) {
        bodyless = request.method().equals("HEAD");
        keepAlive = !request.header("connection").toLowerCase().contains("close");
    }

    private static byte[] joined(byte[] head, byte[] body, int length) {
        byte[] all = Arrays.copyOf(head, head.length + length);
        System.arraycopy(body, 0, all, head.length, length);
        return all;
    }
}
