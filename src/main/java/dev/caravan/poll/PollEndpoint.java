package dev.caravan.poll;

import dev.caravan.journal.Journal;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Read tables and JSON APIs again and again, from where the last reading ended.
 *
 * <p>{@code poll:table} reads the new and changed rows of a table by a column that grows, {@code
 * poll:outbox} reads rows and removes them, {@code poll:api} reads the pages of a JSON API. Each
 * page is one exchange, whose body is a list of records; the progress is kept in Caravan's journal
 * and moves when the route has ended without an error.
 */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "poll",
        title = "Poll",
        syntax = "poll:kind",
        consumerOnly = true,
        category = {Category.DATABASE, Category.HTTP})
public class PollEndpoint extends ScheduledPollEndpoint {
    private static final int MOST = 10_000;
    private static final long DELAY_MILLIS = 5_000;

    @UriPath(
            enums = "table,outbox,api",
            description =
                    "table: rows by a column that grows; outbox: rows that are removed when they are stored; api: pages of JSON.")
    @Metadata(required = true)
    private String kind;

    @UriParam(
            label = "consumer",
            description =
                    "The name under which the progress is kept; also part of the records' keys, so that another name begins anew. Required.")
    private @Nullable String name;

    @UriParam(
            label = "consumer",
            defaultValue = "500",
            description =
                    "How many records a page has at the most, 1 to 10000. Of tables only: an API decides itself.")
    private int limit = 500;

    @UriParam(
            label = "consumer",
            description =
                    "Of a database: its JDBC address, such as jdbc:postgresql://host/database. Of an API: the address of the first page. Required.")
    private @Nullable String url;

    @UriParam(
            label = "consumer,database,security",
            secret = true,
            description = "The database's user.")
    private @Nullable String username;

    @UriParam(
            label = "consumer,database,security",
            secret = true,
            description = "The user's password.")
    private @Nullable String password;

    @UriParam(
            label = "consumer,database",
            description = "The table to read, or a view; with its schema if need be. Required.")
    private @Nullable String table;

    @UriParam(
            label = "consumer,database",
            description =
                    "The columns that tell a row from all others, with commas between. Required.")
    private @Nullable String key;

    @UriParam(
            label = "consumer,database",
            description =
                    "Of a table: the column that grows with each new row, or with each change of a row: a number, a time or a day. Required.")
    private @Nullable String column;

    @UriParam(
            label = "consumer",
            description =
                    "How far behind the progress a round begins, so that rows are found whose transaction was committed late: for a number so many, for a time a duration such as PT5M. By default PT5M for times with a zone, PT65M for those without, 1000 for numbers of tables, nothing for numbers of APIs.")
    private @Nullable String overlap;

    @UriParam(
            label = "consumer,database",
            description =
                    "Of an outbox: the column that has the record, as text or JSON. By default the whole row is the record.")
    private @Nullable String payload;

    @UriParam(
            label = "consumer,database",
            description =
                    "Of an outbox: a column that is empty until the row was stored, and gets the time then. By default the row is deleted.")
    private @Nullable String mark;

    @UriParam(
            label = "consumer,api,security",
            defaultValue = "Authorization",
            description = "Of an API: the request header that carries the credentials.")
    private String headerName = "Authorization";

    @UriParam(
            label = "consumer,api,security",
            defaultValue = "Bearer",
            description =
                    "Of an API: what stands before the token in that header; 'none' for nothing.")
    private String scheme = "Bearer";

    @UriParam(
            label = "consumer,api,security",
            secret = true,
            description =
                    "Of an API: the token of that header; without it no credentials are sent.")
    private @Nullable String token;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: where the records are in an answer, as a JSON Pointer such as /data/items. By default the answer itself is the array.")
    private String items = "";

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: what tells a record, and a version of it, from others, as JSON Pointers in the record with commas between, such as /id,/updatedAt. By default its whole content.")
    private @Nullable String id;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: where an answer has the address of the next page, as a JSON Pointer. Only addresses of the same host are followed.")
    private @Nullable String next;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: where an answer has the token of the next page, as a JSON Pointer.")
    private @Nullable String cursor;

    @UriParam(
            label = "consumer,api",
            description = "Of an API: the query parameter that takes the token.")
    private @Nullable String cursorParameter;

    @UriParam(
            label = "consumer,api",
            defaultValue = "false",
            description =
                    "Of an API: whether the last token is the progress, from which the next round goes on; for feeds that never end.")
    private boolean keepCursor;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: the query parameter that takes the number of the page, from 1; a page without records is the last.")
    private @Nullable String pageParameter;

    @UriParam(
            label = "consumer,api",
            description = "Of an API: the query parameter that leaves out what was read before.")
    private @Nullable String since;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: where a record has the value for it, a time or a number, as a JSON Pointer; the greatest of a round is the progress.")
    private @Nullable String sinceItem;

    @UriParam(
            label = "consumer,api",
            description =
                    "Of an API: the value for the first round. By default the parameter is left out then.")
    private @Nullable String sinceStart;

    public PollEndpoint(String uri, PollComponent component, String kind) {
        super(uri, component);
        this.kind = kind;
        setDelay(DELAY_MILLIS);
    }

    @Override
    public Producer createProducer() {
        throw new UnsupportedOperationException(
                "'to: poll:%s' cannot be: it is read from".formatted(kind));
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException(
                    "limit must be 1 to %d but is %d".formatted(MOST, limit));
        }
        Journal journal = getCamelContext().getRegistry().findSingleByType(Journal.class);
        if (journal == null) {
            throw new IllegalStateException("poll: needs one journal in Camel's registry");
        }
        var consumer = new PollConsumer(this, processor, feed(), journal);
        configureConsumer(consumer);
        return consumer;
    }

    private Feed feed() {
        return switch (kind) {
            case "table" ->
                    new TableFeed(
                            database(),
                            new TableFeed.Plan(
                                    progressName(),
                                    required("table", table),
                                    required("column", column),
                                    words(required("key", key)),
                                    new Overlap(overlap),
                                    limit),
                            InstantSource.system());
            case "outbox" ->
                    new OutboxFeed(
                            database(),
                            new OutboxFeed.Plan(
                                    progressName(),
                                    required("table", table),
                                    words(required("key", key)),
                                    payload,
                                    mark,
                                    limit));
            case "api" -> new ApiFeed(api(), InstantSource.system(), ApiFeed.ANSWER);
            default ->
                    throw new IllegalArgumentException(
                            "poll: knows table, outbox and api, but not '%s'".formatted(kind));
        };
    }

    private Database database() {
        return new Database(
                required("url", url),
                username,
                password,
                getCamelContext().getApplicationContextClassLoader());
    }

    private ApiFeed.Plan api() {
        return new ApiFeed.Plan(
                progressName(),
                required("url", url),
                headerName,
                scheme,
                token,
                items,
                words(id),
                next,
                cursor,
                cursorParameter,
                keepCursor,
                pageParameter,
                since,
                sinceItem,
                sinceStart,
                new Overlap(overlap));
    }

    /** Under which name the progress is kept. */
    String progressName() {
        return required("name", name);
    }

    private String required(String option, @Nullable String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(
                    "poll:%s needs '%s': add it to its parameters".formatted(kind, option));
        }
        return value;
    }

    private static List<String> words(@Nullable String list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList();
    }

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    // --- options

    public String getKind() {
        return kind;
    }

    public void setKind(String kind) {
        this.kind = kind;
    }

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public int getLimit() {
        return limit;
    }

    public void setLimit(int limit) {
        this.limit = limit;
    }

    public @Nullable String getUrl() {
        return url;
    }

    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    public @Nullable String getUsername() {
        return username;
    }

    public void setUsername(@Nullable String username) {
        this.username = username;
    }

    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    public @Nullable String getTable() {
        return table;
    }

    public void setTable(@Nullable String table) {
        this.table = table;
    }

    public @Nullable String getKey() {
        return key;
    }

    public void setKey(@Nullable String key) {
        this.key = key;
    }

    public @Nullable String getColumn() {
        return column;
    }

    public void setColumn(@Nullable String column) {
        this.column = column;
    }

    public @Nullable String getOverlap() {
        return overlap;
    }

    public void setOverlap(@Nullable String overlap) {
        this.overlap = overlap;
    }

    public @Nullable String getPayload() {
        return payload;
    }

    public void setPayload(@Nullable String payload) {
        this.payload = payload;
    }

    public @Nullable String getMark() {
        return mark;
    }

    public void setMark(@Nullable String mark) {
        this.mark = mark;
    }

    public String getHeaderName() {
        return headerName;
    }

    public void setHeaderName(String headerName) {
        this.headerName = headerName;
    }

    public String getScheme() {
        return scheme;
    }

    public void setScheme(String scheme) {
        this.scheme = scheme;
    }

    public @Nullable String getToken() {
        return token;
    }

    public void setToken(@Nullable String token) {
        this.token = token;
    }

    public String getItems() {
        return items;
    }

    public void setItems(String items) {
        this.items = items;
    }

    public @Nullable String getId() {
        return id;
    }

    public void setId(@Nullable String id) {
        this.id = id;
    }

    public @Nullable String getNext() {
        return next;
    }

    public void setNext(@Nullable String next) {
        this.next = next;
    }

    public @Nullable String getCursor() {
        return cursor;
    }

    public void setCursor(@Nullable String cursor) {
        this.cursor = cursor;
    }

    public @Nullable String getCursorParameter() {
        return cursorParameter;
    }

    public void setCursorParameter(@Nullable String cursorParameter) {
        this.cursorParameter = cursorParameter;
    }

    public boolean isKeepCursor() {
        return keepCursor;
    }

    public void setKeepCursor(boolean keepCursor) {
        this.keepCursor = keepCursor;
    }

    public @Nullable String getPageParameter() {
        return pageParameter;
    }

    public void setPageParameter(@Nullable String pageParameter) {
        this.pageParameter = pageParameter;
    }

    public @Nullable String getSince() {
        return since;
    }

    public void setSince(@Nullable String since) {
        this.since = since;
    }

    public @Nullable String getSinceItem() {
        return sinceItem;
    }

    public void setSinceItem(@Nullable String sinceItem) {
        this.sinceItem = sinceItem;
    }

    public @Nullable String getSinceStart() {
        return sinceStart;
    }

    public void setSinceStart(@Nullable String sinceStart) {
        this.sinceStart = sinceStart;
    }
}
