package dev.caravan.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EventSourceTest {

    private static final int EVENTS = 20_000;

    @Test
    void makesEventsOfAbout400BytesThatNeverShareAnId() throws IOException {
        // Given
        ByteArrayOutputStream ndjson = new ByteArrayOutputStream();
        for (int run = 1; run <= 2; run++) {
            EventSource source =
                    new EventSource(1, run, Instant.EPOCH, 50_000, EventSource.Mix.VISITORS);
            for (int i = 0; i < EVENTS; i++) {
                ndjson.writeBytes(source.next().json());
                ndjson.write('\n');
            }
        }
        // When
        Lines lines = new Lines(new ByteArrayInputStream(ndjson.toByteArray()));
        Set<String> ids = new HashSet<>();
        int anonymous = 0;
        for (byte[] line; (line = lines.next()) != null; ) {
            Row row = Row.parse(line);
            ids.add(row.messageId());
            anonymous += row.userId() == null ? 1 : 0;
        }
        // Then
        assertEquals(2 * EVENTS, ids.size());
        assertEquals(400, ndjson.size() / (2.0 * EVENTS), 20);
        assertTrue(anonymous > EVENTS / 50 && anonymous < EVENTS / 20, anonymous + " anonymous");
    }
}
