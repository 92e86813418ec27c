package dev.caravan.poll;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.event.Digest;
import dev.caravan.event.Timestamps;
import dev.caravan.ingest.Records;
import dev.caravan.ingest.Records.Mark;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the pages of a JSON API. A round follows the pages to the last one. What is kept is either
 * the greatest {@code since} value of a round, once all of its pages are stored, or the token of
 * the last page stored.
 *
 * <p>Only addresses of the configured host are asked, whatever an answer says, since the
 * credentials go along; redirects are not followed.
 */
final class ApiFeed implements Feed {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int ANSWER_BYTES = 32_000_000;
    private static final String CURSOR = "cursor:";
    private static final String SINCE = "since:";

    private final Plan plan;
    private final HttpClient client =
            HttpClient.newBuilder()
                    .connectTimeout(CONNECT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
    private URI address;
    private int number;
    private @Nullable String token;
    private @Nullable String newest;

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
            @Nullable String overlap) {
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

    ApiFeed(Plan plan) {
        this.plan = plan;
        this.address = URI.create(plan.url());
    }

    @Override
    public void begin(@Nullable String progress) {
        address = URI.create(plan.url());
        number = 1;
        token = null;
        newest = null;
        if (plan.pageParameter() != null) {
            address = with(address, plan.pageParameter(), "1");
        }
        if (progress != null && progress.startsWith(CURSOR) && plan.keepCursor()) {
            token = progress.substring(CURSOR.length());
            address = with(address, String.valueOf(plan.cursorParameter()), token);
        } else if (plan.since() != null) {
            beginSince(plan.since(), progress);
        }
    }

    private void beginSince(String parameter, @Nullable String progress) {
        if (progress != null && progress.startsWith(SINCE)) {
            newest = progress.substring(SINCE.length());
            address = with(address, parameter, back(newest));
        } else if (plan.sinceStart() != null) {
            address = with(address, parameter, plan.sinceStart());
        }
    }

    @Override
    public Page next() throws IOException, InterruptedException {
        JsonNode answer = ask();
        JsonNode items = answer.at(plan.items());
        if (!items.isArray()) {
            throw new IOException(
                    "the answer has no array at '%s'; say where the records are with 'items'"
                            .formatted(plan.items()));
        }
        List<JsonNode> records = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        for (JsonNode item : items) {
            records.add(item);
            marks.add(mark(item, records.size()));
            see(item);
        }
        boolean last = !turn(answer, records.isEmpty());
        return new Page(new Records(records, marks), progress(last), last);
    }

    private @Nullable String progress(boolean last) {
        if (plan.keepCursor()) {
            return token == null ? null : CURSOR + token;
        }
        return last && newest != null ? SINCE + newest : null;
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

    private String back(String since) {
        String overlap = plan.overlap();
        if (overlap == null) {
            return since;
        }
        Optional<Instant> time = Timestamps.parse(since);
        try {
            return time.isPresent()
                    ? Timestamps.format(time.get().minus(Duration.parse(overlap)))
                    : new BigDecimal(since).subtract(new BigDecimal(overlap)).toPlainString();
        } catch (DateTimeParseException | NumberFormatException e) {
            throw new IllegalArgumentException(
                    "overlap must be a duration such as PT5M for times, and a number for numbers, but is '%s'"
                            .formatted(overlap),
                    e);
        }
    }

    // --- pages

    /** Goes to the next page; whether there is one. */
    private boolean turn(JsonNode answer, boolean empty) throws IOException {
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
            URI next = sameHost(told);
            boolean turned = !next.equals(address);
            address = next;
            return turned;
        }
        token = told;
        address = with(address, String.valueOf(plan.cursorParameter()), told);
        return true;
    }

    private URI sameHost(String told) throws IOException {
        URI next;
        try {
            next = address.resolve(told);
        } catch (IllegalArgumentException e) {
            throw new IOException("the address of the next page is none", e);
        }
        URI own = URI.create(plan.url());
        if (!own.getScheme().equals(next.getScheme())
                || !own.getHost().equals(next.getHost())
                || own.getPort() != next.getPort()) {
            throw new IOException(
                    "the next page is at another host than the first; that is not followed");
        }
        return next;
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

    private JsonNode ask() throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address)
                        .timeout(ANSWER)
                        .header("Accept", "application/json");
        String credentials = plan.token();
        if (credentials != null && !credentials.isBlank()) {
            String before = plan.scheme().equals("none") ? "" : plan.scheme() + " ";
            request.header(plan.headerName(), before + credentials);
        }
        HttpResponse<InputStream> response =
                client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("the API answers with status " + response.statusCode());
            }
            byte[] bytes = body.readNBytes(ANSWER_BYTES + 1);
            if (bytes.length > ANSWER_BYTES) {
                throw new IOException(
                        "the answer has more than %,d bytes; ask for smaller pages"
                                .formatted(ANSWER_BYTES));
            }
            return Trees.read(bytes);
        } catch (JacksonException e) {
            throw new IOException("the answer is no JSON", e);
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
