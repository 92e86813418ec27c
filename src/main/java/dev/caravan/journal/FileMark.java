package dev.caravan.journal;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How far a file is stored with a submission, so that a mended one of the same name can go on under
 * the same ids. What is stored counts only if everything before it was.
 *
 * @param name the file's name within its source
 * @param identity what the ids of its records derive from
 * @param before how many records were stored before this submission; 0 begins anew
 * @param records how many are stored with it
 * @param checksum of these, see {@code dev.caravan.format.Checksum}
 * @param broken why it cannot be read on; null if it can
 * @param done whether this is all of it, so that nothing needs to be remembered
 */
public record FileMark(
        String name,
        String identity,
        long before,
        long records,
        long checksum,
        @Nullable String broken,
        boolean done) {
    public FileMark {
        requireNonNull(name, "name");
        requireNonNull(identity, "identity");
    }
}
