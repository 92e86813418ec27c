package dev.caravan.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Names of files that somebody else has chosen. */
final class FileNames {
    /** What nearly every file system takes. */
    private static final int MOST_BYTES = 255;

    private FileNames() {}

    /** A name as it may stand in a line of the log: without line breaks and the like. */
    static String shown(String name) {
        return name.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]", "?");
    }

    /** The same name with a number before its extension; of a long one the end gives way. */
    static String numbered(String name, int number) {
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String end = "-" + number + (dot < 0 ? "" : name.substring(dot));
        int most = MOST_BYTES - end.getBytes(UTF_8).length;
        while (!stem.isEmpty() && stem.getBytes(UTF_8).length > most) {
            stem = stem.substring(0, stem.offsetByCodePoints(stem.length(), -1));
        }
        return stem + end;
    }
}
