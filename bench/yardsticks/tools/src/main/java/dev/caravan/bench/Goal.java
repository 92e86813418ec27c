package dev.caravan.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;

/**
 * A line of the table: what is measured, against what, and what it should reach.
 *
 * @param title as a reader of the table knows it
 * @param figure the name in the samples
 * @param subject what is judged, mostly Caravan
 * @param yardstick what it is compared with; {@code null} if the value stands for itself
 * @param unit of the absolute values
 */
record Goal(
        String title,
        String figure,
        String subject,
        String yardstick,
        String unit,
        Comparison comparison,
        double reach) {

    /** How a value and its yardstick become one number, and which side of the goal is good. */
    enum Comparison {
        RATIO_AT_LEAST("≥ %s ×", "%.2f ×", true, (value, yardstick) -> value / yardstick),
        RATIO_AT_MOST("≤ %s ×", "%.2f ×", false, (value, yardstick) -> value / yardstick),
        EXCESS_AT_MOST("≤ yardstick + %s", "%+.2f", false, (value, yardstick) -> value - yardstick),
        AT_MOST("≤ %s", "%.1f", false, (value, yardstick) -> value);

        private final String goalFormat;
        private final String valueFormat;
        private final boolean higherIsBetter;
        private final DoubleBinaryOperator compare;

        Comparison(
                String goalFormat,
                String valueFormat,
                boolean higherIsBetter,
                DoubleBinaryOperator compare) {
            this.goalFormat = goalFormat;
            this.valueFormat = valueFormat;
            this.higherIsBetter = higherIsBetter;
            this.compare = compare;
        }
    }

    /** Returns the line in Markdown. */
    String row(Samples samples) {
        List<Double> subjects = samples.of(figure, subject);
        List<Double> yardsticks = yardstick == null ? subjects : samples.of(figure, yardstick);
        String goal = String.format(comparison.goalFormat, number(reach));
        if (comparison == Comparison.AT_MOST || comparison == Comparison.EXCESS_AT_MOST) {
            goal += " " + unit;
        }
        if (subjects.isEmpty() || yardsticks.isEmpty()) {
            String reason = samples.reason(figure).orElse("not taken");
            return String.format("| %s | %s | %s | | |", title, goal, reason);
        }
        List<Double> results = compared(subjects, yardsticks);
        double result = Statistics.median(results);
        boolean reached = comparison.higherIsBetter ? result >= reach : result <= reach;
        return String.format(
                "| %s | %s | %s | %s | %s |",
                title,
                goal,
                measured(results, result),
                reached ? "yes" : "**no**",
                absolute(subjects, yardsticks));
    }

    /** Compares the first repetition with the first, the second with the second. */
    private List<Double> compared(List<Double> subjects, List<Double> yardsticks) {
        List<Double> results = new ArrayList<>();
        for (int i = 0; i < Math.min(subjects.size(), yardsticks.size()); i++) {
            results.add(comparison.compare.applyAsDouble(subjects.get(i), yardsticks.get(i)));
        }
        return results;
    }

    private String measured(List<Double> results, double result) {
        String text = format(comparison.valueFormat, result);
        if (results.size() > 1) {
            text +=
                    " ("
                            + format(comparison.valueFormat, Statistics.least(results))
                            + " to "
                            + format(comparison.valueFormat, Statistics.greatest(results))
                            + ")";
        }
        return text;
    }

    private String absolute(List<Double> subjects, List<Double> yardsticks) {
        String text = subject + " " + number(Statistics.median(subjects));
        if (yardstick != null) {
            text += ", " + yardstick + " " + number(Statistics.median(yardsticks));
        }
        return text + " " + unit;
    }

    private static String number(double value) {
        if (Math.abs(value) >= 100) {
            return format("%,.0f", value);
        }
        String text = format("%.2f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }

    private static String format(String pattern, double value) {
        return String.format(Locale.ROOT, pattern, value);
    }
}
