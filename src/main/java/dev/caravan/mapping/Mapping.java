package dev.caravan.mapping;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A mapping file, read and checked: says how a foreign record becomes events. The language is
 * described in {@code docs/mapping.md}. Immutable and thread-safe.
 */
public final class Mapping {
    private final String file;
    private final List<Entry> entries;
    private final List<Problem> warnings;

    private Mapping(String file, List<Entry> entries, List<Problem> warnings) {
        this.file = file;
        this.entries = entries;
        this.warnings = warnings;
    }

    /**
     * Reads a mapping.
     *
     * @param file how messages name it, such as {@code mappings/crm.yaml}. Its last part without
     *     the ending goes into ids that are made by {@code key}
     * @param yaml its text
     * @throws MappingException if it cannot be used; has all that is wrong
     */
    public static Mapping parse(String file, String yaml) throws MappingException {
        var problems = new Problems(file);
        var warnings = new Problems(file);
        Optional<Yaml> root = Yaml.parse(yaml, problems);
        List<Entry> entries = List.of();
        if (root.isPresent()) {
            entries = new Compiler(nameOf(file), problems, warnings).compile(root.get());
        }
        problems.throwIfAny();
        return new Mapping(file, List.copyOf(entries), warnings.inOrder());
    }

    private static String nameOf(String file) {
        String last = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
        return last.replaceFirst("\\.ya?ml$", "");
    }

    /** How messages name the file. */
    public String file() {
        return file;
    }

    /**
     * What works but is hardly meant: ids that do not tell versions of a record apart, fields that
     * no destination looks at.
     */
    public List<Problem> warnings() {
        return warnings;
    }

    /**
     * What becomes of a record.
     *
     * @param record a JSON value: maps with texts as keys, lists, texts, booleans, null, and
     *     numbers as Long, BigInteger or BigDecimal. A row of a table has its columns as a map, an
     *     XML element its attributes as {@code @name}, its text as {@code #text} and what stands in
     *     it several times as a list
     * @return one or more; see {@link Made}
     */
    public List<Made> events(@Nullable Object record) {
        var scope = new Scope(file, record);
        List<Made> made = new ArrayList<>(entries.size());
        if (make(scope, made)) {
            return skipped(scope, made);
        } else if (!scope.isRejected() && made.isEmpty()) {
            scope.reject(
                    Place.START,
                    "",
                    Made.Rule.NO_EVENT,
                    "no 'when' of the mapping holds for the record, or no 'each' has an element; if nothing shall become of it, add {when: otherwise, skip: reason} to 'events'");
        }
        return scope.isRejected() ? scope.rejections() : made;
    }

    /**
     * What can be made of a record that is rejected: says whom it is about, and is no event.
     *
     * @return JSON objects in UTF-8, each with the fields that are right
     */
    public List<byte[]> fragments(@Nullable Object record) {
        List<Made> made = new ArrayList<>(entries.size());
        make(new Scope(file, record), made);
        List<byte[]> fragments = new ArrayList<>();
        for (Made one : made) {
            if (one instanceof Made.Item item && item.json() != Entry.NOTHING) {
                fragments.add(item.json());
            }
        }
        return fragments;
    }

    /** Makes what can be made; returns whether a {@code skip} ended it. */
    private boolean make(Scope scope, List<Made> made) {
        try {
            for (Entry entry : entries) {
                entry.make(scope, made);
                if (!made.isEmpty() && made.get(made.size() - 1) instanceof Made.Skipped) {
                    return true;
                }
            }
        } catch (IllegalArgumentException | IOException e) {
            scope.reject(Place.START, "", Made.Rule.RECORD, "the record " + e.getMessage());
        } catch (RuntimeException e) { // of a library: must not stop the records behind this one
            scope.reject(
                    Place.START,
                    "",
                    Made.Rule.RECORD,
                    "the record is not what the mapping can read (%s)"
                            .formatted(e.getClass().getSimpleName()));
        }
        return false;
    }

    /** What was made above a {@code skip} stands; the skip itself is news only without it. */
    private static List<Made> skipped(Scope scope, List<Made> made) {
        if (scope.isRejected()) {
            return scope.rejections();
        }
        return made.size() > 1 ? made.subList(0, made.size() - 1) : made;
    }
}
