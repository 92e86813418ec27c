package dev.caravan.poll;

import dev.caravan.ingest.Records;
import dev.caravan.ingest.Records.Mark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of an outbox table in the order of their key, and removes or marks them when they
 * are stored. The table itself is the progress: a row that was stored but not removed is read
 * again, and recognised by its key.
 */
final class OutboxFeed implements Feed {
    private static final int QUERY_SECONDS = 60;

    private final Database database;
    private final Plan plan;
    private final List<List<Object>> taken = new ArrayList<>();
    private @Nullable Connection connection;

    /**
     * What to read.
     *
     * @param name part of the records' keys
     * @param key columns that tell a row from all others, and order the rows
     * @param payload the column that has the record; null if the whole row is
     * @param mark the column that gets the time; null to delete the row
     * @param limit rows a page
     * @throws IllegalArgumentException if a name is none in SQL
     */
    record Plan(
            String name,
            String table,
            List<String> key,
            @Nullable String payload,
            @Nullable String mark,
            int limit) {
        Plan {
            table = Sql.name("table", table);
            key = Sql.names("key", key);
            payload = payload == null ? null : Sql.name("payload", payload);
            mark = mark == null ? null : Sql.name("mark", mark);
        }
    }

    OutboxFeed(Database database, Plan plan) {
        this.database = database;
        this.plan = plan;
    }

    @Override
    public void begin(@Nullable String progress) throws SQLException, FeedException {
        connection = database.connect();
    }

    @Override
    public Page next() throws SQLException, FeedException {
        taken.clear();
        List<@Nullable Object> records = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        String sql =
                "SELECT * FROM "
                        + plan.table()
                        + Sql.where(plan.mark() == null ? null : plan.mark() + " IS NULL")
                        + " ORDER BY "
                        + String.join(", ", plan.key())
                        + " FETCH FIRST "
                        + plan.limit()
                        + " ROWS ONLY";
        try (PreparedStatement query = open().prepareStatement(sql)) {
            query.setQueryTimeout(QUERY_SECONDS);
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    Map<String, @Nullable Object> values = Rows.read(row);
                    Place place = place(values);
                    taken.add(place.values());
                    marks.add(
                            new Mark(
                                    "outbox\n" + plan.name() + "\n" + place,
                                    plan.name() + ", " + place.words(plan.key())));
                    records.add(plan.payload() == null ? values : value(values, plan.payload()));
                }
            }
        }
        return new Page(new Records(records, marks), null, records.size() < plan.limit());
    }

    private Place place(Map<String, @Nullable Object> row) throws FeedException {
        List<@Nullable Object> values = new ArrayList<>();
        for (String column : plan.key()) {
            values.add(value(row, column));
        }
        Place place = Place.of(plan.key(), values);
        if (place.values().contains(Place.EMPTY)) {
            throw new FeedException("a row's key is empty, so that it could not be removed");
        }
        return place;
    }

    private @Nullable Object value(Map<String, @Nullable Object> row, String column)
            throws FeedException {
        String label = Sql.bare(column);
        if (!row.containsKey(label)) {
            throw new FeedException(
                    "the database calls no column of %s '%s'; write it as the database does"
                            .formatted(plan.table(), label));
        }
        return row.get(label);
    }

    @Override
    public void stored(Page page) throws SQLException, FeedException {
        if (taken.isEmpty()) {
            return;
        }
        Connection open = open();
        open.setAutoCommit(false);
        try (PreparedStatement statement = open.prepareStatement(removal())) {
            for (List<Object> key : taken) {
                for (int i = 0; i < key.size(); i++) {
                    statement.setObject(i + 1, key.get(i));
                }
                statement.addBatch();
            }
            long left = Arrays.stream(statement.executeBatch()).filter(count -> count == 0).count();
            open.commit();
            if (left > 0) {
                throw new FeedException(
                        "%d of %d rows were not removed, though they are stored: may this user do it, and does 'key' find each row?"
                                .formatted(left, taken.size()));
            }
        } finally {
            open.setAutoCommit(true);
        }
    }

    private String removal() {
        String row = String.join(" = ? AND ", plan.key()) + " = ?";
        return plan.mark() == null
                ? "DELETE FROM " + plan.table() + " WHERE " + row
                : "UPDATE %s SET %s = CURRENT_TIMESTAMP WHERE %s"
                        .formatted(plan.table(), plan.mark(), row);
    }

    private Connection open() {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("no round has begun");
        }
        return open;
    }

    @Override
    public void close() {
        Database.close(connection);
        connection = null;
    }
}
