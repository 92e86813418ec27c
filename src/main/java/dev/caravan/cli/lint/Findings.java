package dev.caravan.cli.lint;

import dev.caravan.cli.lint.Finding.Severity;
import dev.caravan.mapping.Place;
import dev.caravan.mapping.Problem;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is found; the same about the same line counts once. */
final class Findings {
    private final Set<Finding> found = new LinkedHashSet<>();

    void error(String file, Place place, String message) {
        found.add(new Finding(file, place.line(), Severity.ERROR, message));
    }

    void warning(String file, Place place, String message) {
        found.add(new Finding(file, place.line(), Severity.WARNING, message));
    }

    void add(Finding finding) {
        found.add(finding);
    }

    /** What a reader of mappings, or of YAML, has found. */
    void add(List<Problem> problems, Severity severity) {
        for (Problem problem : problems) {
            String field = problem.field().isEmpty() ? "" : problem.field() + ": ";
            found.add(
                    new Finding(problem.file(), problem.line(), severity, field + problem.rule()));
        }
    }

    List<Finding> inOrder() {
        return found.stream()
                .sorted(Comparator.comparing(Finding::file).thenComparingInt(Finding::line))
                .toList();
    }
}
