package dev.caravan.mapping;

import dev.caravan.event.EventReader;
import dev.caravan.event.Json;
import dev.caravan.event.MessageIds;
import dev.caravan.event.Origin;
import dev.caravan.event.Reading;
import dev.caravan.event.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tests of a mapping, written beside it: records and the events that they must become.
 *
 * <pre>{@code
 * # mappings/crm.test.yaml is about mappings/crm.yaml
 * tests:
 *   - name: who has left is deleted
 *     record: {customer_no: "1001", status: D}
 *     events:
 *       - {type: track, event: User Deleted, userId: "1001"}
 *   - name: a balance that is no number is told
 *     record: {customer_no: "1001", balance: many}
 *     rejected: [traits.balance]
 *   - name: test accounts are left out
 *     record: {customer_no: "0"}
 *     skipped: true
 * }</pre>
 *
 * <p>Events are compared whole, in their order; a {@code messageId} only where one is expected.
 * {@code rejected} lists for each reason its field or its rule, such as {@code LOOKUP}.
 */
public final class Examples {
    private static final Set<String> FILE_WORDS = Set.of("mapping", "tests");
    private static final Set<String> WORDS =
            Set.of("name", "record", "events", "rejected", "skipped");
    private static final Set<String> EXPECTATIONS = Set.of("events", "rejected", "skipped");
    private static final String MESSAGE_ID = "messageId";

    private final @Nullable String mapping;
    private final List<Example> all;

    private Examples(@Nullable String mapping, List<Example> all) {
        this.mapping = mapping;
        this.all = all;
    }

    /**
     * How one test ended.
     *
     * @param name the test's
     * @param line where it stands, from 1
     * @param differences between what was expected and what was made; empty if it passed
     */
    public record Outcome(String name, int line, List<String> differences) {
        public Outcome {
            differences = List.copyOf(differences);
        }

        /** Whether what was made is what was expected. */
        public boolean passed() {
            return differences.isEmpty();
        }
    }

    private record Example(
            String name,
            Place place,
            @Nullable Object record,
            @Nullable List<?> events,
            @Nullable List<?> rejected,
            boolean skipped) {}

    /**
     * Reads tests.
     *
     * @param file how messages name it
     * @param yaml its text
     * @throws MappingException if they cannot be run; has all that is wrong
     */
    public static Examples parse(String file, String yaml) throws MappingException {
        var problems = new Problems(file);
        List<Example> all = new ArrayList<>();
        Optional<Yaml> root = Yaml.parse(yaml, problems);
        String mapping = null;
        if (root.isPresent() && root.get() instanceof Yaml.Members members) {
            refuseUnknown(members, FILE_WORDS, problems);
            mapping = members.get("mapping") instanceof Yaml.Scalar named ? named.text() : null;
            if (members.get("tests") instanceof Yaml.Items tests && !tests.items().isEmpty()) {
                tests.items().forEach(test -> example(test, problems).ifPresent(all::add));
            } else {
                problems.add(members.place(), "", "'tests' must be a list of tests");
            }
        } else if (root.isPresent()) {
            problems.add(root.get().place(), "", "must be an object with 'tests'");
        }
        problems.throwIfAny();
        return new Examples(mapping, all);
    }

    private static void refuseUnknown(Yaml.Members members, Set<String> known, Problems problems) {
        members.members()
                .forEach(
                        (key, member) -> {
                            if (!known.contains(key)) {
                                problems.add(
                                        member.place(),
                                        "",
                                        "unknown word '%s'%s"
                                                .formatted(key, Nearest.hint(key, known)));
                            }
                        });
    }

    private static Optional<Example> example(Yaml node, Problems problems) {
        if (!(node instanceof Yaml.Members test)) {
            problems.add(node.place(), "", "a test is an object with 'record' and 'events'");
            return Optional.empty();
        }
        refuseUnknown(test, WORDS, problems);
        Yaml record = test.get("record");
        if (record == null) {
            problems.add(test.place(), "", "a test needs a 'record'");
        }
        if (EXPECTATIONS.stream().filter(word -> test.get(word) != null).count() != 1) {
            problems.add(test.place(), "", "a test has one of 'events', 'rejected' and 'skipped'");
        }
        String name = test.get("name") instanceof Yaml.Scalar named ? named.text() : "";
        return Optional.of(
                new Example(
                        name.isEmpty() ? "line " + test.place().line() : name,
                        test.place(),
                        record == null ? null : Constants.of(record, "record", problems),
                        list(test, "events", problems),
                        list(test, "rejected", problems),
                        Boolean.TRUE.equals(skipped(test, problems))));
    }

    private static @Nullable List<?> list(Yaml.Members test, String word, Problems problems) {
        Yaml node = test.get(word);
        if (node == null) {
            return null;
        } else if (node instanceof Yaml.Items items && !items.items().isEmpty()) {
            return (List<?>) Constants.of(items, word, problems);
        }
        problems.add(node.place(), word, "must be a list with something in it");
        return null;
    }

    private static @Nullable Object skipped(Yaml.Members test, Problems problems) {
        Yaml node = test.get("skipped");
        Object value = node == null ? null : Constants.of(node, "skipped", problems);
        if (node != null && !Boolean.TRUE.equals(value)) {
            problems.add(node.place(), "skipped", "can only be true");
        }
        return value;
    }

    /** The mapping that the file names; empty if it does not, and the one beside it is meant. */
    public Optional<String> mapping() {
        return Optional.ofNullable(mapping);
    }

    /** Runs all tests; what is made has to pass the reader, too. */
    public List<Outcome> run(Mapping of, EventReader reader) {
        return all.stream().map(example -> run(example, of, reader)).toList();
    }

    private static Outcome run(Example example, Mapping mapping, EventReader reader) {
        List<Made> made = mapping.events(example.record());
        List<Refusal> refusals = refusals(made, reader);
        List<String> differences;
        if (example.rejected() != null) {
            differences = rejected(example.rejected(), refusals);
        } else if (!refusals.isEmpty()) {
            differences =
                    refusals.stream().map(refusal -> "rejected: " + refusal.reason()).toList();
        } else if (example.skipped()) {
            differences =
                    made.get(0) instanceof Made.Skipped
                            ? List.of()
                            : List.of("expected to be skipped, but became " + count(made));
        } else {
            differences = events(example.events() == null ? List.of() : example.events(), made);
        }
        return new Outcome(example.name(), example.place().line(), differences);
    }

    private static String count(List<Made> made) {
        return made.size() == 1 ? "1 event" : made.size() + " events";
    }

    /** Why something is no event. */
    private record Refusal(String field, String rule, String reason) {
        boolean isMeantBy(@Nullable Object word) {
            return rule.equals(word) || (!field.isEmpty() && field.equals(word));
        }
    }

    private static List<Refusal> refusals(List<Made> made, EventReader reader) {
        List<Refusal> refusals = new ArrayList<>();
        for (Made one : made) {
            if (one instanceof Made.Rejected rejected) {
                refusals.add(
                        new Refusal(
                                rejected.field(), rejected.rule().name(), rejected.message("")));
            } else if (one instanceof Made.Item item
                    && read(item, reader) instanceof Reading.SetAside aside) {
                refusals.add(new Refusal("", aside.rule().name(), aside.reason()));
            }
        }
        return refusals;
    }

    private static Reading read(Made.Item item, EventReader reader) {
        Origin origin =
                Origin.of(
                        new Source("test", true),
                        Instant.EPOCH,
                        MessageIds.derived("test", "test"),
                        Instant.EPOCH);
        return reader.read(item.json(), 0, item.json().length, origin, 0);
    }

    private static List<String> rejected(List<?> expected, List<Refusal> refusals) {
        Stream<String> missing =
                expected.stream()
                        .filter(word -> refusals.stream().noneMatch(one -> one.isMeantBy(word)))
                        .map(
                                word ->
                                        "expected a rejection for '%s', but there is none"
                                                .formatted(word));
        Stream<String> further =
                refusals.stream()
                        .filter(one -> expected.stream().noneMatch(one::isMeantBy))
                        .map(one -> "rejected, too: " + one.reason());
        return Stream.concat(missing, further).toList();
    }

    private static List<String> events(List<?> expected, List<Made> made) {
        List<Made.Item> items = new ArrayList<>();
        for (Made one : made) {
            if (one instanceof Made.Skipped skipped) {
                return List.of("skipped: " + skipped.reason());
            } else if (one instanceof Made.Item item) {
                items.add(item);
            }
        }
        List<String> differences = new ArrayList<>();
        if (expected.size() != items.size()) {
            differences.add(
                    "expected %d events but there are %d".formatted(expected.size(), items.size()));
        }
        for (int i = 0; i < Math.max(expected.size(), items.size()); i++) {
            String which = "event " + (i + 1) + ": ";
            if (i >= items.size()) {
                differences.add(which + "is not there");
            } else if (i >= expected.size()) {
                differences.add(which + "not expected");
            } else {
                differences(expected.get(i), items.get(i))
                        .forEach(one -> differences.add(which + one));
            }
        }
        return differences;
    }

    private static List<String> differences(@Nullable Object expected, Made.Item item) {
        Object actual;
        try {
            actual = Json.toValue(item.json(), 0, item.json().length);
        } catch (IOException e) {
            throw new UncheckedIOException("an event of a mapping is no JSON", e);
        }
        if (actual instanceof Map<?, ?> event
                && expected instanceof Map<?, ?> wanted
                && !wanted.containsKey(MESSAGE_ID)) {
            event.remove(MESSAGE_ID);
        }
        return Difference.between(expected, actual);
    }
}
