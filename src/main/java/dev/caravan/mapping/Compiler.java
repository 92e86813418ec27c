package dev.caravan.mapping;

import dev.caravan.event.Call;
import dev.caravan.event.Meaning;
import dev.caravan.mapping.Language.Scope;
import dev.caravan.mapping.Language.Word;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes the events of a mapping from its YAML, with all that is wrong or looks wrong in it. */
final class Compiler {
    private static final String OTHERWISE = "otherwise";
    private static final List<Word> FIELDS = Language.words(Scope.FIELD);
    private static final Set<String> CONDITION_WORDS =
            Stream.concat(
                            Language.IN_CONDITION.stream().map(Word::key),
                            Language.keys(Scope.CONDITION).stream())
                    .collect(Collectors.toUnmodifiableSet());

    private final String name;
    private final Problems problems;
    private final Problems warnings;

    Compiler(String name, Problems problems, Problems warnings) {
        this.name = name;
        this.problems = problems;
        this.warnings = warnings;
    }

    List<Entry> compile(Yaml root) {
        if (!(root instanceof Yaml.Members file)) {
            problems.add(
                    root.place(),
                    "",
                    "a mapping is an object with the fields of an event, such as type: identify");
            return List.of();
        }
        Yaml description = file.get(Word.DESCRIPTION.key());
        if (description != null) {
            new ValueCompiler(problems, false).text(description, "", Word.DESCRIPTION);
        }
        Yaml events = file.get(Word.EVENTS.key());
        if (events == null) {
            refuseUnknown(file, Scope.FILE, Scope.EVENT, Scope.FIELD);
            return List.of(entry(file, Map.of(), false));
        }
        refuseUnknown(file, Scope.FILE, Scope.FIELD);
        return entries(file, events);
    }

    private List<Entry> entries(Yaml.Members file, Yaml events) {
        List<Entry> entries = new ArrayList<>();
        if (!(events instanceof Yaml.Items list) || list.items().isEmpty()) {
            problems.add(events.place(), "", "'events' must be a list of events");
            return entries;
        }
        Map<String, Yaml.Member> shared = new LinkedHashMap<>(file.members());
        shared.keySet().retainAll(Language.keys(Scope.FIELD));
        for (Yaml item : list.items()) {
            if (item instanceof Yaml.Members members) {
                refuseUnknown(members, Scope.EVENT, Scope.ENTRY, Scope.FIELD);
                entries.add(entry(members, shared, true));
            } else {
                problems.add(
                        item.place(),
                        "",
                        "an entry of 'events' is an object with fields of an event");
            }
        }
        return entries;
    }

    private void refuseUnknown(Yaml.Members members, Scope... scopes) {
        Set<String> known = Language.keys(scopes);
        for (Map.Entry<String, Yaml.Member> member : members.members().entrySet()) {
            String key = member.getKey();
            if (known.contains(key)) {
                continue;
            }
            boolean elsewhere = Language.keys(Scope.FILE, Scope.EVENT, Scope.ENTRY).contains(key);
            problems.add(
                    member.getValue().place(),
                    "",
                    elsewhere
                            ? "'%s' has no place here%s".formatted(key, placeOf(key))
                            : "unknown field '%s'%s"
                                    .formatted(key, Nearest.hint(key, new TreeSet<>(known))));
        }
    }

    private static String placeOf(String key) {
        return switch (key) {
            case "when", "each" -> "; beside 'events' write it in each entry";
            case "skip" -> "; it stands in an entry of 'events'";
            default -> "; it stands at the top of the file";
        };
    }

    // --- one event

    private Entry entry(Yaml.Members own, Map<String, Yaml.Member> shared, boolean inList) {
        Yaml each = own.get(Word.EACH_EVENT.key());
        Optional<Path> list =
                each == null
                        ? Optional.empty()
                        : new ValueCompiler(problems, false).path(each, Word.EACH_EVENT.key());
        var values = new ValueCompiler(problems, each != null);
        Yaml when = own.get(Word.WHEN.key());
        boolean otherwise = when instanceof Yaml.Scalar scalar && scalar.text().equals(OTHERWISE);
        if (otherwise && !inList) {
            problems.add(
                    own.place(), "when", "'otherwise' has a meaning only in an entry of 'events'");
        }
        Condition condition = when == null || otherwise ? null : condition(when, values);
        Yaml skip = own.get(Word.SKIP.key());
        if (skip != null) {
            return skip(
                    own, when, condition, otherwise, list, values.text(skip, "skip", Word.SKIP));
        }
        Map<String, Yaml.Member> members = new LinkedHashMap<>(shared);
        members.putAll(own.members());
        Event event = new Event(own.place(), members, values, each != null);
        return new Entry(
                own.place(), condition, otherwise, list.orElse(null), null, event.compile());
    }

    private Entry skip(
            Yaml.Members own,
            @Nullable Yaml when,
            @Nullable Condition condition,
            boolean otherwise,
            Optional<Path> each,
            String reason) {
        if (when == null) {
            problems.add(own.place(), "skip", "'skip' needs a 'when'");
        }
        own.members()
                .forEach(
                        (key, member) -> {
                            if (Language.keys(Scope.FIELD).contains(key) || key.equals("each")) {
                                problems.add(
                                        member.place(),
                                        key,
                                        "has no place in an entry with 'skip'");
                            }
                        });
        Part.Fields nothing = Part.Fields.of(Map.of());
        return new Entry(own.place(), condition, otherwise, each.orElse(null), reason, nothing);
    }

    // --- conditions

    private @Nullable Condition condition(Yaml node, ValueCompiler values) {
        if (node instanceof Yaml.Items items) {
            List<Condition> all = new ArrayList<>();
            for (Yaml item : items.items()) {
                Condition one = condition(item, values);
                if (one != null) {
                    all.add(one);
                }
            }
            return new Condition.All(all);
        } else if (node instanceof Yaml.Members members) {
            return test(members, values);
        }
        String text = ((Yaml.Scalar) node).text();
        if (!Path.looksLikeOne(text)) {
            problems.add(
                    node.place(),
                    "when",
                    "must be a path, {path: ..., is: ...}, a list of those, or 'otherwise'");
            return null;
        }
        return values.path(node, "when").map(Condition.Found::new).orElse(null);
    }

    private @Nullable Condition test(Yaml.Members members, ValueCompiler values) {
        Set<String> tests = Language.keys(Scope.CONDITION);
        List<String> asked = members.members().keySet().stream().filter(tests::contains).toList();
        for (Map.Entry<String, Yaml.Member> member : members.members().entrySet()) {
            if (!CONDITION_WORDS.contains(member.getKey())) {
                problems.add(
                        member.getValue().place(),
                        "when",
                        "unknown word '%s'%s"
                                .formatted(
                                        member.getKey(),
                                        Nearest.hint(member.getKey(), CONDITION_WORDS)));
                return null;
            }
        }
        Map<String, Yaml.Member> rest = new LinkedHashMap<>(members.members());
        rest.keySet().removeAll(tests);
        Leaf leaf =
                values.small(
                        new Yaml.Members(rest, members.place()),
                        "when",
                        ValueCompiler.Kind.ANY,
                        CONDITION_WORDS);
        if (asked.size() != 1) {
            problems.add(
                    members.place(),
                    "when",
                    "must have one of 'is', 'isNot' and 'present'; several conditions are a list");
            return null;
        }
        Yaml test = members.members().get(asked.get(0)).value();
        return switch (Language.word(asked.get(0), Scope.CONDITION).orElseThrow()) {
            case PRESENT -> new Condition.Present(leaf, values.flag(test, "when"));
            case IS -> new Condition.Is(leaf, constants(test), true);
            default -> new Condition.Is(leaf, constants(test), false);
        };
    }

    private List<Object> constants(Yaml node) {
        List<Object> constants = new ArrayList<>();
        for (Yaml one : node instanceof Yaml.Items items ? items.items() : List.of(node)) {
            Object constant =
                    one instanceof Yaml.Scalar scalar
                            ? Constants.of(scalar, "when", problems)
                            : null;
            if (constant == null) {
                problems.add(
                        one.place(),
                        "when",
                        "must be a text, a number or a boolean; for nothing there is 'present: false'");
            } else {
                constants.add(constant);
            }
        }
        return constants;
    }

    /** The fields of one event, its own and the shared ones. */
    private final class Event {
        private final Place place;
        private final Map<String, Yaml.Member> members;
        private final ValueCompiler values;
        private final boolean inEach;
        private final Map<String, Part> parts = new LinkedHashMap<>();

        Event(Place place, Map<String, Yaml.Member> members, ValueCompiler values, boolean inEach) {
            this.place = place;
            this.members = members;
            this.values = values;
            this.inEach = inEach;
        }

        Part.Fields compile() {
            for (Word word : FIELDS) {
                Yaml.Member member = members.get(word.key());
                if (member != null) {
                    parts.put(word.key(), field(word, member.value()));
                }
            }
            check();
            warnOfIds();
            return Part.Fields.of(parts);
        }

        private Part field(Word word, Yaml node) {
            String field = word.key();
            if (word == Word.MESSAGE_ID) {
                return messageId(node);
            } else if (Language.TEXT_FIELDS.contains(word)) {
                Leaf leaf = values.leaf(node, field, ValueCompiler.Kind.TEXT);
                // without its type or name it is no event, and the mapping is the place to mend
                return word == Word.TYPE || word == Word.EVENT ? leaf.demanded() : leaf;
            } else if (word == Word.TIMESTAMP) {
                return values.leaf(node, field, ValueCompiler.Kind.TIME);
            } else if (node instanceof Yaml.Members fields) {
                return values.fields(fields, field);
            } else if (node instanceof Yaml.Scalar scalar && Path.looksLikeOne(scalar.text())) {
                return values.leaf(node, field, ValueCompiler.Kind.ANY);
            }
            problems.add(node.place(), field, "must be an object, or a path to one");
            return Leaf.constant(field, node.place(), null);
        }

        private Leaf messageId(Yaml node) {
            String field = Word.MESSAGE_ID.key();
            Yaml key = node instanceof Yaml.Members object ? object.get(Word.KEY.key()) : null;
            if (key == null) {
                return values.leaf(node, field, ValueCompiler.Kind.TEXT).demanded();
            }
            for (Map.Entry<String, Yaml.Member> other :
                    ((Yaml.Members) node).members().entrySet()) {
                if (!other.getKey().equals(Word.KEY.key())) {
                    problems.add(
                            other.getValue().place(),
                            field,
                            "'%s' has no meaning beside 'key'".formatted(other.getKey()));
                }
            }
            List<Leaf> keys = new ArrayList<>();
            for (Yaml one : key instanceof Yaml.Items items ? items.items() : List.of(key)) {
                keys.add(values.leaf(one, field, ValueCompiler.Kind.KEY));
            }
            if (keys.isEmpty()) {
                problems.add(key.place(), field, "'key' must name at least one value");
            }
            List<Leaf> kind = new ArrayList<>();
            for (Word word : List.of(Word.TYPE, Word.EVENT)) {
                if (parts.get(word.key()) instanceof Leaf leaf) {
                    kind.add(leaf);
                }
            }
            boolean ofItem =
                    keys.stream().flatMap(leaf -> leaf.paths().stream()).anyMatch(Path::ofItem);
            var source = new Key(name, keys, kind, inEach && !ofItem);
            return new Leaf(field, node.place(), source, new Leaf.Steps());
        }

        // --- what an event needs

        private void check() {
            if (!parts.containsKey(Word.TYPE.key())) {
                problems.add(
                        place,
                        "type",
                        "must be there: type: identify, track, page, screen, group or alias");
                return;
            }
            Object type = always(Word.TYPE);
            if (type == Path.ABSENT) {
                return;
            }
            Optional<Call> call = Call.ofType(String.valueOf(type));
            if (call.isEmpty()) {
                Set<String> calls =
                        Stream.of(Call.values()).map(Call::type).collect(Collectors.toSet());
                problems.add(
                        placeOf(Word.TYPE),
                        "type",
                        "'%s' is no call%s"
                                .formatted(type, Nearest.hint(String.valueOf(type), calls)));
                return;
            }
            switch (call.get()) {
                case TRACK -> {
                    need("track", Word.EVENT);
                    if (!isObjectDeletion()) {
                        needOne("track", Word.USER_ID, Word.ANONYMOUS_ID, Word.GROUP_ID);
                    }
                }
                case GROUP -> need("group", Word.GROUP_ID);
                case ALIAS -> {
                    need("alias", Word.USER_ID);
                    need("alias", Word.PREVIOUS_ID);
                }
                case IDENTIFY -> {
                    if (!parts.containsKey(Word.TRAITS.key())) {
                        needOne("identify", Word.USER_ID, Word.ANONYMOUS_ID);
                    }
                }
                default -> needOne(call.get().type(), Word.USER_ID, Word.ANONYMOUS_ID);
            }
            warnOfUnused(call.get());
        }

        /** Whether it is, or may be, a deletion that needs no person. */
        private boolean isObjectDeletion() {
            Object event = always(Word.EVENT);
            return event == Path.ABSENT || Meaning.OBJECT_DELETED.eventName().equals(event);
        }

        private void need(String call, Word word) {
            if (!parts.containsKey(word.key())) {
                problems.add(
                        place, word.key(), "%s call needs '%s'".formatted(a(call), word.key()));
            }
        }

        private void needOne(String call, Word... words) {
            if (Stream.of(words).noneMatch(word -> parts.containsKey(word.key()))) {
                problems.add(
                        place,
                        words[0].key(),
                        "%s call needs %s"
                                .formatted(
                                        a(call),
                                        Stream.of(words)
                                                .map(word -> "'" + word.key() + "'")
                                                .collect(Collectors.joining(" or "))));
            }
        }

        private static String a(String call) {
            return (call.equals("identify") || call.equals("alias") ? "an " : "a ") + call;
        }

        private void warnOfUnused(Call call) {
            boolean traits = call == Call.IDENTIFY || call == Call.GROUP;
            Word unused = traits ? Word.PROPERTIES : Word.TRAITS;
            if (parts.containsKey(unused.key()) && call != Call.ALIAS) {
                warnings.add(
                        placeOf(unused),
                        unused.key(),
                        "%s call has '%s'; destinations do not look here"
                                .formatted(a(call.type()), traits ? "traits" : "properties"));
            }
            if (parts.containsKey(Word.EVENT.key()) && call != Call.TRACK) {
                warnings.add(placeOf(Word.EVENT), "event", "only a track call has an event's name");
            }
        }

        private Object always(Word word) {
            Object constant =
                    parts.get(word.key()) instanceof Leaf leaf ? leaf.always() : Path.ABSENT;
            return constant == null ? "null" : constant;
        }

        private Place placeOf(Word word) {
            Yaml.Member member = members.get(word.key());
            return member == null ? place : member.value().place();
        }

        // --- ids that do not tell versions apart

        private void warnOfIds() {
            if (!(parts.get(Word.MESSAGE_ID.key()) instanceof Leaf messageId)) {
                warnings.add(
                        place,
                        "messageId",
                        "there is none, so the id is made of the record's place: the same record in another file is another event; add messageId: {key: [...]}");
                return;
            }
            Set<String> key = texts(messageId.paths());
            if (key.contains("$") || key.contains("$item")) {
                return;
            }
            Set<String> who = new HashSet<>();
            for (Word word : Language.WHO) {
                if (parts.get(word.key()) instanceof Leaf leaf) {
                    who.addAll(texts(leaf.paths()));
                }
            }
            if (who.containsAll(key)) {
                warnings.add(
                        placeOf(Word.MESSAGE_ID),
                        "messageId",
                        "it only says who is meant, so a later version of the record has the same id and is not taken; add what tells versions apart, such as the time of the change, or $ for the whole record");
            }
        }

        private Set<String> texts(List<Path> paths) {
            return paths.stream().map(Path::normal).collect(Collectors.toSet());
        }
    }
}
