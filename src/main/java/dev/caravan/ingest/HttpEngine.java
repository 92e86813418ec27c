package dev.caravan.ingest;

import io.vertx.ext.web.Router;
import java.time.Duration;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;

/**
 * Serves {@code platform-http} endpoints that name it ({@code platformHttpEngine:
 * "#caravan-http"}). Unlike the usual engine it runs the route of the API's calls on the
 * connection's own thread and lets it finish on any other, so that thousands of calls can wait for
 * the disk without a thread each; its steps must not block. Other routes get a body on a worker. It
 * reads the body itself, of any content type, packed or not, within bounds; and it keeps the
 * caller's headers and query away from the exchange.
 */
public final class HttpEngine implements PlatformHttpEngine {
    private static final Duration SLOWEST_BODY = Duration.ofSeconds(30);

    private final Router router;
    private final HttpRoom room;
    private final Duration slowestBody;

    /**
     * Makes one.
     *
     * @param room for the bodies of all requests together
     */
    public HttpEngine(Router router, HttpRoom room) {
        this(router, room, SLOWEST_BODY);
    }

    /**
     * Makes one.
     *
     * @param slowestBody how long a body may take to come in, from its first piece
     */
    HttpEngine(Router router, HttpRoom room, Duration slowestBody) {
        this.router = router;
        this.room = room;
        this.slowestBody = slowestBody;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new HttpConsumer(endpoint, processor, router, room, slowestBody);
    }
}
