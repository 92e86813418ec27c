package dev.caravan.journal;

import java.util.Optional;

/**
 * The identity of a file that is stored whole with the ids of an earlier one of its name. It is
 * kept in place of the earlier one's, so that this very file, should it be read again, is stored
 * under the same ids, and no other file is.
 *
 * @param ids the identity that the ids of its records derive from
 * @param own the file's own
 */
public record WholeFile(String ids, String own) {
    /** In no identity of a file. */
    private static final String AS = "\u001e";

    /** What {@link #identity} made; empty if the text is something else. */
    public static Optional<WholeFile> of(String identity) {
        int as = identity.indexOf(AS);
        return as < 0
                ? Optional.empty()
                : Optional.of(new WholeFile(identity.substring(0, as), identity.substring(as + 1)));
    }

    /** Both as one text. */
    public String identity() {
        return ids + AS + own;
    }
}
