package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * One item of a request that Customer.io accepted. Texts that were not sent are empty.
 *
 * @param request number of the request it came in
 * @param index zero-based place in its batch
 * @param name the event of a track; of a page or screen its name
 * @param duplicate whether its messageId had come before, so that it had no effect
 * @param raw the item as sent
 */
public record ReceivedItem(
        long request,
        int index,
        String type,
        String userId,
        String anonymousId,
        String messageId,
        String name,
        boolean duplicate,
        RawJson raw) {

    /** Returns the item as a tree, parsed anew on every call. */
    public JsonNode json() {
        return raw.tree();
    }
}
