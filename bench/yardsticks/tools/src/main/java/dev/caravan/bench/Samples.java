package dev.caravan.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, in the order of the repetitions. The file has one measurement a line: figure,
 * subject and value, with tabs between them. A figure that could not be taken has the subject
 * {@code -} and a reason as its value.
 */
final class Samples {

    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final Map<String, String> reasons = new LinkedHashMap<>();

    private Samples() {}

    static Samples read(Path file) throws IOException {
        Samples samples = new Samples();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split("\t", 3);
            if (fields[1].equals("-")) {
                samples.reasons.put(fields[0], fields[2]);
            } else {
                samples.values
                        .computeIfAbsent(key(fields[0], fields[1]), key -> new ArrayList<>())
                        .add(Double.valueOf(fields[2]));
            }
        }
        return samples;
    }

    /** Returns the values of all repetitions, or none. */
    List<Double> of(String figure, String subject) {
        return values.getOrDefault(key(figure, subject), List.of());
    }

    /** Returns why a figure could not be taken, if it was tried. */
    Optional<String> reason(String figure) {
        return Optional.ofNullable(reasons.get(figure));
    }

    private static String key(String figure, String subject) {
        return figure + '\t' + subject;
    }
}
