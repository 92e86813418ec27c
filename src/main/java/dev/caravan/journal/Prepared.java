package dev.caravan.journal;

import dev.caravan.event.Digest;
import dev.caravan.event.PersonKey;
import dev.caravan.event.Reading;
import java.util.List;

/** A submission with the hashes that its storing needs, computed on the caller's thread. */
final class Prepared {
    private static final long[] NONE = {};

    /** What an item takes in memory beside its JSON, roughly. */
    private static final int BYTES_AN_ITEM = 512;

    private final Submission submission;
    private final Digest.Hash[] ids;
    private final long[] persons;
    private final long[][] joins;
    private final long bytes;

    Prepared(Submission submission) {
        List<Reading> items = submission.items();
        this.submission = submission;
        this.ids = new Digest.Hash[items.size()];
        this.persons = new long[items.size()];
        this.joins = new long[items.size()][];
        long size = 0;
        for (int i = 0; i < ids.length; i++) {
            if (items.get(i) instanceof Reading.Accepted item) {
                ids[i] = idOf(submission.source(), item.event().messageId());
                persons[i] = item.person().hash();
                joins[i] =
                        item.joins().isEmpty()
                                ? NONE
                                : item.joins().stream().mapToLong(PersonKey::hash).toArray();
                size += item.event().json().length;
            } else if (items.get(i) instanceof Reading.SetAside item) {
                size += item.item().length + item.envelope().length;
            }
        }
        this.bytes = size + (long) items.size() * BYTES_AN_ITEM;
    }

    static Digest.Hash idOf(String source, String messageId) {
        return Digest.get().add(source).add(messageId).toHash();
    }

    Submission submission() {
        return submission;
    }

    Digest.Hash id(int item) {
        return ids[item];
    }

    long person(int item) {
        return persons[item];
    }

    long[] joins(int item) {
        return joins[item];
    }

    /** Bytes of memory, for bounding what waits. */
    long bytes() {
        return bytes;
    }
}
