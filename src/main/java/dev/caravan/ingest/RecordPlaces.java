package dev.caravan.ingest;

import dev.caravan.event.Origin;

/** Where records stand that come together, and what that says for each of them. */
public interface RecordPlaces {
    /** Where the record with this number, from 0, stands, in words for a dead letter. */
    String words(long record);

    /** What is said for that record alone, on top of what is said for all of them. */
    default Origin origin(Origin all, long record) {
        return all;
    }

    /** Those that have nothing but their numbers, within something of this name, if it has one. */
    static RecordPlaces in(String thing) {
        String before = thing.isEmpty() ? "record " : thing + ", record ";
        return record -> before + (record + 1);
    }
}
