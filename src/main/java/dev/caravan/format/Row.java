package dev.caravan.format;

import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A line of a table as a read-only map from column to text; a column without a value is absent. */
final class Row extends AbstractMap<String, Object> {
    private final Columns columns;
    private final @Nullable String[] values;

    /**
     * Makes one.
     *
     * @param values in the order of the columns, as many; null for what is absent
     */
    Row(Columns columns, @Nullable String[] values) {
        this.columns = columns;
        this.values = values;
    }

    @Override
    public @Nullable Object get(@Nullable Object name) {
        int index = columns.indexOf(name);
        return index < 0 ? null : values[index];
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return get(name) != null;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
        Map<String, Object> all = new LinkedHashMap<>();
        for (int i = 0; i < columns.size(); i++) {
            String value = values[i];
            if (value != null) {
                all.put(columns.names().get(i), value);
            }
        }
        return all.entrySet();
    }
}
