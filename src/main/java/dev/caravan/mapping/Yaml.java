package dev.caravan.mapping;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A YAML text as a tree in which everything knows its place. Scalars keep the text that was
 * written; what it means is told by {@link Constants}. No key may stand twice, tags are refused,
 * and so is a tree that holds itself or grows without measure through its anchors.
 */
public sealed interface Yaml {
    /** Where it begins. */
    Place place();

    /**
     * A scalar.
     *
     * @param plain whether it was written without quotes
     */
    record Scalar(String text, boolean plain, Place place) implements Yaml {}

    /** A sequence. */
    record Items(List<Yaml> items, Place place) implements Yaml {}

    /** A mapping of YAML, its keys as they were written. */
    record Members(Map<String, Member> members, Place place) implements Yaml {
        /** The value of a key, null if it is not there. */
        public @Nullable Yaml get(String key) {
            Member member = members.get(key);
            return member == null ? null : member.value();
        }
    }

    /** One member and where its key stands. */
    record Member(Place place, Yaml value) {}

    /** The tree; empty if there is none, with the reason among the problems. */
    static Optional<Yaml> parse(String text, Problems problems) {
        return new Reader(problems, text).read();
    }

    /** Walks what the library composed. */
    final class Reader {
        private static final int MOST_NODES = 100_000;
        private static final int DEEPEST = 50;

        private final Problems problems;
        private final String text;
        private int nodes;

        private Reader(Problems problems, String text) {
            this.problems = problems;
            this.text = text;
        }

        Optional<Yaml> read() {
            try {
                LoadSettings settings = LoadSettings.builder().setUseMarks(true).build();
                Optional<Node> root = new Compose(settings).composeString(text);
                if (root.isEmpty()) {
                    problems.add(Place.START, "", "the file is empty");
                }
                return root.flatMap(node -> node(node, 0));
            } catch (MarkedYamlEngineException e) {
                Place place = place(e.getProblemMark());
                problems.add(place, "", "it is not YAML: " + e.getProblem() + hint(place));
            } catch (YamlEngineException e) {
                problems.add(Place.START, "", "it is not YAML: " + firstLine(e.getMessage()));
            }
            return Optional.empty();
        }

        /** The usual reason, which the library cannot know. */
        private String hint(Place place) {
            List<String> lines = text.lines().toList();
            boolean path =
                    place.line() <= lines.size() && lines.get(place.line() - 1).contains("$");
            return path
                    ? "; a path that has [ ] { } or a comma in it needs quotes inside of { }"
                    : "";
        }

        private Optional<Yaml> node(Node node, int depth) {
            Place place = place(node.getStartMark());
            nodes++;
            if (depth > DEEPEST || nodes > MOST_NODES) {
                if (problems.isEmpty()) {
                    problems.add(
                            place,
                            "",
                            depth > DEEPEST
                                    ? "it is nested deeper than " + DEEPEST
                                    : "it has more than " + MOST_NODES + " values");
                }
                return Optional.empty();
            } else if (node instanceof ScalarNode scalar) {
                return Optional.of(scalar(scalar, place));
            } else if (node instanceof SequenceNode sequence) {
                refuseTag(sequence, Tag.SEQ, place);
                List<Yaml> items = new ArrayList<>();
                for (Node item : sequence.getValue()) {
                    node(item, depth + 1).ifPresent(items::add);
                }
                return Optional.of(new Items(items, place));
            }
            return Optional.of(members((MappingNode) node, place, depth));
        }

        private Yaml scalar(ScalarNode scalar, Place place) {
            Tag tag = scalar.getTag();
            boolean known =
                    tag.equals(Tag.STR)
                            || tag.equals(Tag.INT)
                            || tag.equals(Tag.FLOAT)
                            || tag.equals(Tag.BOOL)
                            || tag.equals(Tag.NULL);
            if (!known) {
                problems.add(place, "", "tags such as '%s' have no meaning here".formatted(tag));
            }
            refuseHalfPair(scalar.getValue(), place);
            return new Scalar(scalar.getValue(), scalar.isPlain(), place);
        }

        private Yaml members(MappingNode mapping, Place place, int depth) {
            refuseTag(mapping, Tag.MAP, place);
            Map<String, Member> members = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                Place at = place(tuple.getKeyNode().getStartMark());
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    problems.add(at, "", "a key must be a text");
                    continue;
                }
                refuseHalfPair(key.getValue(), at);
                Optional<Yaml> value = node(tuple.getValueNode(), depth + 1);
                Member first = members.get(key.getValue());
                if (first != null) {
                    problems.add(
                            at,
                            "",
                            "'%s' stands here twice, first in line %d"
                                    .formatted(key.getValue(), first.place().line()));
                } else if (value.isPresent()) {
                    members.put(key.getValue(), new Member(at, value.get()));
                }
            }
            return new Members(members, place);
        }

        private void refuseHalfPair(String text, Place place) {
            if (JsonOut.hasHalfPair(text)) {
                problems.add(place, "", "half a surrogate pair is no text");
            }
        }

        private void refuseTag(Node node, Tag usual, Place place) {
            if (!node.getTag().equals(usual)) {
                problems.add(
                        place,
                        "",
                        "tags such as '%s' have no meaning here".formatted(node.getTag()));
            }
        }

        private static Place place(Optional<Mark> mark) {
            return mark.map(m -> new Place(m.getLine() + 1, m.getColumn() + 1)).orElse(Place.START);
        }

        private static String firstLine(@Nullable String message) {
            return message == null ? "" : message.lines().findFirst().orElse("");
        }
    }
}
