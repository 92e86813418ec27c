package dev.caravan.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command is given. */
final class TextFiles {
    private TextFiles() {}

    /**
     * The text of a file.
     *
     * @throws UsageException if there is none, or it is not in UTF-8
     */
    static String read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new UsageException("there is no file " + file);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new UsageException(file + " is not text in UTF-8", e);
        } catch (IOException e) {
            throw new UsageException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }
}
