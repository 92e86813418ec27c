package dev.caravan.delivery;

import static java.util.Objects.requireNonNull;

import dev.caravan.event.Call;
import dev.caravan.event.Event;
import dev.caravan.journal.Entry;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which events a destination wants. An empty choice wants all.
 *
 * @param types which calls
 * @param events names of events, {@code *} standing for any text; calls without a name have none of
 *     them
 * @param sources names of sources
 * @param filter whatever else an event must fulfil, null for nothing
 */
public record Selection(
        Set<Call> types, List<String> events, Set<String> sources, @Nullable Filter filter) {
    /** Wants everything. */
    public static final Selection ALL = new Selection(Set.of(), List.of(), Set.of(), null);

    public Selection {
        types = Set.copyOf(types);
        events = List.copyOf(events);
        sources = Set.copyOf(sources);
    }

    /** A condition on events with the text by which a person wrote it. */
    public record Filter(String text, Predicate<Event> condition) {
        public Filter {
            requireNonNull(text, "text");
            requireNonNull(condition, "condition");
        }
    }

    /**
     * Reads the choice from options as they are written in a route: names with commas between them.
     *
     * @throws IllegalArgumentException if there is no call of such a type
     */
    public static Selection parse(
            @Nullable String types,
            @Nullable String events,
            @Nullable String sources,
            @Nullable Filter filter) {
        Set<Call> calls =
                words(types)
                        .map(
                                type ->
                                        Call.ofType(type)
                                                .orElseThrow(
                                                        () ->
                                                                new IllegalArgumentException(
                                                                        unknownType(type))))
                        .collect(Collectors.toSet());
        return new Selection(
                calls, words(events).toList(), words(sources).collect(Collectors.toSet()), filter);
    }

    /** The test whether an event is wanted, with what can be prepared once prepared. */
    Rules rules() {
        return new Rules(this);
    }

    private static Stream<String> words(@Nullable String list) {
        if (list == null) {
            return Stream.empty();
        }
        return Arrays.stream(list.split(",")).map(String::strip).filter(word -> !word.isEmpty());
    }

    private static String unknownType(String type) {
        return "types must be among %s but one was '%s'"
                .formatted(
                        Arrays.stream(Call.values())
                                .map(Call::type)
                                .collect(Collectors.joining(", ")),
                        type);
    }

    /** A selection made ready to be asked often; thread-safe if its filter is. */
    static final class Rules {
        private final Selection selection;
        private final @Nullable Pattern events;

        private Rules(Selection selection) {
            this.selection = selection;
            this.events =
                    selection.events().isEmpty()
                            ? null
                            : Pattern.compile(
                                    selection.events().stream()
                                            .map(Rules::toRegex)
                                            .collect(Collectors.joining("|")),
                                    Pattern.DOTALL);
        }

        /** Which option leaves the event out; empty if none does. */
        Optional<String> skipRule(Entry entry) {
            Event event = entry.event();
            if (!selection.types().isEmpty() && !selection.types().contains(event.call())) {
                return Optional.of("not among the destination's types");
            } else if (events != null && !named(event.name(), events)) {
                return Optional.of("not among the destination's events");
            } else if (!selection.sources().isEmpty()
                    && !selection.sources().contains(entry.source())) {
                return Optional.of("not from the destination's sources");
            }
            Filter filter = selection.filter();
            if (filter != null && !filter.condition().test(event)) {
                return Optional.of("not let through by the destination's filter");
            }
            return Optional.empty();
        }

        private static boolean named(@Nullable String name, Pattern events) {
            return name != null && events.matcher(name).matches();
        }

        private static String toRegex(String glob) {
            return Arrays.stream(glob.split("\\*", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(".*"));
        }
    }
}
