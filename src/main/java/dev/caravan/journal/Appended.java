package dev.caravan.journal;

import java.util.List;

/**
 * What became of a submission.
 *
 * @param accepted events stored, or of those skipped their places
 * @param skipped how many of those accepted an erasure reached as they came in, such as the events
 *     of someone suppressed: of these nothing is kept or sent
 * @param duplicates items whose message id and content were there already
 * @param setAside items that are dead letters now
 */
public record Appended(int accepted, int skipped, int duplicates, List<SetAside> setAside) {
    public static final Appended NOTHING = new Appended(0, 0, List.of());

    public Appended {
        setAside = List.copyOf(setAside);
    }

    /** What became of it where nobody is erased. */
    public Appended(int accepted, int duplicates, List<SetAside> setAside) {
        this(accepted, 0, duplicates, setAside);
    }

    /**
     * An item that became a dead letter.
     *
     * @param index its position in the submission
     */
    public record SetAside(int index, String reason) {}
}
