package dev.caravan.mapping;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Guesses what a misspelt word meant. */
public final class Nearest {
    private Nearest() {}

    /** {@code ; did you mean 'default'?}, or all words if none is near and they are few. */
    public static String hint(String word, Collection<String> known) {
        Optional<String> near = to(word, known);
        if (near.isPresent()) {
            return "; did you mean '" + near.get() + "'?";
        }
        return known.size() > 40
                ? ""
                : known.stream().sorted().collect(Collectors.joining(", ", "; known are ", ""));
    }

    /** The known word that takes the fewest changes; empty if that is more than a third of it. */
    public static Optional<String> to(String word, Collection<String> known) {
        String folded = word.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(
                        Comparator.comparingInt(
                                        (String candidate) ->
                                                changes(folded, candidate.toLowerCase(Locale.ROOT)))
                                .thenComparing(Comparator.naturalOrder()))
                .filter(
                        best ->
                                changes(folded, best.toLowerCase(Locale.ROOT))
                                        <= Math.max(1, Math.max(word.length(), best.length()) / 3));
    }

    /** Letters to insert, remove, replace or swap with their neighbour. */
    private static int changes(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + same, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
