package dev.caravan.journal;

import java.util.List;

/**
 * What became of a submission.
 *
 * @param accepted events stored
 * @param duplicates items whose message id and content were there already
 * @param setAside items that are dead letters now
 */
public record Appended(int accepted, int duplicates, List<SetAside> setAside) {
    public static final Appended NOTHING = new Appended(0, 0, List.of());

    public Appended {
        setAside = List.copyOf(setAside);
    }

    /**
     * An item that became a dead letter.
     *
     * @param index its position in the submission
     */
    public record SetAside(int index, String reason) {}
}
