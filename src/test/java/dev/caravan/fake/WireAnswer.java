package dev.caravan.fake;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** One HTTP answer; its length and connection headers are the connection's business. */
record WireAnswer(int status, Map<String, String> headers, byte[] body) {

    /** Returns an answer with the headers Customer.io was recorded to send with JSON. */
    static WireAnswer json(int status, String body) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json; charset=utf-8");
        headers.put("Access-Control-Allow-Origin", "*");
        return new WireAnswer(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    WireAnswer with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        more.forEach(
                (name, value) -> {
                    all.keySet().removeIf(name::equalsIgnoreCase);
                    all.put(name, value);
                });
        return new WireAnswer(status, all, body);
    }

    byte[] head(boolean keepAlive) {
        StringBuilder head = new StringBuilder(160);
        head.append("HTTP/1.1 ").append(status).append(" .\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (status >= 200 && status != 204 && status != 304) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        if (!keepAlive) {
            head.append("Connection: close\r\n");
        }
        return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
