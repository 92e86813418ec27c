package dev.caravan.camel;

import org.apache.camel.Endpoint;
import org.jspecify.annotations.Nullable;

/** Which component an endpoint belongs to. */
final class Schemes {
    private Schemes() {}

    /** The part of the endpoint's URI before the colon, empty if there is none. */
    static String of(@Nullable Endpoint endpoint) {
        String uri = endpoint == null ? "" : endpoint.getEndpointUri();
        int colon = uri.indexOf(':');
        return colon < 0 ? "" : uri.substring(0, colon);
    }
}
