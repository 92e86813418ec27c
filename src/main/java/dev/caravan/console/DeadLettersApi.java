package dev.caravan.console;

import dev.caravan.ingest.Resubmission;
import dev.caravan.journal.DeadLetter;
import dev.caravan.journal.DeadLetters;
import dev.caravan.journal.DeadLetters.Filter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What was refused: to look at, to send again, to throw away. */
final class DeadLettersApi {
    private static final int MOST = 1_000;
    private static final int USUAL = 100;

    private final DeadLetters letters;
    private final Resubmission resubmission;
    private final DestinationRetry destinationRetry;

    DeadLettersApi(
            DeadLetters letters, Resubmission resubmission, DestinationRetry destinationRetry) {
        this.letters = letters;
        this.resubmission = resubmission;
        this.destinationRetry = destinationRetry;
    }

    void mount(Api api) {
        api.get("/api/dead-letters", with("after", "limit"), this::list)
                .get("/api/dead-letters/:id", Set.of(), call -> Shown.letterWithItem(one(call)))
                .delete("/api/dead-letters/:id", Set.of(), this::discard)
                .post("/api/dead-letters/retry", with("after", "limit"), this::retryAll)
                .post("/api/dead-letters/:id/retry", Set.of(), this::retryOne);
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
        return letters.get(id)
                .orElseThrow(
                        () -> ApiException.notFound("there is no dead letter %d".formatted(id)));
    }

    private Map<String, Object> discard(ApiCall call) throws Exception {
        DeadLetter letter = one(call);
        Api.await(letters.remove(letter.id()));
        return Map.of("discarded", letter.id());
    }

    private Map<String, Object> retryOne(ApiCall call) throws Exception {
        DeadLetter letter = one(call);
        return shown(letter, Api.await(retry(letter)));
    }

    /**
     * Sends up to {@code limit} of them again, in the order of their ids, and says from where to go
     * on.
     */
    private Map<String, Object> retryAll(ApiCall call) throws Exception {
        Filter filter = call.filter();
        long after = call.number("after", 0, Long.MAX_VALUE, 0);
        int limit = (int) call.number("limit", 1, MOST, USUAL);
        List<DeadLetter> found = letters.list(filter, after, limit);
        List<Map<String, Object>> refused = new ArrayList<>();
        int sent = 0;
        for (DeadLetter letter : found) {
            String reason = Api.await(retry(letter));
            if (reason == null) {
                sent++;
            } else {
                refused.add(shown(letter, reason));
            }
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("sent", sent);
        answer.put("refused", refused);
        answer.put("next", found.size() < limit ? null : found.get(limit - 1).id());
        return answer;
    }

    private CompletableFuture<@Nullable String> retry(DeadLetter letter) {
        return letter.destination() == null
                ? resubmission.retry(letter)
                : destinationRetry.retry(letter);
    }

    private static Map<String, Object> shown(DeadLetter letter, @Nullable String reason) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", letter.id());
        shown.put("sent", reason == null);
        shown.put("reason", reason);
        return shown;
    }
}
