package dev.caravan.customerio;

import java.util.List;

/**
 * The events of one message.
 *
 * @param items in order
 * @param list whether they came as a list, and so go to {@code /v1/batch}
 */
record Body(List<Item> items, boolean list) {
    Body {
        items = List.copyOf(items);
    }
}
