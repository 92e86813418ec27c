package dev.caravan.mapping;

import dev.caravan.mapping.Language.Scope;
import dev.caravan.mapping.Language.Word;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values of a mapping file, with all that is wrong in them. */
final class ValueCompiler {
    private static final Set<String> SOURCES =
            Language.SOURCES.stream().map(Word::key).collect(Collectors.toUnmodifiableSet());
    private static final Set<Word> DATE_WORDS =
            Set.of(Word.FORMAT, Word.ZONE, Word.LOCALE, Word.AS);
    private static final Set<Word> NUMBER_WORDS =
            Set.of(Word.DECIMAL, Word.GROUPING, Word.DECIMALS);
    private static final Set<Word> TELLING =
            Set.of(
                    Word.DEFAULT,
                    Word.REQUIRED,
                    Word.LOOKUP,
                    Word.OTHERWISE,
                    Word.TRIM,
                    Word.LOWER,
                    Word.UPPER,
                    Word.KEEP_NULL,
                    Word.KEEP_EMPTY,
                    Word.DECIMALS,
                    Word.GROUPING);

    /** What a field is by its place in the event. */
    enum Kind {
        /** Stays what it is unless the mapping says otherwise. */
        ANY,
        /** Stays what it is, too, but no part of a text may be missing. */
        KEY,
        /** Always a text, of which no part may be missing. */
        TEXT,
        /** Always a time. */
        TIME
    }

    private final Problems problems;
    private final boolean inEach;

    /**
     * Makes one.
     *
     * @param inEach whether there is an element that {@code $item} means
     */
    ValueCompiler(Problems problems, boolean inEach) {
        this.problems = problems;
        this.inEach = inEach;
    }

    // --- parts

    /** What stands behind a field that is not one of those at the top of an event. */
    Part part(Yaml node, String field) {
        if (node instanceof Yaml.Items items) {
            return new Part.Items(items.items().stream().map(item -> part(item, field)).toList());
        }
        if (!(node instanceof Yaml.Members members)) {
            return leaf(node, field, Kind.ANY);
        }
        boolean value = members.members().keySet().stream().anyMatch(SOURCES::contains);
        if (!value || field.equals("context.page")) {
            if (!field.equals("context.page")) {
                warnOfMisspeltValue(members, field);
            }
            return fields(members, field);
        }
        return valueOrObject(members, field);
    }

    /** An object, whatever its fields are called. */
    Part.Fields fields(Yaml.Members members, String field) {
        Map<String, Part> fields = new LinkedHashMap<>();
        members.members()
                .forEach(
                        (key, member) ->
                                fields.put(
                                        key, part(member.value(), Constants.inside(field, key))));
        return Part.Fields.of(fields);
    }

    private Part valueOrObject(Yaml.Members members, String field) {
        Yaml each = members.get(Word.EACH.key());
        Yaml fields = members.get(Word.FIELDS.key());
        if (each != null) {
            return each(members, each, field);
        } else if (fields != null) {
            for (Map.Entry<String, Yaml.Member> member : members.members().entrySet()) {
                if (!member.getKey().equals(Word.FIELDS.key())) {
                    unknown(member.getValue().place(), member.getKey(), field, "fields");
                }
            }
            return object(fields, field);
        }
        return leaf(members, field, Kind.ANY);
    }

    private Part object(Yaml node, String field) {
        if (node instanceof Yaml.Members members) {
            return fields(members, field);
        }
        problems.add(node.place(), field, "'fields' must be an object");
        return Leaf.constant(field, node.place(), null);
    }

    private Part each(Yaml.Members members, Yaml each, String field) {
        var list = new Leaf.Steps();
        Map<String, Yaml.Member> rest = new LinkedHashMap<>(members.members());
        rest.remove(Word.EACH.key());
        Yaml.Member required = rest.remove(Word.REQUIRED.key());
        if (required != null) {
            list.required = flag(required.value(), field);
        }
        Yaml.Member substitute = rest.remove(Word.DEFAULT.key());
        if (substitute != null) {
            list.substitute = substitute(substitute.value(), field, Kind.ANY);
        }
        var found = new Leaf(field, each.place(), source(each, field, each.place()), list);
        if (rest.isEmpty()) {
            return new Part.Each(found, null);
        }
        var inside = new ValueCompiler(problems, true);
        return new Part.Each(found, inside.element(new Yaml.Members(rest, members.place()), field));
    }

    private Part element(Yaml.Members members, String field) {
        if (members.members().keySet().stream().noneMatch(SOURCES::contains)) {
            String first = members.members().keySet().iterator().next();
            unknown(members.members().get(first).place(), first, field, "each");
            return Leaf.constant(field, members.place(), null);
        }
        return valueOrObject(members, field);
    }

    /** {@code {pth: $.x, default: 1}} would be an object of the event, which nobody means. */
    private void warnOfMisspeltValue(Yaml.Members members, String field) {
        Set<String> options = Language.keys(Scope.VALUE);
        Set<String> telling = TELLING.stream().map(Word::key).collect(Collectors.toSet());
        boolean looksLikeOptions = members.members().keySet().stream().anyMatch(telling::contains);
        for (Map.Entry<String, Yaml.Member> member : members.members().entrySet()) {
            Optional<String> meant = Nearest.to(member.getKey(), SOURCES);
            if (looksLikeOptions && !options.contains(member.getKey()) && meant.isPresent()) {
                problems.add(
                        member.getValue().place(),
                        field,
                        "unknown word '%s'; did you mean '%s'? If this is an object of the event, put its fields under 'fields'"
                                .formatted(member.getKey(), meant.get()));
            }
        }
    }

    private void unknown(Place place, String key, String field, String beside) {
        Set<String> known = Language.keys(Scope.VALUE);
        problems.add(
                place,
                field,
                known.contains(key)
                        ? "'%s' has no meaning beside '%s'".formatted(key, beside)
                        : "unknown word '%s' beside '%s'%s if '%s' is a field of the event here, put the object under 'fields'"
                                .formatted(
                                        key,
                                        beside,
                                        Nearest.to(key, known)
                                                .map("; did you mean '%s'? Or,"::formatted)
                                                .orElse(";"),
                                        beside));
    }

    // --- leaves

    /** A single value: constant, path or small object. */
    Leaf leaf(Yaml node, String field, Kind kind) {
        if (node instanceof Yaml.Scalar scalar) {
            return scalar(scalar, field, kind);
        } else if (node instanceof Yaml.Members members) {
            return small(members, field, kind, Language.keys(Scope.VALUE));
        }
        problems.add(node.place(), field, "must be one value, not a list");
        return Leaf.constant(field, node.place(), null);
    }

    private Leaf scalar(Yaml.Scalar scalar, String field, Kind kind) {
        if (Path.looksLikeOne(scalar.text())) {
            var steps = new Leaf.Steps();
            steps.type = usualType(kind);
            return new Leaf(field, scalar.place(), source(scalar, field, scalar.place()), steps);
        }
        return Leaf.constant(field, scalar.place(), constant(scalar, field, kind));
    }

    private @Nullable Object constant(Yaml node, String field, Kind kind) {
        boolean any = kind == Kind.ANY || kind == Kind.KEY;
        if (!any && !(node instanceof Yaml.Scalar)) {
            problems.add(node.place(), field, "must be one value, not an object or a list");
            return null;
        }
        if (any || !(node instanceof Yaml.Scalar scalar)) {
            return Constants.of(node, field, problems);
        }
        String text = Constants.text(scalar, field, problems);
        if (kind == Kind.TIME
                && text != null
                && dev.caravan.event.Timestamps.parse(text).isEmpty()) {
            problems.add(node.place(), field, dev.caravan.event.Timestamps.RULE);
        }
        return text;
    }

    /**
     * A small object.
     *
     * @param known the words that it may have
     */
    Leaf small(Yaml.Members members, String field, Kind kind, Set<String> known) {
        List<String> sources =
                members.members().keySet().stream().filter(SOURCES::contains).toList();
        if (sources.isEmpty()) {
            String hint =
                    members.members().keySet().stream()
                            .filter(key -> !known.contains(key))
                            .findFirst()
                            .map(
                                    key ->
                                            " ('%s' is unknown%s)"
                                                    .formatted(
                                                            key,
                                                            Nearest.to(key, known)
                                                                    .map(
                                                                            "; did you mean '%s'?"
                                                                                    ::formatted)
                                                                    .orElse("")))
                            .orElse("");
            problems.add(
                    members.place(),
                    field,
                    "must say where the value comes from: path, template or value" + hint);
            return Leaf.constant(field, members.place(), null);
        }
        for (Map.Entry<String, Yaml.Member> member : members.members().entrySet()) {
            if (!known.contains(member.getKey())) {
                unknown(member.getValue().place(), member.getKey(), field, sources.get(0));
            }
        }
        if (sources.size() > 1) {
            problems.add(
                    members.members().get(sources.get(1)).place(),
                    field,
                    "has '%s' and '%s', but a value comes from one place"
                            .formatted(sources.get(0), sources.get(1)));
        } else if (sources.get(0).equals(Word.FIELDS.key())
                || sources.get(0).equals(Word.EACH.key())) {
            problems.add(members.place(), field, "must be one value, not an object or a list");
            return Leaf.constant(field, members.place(), null);
        }
        Yaml.Member from = members.members().get(sources.get(0));
        Source source = source(sources.get(0), from.value(), field, kind);
        Leaf.Steps steps = steps(members, field, kind);
        return new Leaf(field, from.value().place(), source, steps);
    }

    private Source source(String word, Yaml node, String field, Kind kind) {
        if (word.equals(Word.PATH.key())) {
            return source(node, field, node.place());
        } else if (word.equals(Word.TEMPLATE.key())) {
            return template(text(node, field, Word.TEMPLATE), field, kind, node.place());
        }
        return new Source.Constant(constant(node, field, kind));
    }

    private Source source(Yaml node, String field, Place place) {
        return path(node, field)
                .<Source>map(Source.AtPath::new)
                .orElseGet(() -> new Source.Constant(null));
    }

    /** A path; empty, and a problem, if it is none. */
    Optional<Path> path(Yaml node, String field) {
        if (!(node instanceof Yaml.Scalar scalar)) {
            problems.add(node.place(), field, "must be a path such as $.name");
            return Optional.empty();
        }
        return path(scalar.text(), field, node.place());
    }

    private Optional<Path> path(String text, String field, Place place) {
        try {
            Path path = Path.compile(text);
            if (path.ofItem() && !inEach) {
                problems.add(
                        place,
                        field,
                        "'$item' is the element of an 'each', and there is none here");
            }
            return Optional.of(path);
        } catch (IllegalArgumentException e) {
            problems.add(place, field, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Source template(String text, String field, Kind kind, Place place) {
        List<Object> parts = new ArrayList<>();
        var literal = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean twice = at + 1 < text.length() && text.charAt(at + 1) == c;
            if ((c == '{' || c == '}') && twice) {
                literal.append(c);
                at++;
            } else if (c == '}') {
                problems.add(
                        place, field, "a '}' without '{' in the template; write }} for a brace");
            } else if (c != '{') {
                literal.append(c);
            } else {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    problems.add(
                            place,
                            field,
                            "a '{' without '}' in the template; write {{ for a brace");
                    break;
                }
                if (!literal.isEmpty()) {
                    parts.add(literal.toString());
                    literal.setLength(0);
                }
                String name = text.substring(at + 1, end);
                templatePath(name, field, place).ifPresent(parts::add);
                at = end;
            }
        }
        if (!literal.isEmpty()) {
            parts.add(literal.toString());
        }
        if (parts.stream().noneMatch(Path.class::isInstance)) {
            problems.add(place, field, "the template has no {name} in it; a constant needs none");
        }
        return new Source.Template(parts, kind == Kind.TEXT || kind == Kind.KEY, place, field);
    }

    private Optional<Path> templatePath(String name, String field, Place place) {
        if (Path.looksLikeOne(name)) {
            return path(name, field, place);
        } else if (name.isBlank()) {
            problems.add(place, field, "{} in the template names nothing");
            return Optional.empty();
        }
        return Optional.of(Path.ofName(name));
    }

    // --- steps

    private Leaf.Steps steps(Yaml.Members members, String field, Kind kind) {
        var steps = new Leaf.Steps();
        members.members()
                .forEach(
                        (key, member) ->
                                Language.word(key, Scope.VALUE)
                                        .ifPresent(
                                                word ->
                                                        step(
                                                                steps,
                                                                word,
                                                                member.value(),
                                                                field,
                                                                kind)));
        steps.type = type(members, field, kind);
        if (steps.otherwise != null && steps.lookup == null) {
            problems.add(members.place(), field, "'otherwise' has no meaning without 'lookup'");
        }
        if (steps.lower && steps.upper) {
            problems.add(members.place(), field, "is it to be lower or upper case?");
        }
        return steps;
    }

    private void step(Leaf.Steps steps, Word word, Yaml node, String field, Kind kind) {
        switch (word) {
            case FIRST -> steps.first = flag(node, field);
            case TRIM -> steps.trim = flag(node, field);
            case LOWER -> steps.lower = flag(node, field);
            case UPPER -> steps.upper = flag(node, field);
            case KEEP_NULL -> steps.keepNull = flag(node, field);
            case KEEP_EMPTY -> steps.keepEmpty = flag(node, field);
            case REQUIRED -> steps.required = flag(node, field);
            case ABSENT -> steps.absent = Set.copyOf(texts(node, field, word));
            case LOOKUP -> steps.lookup = lookup(node, field, kind);
            case OTHERWISE -> steps.otherwise = substitute(node, field, kind);
            case DEFAULT -> steps.substitute = substitute(node, field, kind);
            default -> {} // where it comes from, or what it becomes
        }
    }

    /** What stands in for a value; an object or a list is a constant here. */
    private Leaf substitute(Yaml node, String field, Kind kind) {
        boolean value =
                node instanceof Yaml.Members members
                        && members.members().keySet().stream().anyMatch(SOURCES::contains);
        return node instanceof Yaml.Scalar || value
                ? leaf(node, field, kind)
                : Leaf.constant(field, node.place(), constant(node, field, kind));
    }

    private Map<String, @Nullable Object> lookup(Yaml node, String field, Kind kind) {
        Map<String, @Nullable Object> table = new HashMap<>();
        if (node instanceof Yaml.Members members) {
            members.members()
                    .forEach(
                            (key, member) -> table.put(key, constant(member.value(), field, kind)));
        } else {
            problems.add(
                    node.place(), field, "'lookup' must be a table such as {A: basic, B: gold}");
        }
        return table;
    }

    private static Leaf.Type usualType(Kind kind) {
        return switch (kind) {
            case ANY, KEY -> new Leaf.Type.AsIs();
            case TEXT -> new Leaf.Type.Text();
            case TIME -> new Leaf.Type.Date(Dates.TIMESTAMP);
        };
    }

    private Leaf.Type type(Yaml.Members members, String field, Kind kind) {
        Yaml said = members.get(Word.VALUE_TYPE.key());
        String name =
                said == null
                        ? (kind == Kind.TEXT ? "string" : kind == Kind.TIME ? "date" : "")
                        : text(said, field, Word.VALUE_TYPE);
        if (said != null && kind == Kind.TEXT && !name.equals("string")) {
            problems.add(said.place(), field, "is always a text, so 'type' can only be string");
        } else if (said != null && kind == Kind.TIME && !name.equals("date")) {
            problems.add(said.place(), field, "is always a date, so 'type' can only be date");
        }
        refuse(members, field, DATE_WORDS, name.equals("date"), "date");
        refuse(members, field, NUMBER_WORDS, name.equals("number"), "number");
        return switch (name) {
            case "" -> new Leaf.Type.AsIs();
            case "string" -> new Leaf.Type.Text();
            case "boolean" -> new Leaf.Type.Flag();
            case "number" -> new Leaf.Type.Number(numbers(members, field));
            case "date" -> new Leaf.Type.Date(dates(members, field, kind));
            default -> {
                problems.add(
                        said == null ? members.place() : said.place(),
                        field,
                        "unknown type '%s'%s"
                                .formatted(
                                        name,
                                        Nearest.hint(
                                                name,
                                                Set.of("string", "number", "boolean", "date"))));
                yield new Leaf.Type.AsIs();
            }
        };
    }

    private void refuse(
            Yaml.Members members, String field, Set<Word> words, boolean allowed, String type) {
        for (Word word : words) {
            Yaml.Member member = members.members().get(word.key());
            if (!allowed && member != null) {
                problems.add(
                        member.place(),
                        field,
                        "'%s' has a meaning only with 'type: %s'".formatted(word.key(), type));
            }
        }
    }

    private Numbers numbers(Yaml.Members members, String field) {
        Yaml decimal = members.get(Word.DECIMAL.key());
        Yaml grouping = members.get(Word.GROUPING.key());
        Yaml decimals = members.get(Word.DECIMALS.key());
        char mark = '.';
        if (decimal != null) {
            String said = text(decimal, field, Word.DECIMAL);
            if (said.equals(".") || said.equals(",")) {
                mark = said.charAt(0);
            } else {
                problems.add(decimal.place(), field, "'decimal' must be \".\" or \",\"");
            }
        }
        char group = 0;
        if (grouping != null) {
            String said = text(grouping, field, Word.GROUPING);
            if (said.length() != 1 || said.charAt(0) == mark || Character.isDigit(said.charAt(0))) {
                problems.add(
                        grouping.place(),
                        field,
                        "'grouping' must be one letter other than the decimal mark");
            } else {
                group = said.charAt(0);
            }
        }
        int digits = -1;
        if (decimals != null) {
            String said = text(decimals, field, Word.DECIMALS);
            if (said.matches("[0-9]{1,2}")) {
                digits = Integer.parseInt(said);
            } else {
                problems.add(decimals.place(), field, "'decimals' must be a whole number up to 99");
            }
            if (decimal != null || grouping != null) {
                problems.add(
                        decimals.place(),
                        field,
                        "with 'decimals' the text has no marks, so 'decimal' and 'grouping' have no meaning");
            }
        }
        return new Numbers(mark, group, digits);
    }

    private Dates dates(Yaml.Members members, String field, Kind kind) {
        Yaml format = members.get(Word.FORMAT.key());
        Yaml as = members.get(Word.AS.key());
        ZoneId zone = zone(members.get(Word.ZONE.key()), field);
        Locale locale = locale(members.get(Word.LOCALE.key()), field);
        Dates.As sent = Dates.As.ISO;
        if (as != null) {
            sent = as(as, field);
            if (kind == Kind.TIME && sent != Dates.As.ISO) {
                problems.add(as.place(), field, "is always sent as iso");
            }
        }
        List<Dates.Form> forms = new ArrayList<>();
        for (String pattern : format == null ? List.of("iso") : texts(format, field, Word.FORMAT)) {
            Place place = format == null ? members.place() : format.place();
            form(pattern, locale, field, place).ifPresent(forms::add);
        }
        for (Dates.Form form : forms) {
            if (form instanceof Dates.Pattern pattern && format != null) {
                requireZone(pattern, zone, sent, field, format.place());
            }
        }
        return new Dates(forms.isEmpty() ? List.of(Dates.Iso.FORM) : forms, zone, sent);
    }

    private Dates.As as(Yaml node, String field) {
        String said = text(node, field, Word.AS);
        Set<String> known = new TreeSet<>();
        for (Dates.As as : Dates.As.values()) {
            String name = as.name().toLowerCase(Locale.ROOT);
            if (name.equals(said)) {
                return as;
            }
            known.add(name);
        }
        problems.add(
                node.place(),
                field,
                "unknown form '%s'%s".formatted(said, Nearest.hint(said, known)));
        return Dates.As.ISO;
    }

    private Optional<Dates.Form> form(String pattern, Locale locale, String field, Place place) {
        return switch (pattern) {
            case "iso" -> Optional.of(Dates.Iso.FORM);
            case "seconds" -> Optional.of(new Dates.Epoch(false));
            case "millis" -> Optional.of(new Dates.Epoch(true));
            default -> {
                try {
                    yield Optional.of(Dates.Pattern.of(pattern, locale));
                } catch (IllegalArgumentException e) {
                    problems.add(place, field, String.valueOf(e.getMessage()));
                    yield Optional.empty();
                }
            }
        };
    }

    private void requireZone(
            Dates.Pattern pattern, @Nullable ZoneId zone, Dates.As as, String field, Place place) {
        if (zone == null && as != Dates.As.DATE && !pattern.saysZone()) {
            problems.add(
                    place,
                    field,
                    "'%s' says no zone; add 'zone', such as zone: Europe/Berlin%s"
                            .formatted(
                                    pattern.pattern(),
                                    pattern.saysTime()
                                            ? ""
                                            : ", or 'as: date' if only the day is meant"));
        }
    }

    private @Nullable ZoneId zone(@Nullable Yaml node, String field) {
        if (node == null) {
            return null;
        }
        String said = text(node, field, Word.ZONE);
        try {
            return ZoneId.of(said);
        } catch (DateTimeException e) {
            problems.add(
                    node.place(),
                    field,
                    "unknown zone '%s'%s"
                            .formatted(said, Nearest.hint(said, ZoneId.getAvailableZoneIds())));
            return null;
        }
    }

    private Locale locale(@Nullable Yaml node, String field) {
        if (node == null) {
            return Locale.ENGLISH;
        }
        String said = text(node, field, Word.LOCALE);
        Locale locale = Locale.forLanguageTag(said.replace('_', '-'));
        boolean known =
                java.util.Arrays.stream(Locale.getAvailableLocales())
                        .anyMatch(
                                one ->
                                        !one.getLanguage().isEmpty()
                                                && one.getLanguage().equals(locale.getLanguage()));
        if (!known) {
            problems.add(
                    node.place(),
                    field,
                    "unknown locale '%s'; write en, de or fr-CA".formatted(said));
        }
        return locale;
    }

    // --- plain settings

    boolean flag(Yaml node, String field) {
        if (node instanceof Yaml.Scalar scalar && scalar.plain()) {
            if (scalar.text().equals("true")) {
                return true;
            } else if (scalar.text().equals("false")) {
                return false;
            }
        }
        problems.add(node.place(), field, "must be true or false here");
        return false;
    }

    String text(Yaml node, String field, Word word) {
        if (node instanceof Yaml.Scalar scalar && !scalar.text().isEmpty()) {
            return scalar.text();
        }
        problems.add(node.place(), field, "'%s' must be a text".formatted(word.key()));
        return "";
    }

    private Set<String> texts(Yaml node, String field, Word word) {
        Set<String> texts = new LinkedHashSet<>();
        if (node instanceof Yaml.Items items) {
            for (Yaml item : items.items()) {
                texts.add(text(item, field, word));
            }
        } else {
            texts.add(text(node, field, word));
        }
        return texts;
    }
}
