package dev.caravan.customerio;

import java.net.URI;
import java.util.Locale;

/**
 * Where a Customer.io account lives. A request sent to the other region may be dropped silently.
 */
enum Region {
    US("https://cdp.customer.io"),
    EU("https://cdp-eu.customer.io");

    private final URI base;

    Region(String base) {
        this.base = URI.create(base);
    }

    /** The address before {@code /v1/...}. */
    URI base() {
        return base;
    }

    /**
     * The region of this name, in any case.
     *
     * @throws IllegalArgumentException if it is neither {@code us} nor {@code eu}
     */
    static Region of(String name) {
        return switch (name.strip().toLowerCase(Locale.ROOT)) {
            case "us" -> US;
            case "eu" -> EU;
            default ->
                    throw new IllegalArgumentException(
                            "customerio: region must be us or eu but is '" + name + "'");
        };
    }
}
