package dev.caravan.fake;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How the fake treats one request. Its steps, in order:
 *
 * <pre>
 *   wait delay -> process, if processed -> wait answerDelay -> ending
 * </pre>
 *
 * To process means to judge the request and apply what is good; a request that the rules refuse
 * stays unapplied whatever is said here. {@link #applied()} and {@link #unapplied()} turn the
 * choice of any factory around.
 *
 * @param ending how the connection ends or goes on
 * @param processed whether the request is applied to the state
 * @param delay before processing, so a client that gives up meanwhile is still served if {@code
 *     processed}
 * @param answerDelay between processing and ending
 * @param status answered instead of the true one; 0 for the true answer
 * @param headers added to the answer
 * @param body of the forced answer
 * @param refused zero-based places in the batch whose items are not applied though the rest is
 */
public record Behaviour(
        Ending ending,
        boolean processed,
        Duration delay,
        Duration answerDelay,
        int status,
        Map<String, String> headers,
        String body,
        List<Integer> refused) {

    /** How a request ends. */
    public enum Ending {
        /** With an answer; the connection stays open. */
        ANSWER,
        /** With a head, half of the body it announces, and a close. */
        HALF_ANSWER,
        /** Not at all, until the client closes or the fake shuts down. */
        HANG,
        /** With an orderly close and no byte of an answer. */
        CLOSE,
        /** With a TCP reset and no byte of an answer. */
        RESET
    }

    public Behaviour {
        ending = ending == null ? Ending.ANSWER : ending;
        delay = delay == null ? Duration.ZERO : delay;
        answerDelay = answerDelay == null ? Duration.ZERO : answerDelay;
        headers = headers == null ? Map.of() : Map.copyOf(headers);
        body = body == null ? "" : body;
        refused = refused == null ? List.of() : List.copyOf(refused);
    }

    /** Applied. The true answer. */
    public static Behaviour normal() {
        return of(Ending.ANSWER, true, 0, "");
    }

    /**
     * Not applied. Any status with an empty body; add to it with {@link #header} and {@link #body}.
     */
    public static Behaviour answer(int status) {
        return of(Ending.ANSWER, false, status, "");
    }

    /** Not applied. 429 with {@code Retry-After} in whole seconds. */
    public static Behaviour tooManyRequests(Duration retryAfter) {
        return answer(429).header("Retry-After", String.valueOf(retryAfter.toSeconds()));
    }

    /** Not applied. */
    public static Behaviour redirect(int status, String location) {
        return answer(status).header("Location", location);
    }

    /**
     * Applied but for the items named. 207 with an {@code errors} array, as the Track API would
     * answer.
     *
     * @param indexes zero-based
     */
    public static Behaviour partial(int... indexes) {
        List<Integer> refused = IntStream.of(indexes).boxed().toList();
        List<Map<String, Object>> errors = refused.stream().map(Behaviour::error).toList();
        return new Behaviour(
                Ending.ANSWER,
                true,
                Duration.ZERO,
                Duration.ZERO,
                207,
                Map.of("Content-Type", "application/json"),
                FakeJson.write(Map.of("errors", errors)),
                refused);
    }

    /** Not applied. Silence until the client gives up. */
    public static Behaviour hang() {
        return of(Ending.HANG, false, 0, "");
    }

    /** Applied. Silence until the client gives up. */
    public static Behaviour hangAfterProcessing() {
        return hang().applied();
    }

    /** Not applied. The connection closes without an answer. */
    public static Behaviour closeBeforeProcessing() {
        return of(Ending.CLOSE, false, 0, "");
    }

    /** Applied. The connection closes without an answer: the answer is lost. */
    public static Behaviour closeAfterProcessing() {
        return closeBeforeProcessing().applied();
    }

    /** Applied. The true answer, cut in the middle of its body. */
    public static Behaviour halfAnswer() {
        return of(Ending.HALF_ANSWER, true, 0, "");
    }

    /** Not applied. A TCP reset instead of an answer. */
    public static Behaviour reset() {
        return of(Ending.RESET, false, 0, "");
    }

    /** Applied. A TCP reset instead of an answer. */
    public static Behaviour resetAfterProcessing() {
        return reset().applied();
    }

    /** Turns to: applied to the state, whatever the client is told. */
    public Behaviour applied() {
        return with(true, delay, answerDelay, headers, body);
    }

    /** Turns to: not applied to the state, whatever the client is told. */
    public Behaviour unapplied() {
        return with(false, delay, answerDelay, headers, body);
    }

    /** Waits before processing. */
    public Behaviour delayed(Duration wait) {
        return with(processed, wait, answerDelay, headers, body);
    }

    /** Waits after processing. */
    public Behaviour answeredAfter(Duration wait) {
        return with(processed, delay, wait, headers, body);
    }

    /** Adds a header, or replaces the one of that name. */
    public Behaviour header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return with(processed, delay, answerDelay, more, body);
    }

    /** Sets the body of a forced answer; it need not be JSON. */
    public Behaviour body(String text) {
        return with(processed, delay, answerDelay, headers, text);
    }

    private static Behaviour of(Ending ending, boolean processed, int status, String body) {
        return new Behaviour(
                ending, processed, Duration.ZERO, Duration.ZERO, status, Map.of(), body, List.of());
    }

    private static Map<String, Object> error(int index) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("batch_index", index);
        error.put("reason", "invalid");
        error.put("field", "");
        error.put("message", "refused by script");
        return error;
    }

    private Behaviour with(
            boolean nowProcessed,
            Duration nowDelay,
            Duration nowAnswerDelay,
            Map<String, String> nowHeaders,
            String nowBody) {
        return new Behaviour(
                ending,
                nowProcessed,
                nowDelay,
                nowAnswerDelay,
                status,
                nowHeaders,
                nowBody,
                refused);
    }
}
