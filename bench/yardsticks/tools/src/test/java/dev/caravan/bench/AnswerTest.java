package dev.caravan.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerTest {

    private static final byte[] SUCCESS = "\"success\":true".getBytes(StandardCharsets.US_ASCII);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"success\":true}",
                "HTTP/1.1 200 OK\r\ncontent-length:16\r\nConnection: close\r\n\r\n{\"success\":true}",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{\"success\":true}\r\n0\r\n\r\n"
            })
    void isCompleteWithItsLastByteAndNotBefore(String response) {
        // Given
        Answer answer = new Answer();
        for (int round = 0; round < 2; round++) {
            answer.clear();
            byte[] bytes = response.getBytes(StandardCharsets.US_ASCII);
            for (int i = 0; i < bytes.length; i++) {
                assertFalse(answer.complete(), "complete before byte " + i);
                // When
                answer.add(ByteBuffer.wrap(bytes, i, 1));
            }
            // Then
            assertTrue(answer.complete());
            assertEquals(200, answer.status());
            assertTrue(answer.bodyHolds(SUCCESS));
            assertEquals(!response.contains("close"), answer.keepAlive());
        }
    }
}
