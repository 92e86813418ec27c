package dev.caravan.ingest;

import dev.caravan.event.Call;
import dev.caravan.event.Envelope;
import dev.caravan.event.NotJsonException;
import dev.caravan.journal.Submission;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/**
 * One request at the HTTP door on its way through the steps of the route: what the steps may know
 * of it, and what they found out. The exchange itself carries the body and no header of the caller,
 * so that no step can be steered by one. Used by one thread at a time.
 */
public final class HttpCall {
    private static final String PROPERTY = "CaravanHttpCall";

    /** About what an item takes until it is stored, however short it is. */
    private static final int BYTES_PER_ITEM = 1_000;

    /** Bytes that what a batch says for all of its items may take when it stands in each. */
    private static final int MOST_COMMON_BYTES = 4 * Submission.MAX_BYTES;

    /** Of pages that this machine itself serves. */
    private static final Pattern LOCAL_ORIGIN =
            Pattern.compile(
                    "https?://(([a-z0-9-]+\\.)*localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?",
                    Pattern.CASE_INSENSITIVE);

    private final HttpServerRequest request;
    private final Context context;
    private final Endpoint endpoint;
    private final IntPredicate room;
    private byte[] body = new byte[0];
    private @Nullable Envelope envelope;
    private boolean keyInBody;

    /**
     * An endpoint of the API.
     *
     * @param call the call that it is for, null for the batch endpoint
     * @param place its path, by which a dead letter tells where it came in
     */
    record Endpoint(@Nullable Call call, String place) {
        private static final String PATH = "/v1/";

        static final Endpoint BATCH = new Endpoint(null, PATH + "batch");
        private static final Map<String, Endpoint> BY_NAME = byName();

        private static Map<String, Endpoint> byName() {
            Map<String, Endpoint> endpoints = new HashMap<>();
            endpoints.put("batch", BATCH);
            endpoints.put("b", BATCH);
            endpoints.put("import", BATCH); // of Segment's SDKs for servers
            for (Call call : Call.values()) {
                Endpoint endpoint = new Endpoint(call, PATH + call.type());
                endpoints.put(call.type(), endpoint);
                endpoints.put(call.type().substring(0, 1), endpoint);
            }
            return Map.copyOf(endpoints);
        }

        /** The endpoint whose path ends in this, by its full or its short name. */
        static Optional<Endpoint> of(@Nullable String name) {
            return name == null ? Optional.empty() : Optional.ofNullable(BY_NAME.get(name));
        }
    }

    /**
     * Makes one.
     *
     * @param room takes memory for the call, so many bytes in all; says whether there is enough
     */
    HttpCall(HttpServerRequest request, Context context, Endpoint endpoint, IntPredicate room) {
        this.request = request;
        this.context = context;
        this.endpoint = endpoint;
        this.room = room;
    }

    /**
     * The call that an exchange of the door carries.
     *
     * @throws IllegalStateException if the exchange comes from elsewhere
     */
    static HttpCall of(Exchange exchange) {
        HttpCall call = exchange.getProperty(PROPERTY, HttpCall.class);
        if (call == null) {
            throw new IllegalStateException(
                    "this step works behind 'platform-http:/v1/{call}' with"
                            + " 'platformHttpEngine: \"#caravan-http\"' only");
        }
        return call;
    }

    void attachTo(Exchange exchange) {
        exchange.setProperty(PROPERTY, this);
    }

    /** The call of the endpoint, null for a batch. */
    @Nullable Call call() {
        return endpoint.call();
    }

    /** Where it came in, for a dead letter. */
    String place() {
        return endpoint.place();
    }

    boolean batch() {
        return endpoint.call() == null;
    }

    void body(byte[] plain) {
        body = plain;
    }

    /**
     * The body, read once.
     *
     * @throws NotJsonException if it is no JSON or not of the endpoint's shape
     */
    Envelope envelope() throws NotJsonException {
        Envelope read = envelope;
        if (read == null) {
            Envelope.Shape shape = batch() ? Envelope.Shape.BATCH : Envelope.Shape.SINGLE;
            read = Envelope.parse(body, 0, body.length, shape, Envelope.MAX_ITEMS);
            envelope = read;
        }
        return read;
    }

    /**
     * Takes room for the events of the envelope, given back when the call is answered. What the
     * batch says for all of its items stands in each of them.
     *
     * @throws NotJsonException if so much of the same is nobody's batch
     */
    boolean holdRoom() throws NotJsonException {
        int items = envelope().size();
        long common = (long) items * envelope().commonLength();
        if (common > MOST_COMMON_BYTES) {
            throw new NotJsonException(
                    "'context' and 'integrations' of the batch would stand in each of its %,d items, in %,d bytes, the limit is %,d"
                            .formatted(items, common, MOST_COMMON_BYTES));
        }
        return room.test(items * BYTES_PER_ITEM + (int) common);
    }

    /** Lets go of the body and the envelope, which are not needed for the answer. */
    void forgetBody() {
        body = new byte[0];
        envelope = null;
    }

    /** The user name of Basic authentication; empty if there is none or it is unreadable. */
    Optional<String> basicUser() {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        try {
            byte[] pair = Base64.getDecoder().decode(header.substring(6).strip());
            String text = new String(pair, StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            String user = colon < 0 ? text : text.substring(0, colon);
            return user.isEmpty() ? Optional.empty() : Optional.of(user);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The key that the body carries; the call remembers that it came that way. */
    Optional<String> bodyKey() throws NotJsonException {
        Optional<String> key = Optional.ofNullable(envelope().writeKey());
        keyInBody = key.isPresent();
        return key;
    }

    /** A header of the request; empty if there is none, or more than one. */
    Optional<String> header(String name) {
        List<String> values = request.headers().getAll(name);
        return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
    }

    /** Whether the caller sits on this machine and speaks for itself, not for another. */
    boolean local() {
        SocketAddress address = request.connection().remoteAddress();
        return address != null
                && address.hostAddress() != null
                && isLoopback(address.hostAddress())
                && !request.headers().contains("Forwarded")
                && !request.headers().contains("X-Forwarded-For");
    }

    /** Whether it is a page of another machine that calls, which a browser names as the origin. */
    boolean ofForeignPage() {
        return !request.headers().getAll(HttpHeaders.ORIGIN).stream()
                .allMatch(origin -> LOCAL_ORIGIN.matcher(origin).matches());
    }

    private static boolean isLoopback(String address) {
        return address.startsWith("127.")
                || address.equals("::1")
                || address.equals("0:0:0:0:0:0:0:1")
                || address.startsWith("::ffff:127.");
    }

    /** The caller's address; behind a proxy that Quarkus is told to trust, the one it names. */
    @Nullable String ip() {
        SocketAddress address = request.remoteAddress();
        return address == null ? null : address.hostAddress();
    }

    /** The host, and port if it is a special one, that the caller reached this door by. */
    String host() {
        HostAndPort authority = request.authority();
        SocketAddress local = request.localAddress();
        if (authority != null) {
            return authority.toString();
        }
        return local == null ? "localhost" : local.toString();
    }

    /** Whether the caller wants all or nothing. */
    boolean strict() {
        return "1".equals(request.getHeader("X-Strict-Mode"));
    }

    /**
     * Whether the caller would take any answer for a success, and sends again only if there is
     * none: the browser SDK, known by its origin and the key in the body.
     */
    boolean needsSilence() {
        return request.headers().contains(HttpHeaders.ORIGIN)
                && (keyInBody || !request.headers().contains(HttpHeaders.AUTHORIZATION));
    }

    /** Goes on with the work on the connection's own thread. */
    void resume(Runnable work) {
        context.runOnContext(now -> work.run());
    }

    /** Goes on after a while, in milliseconds; the timer can be stopped by its number. */
    long later(long millis, Runnable work) {
        return context.owner().setTimer(millis, timer -> resume(work));
    }

    void stop(long timer) {
        context.owner().cancelTimer(timer);
    }
}
