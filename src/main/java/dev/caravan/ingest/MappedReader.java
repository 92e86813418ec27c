package dev.caravan.ingest;

import dev.caravan.event.EventReader;
import dev.caravan.event.Json;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.format.BrokenException;
import dev.caravan.format.Formats;
import dev.caravan.format.RecordReader;
import dev.caravan.mapping.Made;
import dev.caravan.mapping.Mapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes readings of foreign records: by a mapping, or of the record itself if there is none. What
 * is no event keeps the record as it was written. Used by one thread.
 */
final class MappedReader {
    /** So many reasons say enough. */
    private static final int MOST_REASONS = 5;

    private static final Map<String, Object> JSON = Map.of("format", Formats.JSON);

    private final EventReader reader;
    private final @Nullable String mappingName;
    private final @Nullable Mapping mapping;
    private final RecordPlaces places;
    private final ItemReader.Sink sink;
    private final List<Origin> origins = new ArrayList<>();
    private long record;
    private long leftOut;
    private boolean alone;

    /**
     * Makes one.
     *
     * @param mapping null if a record is an event already
     * @param places where the records stand
     */
    MappedReader(
            EventReader reader,
            @Nullable String mappingName,
            @Nullable Mapping mapping,
            Origin origin,
            RecordPlaces places,
            ItemReader.Sink sink) {
        this.reader = reader;
        this.mappingName = mappingName;
        this.mapping = mapping;
        this.places = places;
        this.sink = sink;
        origins.add(origin);
    }

    /**
     * Reads to the end.
     *
     * @param from the number of the first record to take; those before are known
     */
    void readAll(RecordReader records, long from) throws IOException {
        while (records.next()) {
            if (record >= from) {
                take(records);
                sink.passed(record + 1, records.checksum());
            }
            record++;
        }
    }

    /**
     * Reads one record that stands alone.
     *
     * @param json a JSON text in UTF-8
     */
    void readOne(byte[] json) throws IOException {
        try {
            requireOne(json);
            alone = true;
            take(Formats.alone(JSON, json));
        } catch (BrokenException e) {
            setAside(String.valueOf(e.getMessage()), json);
            return;
        }
        record++;
    }

    private static void requireOne(byte[] json) throws IOException {
        Formats.requireEnd(Formats.alone(JSON, json));
    }

    /** Takes something in the place of a record that cannot be one. */
    void setAside(String reason, byte[] shown) throws IOException {
        sink.add(
                Intake.setAside(origin(0), record, reason, shown).withPlace(places.words(record)),
                shown.length);
        record++;
    }

    /** Leaves out a record that somebody else reads. */
    void passOver() {
        record++;
    }

    /** How many records were read. */
    long records() {
        return record;
    }

    /** How many records the mapping left out by its own rule. */
    long leftOut() {
        return leftOut;
    }

    private void take(RecordReader records) throws IOException {
        RecordReader.Fault fault = records.fault();
        if (fault != null) {
            String reason =
                    fault.column() == null
                            ? fault.reason()
                            : "column '%s': %s".formatted(fault.column(), fault.reason());
            setAside(records, fault.column(), reason, List.of());
            return;
        }
        take(records.value(), records);
    }

    private void take(@Nullable Object value, RecordReader records) throws IOException {
        if (mapping == null) {
            event(Json.toBytes(value), 0, records);
            return;
        }
        List<Made> made = mapping.events(value);
        if (made.get(0) instanceof Made.Rejected) {
            setAside(records, null, reasons(made), mapping.fragments(value));
        } else if (made.get(0) instanceof Made.Skipped) {
            leftOut++;
        } else {
            for (int i = 0; i < made.size(); i++) {
                event(((Made.Item) made.get(i)).json(), i, records);
            }
        }
    }

    static String reasons(List<Made> made) {
        List<String> reasons = new ArrayList<>();
        for (Made one : made) {
            if (one instanceof Made.Rejected rejected && reasons.size() < MOST_REASONS) {
                reasons.add(rejected.message(""));
            }
        }
        String more = made.size() > MOST_REASONS ? "; and more" : "";
        return String.join("; ", reasons) + more;
    }

    private void event(byte[] json, int number, RecordReader records) throws IOException {
        Origin origin = origin(number);
        Reading reading = reader.read(json, 0, json.length, origin, record);
        if (reading instanceof Reading.SetAside no) {
            reading =
                    no.rule() == Reading.Rule.NEEDS_APPROVAL
                            ? withPlace(no, no.item(), no.envelope(), records) // what is approved
                            : withPlace(
                                    no,
                                    records.raw(),
                                    envelope(records, origin, number, List.of(json)),
                                    records);
        }
        sink.add(reading, json.length);
    }

    private Reading withPlace(
            Reading.SetAside no, byte[] item, byte[] envelope, RecordReader records) {
        return new Reading.SetAside(
                no.rule(), no.reason(), no.messageId(), item, envelope, place(records, null));
    }

    private void setAside(
            RecordReader records, @Nullable String column, String reason, List<byte[]> fragments)
            throws IOException {
        Origin origin = origin(0);
        byte[] raw = records.raw();
        sink.add(
                new Reading.SetAside(
                        Reading.Rule.INVALID,
                        reason,
                        origin.ids().repeatable() ? origin.ids().idOf(record) : null,
                        raw,
                        envelope(records, origin, -1, fragments),
                        place(records, column)),
                raw.length);
    }

    private byte[] envelope(
            RecordReader records, Origin origin, int event, List<byte[]> fragments) {
        return new RecordEnvelope(
                        records.description(),
                        mappingName,
                        record,
                        event,
                        RecordEnvelope.about(fragments))
                .toJson(origin);
    }

    private String place(RecordReader records, @Nullable String column) {
        StringBuilder words = new StringBuilder(places.words(record));
        if (!alone && !records.place().isEmpty()) {
            words.append(", ").append(records.place());
        }
        return column == null ? words.toString() : words + ", column '" + column + "'";
    }

    /** The origin under which the events of this number within their records are read. */
    private Origin origin(int event) {
        while (origins.size() <= event) {
            Origin first = origins.get(0);
            origins.add(first.with(first.ids().ofEvent(origins.size())));
        }
        return places.origin(origins.get(event), record);
    }
}
