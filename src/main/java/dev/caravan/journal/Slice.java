package dev.caravan.journal;

import java.util.List;

/**
 * What a read found.
 *
 * @param entries events in order
 * @param through everything up to this sequence was looked at; the next read begins behind it
 */
public record Slice(List<Entry> entries, long through) {
    public Slice {
        entries = List.copyOf(entries);
    }
}
