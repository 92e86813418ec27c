package dev.caravan.fake;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Speaks to a fake in another process. Every method throws {@link UncheckedIOException} if that
 * cannot be reached.
 */
public final class FakeCustomerIoClient implements FakeControl {

    private static final int PAGE = 1000;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI url;

    /**
     * Needs no connection yet.
     *
     * @param url as {@link #url()} returns it
     */
    public FakeCustomerIoClient(URI url) {
        this.url = url;
    }

    @Override
    public URI url() {
        return url;
    }

    @Override
    public List<LoggedRequest> requests(long from) {
        List<LoggedRequest> all = new ArrayList<>();
        List<LoggedRequest> page;
        long next = from;
        do {
            page = get("requests?limit=" + PAGE + "&from=" + next, new TypeReference<>() {});
            all.addAll(page);
            next = all.isEmpty() ? from : all.get(all.size() - 1).number() + 1;
        } while (page.size() == PAGE);
        return all;
    }

    @Override
    public long requestCount() {
        return get("request-count", new TypeReference<Long>() {});
    }

    @Override
    public List<ReceivedItem> received(int from) {
        List<ReceivedItem> all = new ArrayList<>();
        List<ReceivedItem> page;
        do {
            int next = from + all.size();
            page = get("received?limit=" + PAGE + "&from=" + next, new TypeReference<>() {});
            all.addAll(page);
        } while (page.size() == PAGE);
        return all;
    }

    @Override
    public Map<String, Integer> messageIds() {
        return get("message-ids", new TypeReference<>() {});
    }

    @Override
    public Set<String> missing(Set<String> messageIds) {
        return read(post("missing", messageIds), new TypeReference<>() {});
    }

    @Override
    public List<StoredEvent> events() {
        return get("events", new TypeReference<>() {});
    }

    @Override
    public List<StoredEvent> eventsOf(String person) {
        return get("events?person=" + encoded(person), new TypeReference<>() {});
    }

    @Override
    public List<StoredEvent> anonymousEventsOf(String anonymousId) {
        return get("events?anonymous=" + encoded(anonymousId), new TypeReference<>() {});
    }

    @Override
    public Optional<StoredPerson> person(String identifier) {
        List<StoredPerson> found =
                get("persons?id=" + encoded(identifier), new TypeReference<>() {});
        return found.stream().findFirst();
    }

    @Override
    public List<StoredPerson> persons() {
        return get("persons", new TypeReference<>() {});
    }

    @Override
    public Set<String> suppressed() {
        return get("suppressed", new TypeReference<>() {});
    }

    @Override
    public List<StoredObject> objects() {
        return get("objects", new TypeReference<>() {});
    }

    @Override
    public List<StoredRelationship> relationships() {
        return get("relationships", new TypeReference<>() {});
    }

    @Override
    public List<StoredMetric> metrics() {
        return get("metrics", new TypeReference<>() {});
    }

    @Override
    public List<Ignored> ignored() {
        return get("ignored", new TypeReference<>() {});
    }

    @Override
    public void enqueue(Behaviour... behaviours) {
        post("script", new ControlDoor.Orders(false, List.of(behaviours), List.of()));
    }

    @Override
    public void rule(Match match, Behaviour behaviour, int times) {
        List<Rule> rules = List.of(new Rule(match, behaviour, times));
        post("script", new ControlDoor.Orders(false, List.of(), rules));
    }

    @Override
    public void clearScript() {
        post("script", new ControlDoor.Orders(true, List.of(), List.of()));
    }

    @Override
    public void configure(Map<String, ?> values) {
        post("switches", values);
    }

    @Override
    public void advanceClock(Duration by) {
        post("clock", Map.of("advance", by));
    }

    @Override
    public void setClock(Instant now) {
        post("clock", Map.of("set", now));
    }

    @Override
    public void goDown(Duration span) {
        post("down", Map.of("span", span));
    }

    @Override
    public void reset() {
        post("reset", Map.of());
    }

    private <T> T get(String what, TypeReference<T> type) {
        return read(send(HttpRequest.newBuilder(url.resolve(ControlDoor.PREFIX + what))), type);
    }

    private String post(String what, Object body) {
        return send(
                HttpRequest.newBuilder(url.resolve(ControlDoor.PREFIX + what))
                        .POST(BodyPublishers.ofString(FakeJson.write(body))));
    }

    private String send(HttpRequest.Builder request) {
        try {
            var answer = http.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalArgumentException("the fake refuses: " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException("no fake at " + url, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking the fake", e);
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        return FakeJson.read(json, FakeJson.MAPPER.constructType(type));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
