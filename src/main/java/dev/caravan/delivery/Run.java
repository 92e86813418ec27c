package dev.caravan.delivery;

import dev.caravan.event.EventMap;
import dev.caravan.event.Meaning;
import dev.caravan.journal.Entry;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a destination's route gets in one exchange: consecutive events of one meaning, as a list of
 * maps for routes to branch on, and as entries for whoever sends them. A destructive event is a run
 * of its own. Immutable.
 */
public final class Run extends AbstractList<Map<String, Object>> {
    private final List<Entry> entries;
    private final boolean single;
    private final Function<Entry, Optional<String>> stops;
    private final EventMap[] maps;

    /**
     * Makes a run.
     *
     * @param entries one or more events of one meaning, in order
     * @param single whether the destination takes one event at a time ({@code batch: 1}): then the
     *     JSON is that of the one event, and not an array
     */
    public Run(List<Entry> entries, boolean single) {
        this(entries, single, entry -> Optional.empty());
    }

    /**
     * Makes one of which something may have to be left out on the way.
     *
     * @param stops says of an event by which rule it must not be sent
     */
    Run(List<Entry> entries, boolean single, Function<Entry, Optional<String>> stops) {
        this.entries = List.copyOf(entries);
        this.single = single;
        this.stops = stops;
        this.maps = new EventMap[entries.size()];
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("a run has one event or more");
        }
    }

    public List<Entry> entries() {
        return entries;
    }

    /**
     * Why an event of the run must not be sent any longer, asked anew each time. Whoever lets time
     * pass before sending, to keep a pace or to wait for a connection, asks right before, and ends
     * a stopped event with {@link Outcome.Skipped} of this rule.
     *
     * @return empty if it may be sent
     */
    public Optional<String> stopped(int index) {
        return stops.apply(entries.get(index));
    }

    /** The meaning that all events of the run have. */
    public Meaning meaning() {
        return entries.get(0).event().meaning();
    }

    @Override
    public Map<String, Object> get(int index) {
        EventMap map = maps[index];
        if (map == null) {
            map = entries.get(index).event().asMap();
            maps[index] = map;
        }
        return map;
    }

    @Override
    public int size() {
        return entries.size();
    }

    /** One JSON object where the destination takes single events, else an array; in UTF-8. */
    public byte[] json() {
        if (single) {
            return entries.get(0).event().json();
        }
        int length = 1 + entries.size();
        for (Entry entry : entries) {
            length += entry.event().json().length;
        }
        byte[] array = new byte[length];
        int at = 0;
        for (Entry entry : entries) {
            array[at] = (byte) (at == 0 ? '[' : ',');
            byte[] json = entry.event().json();
            System.arraycopy(json, 0, array, at + 1, json.length);
            at += 1 + json.length;
        }
        array[at] = ']';
        return array;
    }

    /** Says how many, never who. */
    @Override
    public String toString() {
        return size() + " events from sequence " + entries.get(0).sequence();
    }
}
