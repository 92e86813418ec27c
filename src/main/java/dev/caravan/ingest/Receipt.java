package dev.caravan.ingest;

import dev.caravan.journal.Appended;
import java.util.List;

/**
 * What became of all that was handed over, however long it was.
 *
 * @param accepted events stored
 * @param skipped how many of those an erasure reached as they came in, see {@link Appended}
 * @param duplicates items whose message id and content were there already
 * @param setAside items that are dead letters now
 * @param leftOut records that a mapping leaves out by a rule of its own
 * @param examples the first of those set aside, by their number from 0; at most {@link #EXAMPLES}
 */
public record Receipt(
        long accepted,
        long skipped,
        long duplicates,
        long setAside,
        long leftOut,
        List<Appended.SetAside> examples) {
    /** So many items are named; the others are counted. */
    public static final int EXAMPLES = 1_000;

    public static final Receipt NOTHING = new Receipt(0, 0, 0, 0, 0, List.of());

    public Receipt {
        examples = List.copyOf(examples);
    }

    /** The same and what became of one more part. */
    Receipt plus(Appended part, long firstRecord) {
        List<Appended.SetAside> named = examples;
        if (!part.setAside().isEmpty() && named.size() < EXAMPLES) {
            named = new java.util.ArrayList<>(named);
            for (Appended.SetAside item : part.setAside()) {
                if (named.size() < EXAMPLES) {
                    named.add(
                            new Appended.SetAside(
                                    (int) Math.min(item.index() + firstRecord, Integer.MAX_VALUE),
                                    item.reason()));
                }
            }
        }
        return new Receipt(
                accepted + part.accepted(),
                skipped + part.skipped(),
                duplicates + part.duplicates(),
                setAside + part.setAside().size(),
                leftOut,
                named);
    }

    /** The same with so many records left out. */
    Receipt withLeftOut(long records) {
        return new Receipt(accepted, skipped, duplicates, setAside, records, examples);
    }
}
