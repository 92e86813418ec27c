package dev.caravan.mapping;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a YAML value means. Without quotes {@code true}, {@code false}, {@code null} and numbers as
 * JSON writes them are those; everything else is text. Words and numbers that readers of YAML
 * disagree about, such as {@code yes}, {@code NO}, {@code ~} and {@code 007}, are refused: they
 * have to be put in quotes, or written as JSON has them.
 */
final class Constants {
    private static final Pattern WHOLE = Pattern.compile("-?(?:0|[1-9][0-9]*)");
    private static final Pattern DECIMAL =
            Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]{1,9})?");
    private static final Pattern ALMOST_A_NUMBER =
            Pattern.compile(
                    "[+-]?(?:[0-9][0-9_]*\\.?[0-9_]*(?:[eE][+-]?[0-9]+)?|\\.[0-9_]+(?:[eE][+-]?[0-9]+)?"
                            + "|0[xob][0-9a-fA-F_]+|\\.inf|\\.Inf|\\.INF|\\.nan|\\.NaN|\\.NAN)");
    private static final Set<String> AMBIGUOUS =
            Set.of(
                    "yes", "Yes", "YES", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF",
                    "True", "TRUE", "False", "FALSE", "Null", "NULL", "~");

    private Constants() {}

    /** The value: null, Boolean, Long, BigInteger, BigDecimal, String, List or Map of those. */
    static @Nullable Object of(Yaml node, String field, Problems problems) {
        if (node instanceof Yaml.Scalar scalar) {
            return of(scalar, field, problems);
        } else if (node instanceof Yaml.Items items) {
            List<@Nullable Object> values = new ArrayList<>();
            for (Yaml item : items.items()) {
                values.add(of(item, field, problems));
            }
            return values;
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        ((Yaml.Members) node)
                .members()
                .forEach(
                        (key, member) ->
                                values.put(key, of(member.value(), inside(field, key), problems)));
        return values;
    }

    static String inside(String field, String key) {
        return field.isEmpty() ? key : field + "." + key;
    }

    static @Nullable Object of(Yaml.Scalar scalar, String field, Problems problems) {
        String text = scalar.text();
        if (!scalar.plain()) {
            return text;
        }
        switch (text) {
            case "null" -> {
                return null;
            }
            case "true" -> {
                return Boolean.TRUE;
            }
            case "false" -> {
                return Boolean.FALSE;
            }
            case "" ->
                    problems.add(
                            scalar.place(),
                            field,
                            "there is no value; write null or \"\" if so meant");
            default -> {
                return plain(scalar, field, problems);
            }
        }
        return text;
    }

    private static Object plain(Yaml.Scalar scalar, String field, Problems problems) {
        String text = scalar.text();
        if (WHOLE.matcher(text).matches()) {
            return text.length() < 19 ? (Object) Long.valueOf(text) : new BigInteger(text);
        } else if (DECIMAL.matcher(text).matches()) {
            return new BigDecimal(text);
        }
        refuseAmbiguous(scalar, field, problems);
        return text;
    }

    /** Complains about what one reader of YAML takes for a text and another one does not. */
    private static void refuseAmbiguous(Yaml.Scalar scalar, String field, Problems problems) {
        String text = scalar.text();
        if (AMBIGUOUS.contains(text)) {
            problems.add(
                    scalar.place(),
                    field,
                    "is '%s' a text? Then put it in quotes; else write true, false or null"
                            .formatted(text));
        } else if (ALMOST_A_NUMBER.matcher(text).matches()) {
            problems.add(
                    scalar.place(),
                    field,
                    "is '%s' a text? Then put it in quotes; else write it as JSON writes numbers"
                            .formatted(text));
        }
    }

    /** The text of a field that is always one: as written, so that {@code 007} stays what it is. */
    static @Nullable String text(Yaml.Scalar scalar, String field, Problems problems) {
        if (scalar.plain() && scalar.text().equals("null")) {
            return null;
        }
        if (scalar.plain() && AMBIGUOUS.contains(scalar.text())) {
            refuseAmbiguous(scalar, field, problems);
        } else if (scalar.plain() && scalar.text().isEmpty()) {
            problems.add(scalar.place(), field, "there is no value");
        }
        return scalar.text();
    }
}
