package dev.caravan.fake;

/**
 * An item that was answered with success yet had no effect, which the real Customer.io tells
 * nobody.
 *
 * @param request number of the request it came in
 * @param index zero-based place in its batch; -1 if the whole request was dropped
 * @param messageId empty if none was sent
 */
public record Ignored(long request, int index, String messageId, String reason) {}
