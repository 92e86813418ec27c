package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Takes the items of a request that is sound as a whole: checks each, then applies the good ones in
 * order.
 */
final class Intake {

    private final Switches switches;
    private final Clock clock;
    private final ItemRules rules;
    private final AtomicLong minted = new AtomicLong();

    Intake(Switches switches, Clock clock) {
        this.switches = switches;
        this.clock = clock;
        this.rules = new ItemRules(switches);
    }

    /** One element after the check; {@code item} is empty if it has faults. */
    private record Checked(
            int index,
            String messageId,
            Optional<Item> item,
            List<String> faults,
            boolean oversize) {}

    Verdict take(
            long number,
            Endpoint endpoint,
            ParsedBody body,
            boolean strict,
            Set<Integer> refused,
            State state) {
        List<Item> good = new ArrayList<>(body.elements().size());
        List<Checked> bad = new ArrayList<>(0);
        for (int i = 0; i < body.elements().size(); i++) {
            if (!refused.contains(i)) {
                Checked checked = check(i, endpoint, body);
                checked.item().ifPresentOrElse(good::add, () -> bad.add(checked));
            }
        }
        if (strict && !bad.isEmpty()) {
            return refuse(number, good, bad, state);
        }
        bad.forEach(item -> ignore(number, item, state));
        apply(number, good, state);
        return Verdict.accepted(good.size());
    }

    private Verdict refuse(long number, List<Item> good, List<Checked> bad, State state) {
        Switches.BadItems policy = switches.strictBadItems();
        if (policy != Switches.BadItems.REJECT_ALL) {
            apply(number, good, state);
        }
        if (policy == Switches.BadItems.STORE_GOOD_ANSWER_200 && !good.isEmpty()) {
            bad.forEach(item -> ignore(number, item, state));
            return Verdict.accepted(good.size());
        }
        int stored = policy == Switches.BadItems.REJECT_ALL ? 0 : good.size();
        boolean onlySizes = bad.stream().allMatch(Checked::oversize);
        List<String> errors =
                bad.stream()
                        .flatMap(
                                item ->
                                        item.faults().stream()
                                                .map(f -> "item " + item.index() + ": " + f))
                        .toList();
        int status = onlySizes ? switches.oversizeStatus() : 400;
        return Verdict.refused(status, "invalid_request", errors, stored);
    }

    private Checked check(int index, Endpoint endpoint, ParsedBody body) {
        ParsedBody.Element element = body.elements().get(index);
        String messageId = Item.textOf(element.head(), "messageId");
        if (element.raw().length() > Limits.CALL) {
            String fault = "the item must not exceed " + Limits.CALL + " bytes";
            return new Checked(index, messageId, Optional.empty(), List.of(fault), true);
        }
        if (!element.head().isObject()) {
            String fault = "an item must be an object";
            return new Checked(index, "", Optional.empty(), List.of(fault), false);
        }
        Optional<CallType> type = typeOf(element.head(), endpoint);
        if (type.isEmpty()) {
            String fault = "type is missing or wrong here: " + element.head().path("type");
            return new Checked(index, messageId, Optional.empty(), List.of(fault), false);
        }
        JsonNode batchContext =
                endpoint.isBatch() ? body.top().path("context") : MissingNode.getInstance();
        Item item = new Item(index, type.get(), element, batchContext);
        List<String> faults = rules.faultsOf(item);
        return faults.isEmpty()
                ? new Checked(index, messageId, Optional.of(item), faults, false)
                : new Checked(index, messageId, Optional.empty(), faults, false);
    }

    /**
     * Returns what the item does: in a batch what it says, else what the path says unless the item
     * objects.
     */
    private static Optional<CallType> typeOf(JsonNode json, Endpoint endpoint) {
        Optional<CallType> said = CallType.of(json.path("type").asText());
        if (endpoint.isBatch()) {
            return said;
        }
        boolean silent = ItemRules.isAbsent(json.get("type"));
        return endpoint.call().filter(call -> silent || said.equals(endpoint.call()));
    }

    private void apply(long number, List<Item> items, State state) {
        Instant now = clock.instant();
        // One lock over ledger and workspace, so that both tell the same order.
        synchronized (state.workspace()) {
            for (Item item : items) {
                apply(number, item, now, state);
            }
        }
    }

    private void apply(long number, Item item, Instant now, State state) {
        String messageId = item.text("messageId");
        if (!state.ledger().note(number, item, now, switches)) {
            return;
        }
        String known = messageId.isEmpty() ? "minted-" + minted.incrementAndGet() : messageId;
        state.workspace()
                .apply(item, known, now)
                .ifPresent(
                        why ->
                                state.ledger()
                                        .ignore(new Ignored(number, item.index(), messageId, why)));
    }

    private static void ignore(long number, Checked item, State state) {
        String reason = String.join("; ", item.faults());
        state.ledger().ignore(new Ignored(number, item.index(), item.messageId(), reason));
    }
}
