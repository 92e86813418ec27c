package dev.caravan.ingest;

import io.vertx.ext.web.Router;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;

/**
 * Serves {@code platform-http} endpoints that name it ({@code platformHttpEngine:
 * "#caravan-http"}). Unlike the usual engine it runs the route on the connection's own thread and
 * lets it finish on any other, so that thousands of calls can wait for the disk without a thread
 * each; its steps must not block. It reads the body itself, of any content type, packed or not,
 * within bounds; and it keeps the caller's headers and query away from the exchange.
 */
public final class HttpEngine implements PlatformHttpEngine {
    private final Router router;
    private final HttpRoom room;

    /**
     * Makes one.
     *
     * @param room for the bodies of all requests together
     */
    public HttpEngine(Router router, HttpRoom room) {
        this.router = router;
        this.room = room;
    }

    @Override
    public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
        return new HttpConsumer(endpoint, processor, router, room);
    }
}
