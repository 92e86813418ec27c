package dev.caravan.mapping;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A mapping file, read and checked: says how a foreign record becomes events. Immutable and
 * thread-safe.
 */
public final class Mapping {
    private final String file;

    private Mapping(String file) {
        this.file = file;
    }

    /**
     * Reads a mapping.
     *
     * @param file how messages name it, such as {@code mappings/crm.yaml}
     * @param yaml its text
     * @throws MappingException if it cannot be used; has all that is wrong
     */
    public static Mapping parse(String file, String yaml) throws MappingException {
        throw new MappingException(
                List.of(new Problem(file, 1, 1, "", "mappings are not read yet")));
    }

    /** How messages name the file. */
    public String file() {
        return file;
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
        return List.of();
    }

    /** The same, for who does not need a list. */
    public void events(@Nullable Object record, Consumer<? super Made> sink) {
        events(record).forEach(sink);
    }
}
