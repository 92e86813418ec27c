package dev.caravan.poll;

import dev.caravan.ingest.Records;
import dev.caravan.ingest.Records.Mark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the new and changed rows of a table, in the order of a column that grows. The progress is
 * the greatest value seen, with the key of its row.
 *
 * <p>A row can come into sight late: its transaction took its number, or its time, before others
 * that were committed earlier. So each round begins a little behind the progress, and what it reads
 * again is recognised by its key. The pages of a round follow each other by column and key, so that
 * many rows of one value, or more rows in the overlap than a page has, hold nothing up.
 */
final class TableFeed implements Feed {
    private static final int QUERY_SECONDS = 60;

    private final Database database;
    private final Plan plan;
    private final List<String> order;
    private @Nullable Connection connection;
    private @Nullable Place after;
    private @Nullable Place progress;

    /**
     * What to read.
     *
     * @param name part of the records' keys
     * @param column the one that grows
     * @param key columns that tell a row from all others
     * @param overlap how far behind the progress a round begins, see {@link Place#back}
     * @param limit rows a page
     * @throws IllegalArgumentException if a name is none in SQL
     */
    record Plan(
            String name,
            String table,
            String column,
            List<String> key,
            @Nullable String overlap,
            int limit) {
        Plan {
            table = Sql.name("table", table);
            column = Sql.name("column", column);
            key = Sql.names("key", key);
        }
    }

    TableFeed(Database database, Plan plan) {
        this.database = database;
        this.plan = plan;
        Set<String> columns = new LinkedHashSet<>();
        columns.add(plan.column());
        columns.addAll(plan.key());
        this.order = List.copyOf(columns);
    }

    @Override
    public void begin(@Nullable String stored) throws SQLException {
        progress = stored == null ? null : Place.parse(stored);
        after = progress == null ? null : progress.back(plan.overlap());
        connection = database.connect();
    }

    @Override
    public Page next() throws SQLException {
        List<Object> rows = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        try (PreparedStatement query = query();
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                Map<String, @Nullable Object> values = Rows.read(row);
                Place place = place(values);
                rows.add(values);
                marks.add(
                        new Mark(
                                "table\n" + plan.name() + "\n" + place,
                                plan.name() + ", " + place.words(order)));
                after = place;
                if (progress == null || place.compareTo(progress) >= 0) {
                    progress = place;
                }
            }
        }
        String reached = progress == null ? null : progress.toString();
        return new Page(new Records(rows, marks), reached, rows.size() < plan.limit());
    }

    private PreparedStatement query() throws SQLException {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("no round has begun");
        }
        Place place = after;
        List<String> columns = place == null ? List.of() : order.subList(0, place.values().size());
        String sql =
                "SELECT * FROM "
                        + plan.table()
                        + Sql.where(
                                plan.column() + " IS NOT NULL",
                                columns.isEmpty() ? null : Sql.behind(columns))
                        + " ORDER BY "
                        + String.join(", ", order)
                        + " FETCH FIRST "
                        + plan.limit()
                        + " ROWS ONLY";
        PreparedStatement query = open.prepareStatement(sql);
        query.setQueryTimeout(QUERY_SECONDS);
        int parameter = 1;
        for (Object value : place == null ? List.of() : Sql.behindValues(place.values())) {
            query.setObject(parameter++, value);
        }
        return query;
    }

    private Place place(Map<String, @Nullable Object> row) {
        List<@Nullable Object> values = new ArrayList<>();
        for (String column : order) {
            String label = Sql.bare(column);
            if (!row.containsKey(label)) {
                throw new IllegalArgumentException(
                        "the database calls no column of %s '%s'; write it as the database does"
                                .formatted(plan.table(), label));
            }
            values.add(row.get(label));
        }
        return Place.of(order, values);
    }

    @Override
    public void stored(Page page) {
        // the progress says it all
    }

    @Override
    public void close() {
        Database.close(connection);
        connection = null;
    }
}
