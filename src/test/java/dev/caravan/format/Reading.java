package dev.caravan.format;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reads all records of something, as a test wants to look at them. */
final class Reading {
    /** One record; {@code fault} is "column: reason" or "reason", empty if there is none. */
    record Seen(Object value, String fault, String place, String raw) {}

    final List<Seen> records = new ArrayList<>();
    final List<Long> checksums = new ArrayList<>();
    String broken = "";

    static Format format(String name, String... options) {
        Map<Formats.Option, String> map = new EnumMap<>(Formats.Option.class);
        for (int i = 0; i < options.length; i += 2) {
            String option = options[i];
            map.put(
                    java.util.Arrays.stream(Formats.Option.values())
                            .filter(known -> known.text().equals(option))
                            .findFirst()
                            .orElseThrow(),
                    options[i + 1]);
        }
        return Formats.of(name, map);
    }

    static Reading of(Format format, byte[] content) throws IOException {
        return of(format, new ByteArrayInputStream(content));
    }

    static Reading of(Format format, InputStream content) throws IOException {
        Reading reading = new Reading();
        try {
            RecordReader reader = format.read(content);
            while (reader.next()) {
                reading.add(reader);
            }
        } catch (BrokenException e) {
            reading.broken = e.getMessage();
        }
        return reading;
    }

    private void add(RecordReader reader) {
        RecordReader.Fault fault = reader.fault();
        String told =
                fault == null
                        ? ""
                        : (fault.column() == null ? "" : fault.column() + ": ") + fault.reason();
        records.add(
                new Seen(
                        reader.value(),
                        told,
                        reader.place(),
                        new String(reader.raw(), java.nio.charset.StandardCharsets.UTF_8)));
        checksums.add(reader.checksum());
    }

    List<Object> values() {
        return records.stream().map(Seen::value).toList();
    }

    List<String> faults() {
        return records.stream().map(Seen::fault).filter(fault -> !fault.isEmpty()).toList();
    }
}
