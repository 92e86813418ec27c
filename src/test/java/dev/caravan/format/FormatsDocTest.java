package dev.caravan.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FormatsDocTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\| ([a-z, ]*) \\|");

    @Test
    void tellsOfEachOptionAndWhichFormatsHaveIt() throws IOException {
        // Given
        String page = Files.readString(Path.of("docs/formats.md"));
        // When
        List<String> rows =
                ROW.matcher(page)
                        .results()
                        .filter(row -> !List.of("format", "mapping").contains(row.group(1)))
                        .map(FormatsDocTest::told)
                        .toList();
        // Then
        assertThat(rows)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(Formats.Option.values())
                                .map(option -> option.text() + ": " + formats(option))
                                .toList());
    }

    private static String told(MatchResult row) {
        return row.group(1) + ": " + row.group(2).strip();
    }

    private static String formats(Formats.Option option) {
        List<String> having = Formats.NAMES.stream().filter(name -> option.isOf(name)).toList();
        return having.equals(Formats.NAMES) ? "all" : String.join(", ", having);
    }
}
