package dev.caravan.customerio;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.delivery.Outcome;
import dev.caravan.event.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

    /** Rules are named by one word, such as {@code required}. */
    private static final Pattern RULE = Pattern.compile("[a-z_]{1,30}");

    private static final Set<String> FIELDS =
            Set.of(
                    "type",
                    "userId",
                    "anonymousId",
                    "previousId",
                    "groupId",
                    "event",
                    "name",
                    "category",
                    "messageId",
                    "timestamp",
                    "originalTimestamp",
                    "sentAt",
                    "traits",
                    "properties",
                    "attributes",
                    "context",
                    "integrations",
                    "identifiers",
                    "batch");

    private final Answer answer;
    private final int items;
    private final UnaryOperator<String> redact;
    private final TreeMap<Integer, Complaint> named = new TreeMap<>();
    private final List<Complaint> general = new ArrayList<>();
    private boolean denied;
    private boolean cut;

    /**
     * What an error says.
     *
     * @param known the words of it that are Customer.io's own: a rule, a field of an event; none of
     *     them can be a value or a name that a user gave
     * @param said all of it
     */
    private record Complaint(String known, String said) {
        static String known(List<Complaint> complaints) {
            return joined(complaints.stream().map(Complaint::known));
        }

        static String said(List<Complaint> complaints) {
            return joined(complaints.stream().map(Complaint::said));
        }

        Complaint and(Complaint other) {
            return new Complaint(known(List.of(this, other)), said(List.of(this, other)));
        }

        private static String joined(Stream<String> texts) {
            return texts.filter(text -> !text.isEmpty()).distinct().collect(joining("; "));
        }
    }

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
        Outcome byStatus =
                Outcome.ofStatus(
                        answer.status(), answer.retryAfter(), reason(general), said(general));
        boolean success = byStatus instanceof Outcome.Delivered;
        boolean refusal = byStatus instanceof Outcome.Refused;
        boolean doubt = denied || answer.status() == 207 || !general.isEmpty();
        Outcome rest = byStatus;
        if (success && cut) {
            rest = Outcome.Retry.of(answer.status(), answered() + ", but not to the end");
        } else if (success && !general.isEmpty() || success && named.isEmpty() && doubt) {
            rest = refused(general, items > 1);
        } else if (refusal && !named.isEmpty()) {
            rest =
                    new Outcome.Retry(
                            Optional.of(Duration.ZERO),
                            answer.status(),
                            answered() + " because of other events of the request");
        } else if (refusal) {
            rest = refused(general, items > 1);
        }
        List<Outcome> outcomes = new ArrayList<>(items);
        for (int i = 0; i < items; i++) {
            Complaint complaint = success || refusal ? named.get(i) : null;
            outcomes.add(complaint == null ? rest : refused(List.of(complaint), false));
        }
        return outcomes;
    }

    private Outcome refused(List<Complaint> complaints, boolean whole) {
        return new Outcome.Refused(answer.status(), reason(complaints), whole, said(complaints));
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
            add(matcher.find() ? index(matcher) : -1, new Complaint("", text));
        } else if (error.isObject()) {
            JsonNode index = error.path("batch_index");
            List<String> parts = new ArrayList<>();
            for (String part : List.of("reason", "field", "message")) {
                String text = error.path(part).textValue();
                if (text != null && !text.isEmpty()) {
                    parts.add(text);
                }
            }
            add(
                    index.isInt() ? index.intValue() : -1,
                    new Complaint(known(error), String.join(": ", parts)));
        }
    }

    private static int index(Matcher matcher) {
        return Integer.parseInt(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
    }

    /** The rule, and the field of the event as far as no user has named it. */
    private static String known(JsonNode error) {
        String rule = error.path("reason").asText("");
        String field = error.path("field").asText("").split("[.\\[/]", 2)[0];
        boolean isRule = RULE.matcher(rule).matches();
        boolean isField = FIELDS.contains(field);
        return (isRule ? rule : "") + (isRule && isField ? ": " : "") + (isField ? field : "");
    }

    private void add(int index, Complaint complaint) {
        if (index >= 0 && index < items) {
            named.merge(index, complaint, Complaint::and);
        } else {
            general.add(complaint);
        }
    }

    // --- words

    private String answered() {
        return "Customer.io answered " + answer.status();
    }

    private String reason(List<Complaint> complaints) {
        String hint = hint(answer.status());
        String known = cut(Complaint.known(complaints));
        return answered()
                + (hint == null ? "" : " (" + hint + ")")
                + (known.isEmpty() ? "" : ": " + known);
    }

    private String said(List<Complaint> complaints) {
        return cut(redact.apply(Complaint.said(complaints)));
    }

    private static String cut(String words) {
        String text = words.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+", " ").strip();
        if (text.length() > LONGEST_REASON) {
            int end = Character.isHighSurrogate(text.charAt(LONGEST_REASON - 1)) ? 1 : 0;
            text = text.substring(0, LONGEST_REASON - end) + "...";
        }
        return text;
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
