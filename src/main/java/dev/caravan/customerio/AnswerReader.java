package dev.caravan.customerio;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.delivery.Outcome;
import dev.caravan.event.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what an answer says of each event of its request.
 *
 * <ul>
 *   <li>A success is believed, whatever its body, unless the body tells of errors: 207, an {@code
 *       errors} array, or {@code "success": false}. Events that no error names were taken.
 *   <li>Where such a body breaks off, it is not known what it would have told: try again. But a
 *       success that is only too long to be read whole is one, unless it is a 207.
 *   <li>A refusal (4xx) that names events refuses these; the others were not taken with them, and
 *       are sent again at once.
 *   <li>Where an error names no event, any of them may be meant: all are refused as a whole.
 *   <li>Everything else is what its status stands for, for all events.
 * </ul>
 */
final class AnswerReader {
    /** Characters of an answer that a reason repeats. */
    static final int LONGEST_REASON = 300;

    private static final Pattern NAMED =
            Pattern.compile("^[\\s\"'$./]*batch(?:\\[(\\d{1,4})\\]|[./](\\d{1,4})(?!\\d))");

    private final Answer answer;
    private final int items;
    private final UnaryOperator<String> redact;
    private final TreeMap<Integer, String> named = new TreeMap<>();
    private final List<String> general = new ArrayList<>();
    private boolean denied;
    private boolean cut;

    private AnswerReader(Answer answer, int items, UnaryOperator<String> redact) {
        this.answer = answer;
        this.items = items;
        this.redact = redact;
    }

    /**
     * Reads an answer.
     *
     * @param items how many events the request had
     * @param redact takes out of a text what no reason may repeat
     * @return one outcome for each
     */
    static List<Outcome> outcomes(Answer answer, int items, UnaryOperator<String> redact) {
        var reader = new AnswerReader(answer, items, redact);
        reader.parse();
        return reader.outcomes();
    }

    private List<Outcome> outcomes() {
        Outcome byStatus = Outcome.ofStatus(answer.status(), answer.retryAfter(), reason(general));
        boolean success = byStatus instanceof Outcome.Delivered;
        boolean refusal = byStatus instanceof Outcome.Refused;
        boolean doubt = denied || answer.status() == 207 || !general.isEmpty();
        Outcome rest = byStatus;
        if (success && cut) {
            rest = Outcome.Retry.of(answer.status(), said() + ", but not to the end");
        } else if (success && !general.isEmpty() || success && named.isEmpty() && doubt) {
            rest = new Outcome.Refused(answer.status(), reason(general), items > 1);
        } else if (refusal && !named.isEmpty()) {
            rest =
                    new Outcome.Retry(
                            Optional.of(Duration.ZERO),
                            answer.status(),
                            said() + " because of other events of the request");
        } else if (refusal) {
            rest = new Outcome.Refused(answer.status(), reason(general), items > 1);
        }
        List<Outcome> outcomes = new ArrayList<>(items);
        for (int i = 0; i < items; i++) {
            String complaint = success || refusal ? named.get(i) : null;
            outcomes.add(
                    complaint == null
                            ? rest
                            : new Outcome.Refused(
                                    answer.status(), reason(List.of(complaint)), false));
        }
        return outcomes;
    }

    // --- reading

    private void parse() {
        if (answer.body().length == 0) {
            return;
        }
        JsonNode body;
        try {
            body = Json.toTree(answer.body());
        } catch (IOException e) {
            boolean tooLong = answer.body().length >= HttpTransport.ANSWER_BYTES;
            cut = startsAsObject(answer.body()) && !(tooLong && answer.status() != 207);
            return;
        }
        if (!body.isObject()) {
            return;
        }
        denied = body.path("success").isBoolean() && !body.path("success").booleanValue();
        errors(body.path("errors"));
        errors(body.path("meta").path("errors"));
        error(body.path("meta").path("error"));
        if (general.isEmpty() && named.isEmpty() && answer.status() >= 300) {
            error(body.path("message"));
        }
    }

    /** Whether the body was to be one of those that tell of errors; else it need not be JSON. */
    private static boolean startsAsObject(byte[] body) {
        int at = 0;
        while (at < body.length && body[at] <= ' ' && body[at] >= 0) {
            at++;
        }
        return at < body.length && body[at] == '{';
    }

    private void errors(JsonNode errors) {
        if (errors.isTextual()) {
            error(errors);
        }
        errors.forEach(this::error);
    }

    private void error(JsonNode error) {
        if (error.isTextual()) {
            String text = error.textValue();
            Matcher matcher = NAMED.matcher(text);
            add(matcher.find() ? index(matcher) : -1, text);
        } else if (error.isObject()) {
            JsonNode index = error.path("batch_index");
            List<String> parts = new ArrayList<>();
            for (String part : List.of("reason", "field", "message")) {
                String text = error.path(part).textValue();
                if (text != null && !text.isEmpty()) {
                    parts.add(text);
                }
            }
            add(index.isInt() ? index.intValue() : -1, String.join(": ", parts));
        }
    }

    private static int index(Matcher matcher) {
        return Integer.parseInt(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }

    private void add(int index, String complaint) {
        if (index >= 0 && index < items) {
            named.merge(index, complaint, (first, second) -> first + "; " + second);
        } else {
            general.add(complaint);
        }
    }

    // --- words

    private String said() {
        return "Customer.io answered " + answer.status();
    }

    private String reason(List<String> complaints) {
        String hint = hint(answer.status());
        String text = redact.apply(String.join("; ", complaints));
        text = text.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+", " ").strip();
        if (text.length() > LONGEST_REASON) {
            int end = Character.isHighSurrogate(text.charAt(LONGEST_REASON - 1)) ? 1 : 0;
            text = text.substring(0, LONGEST_REASON - end) + "...";
        }
        return said()
                + (hint == null ? "" : " (" + hint + ")")
                + (text.isEmpty() ? "" : ": " + text);
    }

    private static @Nullable String hint(int status) {
        return switch (status) {
            case 401, 403 -> "is the API key right?";
            case 404, 405 -> "is the address right?";
            case 413 -> "too large";
            case 429 -> "too many requests";
            default ->
                    status >= 300 && status < 400
                            ? "a redirect, which is not followed: are region and address right?"
                            : null;
        };
    }
}
