package dev.caravan.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Speaks HTTP/1.1 byte by byte, to say what no client library says. */
final class RawHttp {
    private RawHttp() {}

    /** Sends this and returns all that comes back until the server closes or is silent. */
    static String exchange(int port, byte[]... parts) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(8_000);
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
                socket.getOutputStream().flush();
            }
            var answer = new ByteArrayOutputStream();
            byte[] buffer = new byte[8192];
            int read;
            while ((read = socket.getInputStream().read(buffer)) >= 0) {
                answer.write(buffer, 0, read);
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    /** A request that asks the server to close when it has answered. */
    static byte[] post(String path, String headers, byte[] body) {
        var request = new ByteArrayOutputStream();
        String head =
                "POST %s HTTP/1.1\r\nHost: door.example\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n"
                        .formatted(path, headers, body.length);
        request.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        return request.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
