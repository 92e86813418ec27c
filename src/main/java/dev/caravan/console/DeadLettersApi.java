package dev.caravan.console;

import dev.caravan.delivery.Outcome;
import dev.caravan.event.Reading;
import dev.caravan.ingest.Resubmission;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.DeadLetters.Filter;
import dev.caravan.journal.Decision;
import dev.caravan.journal.Journal;
import dev.caravan.journal.JournalUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What was refused: to look at, to send again, to throw away. */
final class DeadLettersApi {
    private static final String HELD = Reading.Rule.NEEDS_APPROVAL.name();
    private static final byte[] NOTHING = {};
    private static final int MOST = 1_000;
    private static final int USUAL = 100;
    private static final Duration LONGEST_RETRY = Duration.ofSeconds(20);

    private final Journal journal;
    private final DeadLetters letters;
    private final Resubmission resubmission;
    private final Deliveries deliveries;

    DeadLettersApi(Journal journal, Resubmission resubmission, Deliveries deliveries) {
        this.journal = journal;
        this.letters = journal.deadLetters();
        this.resubmission = resubmission;
        this.deliveries = deliveries;
    }

    void mount(Api api) {
        api.get("/api/dead-letters", with("after", "limit"), this::list)
                .get("/api/dead-letters/:id", Set.of(), this::whole)
                .delete("/api/dead-letters/:id", Set.of(), this::discard)
                .get("/api/decisions", Set.of("after", "limit"), this::decisions)
                .post("/api/dead-letters/discard", with("after", "limit"), this::discardAll)
                .post("/api/dead-letters/retry", with("after", "limit"), this::retryAll)
                .post("/api/dead-letters/:id/retry", Set.of("item"), this::retryOne);
    }

    private static Set<String> with(String... more) {
        Set<String> names = new HashSet<>(ApiCall.filterNames());
        names.addAll(List.of(more));
        return names;
    }

    private Map<String, Object> list(ApiCall call) {
        Filter filter = call.filter();
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        int limit = (int) call.number("limit", 1, MOST, USUAL);
        List<DeadLetter> found = letters.list(filter, after, limit);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("count", letters.count(filter));
        answer.put("deadLetters", found.stream().map(Shown::letter).toList());
        answer.put("next", found.size() < limit ? null : found.get(limit - 1).id());
        return answer;
    }

    private DeadLetter one(ApiCall call) {
        long id = call.pathNumber("id");
        return letters.get(id).orElseThrow(() -> unknown(id));
    }

    private static ApiException unknown(long id) {
        return ApiException.notFound("there is no dead letter %d".formatted(id));
    }

    private Map<String, Object> whole(ApiCall call) {
        DeadLetter letter = one(call);
        return letters.item(letter.id())
                .map(item -> Shown.letterWithItem(letter, item, envelope(letter)))
                .orElseThrow(() -> unknown(letter.id()));
    }

    private byte[] envelope(DeadLetter letter) {
        return letters.envelope(letter.id()).orElse(NOTHING);
    }

    private Map<String, Object> discard(ApiCall call) throws Exception {
        DeadLetter letter = one(call);
        Api.await(letters.discard(List.of(letter.id()), call.operator()));
        return Map.of("discarded", letter.id());
    }

    /**
     * Throws away all that fit the filter, of which at least one part must be said. What needs
     * approval is rejected so, if the filter asks for that rule. Ends early when it takes long, or
     * after {@code limit}, and then says from where to go on.
     */
    private Map<String, Object> discardAll(ApiCall call) throws Exception {
        Filter filter = call.filter();
        if (filter.equals(Filter.ALL)) {
            throw ApiException.invalid(
                    "say which: one of the parameters %s is needed"
                            .formatted(String.join(", ", new TreeSet<>(ApiCall.filterNames()))));
        }
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        long limit = call.number("limit", 1, Long.MAX_VALUE, Long.MAX_VALUE);
        long deadline = System.nanoTime() + LONGEST_RETRY.toNanos();
        long discarded = 0;
        List<DeadLetter> page = letters.list(filter, after, (int) Math.min(USUAL, limit));
        while (!page.isEmpty()) {
            List<Long> ids =
                    page.stream()
                            .filter(letter -> !isHeld(letter) || HELD.equals(filter.rule()))
                            .map(DeadLetter::id)
                            .toList();
            discarded += Api.await(letters.discard(ids, call.operator()));
            after = page.get(page.size() - 1).id();
            if (discarded >= limit || System.nanoTime() > deadline) {
                return discarded(discarded, after);
            }
            page = letters.list(filter, after, (int) Math.min(USUAL, limit - discarded));
        }
        return discarded(discarded, null);
    }

    private static Map<String, Object> discarded(long count, @Nullable Long next) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("discarded", count);
        answer.put("next", next);
        return answer;
    }

    /** Who approved, rejected, asked for or threw away what, and when. */
    private Map<String, Object> decisions(ApiCall call) {
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        int limit = (int) call.number("limit", 1, MOST, USUAL);
        List<Decision> found = journal.decisions(after, limit);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("decisions", found.stream().map(Shown::decision).toList());
        answer.put("next", found.size() < limit ? null : found.get(limit - 1).id());
        return answer;
    }

    /** Sends one again; with {@code item}, a text of JSON, that instead of what was set aside. */
    private Map<String, Object> retryOne(ApiCall call) throws Exception {
        DeadLetter letter = one(call);
        String mended = call.text("item");
        if (mended == null) {
            return shown(letter, Api.await(retry(letter, call.operator())));
        } else if (letter.destination() != null) {
            throw ApiException.invalid("only an item of a door can be mended");
        }
        byte[] item = mended.getBytes(StandardCharsets.UTF_8);
        return shown(letter, Api.await(resubmission.retry(letter, item, call.operator())));
    }

    /**
     * Sends again all that fit the filter and are behind {@code after}, in the order of their ids.
     * Leaves alone what needs approval, unless the filter asks for that rule: sending it again is
     * the approval, and nobody approves what was not looked at. Ends early when it takes long, or
     * after {@code limit}, and then says from where to go on.
     */
    private Map<String, Object> retryAll(ApiCall call) {
        Filter filter = call.filter();
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        long limit = call.number("limit", 1, Long.MAX_VALUE, Long.MAX_VALUE);
        long deadline = System.nanoTime() + LONGEST_RETRY.toNanos();
        List<Map<String, Object>> refused = new ArrayList<>();
        long sent = 0;
        long tried = 0;
        List<DeadLetter> page = letters.list(filter, after, (int) Math.min(USUAL, limit));
        while (!page.isEmpty()) {
            for (DeadLetter letter : page) {
                if (tried == limit || System.nanoTime() > deadline) {
                    return retried(sent, tried, refused, after);
                }
                after = letter.id();
                if (isHeld(letter) && !HELD.equals(filter.rule())) {
                    continue;
                }
                String reason = attempt(letter, call.operator());
                tried++;
                sent += reason == null ? 1 : 0;
                if (reason != null && refused.size() < USUAL) {
                    refused.add(shown(letter, reason));
                }
            }
            page = letters.list(filter, after, USUAL);
        }
        return retried(sent, tried, refused, null);
    }

    private static boolean isHeld(DeadLetter letter) {
        return letter.destination() == null && HELD.equals(letter.rule());
    }

    private static Map<String, Object> retried(
            long sent, long tried, List<Map<String, Object>> refused, @Nullable Long next) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("sent", sent);
        answer.put("tried", tried);
        answer.put("refused", refused);
        answer.put("next", next);
        return answer;
    }

    /** One of many: whatever is wrong with it holds up no other. */
    private @Nullable String attempt(DeadLetter letter, String operator) {
        try {
            return Api.await(retry(letter, operator));
        } catch (JournalUnavailableException e) {
            throw e;
        } catch (Exception e) {
            return String.valueOf(e.getMessage());
        }
    }

    private CompletableFuture<@Nullable String> retry(DeadLetter letter, String operator) {
        String destination = letter.destination();
        if (destination == null) {
            return resubmission.retry(letter, operator);
        }
        return deliveries
                .redelivery(destination)
                .orElseThrow(
                        () ->
                                new ApiException(
                                        409, "no route has the name '%s'".formatted(destination)))
                .retry(letter.id())
                .thenApply(DeadLettersApi::reason);
    }

    private static @Nullable String reason(Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return refused.words();
        } else if (outcome instanceof Outcome.Retry retry) {
            return retry.words();
        } else if (outcome instanceof Outcome.Paused paused) {
            return paused.words();
        }
        return null;
    }

    private static Map<String, Object> shown(DeadLetter letter, @Nullable String reason) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", letter.id());
        shown.put("sent", reason == null);
        shown.put("reason", reason);
        return shown;
    }
}
