package dev.caravan.poll;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.Digest;
import dev.caravan.event.Timestamps;
import dev.caravan.ingest.Records;
import dev.caravan.ingest.Records.Mark;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the pages of a JSON API. A round follows the pages to the last one. What is kept is either
 * the greatest {@code since} value of a round, once all of its pages are stored, or the token of
 * the last page stored.
 *
 * <p>Only addresses of the configured host are asked, whatever an answer says, since the
 * credentials go along; redirects are not followed.
 */
final class ApiFeed implements Feed {
    private static final Logger LOG = LoggerFactory.getLogger(ApiFeed.class);
    private static final Duration CONNECT = Duration.ofSeconds(10);

    /** How long an answer may take, with all of its body. */
    static final Duration ANSWER = Duration.ofSeconds(60);

    private static final Duration OVERLAP = Duration.ofMinutes(5);
    private static final Duration NUMBERS_SETTLE = Duration.ofDays(1);
    private static final Duration FUTURE = Duration.ofDays(1);
    private static final int TRIES = 5;
    private static final Duration WAIT = Duration.ofSeconds(5);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);
    private static final int ANSWER_BYTES = 32_000_000;
    private static final String CURSOR = "cursor:";
    private static final String SINCE = "since:";

    private final Plan plan;
    private final InstantSource clock;
    private final Duration patience;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
    private URI address;
    private int number;
    private @Nullable String token;
    private @Nullable Progress progress;
    private @Nullable String newest;
    private Instant began = Instant.EPOCH;
    private boolean saidFuture;
    private boolean found;
    private final Set<String> said = new HashSet<>();

    /**
     * What to read; the options of {@code poll:api} by their names.
     *
     * @throws IllegalArgumentException if they do not fit together
     */
    record Plan(
            String name,
            String url,
            String headerName,
            String scheme,
            @Nullable String token,
            String items,
            List<String> id,
            @Nullable String next,
            @Nullable String cursor,
            @Nullable String cursorParameter,
            boolean keepCursor,
            @Nullable String pageParameter,
            @Nullable String since,
            @Nullable String sinceItem,
            @Nullable String sinceStart,
            Overlap overlap) {
        Plan {
            URI address = URI.create(url);
            if (address.getHost() == null
                    || !String.valueOf(address.getScheme()).matches("https?")) {
                throw new IllegalArgumentException("url must be an address of http or https");
            }
            pointer("items", items);
            id = List.copyOf(id);
            id.forEach(pointer -> pointer("id", pointer));
            optional("next", next);
            optional("cursor", cursor);
            optional("sinceItem", sinceItem);
            together("cursor", cursor, "cursorParameter", cursorParameter);
            together("since", since, "sinceItem", sinceItem);
            int ways =
                    (next == null ? 0 : 1)
                            + (cursor == null ? 0 : 1)
                            + (pageParameter == null ? 0 : 1);
            if (ways > 1) {
                throw new IllegalArgumentException(
                        "an API has one way to the next page: leave one of next, cursor and pageParameter");
            } else if (keepCursor && (cursor == null || since != null)) {
                throw new IllegalArgumentException(
                        "keepCursor needs 'cursor', and goes without 'since'");
            }
        }

        private static void optional(String option, @Nullable String pointer) {
            if (pointer != null) {
                pointer(option, pointer);
            }
        }

        private static void pointer(String option, String pointer) {
            try {
                JsonPointer.compile(pointer);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "%s must be a JSON Pointer such as /data/items, but is '%s'"
                                .formatted(option, pointer),
                        e);
            }
        }

        private static void together(
                String one, @Nullable String first, String other, @Nullable String second) {
            if ((first == null) != (second == null)) {
                throw new IllegalArgumentException(
                        "%s and %s go together: add '%s'"
                                .formatted(one, other, first == null ? one : other));
            }
        }

        /** Credentials are not shown. */
        @Override
        public String toString() {
            return "Plan[" + name + "]";
        }
    }

    /**
     * Makes one.
     *
     * @param patience how long an answer may take, with all of its body
     */
    ApiFeed(Plan plan, InstantSource clock, Duration patience) {
        this.plan = plan;
        this.clock = clock;
        this.patience = patience;
        this.address = URI.create(plan.url());
    }

    @Override
    public void begin(@Nullable String stored) throws FeedException {
        began = clock.instant();
        progress = null;
        address = URI.create(plan.url());
        number = 1;
        token = null;
        newest = null;
        found = false;
        said.clear();
        if (plan.pageParameter() != null) {
            address = with(address, plan.pageParameter(), "1");
        }
        if (stored != null && stored.startsWith(CURSOR) && plan.keepCursor()) {
            token = stored.substring(CURSOR.length());
            address = with(address, String.valueOf(plan.cursorParameter()), token);
        } else if (plan.since() != null) {
            beginSince(plan.since(), stored);
        }
    }

    private void beginSince(String parameter, @Nullable String stored) throws FeedException {
        if (stored != null && stored.startsWith(SINCE)) {
            progress = Progress.parse(stored.substring(SINCE.length()));
            newest = progress.reached();
            String from = back(newest);
            String settled = progress.settled();
            address =
                    with(
                            address,
                            parameter,
                            settled != null && isNewer(settled, from) ? settled : from);
        } else if (plan.sinceStart() != null) {
            address = with(address, parameter, plan.sinceStart());
        }
    }

    @Override
    public Page next() throws IOException, InterruptedException, FeedException {
        JsonNode answer = ask();
        JsonNode items = items(answer);
        List<JsonNode> records = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        int number = 0;
        for (JsonNode item : items) {
            number++;
            if (!isSettled(item)) {
                records.add(item);
                marks.add(mark(item, number));
                see(item);
            }
        }
        boolean last = !turn(answer, items.isEmpty());
        return new Page(new Records(records, marks), progress(last), last);
    }

    /**
     * The records of a page. A page without any may say null, or after one with an array, leave it
     * out; but then it says nothing that no page with an array said, since an API may tell of its
     * troubles with status 200, and that is not the round's end.
     */
    private JsonNode items(JsonNode answer) throws FeedException {
        JsonNode items = answer.at(plan.items());
        if (items.isArray()) {
            found = true;
            said.addAll(saying(answer));
            return items;
        }
        boolean leftOut = items.isMissingNode() && answer.isObject();
        boolean none = items.isNull() || (leftOut && found);
        if (!none || (found && !said.containsAll(saying(answer)))) {
            throw new FeedException(
                    "the answer has no array at '%s'; say where the records are with 'items'"
                            .formatted(plan.items()));
        }
        return items;
    }

    /** The names of members that hold something: of the answer, and of what holds the array. */
    private Set<String> saying(JsonNode answer) {
        Set<String> names = new HashSet<>();
        addMembers("", answer, names);
        JsonPointer holder = JsonPointer.compile(plan.items()).head();
        if (holder != null) {
            addMembers("/", answer.at(holder), names);
        }
        return names;
    }

    private static void addMembers(String level, JsonNode of, Set<String> names) {
        for (Map.Entry<String, JsonNode> member : of.properties()) {
            JsonNode value = member.getValue();
            boolean empty =
                    value.isContainerNode()
                            ? value.isEmpty()
                            : value.isNull() || value.asText().isEmpty();
            if (!empty) {
                names.add(level + member.getKey());
            }
        }
    }

    private @Nullable String progress(boolean last) throws FeedException {
        if (plan.keepCursor()) {
            return token == null ? null : CURSOR + token;
        } else if (!last || newest == null) {
            return null;
        }
        String reached = notAhead(newest);
        back(reached); // an overlap that does not go with the values fails at once
        progress = progress == null ? Progress.of(reached) : progress.reaching(reached);
        String watched = progress.watched();
        progress =
                progress.roundEnded(
                        began.toEpochMilli(),
                        clock.millis(),
                        watched == null ? null : settles(watched));
        return SINCE + progress;
    }

    /**
     * No later than the round began: what changes meanwhile may move others from a page that is to
     * come to one that was read. Nor does one value from the future hide all that comes after.
     */
    private String notAhead(String value) {
        Optional<Instant> time = Timestamps.parse(value);
        if (time.isEmpty() || !time.get().isAfter(began)) {
            return value;
        }
        if (!saidFuture && time.get().isAfter(began.plus(FUTURE))) {
            saidFuture = true;
            LOG.warn(
                    "A record's time is more than a day ahead; the record is read in each round until then: source={}",
                    plan.name());
        }
        return Timestamps.format(began);
    }

    private @Nullable Duration settles(String value) throws FeedException {
        Optional<Instant> time = Timestamps.parse(value);
        if (time.isPresent()) {
            LocalTime ofDay = LocalTime.ofInstant(time.get(), ZoneOffset.UTC);
            return Place.settles(plan.overlap().time(OVERLAP), Place.isCoarse(ofDay));
        }
        return isNumber(value) ? NUMBERS_SETTLE : null;
    }

    /** Whether everything up to this was read long ago, see {@link Progress}. */
    private boolean isSettled(JsonNode item) {
        String settled = progress == null ? null : progress.settled();
        if (settled == null || plan.sinceItem() == null) {
            return false;
        }
        JsonNode value = item.at(plan.sinceItem());
        return value.isValueNode()
                && Timestamps.parse(value.asText()).isPresent()
                        == Timestamps.parse(settled).isPresent()
                && isNumber(value.asText()) == isNumber(settled)
                && !isNewer(value.asText(), settled);
    }

    private static boolean isNumber(String value) {
        return value.matches("-?\\d+(\\.\\d+)?");
    }

    // --- records

    private Mark mark(JsonNode item, int number) {
        String id = id(item);
        return new Mark(
                "api\n" + plan.name() + "\n" + (id.isEmpty() ? digest(item) : id),
                id.isEmpty()
                        ? "%s, item %d of its page".formatted(plan.name(), number)
                        : "%s, item %s".formatted(plan.name(), id.replace("\n", ", ")));
    }

    /** A line for each part of its id; empty if it does not have all of them. */
    private String id(JsonNode item) {
        List<String> parts = new ArrayList<>();
        for (String pointer : plan.id()) {
            JsonNode value = item.at(pointer);
            if (!value.isValueNode() || value.isNull()) {
                return "";
            }
            parts.add(value.asText());
        }
        return String.join("\n", parts);
    }

    private static String digest(JsonNode item) {
        return Digest.get().add(item.toString()).toHash().hex();
    }

    private void see(JsonNode item) {
        if (plan.sinceItem() != null) {
            JsonNode value = item.at(plan.sinceItem());
            if (value.isValueNode() && !value.isNull() && isNewer(value.asText(), newest)) {
                newest = value.asText();
            }
        }
    }

    private static boolean isNewer(String value, @Nullable String than) {
        if (than == null) {
            return true;
        }
        Optional<Instant> time = Timestamps.parse(value);
        Optional<Instant> other = Timestamps.parse(than);
        if (time.isPresent() && other.isPresent() && !time.equals(other)) {
            return time.get().isAfter(other.get());
        }
        try {
            return new BigDecimal(value).compareTo(new BigDecimal(than)) > 0;
        } catch (NumberFormatException e) {
            return value.compareTo(than) > 0;
        }
    }

    private String back(String since) throws FeedException {
        Optional<Instant> time = Timestamps.parse(since);
        if (time.isPresent()) {
            Duration overlap = plan.overlap().time(OVERLAP);
            return overlap.isZero() ? since : Timestamps.format(time.get().minus(overlap));
        } else if (isNumber(since)) {
            var overlap = BigDecimal.valueOf(plan.overlap().number(0));
            return new BigDecimal(since).subtract(overlap).toPlainString();
        } else if (plan.overlap().text() != null) {
            throw new FeedException(
                    "overlap needs values that are date-times with a zone, or numbers; leave it out");
        }
        return since;
    }

    // --- pages

    /** Goes to the next page; whether there is one. */
    private boolean turn(JsonNode answer, boolean empty) throws FeedException {
        if (plan.pageParameter() != null) {
            number++;
            address = with(address, plan.pageParameter(), String.valueOf(number));
            return !empty;
        }
        String pointer = plan.next() == null ? plan.cursor() : plan.next();
        String told = pointer == null ? "" : answer.at(pointer).asText("");
        if (told.isEmpty() || told.equals("null") || told.equals(token)) {
            return false;
        } else if (plan.next() != null) {
            URI next = samePlace(told);
            boolean turned = !next.equals(address);
            address = next;
            return turned;
        }
        token = told;
        address = with(address, String.valueOf(plan.cursorParameter()), told);
        return !(plan.keepCursor() && empty); // such a feed has a new token for each call
    }

    /**
     * Where a link leads.
     *
     * @throws FeedException if that is another place than {@code url}, where the credentials go
     */
    URI samePlace(String told) throws FeedException {
        URI next;
        try {
            next = address.resolve(told);
        } catch (IllegalArgumentException e) {
            throw new FeedException("the address of the next page is none", e);
        }
        String own = place(URI.create(plan.url()));
        if (!own.equals(place(next))) {
            throw new FeedException(
                    "the next page is at %s, the first at %s; credentials go to that alone, so it is not followed"
                            .formatted(place(next), own));
        }
        return next;
    }

    /** Scheme, host and port, however they are written. */
    private static String place(URI address) {
        String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
        if (address.getHost() == null) {
            return "an address without a host";
        }
        int usual = scheme.equals("https") ? 443 : 80;
        return "%s://%s:%d"
                .formatted(
                        scheme,
                        address.getHost().toLowerCase(Locale.ROOT),
                        address.getPort() < 0 ? usual : address.getPort());
    }

    /** The address with this parameter in place of one of the same name. */
    static URI with(URI address, String name, String value) {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8) + "=";
        StringBuilder query = new StringBuilder();
        String before = address.getRawQuery();
        for (String part : before == null ? new String[0] : before.split("&")) {
            if (!part.startsWith(encoded)) {
                query.append(part).append('&');
            }
        }
        query.append(encoded).append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        String text = address.toString();
        int end = before == null ? text.length() : text.indexOf('?');
        return URI.create(text.substring(0, end) + "?" + query);
    }

    // --- calls

    /** Asks for the page; waits where the API says that it is too much, or too busy. */
    private JsonNode ask() throws IOException, InterruptedException, FeedException {
        HttpResponse<byte[]> answer = send(request());
        for (int tries = 1; isBusy(answer) && tries < TRIES; tries++) {
            Thread.sleep(waitOf(answer).toMillis());
            answer = send(request());
        }
        if (answer.statusCode() != 200) {
            throw new FeedException("the API answers with status " + answer.statusCode());
        } else if (answer.body().length > ANSWER_BYTES) {
            throw new FeedException(
                    "the answer has more than %,d bytes; ask for smaller pages"
                            .formatted(ANSWER_BYTES));
        }
        try {
            return Trees.read(answer.body());
        } catch (JacksonException e) {
            throw new FeedException("the answer is no JSON", e);
        }
    }

    private static boolean isBusy(HttpResponse<?> answer) {
        return answer.statusCode() == 429 || answer.statusCode() == 503;
    }

    private static Duration waitOf(HttpResponse<?> answer) {
        Duration wait =
                answer.headers()
                        .firstValue("Retry-After")
                        .filter(told -> told.matches("\\d{1,9}"))
                        .map(told -> Duration.ofSeconds(Long.parseLong(told)))
                        .orElse(WAIT);
        return wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT;
    }

    private HttpRequest request() throws FeedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).header("Accept", "application/json");
        String credentials = plan.token();
        if (credentials != null && !credentials.isBlank()) {
            String before = plan.scheme().equals("none") ? "" : plan.scheme() + " ";
            try {
                request.header(plan.headerName(), before + credentials);
            } catch (IllegalArgumentException e) { // not as the cause: it shows the token
                throw new FeedException(
                        "'token' has a character that a header cannot carry, or 'headerName' or 'scheme' has");
            }
        }
        return request.build();
    }

    /** A timeout of the request itself would end with the head of the answer. */
    private HttpResponse<byte[]> send(HttpRequest request)
            throws IOException, InterruptedException, FeedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, head -> new LimitedBody(ANSWER_BYTES));
        try {
            return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new FeedException(
                    "the API did not answer to the end within %d seconds"
                            .formatted(patience.toSeconds()),
                    e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    @Override
    public void stored(Page page) {
        // the progress says it all
    }

    @Override
    public void close() {
        // the connections are kept for the next round
    }
}
