package dev.caravan.poll;

import dev.caravan.ingest.Records;
import dev.caravan.ingest.Records.Mark;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the new and changed rows of a table, in the order of a column that grows. The progress is
 * the greatest value seen, with the key of its row.
 *
 * <p>A row can come into sight late: its transaction took its number, or its time, before others
 * that were committed earlier. So each round begins a little behind the progress, and what it reads
 * again is recognised by its key. The pages of a round follow each other by column and key, so that
 * many rows of one value, or more rows in the overlap than a page has, hold nothing up. What is
 * settled, see {@link Progress}, is not read again.
 */
final class TableFeed implements Feed {
    private static final Logger LOG = LoggerFactory.getLogger(TableFeed.class);
    private static final int QUERY_SECONDS = 60;

    /** Progress is not made to a time that is further ahead: everything before it would be lost. */
    private static final Duration FUTURE = Duration.ofDays(1);

    private final Database database;
    private final Plan plan;
    private final InstantSource clock;
    private final List<String> order;
    private @Nullable Connection connection;
    private @Nullable Place after;
    private @Nullable Place reached;
    private @Nullable Progress progress;
    private long beganMillis;
    private boolean saidFuture;

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
            Overlap overlap,
            int limit) {
        Plan {
            table = Sql.name("table", table);
            column = Sql.name("column", column);
            key = Sql.names("key", key);
        }
    }

    TableFeed(Database database, Plan plan, InstantSource clock) {
        this.database = database;
        this.clock = clock;
        this.plan = plan;
        Set<String> columns = new LinkedHashSet<>();
        columns.add(plan.column());
        columns.addAll(plan.key());
        this.order = List.copyOf(columns);
    }

    @Override
    public void begin(@Nullable String stored) throws SQLException, FeedException {
        beganMillis = clock.millis();
        progress = stored == null ? null : Progress.parse(stored);
        reached = progress == null ? null : Place.parse(progress.reached());
        after = reached == null ? null : reached.back(plan.overlap());
        String settled = progress == null ? null : progress.settled();
        if (after != null && settled != null && Place.parse(settled).compareTo(after) >= 0) {
            after = Place.parse(settled);
        }
        connection = database.connect();
    }

    @Override
    public Page next() throws SQLException, FeedException {
        List<Object> rows = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        Instant future = clock.instant().plus(FUTURE);
        try (PreparedStatement query = query();
                ResultSet row = query.executeQuery()) {
            while (row.next()) {
                Map<String, @Nullable Object> values = Rows.read(row);
                Place place = place(row, values);
                rows.add(values);
                marks.add(
                        new Mark(
                                "table\n" + plan.name() + "\n" + place,
                                plan.name() + ", " + place.words(order)));
                after = place;
                if (place.isLaterThan(future)) {
                    sayFuture();
                } else if (reached == null || place.compareTo(reached) >= 0) {
                    reached = place;
                }
            }
        }
        boolean last = rows.size() < plan.limit();
        return new Page(new Records(rows, marks), progress(last), last);
    }

    private @Nullable String progress(boolean last) throws FeedException {
        if (reached == null) {
            return null;
        }
        reached.back(plan.overlap()); // one that does not go with the column fails at once
        String now = reached.toString();
        progress = progress == null ? Progress.of(now) : progress.reaching(now);
        if (last) {
            String watched = progress.watched();
            Duration settles =
                    watched == null ? null : Place.parse(watched).settles(plan.overlap());
            progress = progress.roundEnded(beganMillis, clock.millis(), settles);
        }
        return progress.toString();
    }

    private void sayFuture() {
        if (!saidFuture) {
            saidFuture = true;
            LOG.warn(
                    "A row's time is more than a day ahead; the row is read in each round until then: source={} column={}",
                    plan.name(),
                    plan.column());
        }
    }

    private PreparedStatement query() throws SQLException {
        Connection open = connection;
        if (open == null) {
            throw new IllegalStateException("no round has begun");
        }
        Place place = after;
        String sql =
                "SELECT * FROM "
                        + plan.table()
                        + Sql.where(
                                plan.column() + " IS NOT NULL",
                                place == null ? null : Sql.behind(order, place.values()))
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

    private Place place(ResultSet result, Map<String, @Nullable Object> row)
            throws SQLException, FeedException {
        List<@Nullable Object> values = new ArrayList<>();
        for (String column : order) {
            String label = Sql.bare(column);
            if (!row.containsKey(label)) {
                throw new FeedException(
                        "the database calls no column of %s '%s'; write it as the database does"
                                .formatted(plan.table(), label));
            }
            values.add(Rows.place(result, label, row.get(label)));
        }
        Place place = Place.of(order, values);
        if (!place.grows()) {
            throw new FeedException(
                    "column '%s' must be a number, a time or a day: others do not grow as rows are written"
                            .formatted(plan.column()));
        }
        return place;
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
