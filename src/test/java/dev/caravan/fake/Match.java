package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Which requests a rule is about; all that is said must hold. What is said of items must hold of
 * one and the same item. An empty text, and 0 for a number, says nothing.
 *
 * @param fromRequest first request number, inclusive
 * @param toRequest last request number, inclusive
 * @param probability in {@code (0, 1]}; 0 says nothing
 * @param seed with the request number it decides the draw, so a run repeats however its threads
 *     interleave
 */
public record Match(
        long fromRequest,
        long toRequest,
        String path,
        String type,
        String userId,
        String anonymousId,
        String messageId,
        String event,
        double probability,
        long seed)
        implements Predicate<RequestFacts> {

    public Match {
        path = path == null ? "" : path;
        type = type == null ? "" : type;
        userId = userId == null ? "" : userId;
        anonymousId = anonymousId == null ? "" : anonymousId;
        messageId = messageId == null ? "" : messageId;
        event = event == null ? "" : event;
    }

    /** Every request. */
    public static Match any() {
        return new Match(0, 0, "", "", "", "", "", "", 0, 0);
    }

    /** The requests numbered from {@code first} to {@code last}, both included. */
    public Match requests(long first, long last) {
        return new Match(
                first, last, path, type, userId, anonymousId, messageId, event, probability, seed);
    }

    /** The one request of that number. */
    public Match request(long number) {
        return requests(number, number);
    }

    /** Requests to that path. */
    public Match path(String value) {
        return new Match(
                fromRequest,
                toRequest,
                value,
                type,
                userId,
                anonymousId,
                messageId,
                event,
                probability,
                seed);
    }

    /** Requests with an item whose {@code type} field says so. */
    public Match type(String value) {
        return new Match(
                fromRequest,
                toRequest,
                path,
                value,
                userId,
                anonymousId,
                messageId,
                event,
                probability,
                seed);
    }

    /** Requests with an item of that user. */
    public Match userId(String value) {
        return new Match(
                fromRequest,
                toRequest,
                path,
                type,
                value,
                anonymousId,
                messageId,
                event,
                probability,
                seed);
    }

    /** Requests with an item of that visitor. */
    public Match anonymousId(String value) {
        return new Match(
                fromRequest,
                toRequest,
                path,
                type,
                userId,
                value,
                messageId,
                event,
                probability,
                seed);
    }

    /** Requests that hold that message. */
    public Match messageId(String value) {
        return new Match(
                fromRequest,
                toRequest,
                path,
                type,
                userId,
                anonymousId,
                value,
                event,
                probability,
                seed);
    }

    /** Requests with an item of that event name. */
    public Match event(String value) {
        return new Match(
                fromRequest,
                toRequest,
                path,
                type,
                userId,
                anonymousId,
                messageId,
                value,
                probability,
                seed);
    }

    /**
     * Some of those requests, by chance.
     *
     * @throws IllegalArgumentException if the probability is not in {@code (0, 1]}
     */
    public Match chance(double share, long seededBy) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("probability must be in (0, 1] but was " + share);
        }
        return new Match(
                fromRequest,
                toRequest,
                path,
                type,
                userId,
                anonymousId,
                messageId,
                event,
                share,
                seededBy);
    }

    @Override
    public boolean test(RequestFacts request) {
        return request.number() >= fromRequest
                && (toRequest == 0 || request.number() <= toRequest)
                && (path.isEmpty() || path.equals(request.path()))
                && (saysNothingOfItems() || request.heads().stream().anyMatch(this::fits))
                && (probability == 0 || draw(request.number()) < probability);
    }

    private boolean saysNothingOfItems() {
        return (type + userId + anonymousId + messageId + event).isEmpty();
    }

    private boolean fits(JsonNode item) {
        return says(item, "type", type)
                && says(item, "userId", userId)
                && says(item, "anonymousId", anonymousId)
                && says(item, "messageId", messageId)
                && says(item, "event", event);
    }

    private static boolean says(JsonNode item, String field, String wanted) {
        return wanted.isEmpty() || wanted.equals(Item.textOf(item, field));
    }

    private double draw(long number) {
        return new SplittableRandom(seed * 31 + number).nextDouble();
    }
}
